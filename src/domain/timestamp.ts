import { z } from 'zod'

/** UTC time with milliseconds, such as `2026-03-26T09:15:00.123Z`. Timestamps can be compared as strings. */
export type Timestamp = string

let latest = { ms: Number.NaN, text: '' }

/** Returns a date as a timestamp. Keeps the latest one, because a commit states the same time several times. */
export function timestamp(date: Date): Timestamp {
  const ms = date.getTime()
  if (ms !== latest.ms) latest = { ms, text: date.toISOString() }
  return latest.text
}

/** Returns whole seconds, as REST and GraphQL show them. Truncates, so that the time is never in the future. */
export const shownTime = (time: Timestamp): string => `${time.slice(0, 19)}Z`

export const timestampSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .meta({ format: 'date-time' })

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

export const addMs = (time: Timestamp, ms: number): Timestamp => timestamp(new Date(Date.parse(time) + ms))
