/** Cells of a copied table, row by row. */
export type Cells = string[][]

/** Maximum number of characters of a text, of columns of a row, and of rows of an import. */
export const mostCharacters = 2_000_000
export const mostColumns = 100
export const mostRows = 2_000

/**
 * Delimiters, each with a pattern for the end of a field. Spreadsheets copy cells with tabs and write files with one of
 * the others.
 */
const delimiters = { '\t': /[\t\r\n]/g, ';': /[;\r\n]/g, ',': /[,\r\n]/g }
type Delimiter = keyof typeof delimiters

/** Number of rows from which the delimiter is detected. */
const rowsToTell = 20

/**
 * Returns the cells of a text copied from a spreadsheet, or of a CSV file. Leaves out empty rows, and empty columns at
 * the end.
 */
export function cellsOf(text: string): Cells {
  const unmarked = text.startsWith('\uFEFF') ? text.slice(1) : text
  return tidied([...recordsOf(unmarked, delimiterOf(unmarked))])
}

/** Puts each cell on one line and trims it. All rows get the width of the widest, at most `mostColumns`. */
export function tidied(cells: Cells): Cells {
  const rows = cells
    .map(row => row.slice(0, mostColumns).map(cell => cell.replaceAll(/[\t-\r\u0085\u2028\u2029]+/g, ' ').trim()))
    .filter(isFilled)
  const width = rows.reduce((most, row) => Math.max(most, row.findLastIndex(cell => cell !== '') + 1), 0)
  return rows.map(row => Array.from({ length: width }, (_, at) => row[at] ?? ''))
}

const isFilled = (row: string[]): boolean => row.some(cell => cell.trim() !== '')

/**
 * Returns the delimiter that splits all rows into the same number of cells, more than one. Otherwise returns the one
 * that splits the first row into the most cells.
 */
function delimiterOf(text: string): Delimiter {
  const found = (Object.keys(delimiters) as Delimiter[]).map(delimiter => ({
    delimiter,
    widths: widthsOf(text, delimiter),
  }))
  const even = found.find(({ widths: [first = 0, ...rest] }) => first > 1 && rest.every(width => width === first))
  const widest = found.toSorted((a, b) => (b.widths[0] ?? 0) - (a.widths[0] ?? 0))[0]
  return (even ?? widest)?.delimiter ?? '\t'
}

function widthsOf(text: string, delimiter: Delimiter): number[] {
  const widths: number[] = []
  for (const record of recordsOf(text, delimiter)) {
    if (isFilled(record)) widths.push(record.length)
    if (widths.length === rowsToTell) break
  }
  return widths
}

/** Yields the records of RFC 4180. `delimiter` separates fields, and any line ending separates records. */
export function* recordsOf(text: string, delimiter: Delimiter): Generator<string[], undefined> {
  let record: string[] = []
  let at = 0
  while (at <= text.length) {
    const { field, end } = fieldAt(text, at, delimiter)
    record.push(field)
    at = end + (text.startsWith('\r\n', end) ? 2 : 1)
    if (text[end] === delimiter) continue
    yield record
    record = []
  }
}

/**
 * Returns the field that begins at an index, and the index of its end. Spreadsheets copy a cell that begins with a
 * quotation mark verbatim. So the mark quotes the field only if another one ends it.
 */
function fieldAt(text: string, start: number, delimiter: Delimiter): { field: string; end: number } {
  if (text[start] === '"') {
    let mark = text.indexOf('"', start + 1)
    while (mark >= 0 && text[mark + 1] === '"') mark = text.indexOf('"', mark + 2)
    if (mark >= 0 && endFrom(text, mark + 1, delimiter) === mark + 1) {
      return { field: text.slice(start + 1, mark).replaceAll('""', '"'), end: mark + 1 }
    }
  }
  const end = endFrom(text, start, delimiter)
  return { field: text.slice(start, end), end }
}

/** Returns the index of the next delimiter or line ending. */
function endFrom(text: string, start: number, delimiter: Delimiter): number {
  const ends = delimiters[delimiter]
  ends.lastIndex = start
  return ends.exec(text)?.index ?? text.length
}
