import type { ShareReportInput } from '../../../../packages/client/src/schema.js'
import { client } from '../../graphql/client'
import { reportsQuery, revokeReportMutation, shareReportMutation } from './documents'

export interface NewReport {
  path: string
  expiresAt: string
}

/** Shares a report. Sends the request only once, because a retry could share the report twice. */
export async function shareReport(input: ShareReportInput): Promise<NewReport> {
  const { shareReport: shared } = await client.request<{
    shareReport: { path: string; report: { expiresAt: string } }
  }>(shareReportMutation, { input }, { maxAttempts: 1 })
  return { path: shared.path, expiresAt: shared.report.expiresAt }
}

/** A shared report. `path` is null if version 1.1 or earlier of the server shared it. */
export interface SharedReport {
  id: string
  title: string
  mentorId: string | null
  organisationId: string | null
  from: string
  to: string
  expiresAt: string
  path: string | null
  views: number
}

export const readReports = async (): Promise<SharedReport[]> =>
  (await client.request<{ reports: SharedReport[] }>(reportsQuery)).reports

export const revokeReport = (id: string): Promise<unknown> => client.request(revokeReportMutation, { id })
