import { addMs, minuteMs, type Timestamp } from './timestamp'

/** How many results were computed in a minute, `2026-03-26T09:15`. */
export interface MinuteCount {
  minute: string
  count: number
}

/** What a current result adds to sums. Minutes and amounts are in hundredths, and whole: each is exact. */
export interface Worth {
  /** ISO 4217; null where the inputs state none. */
  currency: string | null
  /** In which its period ends, or in which it was computed where it states none: `2026-03`. */
  month: string
  /** Mentoring sessions. */
  held: number
  minutes: number
  cost: number
  value: number
}

/** What a session adds to the totals. */
export interface Standing {
  state: 'initial' | 'loaded' | 'error'
  /** Of its current result; null where it has none. */
  worth: Worth | null
  /** Its latest results, former ones too, by the minute: those of the half hour before the last of them. */
  calculations: MinuteCount[]
}

export const summaryMinutes = 30

export const minuteOf = (time: Timestamp): string => time.slice(0, 16)

/** The first of the minutes that a summary at `now` shows. */
export const firstMinute = (now: Timestamp): string => minuteOf(addMs(now, (1 - summaryMinutes) * minuteMs))

/** The latest calculations of a session with one more. */
export function withCalculation(calculations: MinuteCount[], at: Timestamp): MinuteCount[] {
  const minute = minuteOf(at)
  const first = firstMinute(at)
  const latest = calculations.filter(known => known.minute >= first && known.minute !== minute)
  const count = calculations.find(known => known.minute === minute)?.count ?? 0
  return [...latest, { minute, count: count + 1 }]
}

/** An amount of at most 2 decimals in hundredths. What is left of its whole part is small enough to be exact. */
export const hundredths = (amount: number): number =>
  Math.trunc(amount) * 100 + Math.round((amount - Math.trunc(amount)) * 100)
