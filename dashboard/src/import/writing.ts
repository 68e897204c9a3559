import { readDecimal, writeDecimal } from '../decimals'
import { columns, type Kind, kinds, type Mapping, type Table } from './columns'
import { type Order, orderOf } from './dates'

/** Decimal separator. */
export type Mark = '.' | ','

/** How numbers and dates are written in the pasted table. */
export interface Writing {
  mark: Mark
  /** Null if the order is neither detected nor chosen. */
  order: Order | null
}

/** A locale for each decimal separator. */
const locales: Record<Mark, string> = { '.': 'en-GB', ',': 'de-DE' }

/** Detects how the texts are written. The CSV export is known. Without evidence, numbers are as in the locale. */
export function writingOf({ head, rows }: Table, mapping: Mapping, locale: string): Writing {
  const textsOf = (kind: Kind): string[] =>
    columns
      .filter(column => kinds[column] === kind)
      .flatMap(column => rows.map(row => row[mapping[column] ?? -1] ?? ''))
  const isExport = head?.includes('cost_per_session')
  return {
    mark: isExport ? '.' : (markOf(textsOf('number')) ?? markIn(locale)),
    order: orderOf(textsOf('date')),
  }
}

/**
 * Returns the decimal separator that the texts themselves show: those that are numbers with only one must agree on it.
 */
function markOf(texts: string[]): Mark | null {
  const shown = new Set<Mark>()
  for (const text of texts) {
    const [only, ...more] = (['.', ','] as const).filter(mark => isNumberWith(mark, text))
    if (only && more.length === 0) shown.add(only)
  }
  return shown.size === 1 ? ([...shown][0] ?? null) : null
}

const isNumberWith = (mark: Mark, text: string): boolean =>
  readDecimal(text, locales[mark], () => true).is === 'understood'

const markIn = (locale: string): Mark => (writeDecimal('1.5', locale).includes(',') ? ',' : '.')

/** Returns the locale in which to read numbers: the user's own, if it has this decimal separator. */
export const localeOf = (mark: Mark, own: string): string => (markIn(own) === mark ? own : locales[mark])
