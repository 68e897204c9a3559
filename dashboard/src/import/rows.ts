import { type Column, columns, type Mapping } from './columns'

export type Texts = Readonly<Record<Column, string>>

/** By which the server knows a start and a calculation that it is told of again. */
export interface Keys {
  start: string
  calculation: string
}

/** What the server refused of a row. */
export interface Refused {
  members: readonly string[]
  sentence: string
}

/**
 * A row on its way to a calculation: not sent, being sent, sent without an answer to it (it may have been taken), refused,
 * or there.
 */
export interface Row {
  /** Its place in what was pasted, from 1. */
  readonly id: number
  readonly texts: Texts
  readonly state: 'unsent' | 'sending' | 'unanswered' | 'refused' | 'done'
  /** Kept as long as the row says the same: what is sent again is the same request. */
  readonly keys: Keys | null
  /** The session that was started for it. */
  readonly session: string | null
  readonly refused: Refused | null
}

/** A text that the CSV export keeps from being run as a formula has a mark before it, which is none of it. */
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

/** What is settled is not changed, nor what may be: the start of a row that was started. */
export const mayEdit = ({ state, session }: Row, column: Column): boolean =>
  (state === 'unsent' || state === 'refused') &&
  (session === null || (column !== 'mentorId' && column !== 'organisationId'))

/** The row with another text in a cell, which makes it another request. */
export const edited = (row: Row, column: Column, text: string): Row => ({
  ...row,
  texts: { ...row.texts, [column]: text },
  state: 'unsent',
  keys: null,
  refused: null,
})

/** The row as it is told of after a reload: of what was being sent the answer is lost. */
export const reloaded = (row: Row): Row => (row.state === 'sending' ? { ...row, state: 'unanswered' } : row)

/** For each row that says the same as one before it, which that is. */
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
