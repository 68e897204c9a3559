import type { Report, ShareReportInput, ShareReportPayload } from '../../../../packages/client/src/schema.js'
import { client } from '../../graphql/client'
import { reportsQuery, revokeReportMutation, shareReportMutation } from './documents'

export type NewReport = Pick<ShareReportPayload, 'path'> & Pick<Report, 'expiresAt'>

/** Shares a report. The request is sent only once, because a retry could share the report twice. */
export async function shareReport(input: ShareReportInput): Promise<NewReport> {
  const { shareReport: shared } = await client.request<{
    shareReport: Pick<ShareReportPayload, 'path'> & { report: Pick<Report, 'expiresAt'> }
  }>(shareReportMutation, { input }, { maxAttempts: 1 })
  return { path: shared.path, expiresAt: shared.report.expiresAt }
}

/** A shared report. `path` is null if the report was shared with version 1.1 or earlier of the server. */
export type ListedReport = Omit<Report, 'createdAt' | 'token'>

export const readReports = async (): Promise<ListedReport[]> =>
  (await client.request<{ reports: ListedReport[] }>(reportsQuery)).reports

export const revokeReport = (id: string): Promise<unknown> => client.request(revokeReportMutation, { id })
