/** Shared reports: `import { shareReport } from 'benefit-sessions-client/reports'` */
import { untilGone } from '../../calls.js'
import type { SessionsClient } from '../../client.js'
import { send, sendOnce } from '../../functions.js'
import type { RequestOptions } from '../../options.js'
import type { Report, SharedReport, ShareReportInput } from '../../schema.js'
import { reportsQuery, revokeReportMutation, sharedReportQuery, shareReportMutation } from './documents.js'

export type { PreviousTotals, Report, SharedReport, ShareReportInput } from '../../schema.js'

/** Response to `shareReport`. */
export interface ShareReportResponse {
  report: Report
  /** Path of the report, relative to the server's URL. */
  path: string
  /** Token of the report. Anyone who has the token can read the report. */
  token: string
}

/**
 * Shares a report, which is a snapshot of the current totals. Only admins and coordinators can use this function.
 * Unless you set `maxAttempts`, the client sends the request only once. After a ConnectionError, check with
 * `listReports` whether the report was shared before you repeat the request.
 */
export async function shareReport(
  client: SessionsClient,
  input: ShareReportInput,
  options: RequestOptions = {},
): Promise<ShareReportResponse> {
  return (
    await sendOnce<{ shareReport: ShareReportResponse }>('shareReport', client, shareReportMutation, { input }, options)
  ).shareReport
}

/**
 * Returns the reports that have neither expired nor been revoked, newest first. Only admins and coordinators can use
 * this function.
 */
export async function listReports(client: SessionsClient, options: RequestOptions = {}): Promise<Report[]> {
  return (await send<{ reports: Report[] }>('listReports', client, reportsQuery, {}, options)).reports
}

/** Returns the report with this token. Throws SHARE_NOT_FOUND or SHARE_GONE. */
export async function getSharedReport(
  client: SessionsClient,
  token: string,
  options: RequestOptions = {},
): Promise<SharedReport> {
  return (await send<{ sharedReport: SharedReport }>('getSharedReport', client, sharedReportQuery, { token }, options))
    .sharedReport
}

/** Revokes a report, and deletes its content. Throws SHARE_NOT_FOUND or SHARE_GONE. */
export async function revokeReport(client: SessionsClient, id: string, options: RequestOptions = {}): Promise<void> {
  const revoke = (options: RequestOptions): Promise<unknown> =>
    send('revokeReport', client, revokeReportMutation, { id }, options)
  await untilGone(revoke, options, 'SHARE_GONE', 'SHARE_NOT_FOUND')
}
