import type { UndefinedReason } from '../../src/domain/calculator'
import { undefinedBecause as sentences } from '../../src/rest/pages/undefined-because'
import type { Outputs, SessionEvent, SessionState, TransitionEvent } from './types'

// Everything is written in the reader's locale; amounts have no currency, since they are in the organisation's own.
const locales = navigator.languages

const two = new Intl.NumberFormat(locales, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const plain = new Intl.NumberFormat(locales, { maximumFractionDigits: 4 })
const signed = new Intl.NumberFormat(locales, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: 'exceptZero',
})
const relative = new Intl.RelativeTimeFormat(locales, { style: 'narrow', numeric: 'always' })
const clockTime = new Intl.DateTimeFormat(locales, { hour: 'numeric', minute: '2-digit', second: '2-digit' })
const minuteTime = new Intl.DateTimeFormat(locales, { hour: 'numeric', minute: '2-digit' })
const dateTime = new Intl.DateTimeFormat(locales, { dateStyle: 'medium', timeStyle: 'short' })
const day = new Intl.DateTimeFormat(locales, { dateStyle: 'long' })

export const money = (amount: number): string => two.format(amount)
export const number = (value: number): string => plain.format(value)
export const difference = (amount: number): string => signed.format(amount)
export const timeOf = (timestamp: string): string => clockTime.format(new Date(timestamp))
export const minuteOf = (ms: number): string => minuteTime.format(ms)
export const dateTimeOf = (timestamp: string): string => dateTime.format(new Date(timestamp))
export const dayOf = (timestamp: string): string => day.format(new Date(timestamp))

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** How long ago, in the largest unit that fits, and in steps that need no reader to watch them. */
export function ago(timestamp: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(timestamp)) / 1_000))
  if (seconds < 5) return 'now'
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? units[3]
  const steps = unit === 'second' ? Math.floor(seconds / 5) * 5 : Math.floor(seconds / size)
  return relative.format(-steps, unit)
}

const lengths = Object.fromEntries(
  units.map(([unit]) => [unit, new Intl.NumberFormat(locales, { style: 'unit', unit, unitDisplay: 'narrow' })]),
)

/** How old something is, in the largest unit that fits. */
export function age(timestamp: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(timestamp)) / 1_000))
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? units[3]
  const steps = unit === 'second' ? Math.floor(seconds / 5) * 5 : Math.floor(seconds / size)
  return lengths[unit]?.format(steps) ?? ''
}

export const stateNames: Record<SessionState, string> = {
  INITIAL: 'Initial',
  LOADING: 'Loading',
  LOADED: 'Loaded',
  ERROR: 'Error',
  CLOSED: 'Closed',
}

export const eventNames: Record<TransitionEvent, string> = {
  SESSION_STARTED: 'Started',
  CALCULATE_REQUESTED: 'Calculation requested',
  SHARE_REQUESTED: 'Share requested',
  SHARE_REVOKE_REQUESTED: 'Share revoke requested',
  RESET_REQUESTED: 'Reset requested',
  RETRY_REQUESTED: 'Retry requested',
  SESSION_CLOSED: 'Closed',
} satisfies Record<SessionEvent | TransitionEvent, string>

/** Why an output is missing. */
export function reasonFor(output: keyof Outputs, { undefinedBecause }: Outputs): string {
  const found = undefinedBecause.find(missing => missing.output === output)
  return found ? sentences[found.reason.toLowerCase() as UndefinedReason] : 'not known'
}
