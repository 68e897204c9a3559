import { identifierCharacters } from '../../../../src/domain/limits'
import { parseDate, parseMonth } from '../../dates'
import { formatDecimal } from '../../decimals'
import { isCurrencyUnit } from '../../format'
import {
  currencyOf,
  emptyValues,
  type FieldValues,
  faultsOf,
  formatInput,
  inputsOf,
  type NumberField,
  noNumberMessage,
  numberNames,
  otherLocaleMessage,
  parseCurrency,
  parseFigure,
  rangeNames,
  textFault,
  unclearSignOf,
} from '../../inputs'
import { caller } from '../../sign-in/caller'
import type { Owner } from '../../types'
import { locale, words } from '../../words'
import type { Column } from './columns'
import { comparisonOf } from './existing'
import { localeWith, type Notation, numbersIn, otherSeparator } from './notation'
import type { CellTexts } from './rows'
import { importWords } from './words'

export interface Fault {
  message: string
  /** Possible meanings of the cell's text, each with a replacement text and a label. */
  alternatives?: readonly { text: string; shown: string }[]
  /** Set if the user can correct this error by answering a question about many cells. */
  isAsked?: true
}

export interface CheckedRow extends Owner {
  /** The row's external id in the spreadsheet, or null if it has none. */
  externalId: string | null
  inputs: ReturnType<typeof inputsOf>
  /**
   * An ambiguous currency symbol beside an amount in a row that states no currency, or null if there is no such symbol.
   */
  sign: string | null
  /** Numbers that are valid only in another locale's notation, each with the value that it has in that notation. */
  elsewhere: readonly (readonly [text: string, value: string])[]
  /**
   * Columns in which the row has an ambiguous date or number. A column stays in this list even after the user has
   * chosen a meaning.
   */
  ambiguous: readonly Column[]
  faults: Partial<Record<Column, Fault>>
  /** Key that is the same for all calculations with the same owner, period, label and numbers. */
  comparison: string
  /** Key that is the same for all rows with the same content. */
  content: string
}

export const columnNames: Record<Column, string> = {
  mentorId: words.mentor,
  organisationId: words.organisation,
  label: words.calculator.label,
  currency: words.calculator.currency,
  from: words.calculator.from,
  to: words.calculator.to,
  sessions: words.calculator.sessions,
  avgMinutes: words.calculator.avgMinutes,
  costPerSession: words.calculator.costPerSession,
  costPerHour: words.calculator.costPerHour,
  valueSource: words.calculator.valueSource,
  low: words.calculator.low,
  high: words.calculator.high,
  note: words.calculator.note,
  externalId: importWords.externalId,
}

/**
 * Parses and checks a row. If the mentor or organisation cell is empty, the row gets the caller's own mentor or
 * organisation.
 */
export function check(texts: CellTexts, notation: Notation): CheckedRow {
  const own = caller.value
  const mentorId = texts.mentorId || (own.mentorId ?? '')
  const organisationId = texts.organisationId || own.organisationId
  const currency = parseCurrency(texts.currency)
  const faults: CheckedRow['faults'] = {}
  const fault = (column: Column, message: string | null): void => {
    if (message !== null) faults[column] ??= { message }
  }
  const ask = (column: Column): void => {
    faults[column] ??= { message: importWords.waitsForAnswer, isAsked: true }
  }
  const elsewhere: [string, string][] = []
  const ambiguous: Column[] = []

  const figure = (name: NumberField): string => {
    const separator = notation.separators[name]
    const by = localeWith(separator, locale)
    const isAmbiguous = numbersIn(name, texts[name], locale) !== null
    if (isAmbiguous) ambiguous.push(name)
    if (isAmbiguous && separator === null) {
      ask(name)
      return ''
    }
    let parsed = parseFigure(name, texts[name], by)
    if (parsed.status === 'ambiguous') {
      elsewhere.push([texts[name], formatDecimal(parsed.suggestion, by, { grouped: false })])
      // Parse the original text again, because the suggestion lacks the currency symbol.
      if (notation.acceptsElsewhere) parsed = parseFigure(name, texts[name], localeWith(otherSeparator(by), locale))
    }
    if (parsed.status === 'valid') {
      const { unit, text } = parsed
      if (isCurrencyUnit(currency) && isCurrencyUnit(unit) && !isCurrencyUnit(unit, currency))
        fault(name, importWords.otherCurrency(currency))
      return `${unit} ${formatInput(text)}`.trim()
    }
    if (parsed.status === 'ambiguous') {
      const text = formatDecimal(parsed.suggestion, by, { grouped: false })
      faults[name] = { message: otherLocaleMessage(name, by), alternatives: [{ text, shown: text }] }
    } else if (texts[name] !== '') {
      fault(name, noNumberMessage(name))
    }
    return ''
  }
  const day = (name: 'from' | 'to'): string => {
    // A month in either date cell means the whole month, from its first to its last day.
    const other = texts[name === 'from' ? 'to' : 'from']
    const month = parseMonth(texts[name] || other, !(texts[name] && other), locale)
    if (month) return month[name]
    const read = parseDate(texts[name], null, locale)
    const order = notation.dateOrders[name]
    const isAmbiguous = read !== null && typeof read !== 'string'
    if (isAmbiguous) ambiguous.push(name)
    const date = order === null ? read : isAmbiguous ? read[order] : parseDate(texts[name], order, locale)
    if (typeof date === 'string') return date
    if (date) ask(name)
    else if (texts[name] !== '') fault(name, importWords.day(columnNames[name]))
    return ''
  }
  const from = day('from')
  const values: FieldValues = {
    ...emptyValues,
    ...(Object.fromEntries([...numberNames, ...rangeNames].map(name => [name, figure(name)])) as Record<
      NumberField,
      string
    >),
    label: texts.label,
    valueSource: texts.valueSource,
    note: texts.note,
    currency,
    from,
    to: day('to') || (texts.to === '' && notation.isOneDay ? from : ''),
  }

  const sign = unclearSignOf(values)
  if (sign !== null && notation.signs[sign]) values.currency = notation.signs[sign]
  else if (currencyOf(values) === '' && (sign === null || isCurrencyUnit(sign, notation.currency)))
    values.currency = notation.currency
  if (sign !== null && values.currency === '') ask('currency')

  if (own.mentorId !== null && mentorId !== own.mentorId) fault('mentorId', importWords.otherMentor(own.mentorId))
  if (own.organisationId !== null && organisationId !== own.organisationId) {
    fault('organisationId', importWords.otherOrganisation(own.organisationId))
  }
  if (mentorId === '') fault('mentorId', words.faults.required(words.mentor))
  fault('mentorId', textFault(words.mentor, mentorId, identifierCharacters))
  if (organisationId) fault('organisationId', textFault(words.organisation, organisationId, identifierCharacters))
  if (texts.externalId) fault('externalId', textFault(importWords.externalId, texts.externalId, identifierCharacters))
  if (currency !== '' && !isCurrencyUnit(currency)) fault('currency', words.faults.currency)
  for (const { name, message } of faultsOf(values)) fault(name, message)
  const row = {
    mentorId,
    organisationId: organisationId || null,
    externalId: texts.externalId || null,
    inputs: inputsOf(values),
  }
  return {
    ...row,
    sign,
    elsewhere,
    ambiguous,
    faults,
    comparison: comparisonOf(row, row.inputs),
    content: JSON.stringify(Object.keys(faults).length > 0 ? texts : row),
  }
}

export function withFaults(checked: CheckedRow, messages: Partial<Record<Column, string>>): CheckedRow {
  const faults = Object.fromEntries(Object.entries(messages).map(([column, message]) => [column, { message }]))
  return { ...checked, faults: { ...faults, ...checked.faults } }
}
