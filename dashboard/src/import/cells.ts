/** A table as it was copied: what stands in each cell, row by row. */
export type Cells = string[][]

/** How many characters are read at once, how many columns of a row, and how many rows are imported. */
export const mostCharacters = 2_000_000
export const mostColumns = 100
export const mostRows = 2_000

/** Spreadsheets copy cells with tabs between them, and write files with one of the others. Each with what ends a field. */
const delimiters = { '\t': /[\t\r\n]/g, ';': /[;\r\n]/g, ',': /[,\r\n]/g }
type Delimiter = keyof typeof delimiters

/** By so many rows it is told what stands between the cells. */
const rowsToTell = 20

/** The cells of a text as a spreadsheet copies it, or of a CSV file. Rows and columns with nothing in them are left out. */
export function cellsOf(text: string): Cells {
  const unmarked = text.startsWith('\uFEFF') ? text.slice(1) : text
  return tidied([...recordsOf(unmarked, delimiterOf(unmarked))])
}

/** Each cell on one line without white space around it, and all rows as wide as the widest, or as a row may be. */
export function tidied(cells: Cells): Cells {
  const rows = cells
    .map(row => row.slice(0, mostColumns).map(cell => cell.replaceAll(/[\t-\r\u0085\u2028\u2029]+/g, ' ').trim()))
    .filter(isFilled)
  const width = rows.reduce((most, row) => Math.max(most, row.findLastIndex(cell => cell !== '') + 1), 0)
  return rows.map(row => Array.from({ length: width }, (_, at) => row[at] ?? ''))
}

const isFilled = (row: string[]): boolean => row.some(cell => cell.trim() !== '')

/** What parts all rows into as many cells, more than one; else what parts the first into the most. */
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

/** The records of RFC 4180, with any of the delimiters between fields and any line end between records. */
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
 * The field that begins at a place, and where it ends. Spreadsheets copy a cell that merely begins with a quotation mark as
 * it is: it is of the notation only where another one ends the field.
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

/** Where the next delimiter or line end stands. */
function endFrom(text: string, start: number, delimiter: Delimiter): number {
  const ends = delimiters[delimiter]
  ends.lastIndex = start
  return ends.exec(text)?.index ?? text.length
}
