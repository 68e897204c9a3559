import { withoutFormulaGuard } from '../../../../src/domain/formula-guard'
import { type Column, columns, isTitle, type Mapping } from './columns'

export type CellTexts = Readonly<Record<Column, string>>

/**
 * Number of rows in one request. A request is short, because a browser may read the response only after it has sent the
 * request, and a stop waits for the response. The server stores this many rows in a fraction of a second.
 */
export const rowsPerRequest = 200

export interface RowRefusal {
  message: string
  /** The server's sentences about cells. */
  details: Partial<Record<Column, string>>
  /** The session that already has the row's external id. */
  holder: string | null
}

/**
 * A row on its way to a calculation. It is not sent, sent without an outcome (it may have been stored), refused, or
 * imported, or its external id already had a session with the same content.
 */
export interface Row {
  /** Row number in the sheet, from 1. */
  readonly id: number
  readonly texts: CellTexts
  readonly state: 'unsent' | 'sent' | 'refused' | 'done' | 'existing'
  /** The row's session, once the row is imported or its session is known to exist. */
  readonly session: string | null
  /** Whether undoing left the calculation, because somebody has changed it. */
  readonly isKept: boolean
  /** Whether the row looks like a total, a heading or a remark, and not like a calculation. */
  readonly isAside: boolean
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
  session: null,
  isKept: false,
  isAside: false,
  refusal: null,
})

/** Matches the name of a total, such as "Total 2026", "Emma Smith Total" or "Zwischensumme". */
const totalName =
  /^(?:(?:sub|sous|grand)?[- ]?totals?|zwischensumme|gesamtsumme|gesamtergebnis)\b|\b(?:totals?|ergebnis)$|^(?:sum|summe|gesamt|insgesamt|somme|average|mean|durchschnitt|mittelwert|moyenne)[\s:\d]*$/i

/**
 * Whether a row looks like a total, a heading or a remark: its first text is the name of a total and it names no mentor,
 * or it has only one text, or it repeats the header.
 */
export function isAside(cells: readonly string[], mapping: Mapping, header: readonly string[] | null): boolean {
  if (isTitle(cells) && Object.values(mapping).filter(at => at !== null).length > 2) return true
  if (header && cells.every((cell, at) => cell === header[at])) return true
  const first = cells.find(cell => cell !== '') ?? ''
  const mentor = cells[mapping.mentorId ?? -1] ?? ''
  return (mentor === '' || mentor === first) && totalName.test(first)
}

export const isEditable = ({ state }: Row): boolean => state === 'unsent' || state === 'refused'

/** Returns the row with another text in a cell. */
export const withText = (row: Row, column: Column, text: string): Row =>
  newRow(row.id, { ...row.texts, [column]: text })

/** Maps each row with the same key as an earlier row to the first such row. Rows without a key have no duplicates. */
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
