import type { CalculationInputs } from '../../packages/client/src/index.js'
import {
  currencies,
  figureLimits,
  hasLength,
  labelCharacters,
  noteCharacters,
  printable,
  printableLines,
  valueSourceCharacters,
} from '../../src/domain/limits'
import { type Decimal, formatDecimal, isBracketed, minutesOf, type ParsedDecimal, parseDecimal } from './decimals'
import { currencyOfUnit, formatExactAmount, isCurrencyUnit, isHourUnit, isMinuteUnit, minuteUnit } from './format'
import type { Inputs, Numbers, Period, Range } from './types'
import { locale, words } from './words'

/** A numeric form field: a figure, or the lowest or highest value per hour. */
export type NumberField = keyof Numbers | keyof Range
export type FieldName = NumberField | 'label' | 'currency' | keyof Period | 'valueSource' | 'note'
export type FieldValues = Record<FieldName, string>

export const fieldLimits = {
  sessions: figureLimits.sessions,
  avgMinutes: figureLimits.avg_minutes,
  costPerSession: figureLimits.cost_per_session,
  costPerHour: figureLimits.cost_per_hour,
  low: figureLimits.cost_per_hour,
  high: figureLimits.cost_per_hour,
}
export const numberNames = ['sessions', 'avgMinutes', 'costPerSession', 'costPerHour'] as const satisfies FieldName[]
export const rangeNames = ['low', 'high'] as const satisfies FieldName[]
export const detailNames = [
  'label',
  'currency',
  'from',
  'to',
  'valueSource',
  ...rangeNames,
  'note',
] as const satisfies FieldName[]
const fieldNames: FieldName[] = [...numberNames, ...detailNames]

export const emptyValues = Object.fromEntries(fieldNames.map(name => [name, ''])) as FieldValues

export const exampleInputs: Numbers = { sessions: 25, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }

export const valuesOf = ({
  label,
  currency,
  period,
  valueSource,
  note,
  costPerHourRange: range,
  ...numbers
}: Numbers & Partial<Inputs>): FieldValues => ({
  sessions: formatInput(numbers.sessions),
  avgMinutes: formatInput(numbers.avgMinutes),
  costPerSession: formatInput(numbers.costPerSession),
  costPerHour: formatInput(numbers.costPerHour),
  label: label ?? '',
  currency: currency ?? '',
  from: period?.from ?? '',
  to: period?.to ?? '',
  valueSource: valueSource ?? '',
  low: range ? formatInput(range.low) : '',
  high: range ? formatInput(range.high) : '',
  note: note ?? '',
})

/** Formats a number or an exact decimal as a user would type it in a field. */
export const formatInput = (value: number | string): string => formatDecimal(String(value), locale, { grouped: false })

/** Parses the text of a numeric field in a locale, by default the user's locale. */
export function parseFigure(name: NumberField, text: string, by = locale): ParsedDecimal {
  if (name === 'avgMinutes') return parseMinutes(text.trim(), by)
  return parseDecimal(text, by, name === 'sessions' ? undefined : isCurrencyUnit)
}

/** A duration such as 1:30. */
const clockPattern = /^(\p{Nd}+):(\p{Nd}{2})$/u
/** A duration such as 1 h, 1h30 or 2 hours 15 minutes. */
const hoursPattern = /^(\P{L}+)(\p{L}+\.?)(.*)$/u

/** Parses a duration. The duration is in minutes unless the text states hours. */
function parseMinutes(text: string, by: string): ParsedDecimal {
  const [, number = '', unit = '', rest = ''] = hoursPattern.exec(text) ?? []
  const [, hours, minutes] = clockPattern.exec(text) ?? (isHourUnit(unit) ? ['', number, rest.trim()] : [])
  if (hours === undefined) return parseDecimal(text, by, isMinuteUnit)
  const parsed = parseDecimal(hours, by)
  if (!minutes) return inMinutes(parsed)
  const more = parseDecimal(minutes, by, isMinuteUnit)
  const isWhole = parsed.status === 'valid' && /^\d+$/.test(parsed.text)
  if (!isWhole || more.status !== 'valid' || !(Number(more.text) >= 0 && Number(more.text) < 60)) {
    return { status: 'invalid' }
  }
  return { ...more, text: minutesOf(parsed.text as Decimal, more.text as Decimal) }
}

function inMinutes(hours: ParsedDecimal): ParsedDecimal {
  if (hours.status === 'valid') return { ...hours, text: minutesOf(hours.text as Decimal) }
  return hours.status === 'invalid' ? hours : { ...hours, suggestion: minutesOf(hours.suggestion as Decimal) }
}

/** A text that contains a range, such as "£26 - £30". */
const rangePattern = /^(.*?\p{Nd}.*?)\s*(?:[-–—−]|\b(?:to|bis)\b|à)\s*(.*\p{Nd}.*)$/u

/**
 * Returns a field's text. If one of the fields for the lowest and highest value contains a whole range and the other is
 * empty, splits the range between the two fields.
 */
function textOf(values: FieldValues, name: FieldName): string {
  if (name !== 'low' && name !== 'high') return values[name]
  const entered = rangeNames.map(name => values[name].trim()).filter(Boolean)
  const [, low, high] = (entered.length === 1 && rangePattern.exec(entered[0] as string)) || []
  return { low, high }[name] ?? values[name]
}

/** Returns the parsed figure as text to show below its field, or null if the field already shows the same text. */
export function interpretationOf(name: NumberField, values: FieldValues): string | null {
  const entered = values[name].trim()
  const parsed = parseFigure(name, textOf(values, name))
  if (parsed.status !== 'valid') return null
  const understood = formatFigureAsUnderstood(name, parsed.text, values)
  return [formatInput(parsed.text), understood].some(shown => isSameText(shown, entered)) ? null : understood
}

function formatFigureAsUnderstood(name: NumberField, text: string, values: FieldValues): string {
  if (name === 'avgMinutes' && /[\p{L}:]/u.test(values[name])) return `${formatDecimal(text, locale)} ${minuteUnit}`
  const currency = currencyAt(name, values)
  // Always show decimals, so that the user can see which character is the decimal separator.
  if (currencies.has(currency)) return formatExactAmount(text, currency)
  return formatDecimal(text, locale, { decimals: name === 'sessions' ? 0 : 2 })
}

/** Whether two texts look the same, even if they use different Unicode spaces. */
const isSameText = (a: string, b: string): boolean => a.replace(/\s/gu, ' ') === b.replace(/\s/gu, ' ')

/** Returns the inputs to send to the server. Omits missing and invalid figures. */
export function inputsOf(values: FieldValues) {
  const { label, from, to, valueSource, note } = values
  const numbersOf = (names: readonly NumberField[]) =>
    Object.fromEntries(
      names.flatMap(name => {
        const parsed = parseFigure(name, textOf(values, name))
        // Within the field's limits, a JSON number preserves all digits that the user typed.
        return parsed.status === 'valid' ? [[name, Number(parsed.text)]] : []
      }),
    )
  return {
    ...(numbersOf(numberNames) as Partial<Numbers>),
    label: label || null,
    currency: currencyOf(values) || null,
    period: from || to ? { ...(from && { from }), ...(to && { to }) } : null,
    valueSource: valueSource || null,
    note: note || null,
    costPerHourRange: rangeNames.some(name => isFilled(values, name))
      ? (numbersOf(rangeNames) as Partial<Range>)
      : null,
  }
}

/** Returns the inputs for a preview, omitting invalid optional inputs. Returns null if a required number is invalid. */
export function previewInputsOf(values: FieldValues, faults: readonly Fault[]): Inputs | null {
  const isFaulty = (...names: FieldName[]): boolean => faults.some(({ name }) => names.includes(name))
  if (isFaulty(...numberNames)) return null
  const { period, costPerHourRange, ...inputs } = inputsOf(
    Object.fromEntries(fieldNames.map(name => [name, isFaulty(name) ? '' : values[name]])) as FieldValues,
  )
  return {
    ...inputs,
    period: isFaulty('from', 'to') ? null : period,
    costPerHourRange: isFaulty(...rangeNames) ? null : costPerHourRange,
  } as Inputs
}

export const validInputsOf = (values: FieldValues): CalculationInputs => inputsOf(values) as CalculationInputs

/** Converts a currency code or symbol to the currency's code. If the text is neither, converts it to upper case. */
export const parseCurrency = (text: string): string => currencyOfUnit(text.trim()) ?? text.trim().toUpperCase()

const isFilled = (values: FieldValues, name: FieldName): boolean => values[name].trim() !== ''

const amountNames: readonly NumberField[] = ['costPerSession', 'costPerHour', ...rangeNames]

/** A currency symbol or code beside an amount. `currency` is null if the symbol is ambiguous. */
interface AmountSign {
  name: NumberField
  sign: string
  currency: string | null
}

const signsOf = (values: FieldValues): AmountSign[] =>
  amountNames.flatMap(name => {
    const parsed = parseFigure(name, textOf(values, name))
    if (parsed.status !== 'valid' || parsed.unit === '') return []
    return [{ name, sign: parsed.unit, currency: currencyOfUnit(parsed.unit) }]
  })

/**
 * Returns the currency of the form's amounts: the stated currency if there is one, otherwise the currency of a symbol
 * beside an amount, otherwise ''.
 */
export const currencyOf = (values: FieldValues): string =>
  parseCurrency(values.currency) || (signsOf(values).find(({ currency }) => currency !== null)?.currency ?? '')

/**
 * Returns the ambiguous currency symbol beside an amount, or null if another symbol or the currency field resolves the
 * ambiguity.
 */
export const unclearSignOf = (values: FieldValues): string | null =>
  currencyOf(values) === '' ? (signsOf(values)[0]?.sign ?? null) : null

/**
 * Returns the currency of the amount in a field: the currency of the field's symbol if it has one, otherwise the form's
 * currency.
 */
export function currencyAt(name: NumberField, values: FieldValues): string {
  if (!amountNames.includes(name)) return ''
  return signsOf(values).find(sign => sign.name === name)?.currency ?? currencyOf(values)
}

/**
 * Returns the value that a field contributes to the inputs. If a number field contains an invalid number, returns its
 * text.
 */
function meaningOf(values: FieldValues, name: FieldName): string {
  if (name === 'currency') return currencyOf(values)
  const text = textOf(values, name).trim()
  if (!isNumber(name)) return text
  const parsed = parseFigure(name, text)
  return parsed.status === 'valid' ? String(Number(parsed.text)) : text
}

const isNumber = (name: FieldName): name is NumberField => name in fieldLimits

/** Returns the names of the fields whose values differ between two forms. */
export const differingFields = (a: FieldValues, b: FieldValues): FieldName[] =>
  fieldNames.filter(name => meaningOf(a, name) !== meaningOf(b, name))

/** Whether two forms produce the same inputs. Invalid numbers are considered the same only if their text is equal. */
export const sameInputs = (a: FieldValues, b: FieldValues): boolean => differingFields(a, b).length === 0

export interface Fault {
  name: FieldName
  message: string
  /** Whether the value is only missing or incomplete, rather than wrong. */
  incomplete?: true
  /** Whether the value may become valid as the user continues typing. */
  tentative?: true
  /** A valid text that the user may have meant. */
  suggestion?: string
}

/** Returns the validation errors of all fields, in field order. */
export function faultsOf(values: FieldValues): Fault[] {
  const signs = signFaults(values)
  return [
    ...numberNames.flatMap(name => figureFault(name, values[name]) ?? signs.filter(fault => fault.name === name)),
    ...signs.filter(({ name }) => name === 'currency'),
    ...detailFaults(values, signs),
  ]
}

/**
 * Returns the validation errors of the currency symbols beside the amounts. A symbol must match the stated currency. If
 * no currency is stated, all symbols must stand for the same currency. If all symbols are ambiguous, an error asks the
 * user to state the currency.
 */
function signFaults(values: FieldValues): Fault[] {
  const stated = parseCurrency(values.currency)
  const signs = signsOf(values)
  if (currencies.has(stated)) {
    return signs
      .filter(({ sign }) => !isCurrencyUnit(sign, stated))
      .map(({ name }) => ({
        name,
        message: words.faults.otherCurrency(words.calculator[name], stated),
        tentative: true,
      }))
  }
  const leading = signs.find(({ currency }) => currency !== null) ?? signs[0]
  if (stated !== '' || !leading) return []
  const { currency } = leading
  const faults: Fault[] = signs
    .filter(({ sign }) => (currency === null ? sign !== leading.sign : !isCurrencyUnit(sign, currency)))
    .map(({ name }) => ({
      name,
      message: words.faults.twoCurrencies(words.calculator[name], leading.sign, words.calculator[leading.name]),
      tentative: true,
    }))
  if (currency === null) faults.push({ name: 'currency', message: words.faults.whichCurrency(leading.sign) })
  return faults
}

/** Name and limits of a figure that is not in the form but is parsed like a form field. */
export interface FigureRules {
  field: string
  maximum: number
  decimals: number
}

/** Returns a figure's validation error, or null if the figure is valid. */
export function figureFault(
  name: NumberField,
  text: string,
  { field, maximum, decimals }: FigureRules = { field: words.calculator[name], ...fieldLimits[name] },
): Fault | null {
  if (text.trim() === '') return { name, message: words.faults.required(field), incomplete: true }
  const parsed = parseFigure(name, text)
  if (parsed.status === 'invalid') return { name, message: noNumberMessage(name, field), tentative: true }
  if (parsed.status === 'ambiguous') {
    const suggestion = formatInput(parsed.suggestion)
    return { name, message: otherLocaleMessage(name, locale, field), tentative: true, suggestion }
  }
  const value = Number(parsed.text)
  if (value < 0) {
    const message = isBracketed(text) ? words.faults.inBrackets(field) : words.faults.atLeastZero(field)
    return { name, message }
  }
  if (value > maximum) return { name, message: words.faults.atMost(field, maximum) }
  const [, fraction = ''] = parsed.text.split('.')
  if (fraction.replace(/0+$/, '').length <= decimals) return null
  return { name, message: decimals === 0 ? words.faults.whole(field) : words.faults.decimals(field, decimals) }
}

const isWhole = (name: NumberField): boolean => fieldLimits[name].decimals === 0

/** Returns the error message for a text that is not a number. */
export const noNumberMessage = (name: NumberField, field = words.calculator[name]): string =>
  isWhole(name) ? words.faults.whole(field) : words.faults.noNumber(field, formatInput(3.5))

/** Returns the error message for a number in the notation of another locale. */
export const otherLocaleMessage = (name: NumberField, by = locale, field = words.calculator[name]): string =>
  isWhole(name) ? words.faults.whole(field) : words.faults.writtenElsewhere(formatDecimal('3.5', by, { decimals: 2 }))

function detailFaults(values: FieldValues, signs: Fault[]): Fault[] {
  const { label, currency, from, to, valueSource, note } = values
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
  const sourceFault = valueSource && textFault(words.calculator.valueSource, valueSource.trim(), valueSourceCharacters)
  if (sourceFault) fault('valueSource', sourceFault)
  faults.push(...rangeFaults(values, signs))
  const noteFault = note && textFault(words.calculator.note, note.trim(), noteCharacters, printableLines)
  if (noteFault) fault('note', noteFault)
  return faults
}

/**
 * Returns the validation errors of the lowest and highest value per hour. If the user enters one of the two values, the
 * other is required too.
 */
function rangeFaults(values: FieldValues, signs: Fault[]): Fault[] {
  if (!rangeNames.some(name => isFilled(values, name))) return []
  const [value, low, high] = (['costPerHour', ...rangeNames] as const).map(name => {
    const parsed = parseFigure(name, textOf(values, name))
    return parsed.status === 'valid' ? Number(parsed.text) : Number.NaN
  }) as [number, number, number]
  const isOutside = { low: low > value, high: high < value }
  return rangeNames.flatMap((name): Fault | Fault[] => {
    const fault = figureFault(name, textOf(values, name))
    if (fault) return fault
    if (isOutside[name]) return { name, message: words.faults[name], tentative: true }
    return signs.filter(sign => sign.name === name)
  })
}

/** Returns an error message, or null if the text has 1 to `characters` characters that are all allowed. */
export function textFault(field: string, text: string, characters: number, allowed = printable): string | null {
  if (!hasLength(text, characters)) return words.faults.length(field, characters)
  return text.isWellFormed() && allowed.test(text) ? null : words.faults.unprintable(field)
}

/** Returns validation errors for inputs that this page found valid but the server refused. */
export const serverFaults = (members: string[]): Fault[] =>
  fieldNames
    .filter(name => members.includes(name))
    .map(name => ({
      name,
      message: name === 'currency' ? words.faults.currency : words.faults.other(words.calculator[name]),
    }))
