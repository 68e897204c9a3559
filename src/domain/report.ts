import { z } from 'zod'
import { labelCharacters, reportDays } from './limits'
import { monthSchema, withMonthsInOrder } from './month-schemas'
import { daysSchema, resultSchema } from './session'
import { identifierSchema, trimmedTextSchema } from './text'
import type { Timestamp } from './timestamp'
import { amountsByCurrency, count, lengthFault, monthTotalsSchema } from './totals'

/** Maximum number of reports that have not ended: of one organisation (or without one), and of all. */
export const reportsOfOrganisation = 100
export const reportsInTotal = 1_000
/** Maximum number of sums in a report: one for each month and currency with results. */
export const sumsInReport = 1_000
/** How long the store knows a report that has ended, and the maximum number of those. Those that ended first are deleted first. */
export const endedReportDays = 30
export const endedReports = 10_000

/** A request for a report. */
export const reportRequestSchema = withMonthsInOrder(
  z.strictObject({
    title: trimmedTextSchema(labelCharacters),
    organisation_id: identifierSchema.nullish().describe('Only sessions of this organisation.'),
    mentor_id: identifierSchema.nullish().describe('Only sessions of this mentor. The report does not name it.'),
    from: monthSchema.describe('First month, such as 2026-04.'),
    to: monthSchema.describe('Last month. There are at most 120 months.'),
    expires_in_days: daysSchema.describe(`Days until the report expires, ${reportDays} by default.`),
  }),
).superRefine(({ from, to }, context) => {
  const message = lengthFault({ from, to })
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['from'], message })
})

/** Totals of the results of a range of months. All of them come from the same sums, so they agree. */
export const reportTotalsSchema = z.strictObject({
  sessions: count.describe('Number of sessions whose current result is of these months.'),
  results: count.describe('Number of their current results.'),
  mentors: count.describe('Number of mentors with such a result.'),
  amounts: amountsByCurrency,
  trend: z.array(monthTotalsSchema).describe('Oldest month first.'),
})
export type ReportTotals = z.infer<typeof reportTotalsSchema>

/** A report without its content, as its makers see it. */
export interface Report {
  report_id: string
  title: string
  organisation_id: string | null
  mentor_id: string | null
  from: string
  to: string
  created_at: Timestamp
  expires_at: Timestamp
}

/** A report in a list. */
export interface ListedReport extends Report {
  /** Number of times that it was read by its token. */
  views: number
}

/** What a report shows: totals as of its creation, with their method and caveat. It never changes. */
export const reportContentSchema = reportTotalsSchema.extend(resultSchema.pick({ method: true, caveat: true }).shape)
export type ReportContent = z.infer<typeof reportContentSchema>

/** Path of a report, relative to the server. */
export const reportPath = (token: string): string => `/reports/${token}`

/** A report that has not ended, as it is stored. */
export interface LiveReport {
  report: Report
  content: ReportContent
}

/** A report as it is stored. Once it has ended, `live` is null. */
export interface StoredReport extends Pick<Report, 'report_id' | 'organisation_id' | 'mentor_id'> {
  /** Digest of its token. */
  digest: string
  /** When it expires or was revoked. */
  ends_at: Timestamp
  live: LiveReport | null
}
