import { withoutFormulaGuard } from '../../../../src/domain/formula-guard'
import { type Column, columns, isTitle, type Mapping } from './columns'

export type CellTexts = Readonly<Record<Column, string>>

/**
 * Number of rows per request. Requests are small, because some browsers deliver the response only after the whole
 * request has been sent, and because stopping an import waits for the response. The server stores the rows of one
 * request in a fraction of a second.
 */
export const rowsPerRequest = 200

export interface RowRefusal {
  message: string
  /** The server's error messages about individual cells. */
  details: Partial<Record<Column, string>>
  /** Id of the session that already has the row's external id. Null in all other cases. */
  holder: string | null
}

/**
 * A row of the import. `sent` means that the row was sent but has no outcome yet, so it may already be stored.
 * `existing` means that a session with the same external id and content already existed.
 */
export interface Row {
  /** Row number in the sheet, from 1. */
  readonly id: number
  readonly texts: CellTexts
  readonly state: 'unsent' | 'sent' | 'refused' | 'done' | 'existing'
  /** Id of the row's session, or null until the row has been imported or was found to exist already. */
  readonly session: string | null
  /** Whether the undo kept the row's calculation because someone had changed it. */
  readonly isKept: boolean
  /** Whether the row looks like a total, a heading or a remark instead of a calculation. */
  readonly isAside: boolean
  readonly refusal: RowRefusal | null
}

/**
 * Returns the texts of a row's cells, without the formula guards that a CSV export adds. Line breaks are kept only in
 * notes.
 */
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
  session: null,
  isKept: false,
  isAside: false,
  refusal: null,
})

/** Matches the name of a total, such as "Total 2026", "Emma Smith Total" or "Zwischensumme". */
const totalName =
  /^(?:(?:sub|sous|grand)?[- ]?totals?|zwischensumme|gesamtsumme|gesamtergebnis)\b|\b(?:totals?|ergebnis)$|^(?:sum|summe|gesamt|insgesamt|somme|average|mean|durchschnitt|mittelwert|moyenne)[\s:\d]*$/i

/**
 * Whether a row looks like a total, a heading or a remark. Returns true if the row has only one filled cell, repeats
 * the header, or starts with the name of a total and names no mentor.
 */
export function isAside(cells: readonly string[], mapping: Mapping, header: readonly string[] | null): boolean {
  if (isTitle(cells) && Object.values(mapping).filter(at => at !== null).length > 2) return true
  if (header && cells.every((cell, at) => cell === header[at])) return true
  const first = cells.find(cell => cell !== '') ?? ''
  const mentor = cells[mapping.mentorId ?? -1] ?? ''
  return (mentor === '' || mentor === first) && totalName.test(first)
}

export const isEditable = ({ state }: Row): boolean => state === 'unsent' || state === 'refused'

export const withText = (row: Row, column: Column, text: string): Row =>
  newRow(row.id, { ...row.texts, [column]: text })

/**
 * Maps the id of each duplicate row to the id of the first row with the same key. Rows with a null key are never
 * duplicates.
 */
export function duplicatesOf(rows: readonly Row[], keyOf: (row: Row) => string | null): Map<number, number> {
  const first = new Map<string, number>()
  const duplicates = new Map<number, number>()
  for (const row of rows) {
    const key = keyOf(row)
    if (key === null) continue
    const before = first.get(key)
    if (before === undefined) first.set(key, row.id)
    else duplicates.set(row.id, before)
  }
  return duplicates
}
