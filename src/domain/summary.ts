import { Exact, rounded } from './exact'
import { restingStates, type State } from './session'
import { addMs, minuteMs, type Timestamp } from './timestamp'

/** A sum of amounts of money, exact: so many whole ones, and so many hundredths (a hundred and more of them, too). */
export interface Sum {
  whole: bigint
  cents: bigint
}

/** What the sessions under a filter come to, as a store aggregates it. */
export interface Totals {
  /** By state, those that have sessions. */
  states: { state: State; count: number }[]
  /** Sessions that have a current result: the amounts are theirs. */
  results: number
  programme_cost: Sum
  time_value: Sum
  /** Results of these sessions by the minute they were computed in, `2026-03-26T09:15`, those that have some. */
  minutes: { minute: string; count: number }[]
}

/** The same for a reader. Sums are exact, and rounded once where a JSON number cannot hold them. */
export interface Summary {
  sessions: number
  /** Each state at rest. */
  states: { state: State; count: number }[]
  results: number
  programme_cost: number
  time_value: number
  net_benefit: number
  /** Of the sums; null where they cost nothing. */
  benefit_cost_ratio: number | null
  /** The last 30 minutes, the oldest first, the running one last. */
  calculations: { minute: Timestamp; count: number }[]
}

export const summaryMinutes = 30

/** When the first of the minutes that a summary at `now` shows begins. */
export const summarySince = (now: Timestamp): Timestamp => minuteBefore(now, summaryMinutes - 1)

const minuteBefore = (now: Timestamp, minutes: number): Timestamp =>
  `${addMs(now, -minutes * minuteMs).slice(0, 16)}:00.000Z`

export function summaryOf(totals: Totals, now: Timestamp): Summary {
  const cost = exact(totals.programme_cost)
  const value = exact(totals.time_value)
  const counted = new Map(totals.minutes.map(({ minute, count }) => [`${minute}:00.000Z`, count]))
  return {
    sessions: totals.states.reduce((sum, { count }) => sum + count, 0),
    states: restingStates.map(state => totals.states.find(found => found.state === state) ?? { state, count: 0 }),
    results: totals.results,
    programme_cost: cost.toNumber(),
    time_value: value.toNumber(),
    net_benefit: value.minus(cost).toNumber(),
    benefit_cost_ratio: cost.isZero() ? null : rounded(value.div(cost)),
    calculations: Array.from({ length: summaryMinutes }, (_, i) => {
      const minute = minuteBefore(now, summaryMinutes - 1 - i)
      return { minute, count: counted.get(minute) ?? 0 }
    }),
  }
}

const exact = ({ whole, cents }: Sum): Exact => new Exact(String(cents)).div(100).plus(String(whole))
