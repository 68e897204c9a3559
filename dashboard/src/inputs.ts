import type { CalculationInputs } from '../../packages/client/src/index.js'
import { currencies, figureLimits, hasLength, labelCharacters, printable } from '../../src/domain/limits'
import { type Reading, readDecimal, writeDecimal } from './decimals'
import { isCurrency, isMinutes } from './format'
import { locale } from './reader'
import type { Numbers, Period, Stated } from './types'
import { words } from './words'

/** A field of the calculator. */
export type Name = keyof Numbers | 'label' | 'currency' | keyof Period
/** Text of each field. */
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

/** Formats a number or an exact decimal as the user would type it. */
export const typed = (value: number | string): string => writeDecimal(String(value), locale, { grouped: false })

/** Reads a figure in a locale, by default the user's. */
export function readingOf(name: keyof Numbers, text: string, by = locale): Reading {
  if (name === 'sessions') return readDecimal(text, by)
  return readDecimal(text, by, name === 'avgMinutes' ? isMinutes : isCurrency)
}

/**
 * Returns the text that a field shows below it: the figure as understood. Returns null if the field already shows
 * exactly that, unless the same text means another number in another locale.
 */
export function understoodAs(name: keyof Numbers, text: string): string | null {
  const reading = readingOf(name, text)
  if (reading.is !== 'understood') return null
  const plain = typed(reading.text)
  const isPlain = text.trim() === plain && /^\d+$|\.(?!\d{3}$)\d+$/.test(reading.text)
  // Decimals make clear which sign is the decimal separator.
  return isPlain ? null : writeDecimal(reading.text, locale, { decimals: name === 'sessions' ? 0 : 2 })
}

/** Returns the inputs for the server. Leaves out figures that are missing or not numbers. */
export function inputsOf(values: Values) {
  const { label, currency, from, to } = values
  const numbers = numberNames.flatMap(name => {
    const reading = readingOf(name, values[name])
    // Within the limits, a JSON number has exactly the digits of the text.
    return reading.is === 'understood' ? [[name, Number(reading.text)]] : []
  })
  return {
    ...(Object.fromEntries(numbers) as Partial<Numbers>),
    label: label || null,
    currency: currencyOf(currency) || null,
    period: from || to ? { ...(from && { from }), ...(to && { to }) } : null,
  }
}

/** Returns the inputs of fields without faults. */
export const soundInputsOf = (values: Values): CalculationInputs => inputsOf(values) as CalculationInputs

const currencyOf = (text: string): string => text.trim().toUpperCase()

/** Returns whether two forms give the same inputs. Texts that are not numbers must be equal. */
export const same = (a: Values, b: Values): boolean =>
  JSON.stringify(inputsOf(a)) === JSON.stringify(inputsOf(b)) &&
  numberNames.every(
    name => a[name] === b[name] || [a, b].every(values => readingOf(name, values[name]).is === 'understood'),
  )

export interface Fault {
  name: Name
  sentence: string
  /** The value is incomplete, not wrong. */
  unfinished?: true
  /** The value may become valid while the user types. */
  doubtful?: true
  /** Possible meaning, as the user would type it. */
  suggestion?: string
}

/** Returns the faults of all fields, in the order of the fields. */
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
    return { name, sentence: writtenElsewhere(), doubtful: true, suggestion }
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

/** Returns the fault of a number that is written as in another locale. */
export const writtenElsewhere = (by = locale): string =>
  words.faults.writtenElsewhere(writeDecimal('3.5', by, { decimals: 2 }))

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

/** Returns the fault of a text that must have 1 to `characters` characters, as a sentence, or null. */
export function faultOfText(field: string, text: string, characters: number): string | null {
  if (!hasLength(text, characters)) return words.faults.length(field, characters)
  return text.isWellFormed() && printable.test(text) ? null : words.faults.unprintable(field)
}

/** Returns faults for the members that the server refused, although the fields are valid here. */
export const faultsNamed = (members: string[]): Fault[] =>
  names
    .filter(name => members.includes(name))
    .map(name => ({
      name,
      sentence: name === 'currency' ? words.faults.currency : words.faults.other(words.calculator[name]),
    }))
