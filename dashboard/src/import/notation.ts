import { formatDecimal, parseDecimal } from '../decimals'
import { type ColumnKind, columnKinds, columns, type Mapping, type Table } from './columns'
import { type DateOrder, detectDateOrder } from './dates'

/** Decimal separator. */
export type DecimalSeparator = '.' | ','

/** How numbers and dates are written in the pasted table. */
export interface Notation {
  decimalSeparator: DecimalSeparator
  /** Null if the order is neither detected nor chosen. */
  dateOrder: DateOrder | null
  /** Currency of amounts without a sign of one, in rows that state none. Empty for none. */
  currency: string
}

/** A locale for each decimal separator. */
const locales: Record<DecimalSeparator, string> = { '.': 'en-GB', ',': 'de-DE' }

/** Detects how the texts are written. The CSV export is known. Without evidence, numbers are as in the locale. */
export function detectNotation({ header, rows }: Table, mapping: Mapping, locale: string): Notation {
  const textsOf = (kind: ColumnKind): string[] =>
    columns
      .filter(column => columnKinds[column] === kind)
      .flatMap(column => rows.map(row => row[mapping[column] ?? -1] ?? ''))
  const isExport = header?.includes('cost_per_session')
  return {
    decimalSeparator: isExport ? '.' : (detectSeparator(textsOf('number')) ?? separatorOf(locale)),
    dateOrder: detectDateOrder(textsOf('date')),
    currency: '',
  }
}

/**
 * Returns the decimal separator that the texts themselves show: those that are numbers with only one must agree on it.
 */
function detectSeparator(texts: string[]): DecimalSeparator | null {
  const shown = new Set<DecimalSeparator>()
  for (const text of texts) {
    const [only, ...more] = (['.', ','] as const).filter(separator => isNumberIn(separator, text))
    if (only && more.length === 0) shown.add(only)
  }
  return shown.size === 1 ? ([...shown][0] ?? null) : null
}

const isNumberIn = (separator: DecimalSeparator, text: string): boolean =>
  parseDecimal(text, locales[separator], () => true).status === 'valid'

const separatorOf = (locale: string): DecimalSeparator => (formatDecimal('1.5', locale).includes(',') ? ',' : '.')

/** Returns the locale in which to read numbers: the user's own, if it has this decimal separator. */
export const localeWith = (separator: DecimalSeparator, own: string): string =>
  separatorOf(own) === separator ? own : locales[separator]
