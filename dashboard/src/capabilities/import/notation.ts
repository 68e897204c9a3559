import { figureLimits } from '../../../../src/domain/limits'
import { type DateOrder, detectDateOrder, parseDate } from '../../dates'
import { formatDecimal, parseDecimal } from '../../decimals'
import {
  type Column,
  columnKinds,
  columns,
  type DateColumn,
  isOneDateColumn,
  type Mapping,
  type NumberColumn,
  type Table,
} from './columns'

export type DecimalSeparator = '.' | ','
const separators: readonly DecimalSeparator[] = ['.', ',']

/**
 * The notation of the numbers and dates in each column. Null means that the notation is ambiguous until the user
 * decides.
 */
export interface Notation {
  separators: Readonly<Record<NumberColumn, DecimalSeparator | null>>
  dateOrders: Readonly<Record<DateColumn, DateOrder | null>>
  asked: readonly Column[]
  /** Whether the last day defaults to the first day if the cell for the last day is empty. */
  isOneDay: boolean
  /** Currency of amounts without a currency symbol in rows that state no currency. Empty if the currency is unknown. */
  currency: string
  /** The currency that the user chose for each ambiguous symbol, such as $. */
  signs: Readonly<Record<string, string>>
  /** Whether to accept numbers in another locale's notation, such as 3,50 among numbers like 4.50. */
  acceptsElsewhere: boolean
}

export const isDateColumn = (column: Column): column is DateColumn => columnKinds[column] === 'date'
export const isNumberColumn = (column: Column): column is NumberColumn => columnKinds[column] === 'number'
const dateColumns = columns.filter(isDateColumn)
const numberColumns = columns.filter(isNumberColumn)

/** For each decimal separator, a locale that uses the separator. */
const locales: Record<DecimalSeparator, string> = { '.': 'en-GB', ',': 'de-DE' }

/**
 * Detects the notation of numbers and dates in each column.
 *
 * The decimal separator is `separator` if it is given. If `separator` is absent, the unambiguous numbers in the column
 * determine the decimal separator. If the column's numbers don't determine the separator, the numbers in all columns
 * do. A CSV export uses decimal points by default. If the decimal separator is still unknown, the page asks the user
 * about ambiguous numbers. A column without ambiguous numbers gets its most frequent separator, or else the locale's
 * separator.
 *
 * The unambiguous dates in the column determine the order of day and month. If the column's dates don't determine the
 * order, the dates in all columns do. If the order of day and month is still unknown, the page asks the user.
 */
export function detectNotation(
  { header, rows }: Pick<Table, 'header' | 'rows'>,
  mapping: Mapping,
  locale: string,
  separator?: DecimalSeparator,
): Notation {
  const textsOf = (column: Column): string[] => rows.map(row => row[mapping[column] ?? -1] ?? '')
  const numbers = new Map(numberColumns.map(column => [column, textsOf(column)]))
  const dates = new Map(dateColumns.map(column => [column, textsOf(column)]))
  const isExport = header?.includes('cost_per_session')
  const shared = detectSeparator([...numbers.values()].flat()) ?? (isExport ? '.' : null)
  const sharedOrder = detectDateOrder([...dates.values()].flat())
  const separatorIn = (column: NumberColumn, texts: string[]): DecimalSeparator | null => {
    const detected = separator ?? detectSeparator(texts) ?? shared
    if (detected !== null) return detected
    return texts.some(text => numbersIn(column, text, locale)) ? null : (usualSeparator(texts) ?? separatorOf(locale))
  }
  const separators = mapped(numbers, separatorIn)
  const dateOrders = mapped(dates, (_, texts) => detectDateOrder(texts) ?? sharedOrder)
  const asked = [
    ...dateColumns.filter(
      column => dateOrders[column] === null && dates.get(column)?.some(text => datesIn(text, locale)),
    ),
    ...numberColumns.filter(column => separators[column] === null),
  ]
  const isOneDay = isOneDateColumn({ header }, mapping)
  return { separators, dateOrders, asked, isOneDay, currency: '', signs: {}, acceptsElsewhere: false }
}

const mapped = <K extends string, T, V>(values: Map<K, T>, read: (key: K, value: T) => V): Record<K, V> =>
  Object.fromEntries([...values].map(([key, value]) => [key, read(key, value)])) as Record<K, V>

/** Returns the notation of a locale, which is used while there is no table. */
export const localeNotation = (locale: string): Notation =>
  detectNotation({ header: null, rows: [] }, {} as Mapping, locale)

/** Returns both possible dates of an ambiguous text, or null if the text has at most one meaning. */
export function datesIn(text: string, locale: string): Record<DateOrder, string> | null {
  const date = parseDate(text, null, locale)
  return typeof date === 'string' ? null : date
}

/**
 * Matches texts that could stand for two numbers, because three digits after a separator can be a digit group or
 * decimals.
 */
const groupPattern = /[.,]\d{3}(?!\d)/

/** Returns both possible numbers of an ambiguous text, or null if at most one of them is within the limits. */
export function numbersIn(column: NumberColumn, text: string, locale: string): Record<DecimalSeparator, string> | null {
  if (!groupPattern.test(text)) return null
  const { maximum, decimals } = limitsOf(column)
  const [point, comma] = separators.map(separator => {
    const parsed = parseDecimal(text, localeWith(separator, locale), () => true)
    if (parsed.status !== 'valid') return null
    const [, fraction = ''] = parsed.text.split('.')
    return Number(parsed.text) <= maximum && fraction.length <= decimals ? parsed.text : null
  })
  return point && comma && Number(point) !== Number(comma) ? { '.': point, ',': comma } : null
}

const limitsOf = (column: NumberColumn) =>
  column === 'sessions'
    ? figureLimits.sessions
    : column === 'avgMinutes'
      ? figureLimits.avg_minutes
      : figureLimits.cost_per_hour

/**
 * Returns the decimal separator that all unambiguous numbers use, or null if they use different separators or there are
 * none.
 */
function detectSeparator(texts: string[]): DecimalSeparator | null {
  const shown = new Set<DecimalSeparator>()
  for (const text of texts) {
    const [only, ...more] = separators.filter(separator => isNumberIn(separator, text))
    if (only && more.length === 0) shown.add(only)
  }
  return shown.size === 1 ? ([...shown][0] ?? null) : null
}

/** Returns the more frequent decimal separator, or null if both are equally frequent. */
function usualSeparator(texts: string[]): DecimalSeparator | null {
  const [points = 0, commas = 0] = separators.map(sign => texts.filter(text => detectSeparator([text]) === sign).length)
  return points === commas ? null : points > commas ? '.' : ','
}

const isNumberIn = (separator: DecimalSeparator, text: string): boolean =>
  parseDecimal(text, locales[separator], () => true).status === 'valid'

export const separatorOf = (locale: string): DecimalSeparator =>
  formatDecimal('1.5', locale).includes(',') ? ',' : '.'

export const otherSeparator = (locale: string): DecimalSeparator => (separatorOf(locale) === '.' ? ',' : '.')

/** Returns the user's own locale if it uses the given decimal separator, or another locale that uses it. */
export const localeWith = (separator: DecimalSeparator | null, own: string): string =>
  separator === null || separatorOf(own) === separator ? own : locales[separator]
