import { isApiError, type Page } from '../../../../../packages/client/src/index.js'
import { monthAfter, monthAt, monthsOver, trendMonths, yearBefore } from '../../../../../src/domain/months'
import { client } from '../../../graphql/client'
import { type Live, useLive } from '../../../live/use-live'
import { type BoundedRange, currentMonth } from '../../../months'
import type { Filter } from '../../../route'
import type { Details, ListedSession, Outputs, Result } from '../../../types'
import { words } from '../../../words'
import { summary } from '../summary'
import type { Amounts, Group, Month } from '../types'
import {
  calculationsQuery,
  mentorsQuery,
  organisationsQuery,
  otherMonthsQuery,
  trendQuery,
  yearBeforeQuery,
} from './documents'
import type { ReportOrder } from './route'

export interface Trend {
  months: Month[]
  /** The calculation method of the results and the method's caveat, or null if there are no results. */
  method: Pick<Result, 'method' | 'caveat'> | null
  /** Numbers of results before the first displayed month and after the last displayed month. */
  earlierResults: number
  laterResults: number
}

/** Months that are over and the same months a year earlier, with the totals of both ranges. */
export interface YearBefore {
  range: BoundedRange
  before: BoundedRange
  totals: { now: Amounts[]; before: Amounts[] }
  /** Monthly sums of the year before. */
  months: Month[]
}

export interface ShownMonths {
  /** Totals of the months that the report shows. */
  totals: Amounts[]
  /** Comparison of the shown months that are over. Null if none of them is over. */
  yearBefore: YearBefore | null
}

/** A session with the fields that the report shows. */
export interface ReportSession extends Pick<ListedSession, 'id' | 'organisationId' | 'createdAt'> {
  result: {
    inputs: Details
    outputs: Pick<Outputs, 'totalHours' | 'programmeCost' | 'timeValue' | 'netBenefit' | 'benefitCostRatio'>
  } | null
}

export interface RowOrder extends ReportOrder {
  currency: string | null
}

export interface ReportRows<T> {
  rows: T[]
  total: number
}

/** Number of rows per request, which is the maximum that the server allows. */
const maxPageSize = 100

/**
 * Returns the calculation method, and the monthly sums for the filter's months or, by default, the last 12 months.
 * Throws if the range has too many months.
 */
export async function readTrend(filter: Filter, send: SendQuery): Promise<Trend> {
  const variables = { filter, withResult: { ...filter, state: 'LOADED' } }
  const { trend, computed } = await send<{ trend: Month[]; computed: { nodes: { result: Trend['method'] }[] } }>(
    trendQuery,
    variables,
  ).catch(error => {
    throw filter.months && hasInvalidMonths(error) ? new Error(words.months.tooMany(trendMonths)) : error
  })
  const first = monthAt(trend[0]?.month ?? '')
  const last = monthAt(trend.at(-1)?.month ?? '')
  const { earlier, later } = await send<Record<'earlier' | 'later', { results: number }>>(otherMonthsQuery, {
    earlier: { ...filter, months: { to: monthAfter(first, -1) } },
    later: { ...filter, months: { from: monthAfter(last, 1) } },
  })
  return {
    months: trend,
    method: computed.nodes[0]?.result ?? null,
    earlierResults: earlier.results,
    laterResults: later.results,
  }
}

/** Reads the totals of a range of months, and compares the months that are over with the same months a year earlier. */
export async function readShownMonths(filter: Filter, shown: BoundedRange, send: SendQuery): Promise<ShownMonths> {
  const over = monthsOver(shown, currentMonth())
  const range = over ?? shown
  const before = yearBefore(range)
  const read = await send<Record<'shown' | 'now' | 'before', { amounts: Amounts[] }> & Pick<YearBefore, 'months'>>(
    yearBeforeQuery,
    {
      filter: { ...filter, months: shown },
      now: { ...filter, months: range },
      before: { ...filter, months: before },
    },
  )
  const totals = { now: read.now.amounts, before: read.before.amounts }
  return { totals: read.shown.amounts, yearBefore: over && { range, before, totals, months: read.months } }
}

const hasInvalidMonths = (error: unknown): boolean =>
  isApiError(error, 'VALIDATION_FAILED') &&
  error.details.errors.some(({ pointer }) => /\/filter\/months\/(from|to)$/.test(pointer ?? ''))

export const readOrganisations = (
  filter: Filter,
  orderBy: RowOrder,
  count: number,
  send: SendQuery,
): Promise<ReportRows<Group>> => readRows(organisationsQuery, { filter, orderBy }, count, send)

export const readMentors = (
  filter: Filter,
  orderBy: RowOrder,
  count: number,
  send: SendQuery,
): Promise<ReportRows<Group>> => readRows(mentorsQuery, { filter, orderBy }, count, send)

export const readCalculations = (
  filter: Filter,
  orderBy: RowOrder,
  count: number,
  send: SendQuery,
): Promise<ReportRows<ReportSession>> => readRows(calculationsQuery, { filter, orderBy }, count, send)

interface RowsPage<T> {
  page: Page<T> & { totalCount: number }
}

/**
 * Reads the first `count` rows in the given order. A row that moves to another page between two requests appears only
 * once.
 */
export async function readRows<T extends { id: string | null }>(
  query: string,
  variables: object,
  count: number,
  send: SendQuery,
): Promise<ReportRows<T>> {
  const rows = new Map<string | null, T>()
  let after: string | null = null
  for (let requested = 0; ; ) {
    const first = Math.min(maxPageSize, count - requested)
    const { page }: RowsPage<T> = await send<RowsPage<T>>(query, { ...variables, first, after })
    for (const row of page.nodes) rows.set(row.id, row)
    requested += first
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage || requested >= count) return { rows: [...rows.values()], total: page.totalCount }
  }
}

const minReadGapMs = 3_000

/** Sends a query. Retries until there is a response, or until the component that needs the response is unmounted. */
export type SendQuery = <T>(query: string, variables: object) => Promise<T>

/** Reads the data for `key`, and reads it again when the figures for the list's filter change. */
export const useReportQuery = <T>(key: string, read: (send: SendQuery) => Promise<T>, gapMs = minReadGapMs): Live<T> =>
  useLive(
    key,
    signal =>
      read((query, variables) => client.request(query, variables, { maxAttempts: Number.POSITIVE_INFINITY, signal })),
    // Do not read while the figures are unknown, for example after a gap in the feed, because the server is about to
    // push new figures.
    { changes: changed => summary.subscribe(() => summary.value && changed()), gapMs },
  )
