import { type Column, columns, type Mapping } from './columns'

export type Texts = Readonly<Record<Column, string>>

/** Idempotency keys of the row's two requests. */
export interface Keys {
  start: string
  calculation: string
}

/** The server's refusal of a row. */
export interface Refused {
  members: readonly string[]
  sentence: string
}

/**
 * A row on its way to a calculation: not sent, in flight, sent without a response (it may have taken effect), refused,
 * or done.
 */
export interface Row {
  /** Row number in the pasted table, from 1. */
  readonly id: number
  readonly texts: Texts
  readonly state: 'unsent' | 'sending' | 'unanswered' | 'refused' | 'done'
  /** Kept until the row is edited, so that a retry is the same request. */
  readonly keys: Keys | null
  /** Session that was started for the row. */
  readonly session: string | null
  readonly refused: Refused | null
}

/** Removes the `'` that the CSV export writes before a text, so that a spreadsheet doesn't run it as a formula. */
const unguarded = (text: string): string => text.replace(/^'(?=[=+\-@])/, '')

export const textsOf = (cells: readonly string[], mapping: Mapping): Texts =>
  Object.fromEntries(columns.map(column => [column, unguarded(cells[mapping[column] ?? -1] ?? '')])) as Texts

export const unsentRow = (id: number, texts: Texts): Row => ({
  id,
  texts,
  state: 'unsent',
  keys: null,
  session: null,
  refused: null,
})

/**
 * Returns whether a cell can be edited: only in an unsent or refused row, and mentor and organisation only until the
 * session is started.
 */
export const mayEdit = ({ state, session }: Row, column: Column): boolean =>
  (state === 'unsent' || state === 'refused') &&
  (session === null || (column !== 'mentorId' && column !== 'organisationId'))

/** Returns the row with another text in a cell. It then is a new request. */
export const edited = (row: Row, column: Column, text: string): Row => ({
  ...row,
  texts: { ...row.texts, [column]: text },
  state: 'unsent',
  keys: null,
  refused: null,
})

/** Returns the row after a reload. If it was in flight, its response is lost. */
export const reloaded = (row: Row): Row => (row.state === 'sending' ? { ...row, state: 'unanswered' } : row)

/** Maps each duplicate row to the first row with the same content. */
export function duplicatesOf(rows: readonly Row[], saysOf: (row: Row) => string): Map<number, number> {
  const first = new Map<string, number>()
  const found = new Map<number, number>()
  for (const row of rows) {
    const says = saysOf(row)
    const before = first.get(says)
    if (before === undefined) first.set(says, row.id)
    else found.set(row.id, before)
  }
  return found
}
