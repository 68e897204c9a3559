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

/**
 * Returns a time as REST and GraphQL show it, in whole seconds. The time is truncated, not rounded, so that it is never
 * in the future.
 */
export const shownTime = (time: Timestamp): string => `${time.slice(0, 19)}Z`

/** Schema of a time as REST and GraphQL show it. */
export const timestampSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .meta({ format: 'date-time' })

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** Adds milliseconds to a time, or subtracts them if `ms` is negative. */
export const addMs = (time: Timestamp, ms: number): Timestamp => timestamp(new Date(Date.parse(time) + ms))
