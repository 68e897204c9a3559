import { addMs, minuteMs, type Timestamp } from './timestamp'

/** Number of results computed within one minute, such as `2026-03-26T09:15` (UTC). */
export interface MinuteCount {
  minute: string
  count: number
}

/** Minutes and amounts are integers in hundredths, so that sums are exact. */
export interface ResultContribution {
  /** ISO 4217 code, or null if the inputs state no currency. */
  currency: string | null
  /** Such as `2026-03`: the month in which the period ends or, without a period, the result was computed. */
  month: string
  /** Number of mentoring sessions held. */
  held: number
  minutes: number
  cost: number
  value: number
}

/** What a session adds to counts of sessions and to sums over sessions. */
export interface Contribution {
  state: 'initial' | 'loaded' | 'error'
  /** The current result's contribution, or null if the session has no current result. */
  result: ResultContribution | null
  /** Results per minute, including results no longer current, in the 30 minutes up to the last calculation. */
  calculations: MinuteCount[]
}

export const summaryMinutes = 30

export const minuteOf = (time: Timestamp): string => time.slice(0, 16)

/** Returns the first minute covered by a summary that is computed at `now`. */
export const firstMinute = (now: Timestamp): string => minuteOf(addMs(now, (1 - summaryMinutes) * minuteMs))

/** Counts a calculation made at `at`, and discards per-minute counts that are too old for any summary. */
export function withCalculation(calculations: MinuteCount[], at: Timestamp): MinuteCount[] {
  const minute = minuteOf(at)
  const first = firstMinute(at)
  const latest = calculations.filter(known => known.minute >= first && known.minute !== minute)
  const count = calculations.find(known => known.minute === minute)?.count ?? 0
  return [...latest, { minute, count: count + 1 }]
}

/** The amount has at most 2 decimals. Converts the fraction separately to avoid rounding errors. */
export const hundredths = (amount: number): number =>
  Math.trunc(amount) * 100 + Math.round((amount - Math.trunc(amount)) * 100)
