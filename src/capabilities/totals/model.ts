import { z } from 'zod'
import { currencySchema } from '../../domain/calculator'
import { amountOf } from '../../domain/change'
import { firstMinute, type MinuteCount, minuteOf, summaryMinutes } from '../../domain/contribution'
import { DomainError } from '../../domain/errors'
import { exampleOf, withExample } from '../../domain/example'
import { monthSchema } from '../../domain/month-schemas'
import { lengthOf, type MonthRange, monthAfter, monthAt, monthsIn, trendMonths } from '../../domain/months'
import { restingStates, type State, snapshotSchema, stateSchema } from '../../domain/session'
import { shownBy } from '../../domain/shown'
import { textSchema } from '../../domain/text'
import { minuteMs, type Timestamp, timestampSchema } from '../../domain/timestamp'

/** Exact sums of current results in one currency. `minutes`, `cost` and `value` are in hundredths. */
export interface Sums {
  results: number
  held: bigint
  minutes: bigint
  cost: bigint
  value: bigint
}

// Example totals, which include only the example session.
const updatedExample = exampleOf(snapshotSchema.shape.updated_at)
const sumsExample: SumsByCurrency = new Map([
  ['GBP', { results: 1, held: 25n, minutes: 75_000n, cost: 8_750n, value: 37_500n }],
])

export const count = withExample(z.int().min(0), 1)
const amount = z.number()

/** `Sums` in the form that the API returns. Each JSON number is rounded at most once. */
export const amountsSchema = z.strictObject({
  currency: currencySchema.nullable().describe('Null for results without a currency.'),
  results: count,
  sessions_held: amount.describe('Number of mentoring sessions held.'),
  total_hours: amount.describe('Hours of mentoring.'),
  programme_cost: amount,
  time_value: amount,
  net_benefit: amount.describe('time_value minus programme_cost.'),
  benefit_cost_ratio: amount.nullable().describe('time_value divided by programme_cost. Null if programme_cost is 0.'),
})
export type Amounts = z.infer<typeof amountsSchema>

export const amountsByCurrency = withExample(z.array(amountsSchema), () => amountsOf(sumsExample)).describe(
  'Sums of the current results per currency. The currency with the most results comes first.',
)

const summary = z.strictObject({
  sessions: count,
  states: z
    .array(z.strictObject({ state: stateSchema, count }))
    .describe('Number of sessions per state, including states without sessions.'),
  results: count.describe('Number of sessions with a current result.'),
  amounts: amountsByCurrency,
  calculations: z
    .array(z.strictObject({ minute: timestampSchema, count }))
    .describe(
      `Number of calculations in each of the last ${summaryMinutes} minutes, oldest first. The last entry is for the current minute.`,
    ),
})
/** Schema of the totals of the sessions that a filter selects. */
export const summarySchema = withExample(summary, () => {
  const minute = minuteOf(updatedExample)
  return shownBy(summary)(summaryOf({ loaded: 1 }, sumsExample, [{ minute, count: 1 }], updatedExample))
})
export type Summary = z.infer<typeof summary>

/**
 * Schema of one month's totals. A result belongs to the month in which its period ends or, if it has no period, to the
 * month in which it was computed.
 */
export const monthTotalsSchema = z.strictObject({
  month: withExample(monthSchema, () => monthAt(updatedExample)).describe(
    "The month, such as 2026-03. In GraphQL, it is the month's first day, 2026-03-01. Filters accept both forms.",
  ),
  results: count,
  amounts: amountsByCurrency,
})
export type MonthTotals = z.infer<typeof monthTotalsSchema>

export const groupSchema = z.strictObject({
  id: withExample(z.string().nullable(), exampleOf(snapshotSchema.shape.mentor_id)).describe(
    'Id of the mentor or organisation. Null for sessions without an organisation.',
  ),
  sessions: count,
  results: count.describe('Number of sessions with a current result.'),
  amounts: amountsByCurrency,
  organisation_id: withExample(z.string().nullable(), null).describe(
    'Organisation of the mentor’s sessions that match the filter. Null if the sessions have several organisations or none, and outside a list of mentors.',
  ),
  organisations: withExample(z.int().min(0).nullable(), null).describe(
    'Number of organisations of the mentor’s sessions that match the filter. Sessions without an organisation count as one more. Null outside a list of mentors.',
  ),
})
export type Group = z.infer<typeof groupSchema>

export const groupFields = [
  'id',
  'sessions',
  'results',
  'total_hours',
  'programme_cost',
  'time_value',
  'net_benefit',
  'benefit_cost_ratio',
] as const
export type GroupField = (typeof groupFields)[number]

/**
 * Schema of the sort order of groups. `currency` selects the amounts to sort by. Groups without amounts in this
 * currency come last. Ties are ordered by id.
 */
export const groupOrderSchema = z.strictObject({
  by: z.enum(groupFields).default('id'),
  descending: z.boolean().default(false),
  currency: currencySchema.nullish().transform(currency => currency ?? null),
})
export type GroupOrder = z.infer<typeof groupOrderSchema>

export const monthsSchema = z.number().min(1).max(trendMonths).int()
export const monthsDefault = 12
/** Schema of an id prefix to search for. */
export const searchSchema = textSchema(200)

/** Sums by currency. The key null stands for results without a currency. */
export type SumsByCurrency = Map<string | null, Sums>

export const noSums: Readonly<Sums> = { results: 0, held: 0n, minutes: 0n, cost: 0n, value: 0n }

/**
 * Returns the amounts in each currency that has results. The currency with the most results comes first. Currencies
 * with the same number of results are ordered by code, with null last.
 */
export const amountsOf = (sums: SumsByCurrency): Amounts[] =>
  [...sums]
    .filter(([, { results }]) => results > 0)
    .map(([currency, sums]) => amountsIn(currency, sums))
    .sort((a, b) => b.results - a.results || compareNullsLast(a.currency, b.currency))

/** Compares strings for sorting. Null sorts last. */
export const compareNullsLast = (a: string | null, b: string | null): number =>
  a === b ? 0 : a === null ? 1 : b === null || a < b ? -1 : 1

function amountsIn(currency: string | null, { results, held, minutes, cost, value }: Sums): Amounts {
  return {
    currency,
    results,
    sessions_held: Number(held),
    total_hours: amountOf(quotient(minutes, 60n)),
    programme_cost: amountOf(cost),
    time_value: amountOf(value),
    net_benefit: amountOf(value - cost),
    benefit_cost_ratio: cost === 0n ? null : amountOf(quotient(100n * value, cost)),
  }
}

/** Divides two non-negative numbers, and rounds half up. */
export const quotient = (dividend: bigint, divisor: bigint): bigint => (2n * dividend + divisor) / (2n * divisor)

export const resultsOf = (sums: SumsByCurrency): number =>
  [...sums.values()].reduce((sum, { results }) => sum + results, 0)

export const summaryOf = (
  states: Partial<Record<State, number>>,
  sums: SumsByCurrency,
  calculations: MinuteCount[],
  now: Timestamp,
): Summary => {
  const counted = new Map(calculations.map(({ minute, count }) => [minute, count]))
  const first = Date.parse(`${firstMinute(now)}:00.000Z`)
  return {
    sessions: restingStates.reduce((sum, state) => sum + (states[state] ?? 0), 0),
    states: restingStates.map(state => ({ state, count: states[state] ?? 0 })),
    results: resultsOf(sums),
    amounts: amountsOf(sums),
    calculations: Array.from({ length: summaryMinutes }, (_, i) => {
      const minute = new Date(first + i * minuteMs).toISOString()
      return { minute, count: counted.get(minute.slice(0, 16)) ?? 0 }
    }),
  }
}

/**
 * Range of months for a trend. If the requested range has an open end, the months with results determine where the
 * trend begins or ends.
 */
export interface TrendSpan extends Required<MonthRange> {
  openEnd?: keyof MonthRange
}

/**
 * Returns the range of months for a trend: the given range or, without a range, the `last` months up to the month of
 * `now`. Throws `invalid_query` if both a range and `last` are given, or if the range is too long.
 */
export function trendSpan(range: MonthRange | undefined, last: number | undefined, now: Timestamp): TrendSpan {
  if (!range) return { from: monthAfter(monthAt(now), 1 - (last ?? monthsDefault)), to: monthAt(now) }
  if (last !== undefined) {
    const detail = 'works only without from and to: leave it out'
    throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'last' }] })
  }
  const { from, to } = range
  if (from !== undefined && to !== undefined) return bounded({ from, to })
  if (from !== undefined) return { from, to: monthAfter(from, trendMonths - 1), openEnd: 'to' }
  return { from: monthAfter(String(to), 1 - trendMonths), to: String(to), openEnd: 'from' }
}

/**
 * Returns the months of a trend, oldest first. `results` contains the first and the last month with results, or neither
 * if there are no results. Throws `invalid_query` if the trend has too many months.
 */
export function monthsOfTrend({ from, to, openEnd }: TrendSpan, results: MonthRange, now: Timestamp): string[] {
  if (openEnd === 'from') return monthsIn(bounded({ from: results.from ?? to, to }))
  if (openEnd === undefined) return monthsIn({ from, to })
  const latest = [monthAt(now), results.to ?? from].reduce((a, b) => (a > b ? a : b), from)
  return monthsIn(bounded({ from, to: latest }))
}

/**
 * If a range is too long for a trend, returns an error detail about the range's first month. Otherwise, returns
 * undefined.
 */
export function lengthFault(range: Required<MonthRange>): string | undefined {
  if (!(lengthOf(range) > trendMonths)) return undefined
  const earliest = monthAfter(range.to, 1 - trendMonths)
  return `must be ${earliest} or later: a trend has at most ${trendMonths} months, and this one ends with ${range.to}`
}

/** Returns the range unchanged. Throws `invalid_query` if the range is too long for a trend. */
function bounded(range: Required<MonthRange>): Required<MonthRange> {
  const detail = lengthFault(range)
  if (detail === undefined) return range
  throw new DomainError('invalid_query', { errors: [{ detail, parameter: 'from' }] })
}

export const monthTotalsOf = (month: string, sums: SumsByCurrency): MonthTotals => ({
  month,
  results: resultsOf(sums),
  amounts: amountsOf(sums),
})

export const groupOf = (id: string | null, sessions: number, sums: SumsByCurrency): Group => ({
  id,
  sessions,
  results: resultsOf(sums),
  amounts: amountsOf(sums),
  organisation_id: null,
  organisations: null,
})
