import { columns, type Kind, kinds, type Mapping, type Table } from './columns'
import { type Order, orderOf } from './dates'
import { type Mark, markOf } from './figures'

/** How numbers and dates are written in what was pasted. */
export interface Writing {
  mark: Mark
  /** Null where it is neither seen nor stated. */
  order: Order | null
}

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

const markIn = (locale: string): Mark => (new Intl.NumberFormat(locale).format(1.5).includes(',') ? ',' : '.')
