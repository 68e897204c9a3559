// Everything is written in the reader's locale; amounts have no currency, since they are in the organisation's own.
const locales = navigator.languages

const twoDecimals = new Intl.NumberFormat(locales, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const upToFourDecimals = new Intl.NumberFormat(locales, { maximumFractionDigits: 4 })
const signedTwoDecimals = new Intl.NumberFormat(locales, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: 'exceptZero',
})
const relative = new Intl.RelativeTimeFormat(locales, { style: 'narrow', numeric: 'always' })
const clockTime = new Intl.DateTimeFormat(locales, { hour: 'numeric', minute: '2-digit', second: '2-digit' })
const minuteTime = new Intl.DateTimeFormat(locales, { hour: 'numeric', minute: '2-digit' })
const dateTime = new Intl.DateTimeFormat(locales, { dateStyle: 'medium', timeStyle: 'short' })
const day = new Intl.DateTimeFormat(locales, { dateStyle: 'long' })

export const money = (amount: number): string => twoDecimals.format(amount)
export const number = (value: number): string => upToFourDecimals.format(value)
export const difference = (amount: number): string => signedTwoDecimals.format(amount)
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

const narrowLengths = Object.fromEntries(
  units.map(([unit]) => [unit, new Intl.NumberFormat(locales, { style: 'unit', unit, unitDisplay: 'narrow' })]),
)

/** What has passed, in the largest unit that fits, and in steps that need no reader to watch them. */
function passed(timestamp: string, now: number) {
  const seconds = Math.max(0, Math.round((now - Date.parse(timestamp)) / 1_000))
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? units[3]
  const count = unit === 'second' ? Math.floor(seconds / 5) * 5 : Math.floor(seconds / size)
  return { unit, count }
}

/** How long ago something was. */
export function ago(timestamp: string, now: number): string {
  const { unit, count } = passed(timestamp, now)
  return count === 0 ? 'now' : relative.format(-count, unit)
}

/** How old something is. */
export function age(timestamp: string, now: number): string {
  const { unit, count } = passed(timestamp, now)
  return narrowLengths[unit]?.format(count) ?? ''
}
