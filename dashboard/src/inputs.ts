import { figureLimits, hasLength, labelCharacters, printable } from '../../src/domain/limits'
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
  sessions: String(numbers.sessions),
  avgMinutes: String(numbers.avgMinutes),
  costPerSession: String(numbers.costPerSession),
  costPerHour: String(numbers.costPerHour),
  label: label ?? '',
  currency: currency ?? '',
  from: period?.from ?? '',
  to: period?.to ?? '',
})

/** What the fields come to, as the server takes it; numbers and days that are missing are left out. */
export function inputsOf(values: Values) {
  const { label, currency, from, to } = values
  const filled = numberNames.filter(name => values[name] !== '')
  return {
    ...(Object.fromEntries(filled.map(name => [name, Number(values[name])])) as Partial<Numbers>),
    label: label || null,
    currency: currencyOf(currency) || null,
    period: from || to ? { ...(from && { from }), ...(to && { to }) } : null,
  }
}

const currencyOf = (text: string): string => text.trim().toUpperCase()

export const same = (a: Values, b: Values): boolean => JSON.stringify(inputsOf(a)) === JSON.stringify(inputsOf(b))

export interface Fault {
  name: Name
  sentence: string
  /** It is not wrong, but not all of it is there yet. */
  unfinished?: true
}

/** What is wrong with what is typed, in the order of the fields. */
export const faultsOf = (values: Values): Fault[] => [
  ...numberNames.flatMap(name => faultOfFigure(name, values[name]) ?? []),
  ...faultsOfStated(values),
]

function faultOfFigure(name: keyof Numbers, text: string): Fault | null {
  const field = words.calculator[name]
  const { maximum, decimals } = limits[name]
  if (text === '') return { name, sentence: words.faults.required(field), unfinished: true }
  const value = Number(text)
  if (value < 0) return { name, sentence: words.faults.atLeastZero(field) }
  if (value > maximum) return { name, sentence: words.faults.atMost(field, maximum) }
  const [, fraction = ''] = text.split('.')
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
  if (code && !/^[A-Z]{3}$/.test(code)) (code.length < 3 ? unfinished : fault)('currency', words.faults.currency)
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
