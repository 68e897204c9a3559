import type { SharedLink } from '../../../packages/client/src/schema.js'
import { client } from '../graphql/client'
import { sharedLinksQuery } from '../graphql/documents'

export interface SharedResult {
  token: string
  path: string
  label: string | null
  sessionId: string
  mentorId: string
  organisationId: string | null
  expiresAt: string
  views: number
}

interface LinksPage {
  sharedLinks: {
    nodes: (Pick<SharedLink, 'label' | 'views'> & {
      session: Pick<SharedLink['session'], 'id' | 'mentorId' | 'organisationId'>
      share: Pick<SharedLink['share'], 'token' | 'path' | 'expiresAt'>
    })[]
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
  }
}

const linksPerPage = 100

/** Reads up to `count` share links to results. */
export async function readSharedResults(count: number): Promise<{ results: SharedResult[]; more: boolean }> {
  const results: SharedResult[] = []
  let after: string | null = null
  let more = true
  while (more && results.length < count) {
    const variables: object = { first: Math.min(count - results.length, linksPerPage), after }
    const { nodes, pageInfo } = (await client.request<LinksPage>(sharedLinksQuery, variables)).sharedLinks
    results.push(...nodes.map(resultOf))
    more = pageInfo.hasNextPage
    after = pageInfo.endCursor
  }
  return { results, more }
}

const resultOf = ({ session, share, label, views }: LinksPage['sharedLinks']['nodes'][number]): SharedResult => ({
  token: share.token,
  path: share.path,
  label,
  sessionId: session.id,
  mentorId: session.mentorId,
  organisationId: session.organisationId,
  expiresAt: share.expiresAt,
  views,
})

export const revokeResult = ({ sessionId, token }: SharedResult): Promise<unknown> =>
  client.revokeShare({ id: sessionId, version: null }, token)
