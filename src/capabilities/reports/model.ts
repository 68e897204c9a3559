import { z } from 'zod'
import type { Limits } from '../../db/store'
import { exampleOf, withExample } from '../../domain/example'
import { labelCharacters } from '../../domain/limits'
import { statedMonthSchema, withMonthsInOrder } from '../../domain/month-schemas'
import { daysSchema, resultSchema, snapshotSchema } from '../../domain/session'
import { identifierSchema, trimmedTextSchema } from '../../domain/text'
import { type Timestamp, timestampSchema } from '../../domain/timestamp'
import { amountsByCurrency, count, lengthFault, monthTotalsSchema } from '../totals/model'

/** Default lifetime of a report in days. The maximum is `maxShareDays`, as for share links. */
export const reportDays = 90
/** Maximum live reports, per organisation and in total. Reports without one count together as an organisation's. */
export const reportsOfOrganisation = 100
export const reportsInTotal = 1_000
export const reportLimits: Limits = { total: reportsInTotal, organisation: reportsOfOrganisation }
/** Maximum number of sums in a report. A report has one sum per combination of month and currency with results. */
export const sumsInReport = 1_000
/**
 * Number of days for which the store keeps an ended report, and the maximum number of ended reports. If there are more
 * ended reports, the reports that ended first are deleted.
 */
export const endedReportDays = 30
export const endedReports = 10_000

export const reportRequestSchema = withMonthsInOrder(
  z.strictObject({
    title: trimmedTextSchema(labelCharacters),
    organisation_id: identifierSchema.nullish().describe('Limits the report to sessions of this organisation.'),
    mentor_id: identifierSchema
      .nullish()
      .describe('Limits the report to sessions of this mentor. The report does not name the mentor.'),
    from: statedMonthSchema.describe('First month of the range: 2026-04, or its first day, 2026-04-01.'),
    to: statedMonthSchema.describe('Last month of the range. A report has at most 120 months.'),
    expires_in_days: daysSchema.describe(`Days until the report expires, ${reportDays} by default.`),
  }),
).superRefine(({ from, to }, context) => {
  const message = lengthFault({ from, to })
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['from'], message })
})

const month = (example: string) => withExample(z.string(), example).describe('A month, such as 2026-04.')

const sums = {
  sessions: count.describe('Number of sessions whose current result belongs to these months.'),
  results: count.describe('Number of current results in these months.'),
  mentors: count.describe('Number of mentors with a current result in these months.'),
  amounts: amountsByCurrency,
}

export const previousSchema = z.strictObject({ from: month('2024-04'), to: month('2025-03'), ...sums })

export const toDateSchema = z.strictObject({
  ...previousSchema.shape,
  from: month('2025-04'),
  to: month('2025-11'),
  previous: previousSchema
    .nullable()
    .describe(
      'Totals for the same months one year earlier, with the same filter. Null if these months have no result.',
    ),
})

/** All totals for a range of months are computed in the same pass, so that they are consistent. */
export const reportTotalsSchema = z.strictObject({
  ...sums,
  trend: z.array(monthTotalsSchema).describe('Totals per month, oldest first.'),
  previous: previousSchema
    .nullable()
    .describe(
      "Totals for the same months one year earlier, with the same filter, as of the report's creation. Null if these months have no result.",
    ),
  to_date: toDateSchema
    .nullable()
    .describe(
      "Totals for the months that were over when the report was created. Compare these totals, not the report's own, with the year before. Null if all months were over, or none.",
    ),
})
export type ReportTotals = z.infer<typeof reportTotalsSchema>

const title = withExample(z.string(), 'Annual report 2025/26')
const { organisation_id, mentor_id } = snapshotSchema.shape
const times = {
  created_at: withExample(timestampSchema, '2026-04-06T09:00:00Z'),
  expires_at: withExample(timestampSchema, '2026-07-05T09:00:00Z'),
}

export const reportPath = (token: string): string => `/reports/${token}`

export const tokenExample = 'Zp3nJ0wS6cXtVq8uLr1yKdGmEa5hBf7o'

/** A report without its content, as listed for users who manage reports. */
export const listedReportSchema = z.strictObject({
  report_id: withExample(z.string(), 'rp_3c9e01f2ab64'),
  title,
  organisation_id,
  mentor_id: mentor_id.nullable(),
  from: month('2025-04'),
  to: month('2026-03'),
  ...times,
  path: withExample(z.string().nullable(), reportPath(tokenExample)).describe(
    'Path of the report, relative to the server. Null if version 1.1 or earlier created the report.',
  ),
  token: withExample(z.string().nullable(), tokenExample).describe('Token of the report. Null if `path` is null.'),
  views: withExample(count, 0).describe('Number of times that the report was viewed through its link.'),
})
export type ListedReport = z.infer<typeof listedReportSchema>

/** A listed report without its `path`, which REST and GraphQL add. */
export type ReportWithToken = Omit<ListedReport, 'path'>

/** A report as stored, without its content. Reports created by version 1.1 have no token. */
export type Report = Omit<ListedReport, 'path' | 'token' | 'views'> & { token?: string }

/** Content of a report: the totals as of the report's creation, with method and caveat. The content never changes. */
export const reportContentSchema = reportTotalsSchema.extend(resultSchema.pick({ method: true, caveat: true }).shape)
export type ReportContent = z.infer<typeof reportContentSchema>

/** A report as shown to anyone with its token. A shared report does not name a mentor, even if it is limited to one. */
export const sharedReportSchema = z.strictObject({
  title,
  organisation_id: withExample(z.string().exactOptional(), String(exampleOf(organisation_id))).describe(
    'Present only if the report is limited to one organisation.',
  ),
  from: month('2026-03'),
  to: month('2026-03'),
  ...reportContentSchema.shape,
  ...times,
})

/** The parts of a stored report that are deleted when the report ends. */
export interface LiveReport {
  report: Report
  content: ReportContent
}

/** A stored report. `live` is null once the report has ended. */
export interface StoredReport extends Pick<Report, 'report_id' | 'organisation_id' | 'mentor_id'> {
  /** Digest of the report's token. */
  digest: string
  /** Time at which the report expires or was revoked. */
  ends_at: Timestamp
  live: LiveReport | null
}

/** Stores reports. When a report ends, the store keeps only its ids, its token's digest and its end time. */
export interface ReportStore {
  /**
   * Adds a report. If the report's organisation or the whole store already has the maximum number of live reports, adds
   * nothing and returns this maximum. `begin` works like `Write.begin`.
   */
  addReport(stored: StoredReport, now: Timestamp, begin?: () => void): Promise<number | undefined>

  readReport(report_id: string): Promise<StoredReport | null>

  sharedReport(digest: string): Promise<StoredReport | null>

  /** Returns live reports, newest first, without their content. Without `organisation_id`, returns all of them. */
  listReports(now: Timestamp, organisation_id?: string): Promise<(Report & Pick<ListedReport, 'views'>)[]>

  /** Ends a report. Returns false if the report has already ended, or if no report has this id. */
  endReport(report_id: string, now: Timestamp): Promise<boolean>

  /** Deletes a report. Does nothing if no report has this id. */
  deleteReport(report_id: string): Promise<void>

  /** Completely deletes reports that ended long ago, and the oldest ended reports beyond the maximum number. */
  pruneReports(now: Timestamp): Promise<void>

  /** Increments the view counts of live reports. `views` maps report ids to increments. Ignores ended reports. */
  addViews(views: ReadonlyMap<string, number>): Promise<void>
}

declare module '../../db/store' {
  interface StoreParts {
    reports: ReportStore
  }
}
