import type { CalculationInputs } from '../../packages/client/src/index.js'
import { currencies, figureLimits, hasLength, labelCharacters, printable } from '../../src/domain/limits'
import { type Reading, readDecimal, writeDecimal } from './decimals'
import { isCurrency, isMinutes } from './format'
import { locale } from './reader'
import type { Numbers, Period, Stated } from './types'
import { words } from './words'

/** The fields of the calculator. */
export type Name = keyof Numbers | 'label' | 'currency' | keyof Period
/** What is typed in each. */
export type Values = Record<Name, string>

export const limits = {
  sessions: figureLimits.sessions,
  avgMinutes: figureLimits.avg_minutes,
  costPerSession: figureLimits.cost_per_session,
  costPerHour: figureLimits.cost_per_hour,
}
export const numberNames = Object.keys(limits) as (keyof Numbers)[]
export const statedNames = ['label', 'currency', 'from', 'to'] as const satisfies Name[]
const names: Name[] = [...numberNames, ...statedNames]

export const blankValues = Object.fromEntries(names.map(name => [name, ''])) as Values

export const textOf = ({ label, currency, period, ...numbers }: Numbers & Partial<Stated>): Values => ({
  sessions: typed(numbers.sessions),
  avgMinutes: typed(numbers.avgMinutes),
  costPerSession: typed(numbers.costPerSession),
  costPerHour: typed(numbers.costPerHour),
  label: label ?? '',
  currency: currency ?? '',
  from: period?.from ?? '',
  to: period?.to ?? '',
})

/** A number, or an exact decimal, as the reader would type it. */
export const typed = (value: number | string): string => writeDecimal(String(value), locale, { grouped: false })

/** What a figure is read as, by the reader's own locale or by another. */
export function readingOf(name: keyof Numbers, text: string, by = locale): Reading {
  if (name === 'sessions') return readDecimal(text, by)
  return readDecimal(text, by, name === 'avgMinutes' ? isMinutes : isCurrency)
}

/**
 * What a figure was understood as, as it is shown below its field: nothing, where that is what stands there, unless it
 * means another number elsewhere.
 */
export function understoodAs(name: keyof Numbers, text: string): string | null {
  const reading = readingOf(name, text)
  if (reading.is !== 'understood') return null
  const plain = typed(reading.text)
  const isPlain = text.trim() === plain && /^\d+$|\.(?!\d{3}$)\d+$/.test(reading.text)
  // With decimals it is plain to see which sign parts them.
  return isPlain ? null : writeDecimal(reading.text, locale, { decimals: name === 'sessions' ? 0 : 2 })
}

/** What the fields come to, as the server takes it; what is missing or no number is left out. */
export function inputsOf(values: Values) {
  const { label, currency, from, to } = values
  const numbers = numberNames.flatMap(name => {
    const reading = readingOf(name, values[name])
    // Within the limits a number of JSON has the very digits of the text.
    return reading.is === 'understood' ? [[name, Number(reading.text)]] : []
  })
  return {
    ...(Object.fromEntries(numbers) as Partial<Numbers>),
    label: label || null,
    currency: currencyOf(currency) || null,
    period: from || to ? { ...(from && { from }), ...(to && { to }) } : null,
  }
}

/** The same of fields with which nothing is wrong. */
export const soundInputsOf = (values: Values): CalculationInputs => inputsOf(values) as CalculationInputs

const currencyOf = (text: string): string => text.trim().toUpperCase()

/** Whether two forms come to the same; what is no number is compared as it stands there. */
export const same = (a: Values, b: Values): boolean =>
  JSON.stringify(inputsOf(a)) === JSON.stringify(inputsOf(b)) &&
  numberNames.every(
    name => a[name] === b[name] || [a, b].every(values => readingOf(name, values[name]).is === 'understood'),
  )

export interface Fault {
  name: Name
  sentence: string
  /** It is not wrong, but not all of it is there yet. */
  unfinished?: true
  /** It may become right while it is typed. */
  doubtful?: true
  /** What may have been meant, as it would be typed. */
  suggestion?: string
}

/** What is wrong with what is typed, in the order of the fields. */
export const faultsOf = (values: Values): Fault[] => [
  ...numberNames.flatMap(name => faultOfFigure(name, values[name], currencyOf(values.currency)) ?? []),
  ...faultsOfStated(values),
]

function faultOfFigure(name: keyof Numbers, text: string, currency: string): Fault | null {
  const field = words.calculator[name]
  const { maximum, decimals } = limits[name]
  if (text.trim() === '') return { name, sentence: words.faults.required(field), unfinished: true }
  const reading = readingOf(name, text)
  if (reading.is === 'unknown') return { name, sentence: words.faults.noNumber(field, typed(3.5)), doubtful: true }
  if (reading.is === 'ambiguous') {
    const suggestion = typed(reading.suggestion)
    return { name, sentence: words.faults.writtenElsewhere(field), doubtful: true, suggestion }
  }
  if (reading.unit && currency && isCurrency(reading.unit) && !isCurrency(reading.unit, currency)) {
    return { name, sentence: words.faults.otherCurrency(field, currency), doubtful: true }
  }
  const value = Number(reading.text)
  if (value < 0) return { name, sentence: words.faults.atLeastZero(field) }
  if (value > maximum) return { name, sentence: words.faults.atMost(field, maximum) }
  const [, fraction = ''] = reading.text.split('.')
  if (fraction.replace(/0+$/, '').length <= decimals) return null
  return { name, sentence: decimals === 0 ? words.faults.whole(field) : words.faults.decimals(field, decimals) }
}

function faultsOfStated({ label, currency, from, to }: Values): Fault[] {
  const faults: Fault[] = []
  const fault = (name: Name, sentence: string): void => void faults.push({ name, sentence })
  const unfinished = (name: Name, sentence: string): void => void faults.push({ name, sentence, unfinished: true })

  const labelFault = label && faultOfText(words.calculator.label, label.trim(), labelCharacters)
  if (labelFault) fault('label', labelFault)
  const code = currencyOf(currency)
  if (code && !currencies.has(code)) (code.length < 3 ? unfinished : fault)('currency', words.faults.currency)
  if (to && !from) unfinished('from', words.faults.required(words.calculator.from))
  if (from && !to) unfinished('to', words.faults.required(words.calculator.to))
  if (from && to && to < from) fault('to', words.faults.lastDay)
  return faults
}

/** What is wrong with a text that is to be 1 to so many characters, as a sentence. */
export function faultOfText(field: string, text: string, characters: number): string | null {
  if (!hasLength(text, characters)) return words.faults.length(field, characters)
  return text.isWellFormed() && printable.test(text) ? null : words.faults.unprintable(field)
}

/** What the server finds wrong with fields that look right here. */
export const faultsNamed = (members: string[]): Fault[] =>
  names
    .filter(name => members.includes(name))
    .map(name => ({
      name,
      sentence: name === 'currency' ? words.faults.currency : words.faults.other(words.calculator[name]),
    }))
