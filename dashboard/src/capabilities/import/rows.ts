import { withoutFormulaGuard } from '../../../../src/domain/formula-guard'
import { type Column, columns, type Mapping } from './columns'

export type CellTexts = Readonly<Record<Column, string>>

/** Idempotency keys of the row's two requests. */
export interface RequestKeys {
  start: string
  calculation: string
}

/** The server's refusal of a row. */
export interface RowRefusal {
  members: readonly string[]
  message: string
}

/**
 * A row on its way to a calculation: not sent, in flight, sent without a response (it may have taken effect), refused,
 * or done.
 */
export interface Row {
  /** Row number in the pasted table, from 1. */
  readonly id: number
  readonly texts: CellTexts
  readonly state: 'unsent' | 'sending' | 'unanswered' | 'refused' | 'done'
  /** Kept until the row is edited, so that a retry is the same request. */
  readonly keys: RequestKeys | null
  /** Session that was started for the row. */
  readonly session: string | null
  /** Version of that session after the row's latest request. */
  readonly version: number | null
  /** Whether undoing left the calculation, because somebody has changed it. */
  readonly isKept: boolean
  readonly refusal: RowRefusal | null
}

/** Returns the texts of a row as they were before the CSV export. Only a note keeps its line feeds. */
export const textsOf = (cells: readonly string[], mapping: Mapping): CellTexts =>
  Object.fromEntries(
    columns.map(column => {
      const text = withoutFormulaGuard(cells[mapping[column] ?? -1] ?? '')
      return [column, column === 'note' ? text : text.replaceAll('\n', ' ')]
    }),
  ) as CellTexts

export const newRow = (id: number, texts: CellTexts): Row => ({
  id,
  texts,
  state: 'unsent',
  keys: null,
  session: null,
  version: null,
  isKept: false,
  refusal: null,
})

/**
 * Returns whether a cell can be edited: only in an unsent or refused row, and mentor and organisation only until the
 * session is started.
 */
export const isEditable = ({ state, session }: Row, column: Column): boolean =>
  (state === 'unsent' || state === 'refused') &&
  (session === null || (column !== 'mentorId' && column !== 'organisationId'))

/** Returns the row with another text in a cell. It then is a new request. */
export const withText = (row: Row, column: Column, text: string): Row => ({
  ...row,
  texts: { ...row.texts, [column]: text },
  state: 'unsent',
  keys: null,
  refusal: null,
})

/** Returns the row after a reload. If it was in flight, its response is lost. */
export const afterReload = (row: Row): Row => (row.state === 'sending' ? { ...row, state: 'unanswered' } : row)

/** Maps each duplicate row to the first row with the same content. */
export function duplicatesOf(rows: readonly Row[], contentOf: (row: Row) => string): Map<number, number> {
  const first = new Map<string, number>()
  const duplicates = new Map<number, number>()
  for (const row of rows) {
    const content = contentOf(row)
    const before = first.get(content)
    if (before === undefined) first.set(content, row.id)
    else duplicates.set(row.id, before)
  }
  return duplicates
}
