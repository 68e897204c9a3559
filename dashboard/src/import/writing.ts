import { readDecimal, writeDecimal } from '../decimals'
import { columns, type Kind, kinds, type Mapping, type Table } from './columns'
import { type Order, orderOf } from './dates'

/** What stands before the decimals of a number. */
export type Mark = '.' | ','

/** How numbers and dates are written in what was pasted. */
export interface Writing {
  mark: Mark
  /** Null where it is neither seen nor stated. */
  order: Order | null
}

/** Where each is the mark. */
const locales: Record<Mark, string> = { '.': 'en-GB', ',': 'de-DE' }

/** What the texts themselves show, or what the export writes; where they show nothing, numbers are as in the locale. */
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

/** The mark that the texts themselves show: those that are numbers with one only, all with the same. */
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

/** By which locale numbers with a mark are read: the reader's own, where it is his. */
export const localeOf = (mark: Mark, own: string): string => (markIn(own) === mark ? own : locales[mark])
