import type { CalculationInputs } from '../../packages/client/src/index.js'
import { currencies, figureLimits, hasLength, labelCharacters, printable } from '../../src/domain/limits'
import { formatDecimal, type ParsedDecimal, parseDecimal } from './decimals'
import { isCurrencyUnit, isMinuteUnit } from './format'
import type { Details, Numbers, Period } from './types'
import { locale, words } from './words'

/** A field of the calculator. */
export type FieldName = keyof Numbers | 'label' | 'currency' | keyof Period
/** Text of each field. */
export type FieldValues = Record<FieldName, string>

export const fieldLimits = {
  sessions: figureLimits.sessions,
  avgMinutes: figureLimits.avg_minutes,
  costPerSession: figureLimits.cost_per_session,
  costPerHour: figureLimits.cost_per_hour,
}
export const numberNames = Object.keys(fieldLimits) as (keyof Numbers)[]
export const detailNames = ['label', 'currency', 'from', 'to'] as const satisfies FieldName[]
const fieldNames: FieldName[] = [...numberNames, ...detailNames]

export const emptyValues = Object.fromEntries(fieldNames.map(name => [name, ''])) as FieldValues

/** Inputs of the example that the page offers. */
export const exampleInputs: Numbers = { sessions: 25, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }

export const valuesOf = ({ label, currency, period, ...numbers }: Numbers & Partial<Details>): FieldValues => ({
  sessions: formatInput(numbers.sessions),
  avgMinutes: formatInput(numbers.avgMinutes),
  costPerSession: formatInput(numbers.costPerSession),
  costPerHour: formatInput(numbers.costPerHour),
  label: label ?? '',
  currency: currency ?? '',
  from: period?.from ?? '',
  to: period?.to ?? '',
})

/** Formats a number or an exact decimal as the user would type it. */
export const formatInput = (value: number | string): string => formatDecimal(String(value), locale, { grouped: false })

/** Reads a figure in a locale, by default the user's. */
export function parseFigure(name: keyof Numbers, text: string, by = locale): ParsedDecimal {
  if (name === 'sessions') return parseDecimal(text, by)
  return parseDecimal(text, by, name === 'avgMinutes' ? isMinuteUnit : isCurrencyUnit)
}

/**
 * Returns the text that a field shows below it: the figure as understood. Returns null if the field already shows
 * exactly that, unless the same text means another number in another locale.
 */
export function interpretationOf(name: keyof Numbers, text: string): string | null {
  const parsed = parseFigure(name, text)
  if (parsed.status !== 'valid') return null
  const plain = formatInput(parsed.text)
  const isPlain = text.trim() === plain && /^\d+$|\.(?!\d{3}$)\d+$/.test(parsed.text)
  // Decimals make clear which sign is the decimal separator.
  return isPlain ? null : formatDecimal(parsed.text, locale, { decimals: name === 'sessions' ? 0 : 2 })
}

/** Returns the inputs for the server. Leaves out figures that are missing or not numbers. */
export function inputsOf(values: FieldValues) {
  const { label, currency, from, to } = values
  const numbers = numberNames.flatMap(name => {
    const parsed = parseFigure(name, values[name])
    // Within the limits, a JSON number has exactly the digits of the text.
    return parsed.status === 'valid' ? [[name, Number(parsed.text)]] : []
  })
  return {
    ...(Object.fromEntries(numbers) as Partial<Numbers>),
    label: label || null,
    currency: parseCurrency(currency) || null,
    period: from || to ? { ...(from && { from }), ...(to && { to }) } : null,
  }
}

/** Returns the inputs of fields without faults. */
export const validInputsOf = (values: FieldValues): CalculationInputs => inputsOf(values) as CalculationInputs

const parseCurrency = (text: string): string => text.trim().toUpperCase()

/** Returns whether two forms give the same inputs. Texts that are not numbers must be equal. */
export const sameInputs = (a: FieldValues, b: FieldValues): boolean =>
  JSON.stringify(inputsOf(a)) === JSON.stringify(inputsOf(b)) &&
  numberNames.every(
    name => a[name] === b[name] || [a, b].every(values => parseFigure(name, values[name]).status === 'valid'),
  )

export interface Fault {
  name: FieldName
  message: string
  /** The value is incomplete, not wrong. */
  incomplete?: true
  /** The value may become valid while the user types. */
  tentative?: true
  /** Possible meaning, as the user would type it. */
  suggestion?: string
}

/** Returns the faults of all fields, in the order of the fields. */
export const faultsOf = (values: FieldValues): Fault[] => [
  ...numberNames.flatMap(name => figureFault(name, values[name], parseCurrency(values.currency)) ?? []),
  ...detailFaults(values),
]

function figureFault(name: keyof Numbers, text: string, currency: string): Fault | null {
  const field = words.calculator[name]
  const { maximum, decimals } = fieldLimits[name]
  if (text.trim() === '') return { name, message: words.faults.required(field), incomplete: true }
  const parsed = parseFigure(name, text)
  if (parsed.status === 'invalid')
    return { name, message: words.faults.noNumber(field, formatInput(3.5)), tentative: true }
  if (parsed.status === 'ambiguous') {
    const suggestion = formatInput(parsed.suggestion)
    return { name, message: otherLocaleMessage(), tentative: true, suggestion }
  }
  if (parsed.unit && currency && isCurrencyUnit(parsed.unit) && !isCurrencyUnit(parsed.unit, currency)) {
    return { name, message: words.faults.otherCurrency(field, currency), tentative: true }
  }
  const value = Number(parsed.text)
  if (value < 0) return { name, message: words.faults.atLeastZero(field) }
  if (value > maximum) return { name, message: words.faults.atMost(field, maximum) }
  const [, fraction = ''] = parsed.text.split('.')
  if (fraction.replace(/0+$/, '').length <= decimals) return null
  return { name, message: decimals === 0 ? words.faults.whole(field) : words.faults.decimals(field, decimals) }
}

/** Returns the fault of a number that is written as in another locale. */
export const otherLocaleMessage = (by = locale): string =>
  words.faults.writtenElsewhere(formatDecimal('3.5', by, { decimals: 2 }))

function detailFaults({ label, currency, from, to }: FieldValues): Fault[] {
  const faults: Fault[] = []
  const fault = (name: FieldName, message: string): void => void faults.push({ name, message })
  const unfinished = (name: FieldName, message: string): void => void faults.push({ name, message, incomplete: true })

  const labelFault = label && textFault(words.calculator.label, label.trim(), labelCharacters)
  if (labelFault) fault('label', labelFault)
  const code = parseCurrency(currency)
  if (code && !currencies.has(code)) (code.length < 3 ? unfinished : fault)('currency', words.faults.currency)
  if (to && !from) unfinished('from', words.faults.required(words.calculator.from))
  if (from && !to) unfinished('to', words.faults.required(words.calculator.to))
  if (from && to && to < from) fault('to', words.faults.lastDay)
  return faults
}

/** Returns the fault of a text that must have 1 to `characters` characters, as a sentence, or null. */
export function textFault(field: string, text: string, characters: number): string | null {
  if (!hasLength(text, characters)) return words.faults.length(field, characters)
  return text.isWellFormed() && printable.test(text) ? null : words.faults.unprintable(field)
}

/** Returns faults for the members that the server refused, although the fields are valid here. */
export const serverFaults = (members: string[]): Fault[] =>
  fieldNames
    .filter(name => members.includes(name))
    .map(name => ({
      name,
      message: name === 'currency' ? words.faults.currency : words.faults.other(words.calculator[name]),
    }))
