export type Cells = string[][]

/** Limits of an import: total number of characters, number of columns per row, and number of rows. */
export const maxCharacters = 2_000_000
export const maxColumns = 100
export const maxRows = 5_000

/**
 * Supported delimiters, each with a pattern that matches the end of a field. Cells copied from a spreadsheet are
 * separated by tabs. CSV files use semicolons or commas.
 */
const delimiters = { '\t': /[\t\r\n]/g, ';': /[;\r\n]/g, ',': /[,\r\n]/g }
type Delimiter = keyof typeof delimiters

/** Number of rows that are examined to detect the delimiter. */
const sampleRows = 20

/**
 * Parses text copied from a spreadsheet, or a CSV file. A blank row becomes a row without cells. Trailing blank rows
 * and columns are omitted.
 */
export function parseCells(text: string): Cells {
  const unmarked = text.startsWith('\uFEFF') ? text.slice(1) : text
  return tidyCells([...parseRecords(unmarked, delimiterOf(unmarked))])
}

/**
 * Trims cells and converts line endings to line feeds. Pads all rows to the same number of cells as the longest row, up
 * to `maxColumns`.
 */
export function tidyCells(cells: Cells): Cells {
  const rows = cells.map(row => row.slice(0, maxColumns).map(tidyCell))
  const width = rows.reduce((most, row) => Math.max(most, row.findLastIndex(cell => cell !== '') + 1), 0)
  // Keep blank rows between other rows, so that row numbers match the numbers in the spreadsheet.
  return rows
    .slice(0, rows.findLastIndex(isFilled) + 1)
    .map(row => (isFilled(row) ? Array.from({ length: width }, (_, at) => row[at] ?? '') : []))
}

const tidyCell = (cell: string): string =>
  cell
    .trim()
    .replaceAll(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')

export const isFilled = (row: readonly string[]): boolean => row.some(cell => cell.trim() !== '')

/**
 * Returns a delimiter that splits every row into the same number of cells (two or more). If there is none, for example
 * because of a title above the table, returns the delimiter for which the most rows have the same number of cells.
 */
function delimiterOf(text: string): Delimiter {
  const candidates = (Object.keys(delimiters) as Delimiter[]).map(delimiter => ({
    delimiter,
    widths: widthsOf(text, delimiter),
  }))
  const even = candidates.find(({ widths: [first = 0, ...rest] }) => first > 1 && rest.every(width => width === first))
  const [best] = candidates
    .map(({ delimiter, widths }) => ({ delimiter, width: Math.max(1, ...widths), rows: alikeIn(widths) }))
    .toSorted((a, b) => b.rows - a.rows || b.width - a.width)
  return (even ?? best)?.delimiter ?? '\t'
}

/** Returns the number of rows that have the most common number of cells. Ignores rows with fewer than two cells. */
function alikeIn(widths: number[]): number {
  const counts = new Map<number, number>()
  for (const width of widths) if (width > 1) counts.set(width, (counts.get(width) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}

function widthsOf(text: string, delimiter: Delimiter): number[] {
  const widths: number[] = []
  for (const record of parseRecords(text, delimiter)) {
    if (isFilled(record)) widths.push(record.length)
    if (widths.length === sampleRows) break
  }
  return widths
}

/** Yields the records of a text in CSV format (RFC 4180). Accepts any delimiter and any line ending. */
export function* parseRecords(text: string, delimiter: Delimiter): Generator<string[], undefined> {
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
 * Returns the field that starts at an index, and the index of its end. Spreadsheets copy cells that start with a
 * quotation mark verbatim, so a leading quotation mark quotes the field only if another quotation mark ends it.
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

function endFrom(text: string, start: number, delimiter: Delimiter): number {
  const ends = delimiters[delimiter]
  ends.lastIndex = start
  return ends.exec(text)?.index ?? text.length
}

// Parse the HTML as text, because the page's Content Security Policy forbids turning strings into markup.
const tokenPattern = /<(\/?)([a-z][a-z0-9]*)([^>]*)>|<!--[^>]*>|[^<]+|</gi
const spanPattern = /\bcolspan\s*=\s*["']?(\d{1,2})/i

/**
 * Returns the cells of the first table in an HTML text, or no cells if there is no table. The text of a merged cell
 * appears only once in the result.
 */
export function parseHtmlCells(html: string): Cells {
  const cells: Cells = []
  let depth = 0
  let unread = ''
  /** Number of additional columns that the previous cell spans. */
  let covered = 0

  const say = (text: string): void => {
    const row = cells.at(-1)
    if (row && row.length > 0) row[row.length - 1] += text
  }

  for (const [text, slash, name = '', attributes = ''] of html.matchAll(tokenPattern)) {
    const tag = name.toLowerCase()
    const opens = slash === ''
    if (tag === 'style' || tag === 'script') {
      unread = opens ? tag : ''
    } else if (unread !== '') {
    } else if (tag === 'table') {
      depth += opens ? 1 : -1
      if (depth === 0) break
    } else if (depth === 1 && opens && tag === 'tr') {
      cells.push([])
      covered = 0
    } else if (depth === 1 && opens && (tag === 'td' || tag === 'th')) {
      cells.at(-1)?.push(...Array(covered).fill(''), '')
      covered = Number(spanPattern.exec(attributes)?.[1] ?? 1) - 1
    } else if (tag === 'br' || tag === 'p' || tag === 'div') {
      say(' ')
    } else if (tag === '' && !text.startsWith('<!--')) {
      say(decodeReferences(text.replaceAll(/\s+/g, ' ')))
    }
  }
  return tidyCells(cells)
}

const namedReferences: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Decodes the HTML character references that spreadsheet programs write. */
const decodeReferences = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/gi, (reference, decimal, hex, name) => {
    if (name) return namedReferences[name] ?? reference
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference
  })

/** Whether a file may be an Excel workbook, which is always a ZIP archive or a compound file. */
export const isWorkbook = (bytes: Uint8Array): boolean =>
  [[0x50, 0x4b, 0x03, 0x04], compoundFileMark].some(mark => mark.every((byte, at) => bytes[at] === byte))

/**
 * First bytes of a compound file (MS-CFB). Encrypted workbooks, and workbooks from before Excel 2007, are compound
 * files.
 */
export const compoundFileMark = [0xd0, 0xcf, 0x11, 0xe0]

/**
 * Maximum size of an imported file in bytes. A character has at most 4 bytes, so a larger file must exceed
 * `maxCharacters`.
 */
export const maxFileBytes = 4 * maxCharacters

/**
 * Decodes a CSV file, or returns null if the file is not a text file. Supports the encodings that Excel writes: UTF-8,
 * UTF-16 with a byte order mark, and Windows-1252.
 */
export function decodeFile(bytes: Uint8Array): string | null {
  const text = decodeText(bytes)
  return text.includes('\0') ? null : text
}

function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
