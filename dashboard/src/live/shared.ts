import type { SharedLink } from '../../../packages/client/src/schema.js'
import { client } from '../graphql/client'
import { reportsQuery, revokeReportMutation, sharedLinksQuery } from '../graphql/documents'

/** A live share link of a result. */
export interface SharedResult {
  kind: 'result'
  /** Token of the link. */
  id: string
  path: string
  label: string | null
  sessionId: string
  mentorId: string
  organisationId: string | null
  expiresAt: string
  views: number
}

/** A shared report. Its link is not known any more. */
export interface SharedReport {
  kind: 'report'
  id: string
  title: string
  mentorId: string | null
  organisationId: string | null
  from: string
  to: string
  expiresAt: string
  views: number
}

export type Shared = SharedResult | SharedReport

interface LinksPage {
  sharedLinks: {
    nodes: (Pick<SharedLink, 'label' | 'views'> & {
      session: Pick<SharedLink['session'], 'id' | 'mentorId' | 'organisationId'>
      share: Pick<SharedLink['share'], 'token' | 'path' | 'expiresAt'>
    })[]
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
  }
}

const linksAPage = 100

/** Reads the reports, if the user manages them, and the first `count` share links of results. */
export async function readShared(count: number, withReports: boolean): Promise<{ shared: Shared[]; more: boolean }> {
  const [reports, links] = await Promise.all([withReports ? readReports() : [], readLinks(count)])
  return { shared: [...reports, ...links.results], more: links.more }
}

async function readReports(): Promise<SharedReport[]> {
  const { reports } = await client.request<{ reports: Omit<SharedReport, 'kind'>[] }>(reportsQuery)
  return reports.map(report => ({ ...report, kind: 'report' }))
}

async function readLinks(count: number): Promise<{ results: SharedResult[]; more: boolean }> {
  const results: SharedResult[] = []
  let after: string | null = null
  let more = true
  while (more && results.length < count) {
    const variables: object = { first: Math.min(count - results.length, linksAPage), after }
    const { nodes, pageInfo } = (await client.request<LinksPage>(sharedLinksQuery, variables)).sharedLinks
    results.push(...nodes.map(resultOf))
    more = pageInfo.hasNextPage
    after = pageInfo.endCursor
  }
  return { results, more }
}

const resultOf = ({ session, share, label, views }: LinksPage['sharedLinks']['nodes'][number]): SharedResult => ({
  kind: 'result',
  id: share.token,
  path: share.path,
  label,
  sessionId: session.id,
  mentorId: session.mentorId,
  organisationId: session.organisationId,
  expiresAt: share.expiresAt,
  views,
})

export const revoke = (shared: Shared): Promise<unknown> =>
  shared.kind === 'report'
    ? client.request(revokeReportMutation, { id: shared.id })
    : client.revokeShare({ id: shared.sessionId, version: null }, shared.id)
