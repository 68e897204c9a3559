/// <reference path="./saxen.d.ts" />
import { Parser } from 'saxen'
import { currencies } from '../../../../src/domain/limits'
import { type Cells, compoundFileMark, maxCharacters, maxColumns, tidyCells } from './cells'
import type { DecimalSeparator } from './notation'
import { ArchiveTooLarge, pause, unzip } from './unzip'

/**
 * Reason why a workbook can't be read. `old` means that the file is from before Excel 2007. `broken` means that the
 * file is damaged or not a workbook.
 */
export type WorkbookFault = 'encrypted' | 'old' | 'broken' | 'tooLarge'

export class WorkbookError extends Error {
  constructor(readonly fault: WorkbookFault) {
    super(fault)
  }
}

/** Maximum total size in bytes of a workbook's unpacked files. */
export const maxUnpackedBytes = 40_000_000

/**
 * Returns the cells of the first visible sheet that is not empty (ECMA-376, SpreadsheetML). Dates are in ISO 8601.
 * Numbers have at most the digits that Excel displays, the given decimal separator, and the currency symbol of their
 * format. Throws WorkbookError.
 */
export async function readWorkbook(bytes: Uint8Array, separator: DecimalSeparator): Promise<Cells> {
  if (compoundFileMark.every((byte, at) => bytes[at] === byte))
    throw new WorkbookError(hasText(bytes, 'EncryptedPackage') ? 'encrypted' : 'old')
  try {
    const files = await unzip(bytes, name => /^xl\/.*\.(xml|rels)$/i.test(name), maxUnpackedBytes)
    return await readSheets(files, separator)
  } catch (error) {
    if (error instanceof WorkbookError) throw error
    throw new WorkbookError(error instanceof ArchiveTooLarge ? 'tooLarge' : 'broken')
  }
}

/** Whether the bytes contain a text that is encoded in UTF-16. */
const hasText = (bytes: Uint8Array, text: string): boolean => new TextDecoder('utf-16le').decode(bytes).includes(text)

type Files = Map<string, Uint8Array[]>

async function readSheets(files: Files, separator: DecimalSeparator): Promise<Cells> {
  const { sheets, sharedStrings, styles, is1904 } = await readPaths(files)
  const texts = await readSharedTexts(files.get(sharedStrings) ?? [])
  const formats = await readFormats(files.get(styles) ?? [])
  const style: Style = { texts, formats, separator, is1904 }
  for (const path of sheets) {
    const cells = tidyCells(await readSheet(files.get(path) ?? [], style))
    if (cells.length > 0) return cells
  }
  return []
}

interface Handlers {
  open?(name: string, attributes: () => Record<string, string>): void
  close?(name: string): void
  text?(text: string): void
}

/** Number of XML characters that are parsed before a pause. */
const pieceCharacters = 100_000

/** Parses XML, if there is any, and passes element and attribute names to the handlers without namespace prefixes. */
async function readXml(pieces: readonly Uint8Array[], { open, close, text }: Handlers): Promise<void> {
  if (pieces.length === 0) return
  const parser = new Parser()
    .on('openTag', (name, attributes, decode) =>
      open?.(localName(name), () =>
        Object.fromEntries(
          Object.entries(attributes()).map(([name, value]) => [localName(name), decode(String(value))]),
        ),
      ),
    )
    .on('closeTag', name => close?.(localName(name)))
    .on('text', (raw, decode) => text?.(decode(raw)))
    .on('cdata', raw => text?.(raw))
    .on('error', error => {
      throw error
    })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const write = async (xml: string): Promise<void> => {
    for (let at = 0; at < xml.length; at += pieceCharacters) {
      parser.write(xml.slice(at, at + pieceCharacters))
      await pause()
    }
  }
  for (const piece of pieces) await write(decoder.decode(piece, { stream: true }))
  await write(decoder.decode())
  parser.end()
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

interface Paths {
  /** Visible sheets, in workbook order. */
  sheets: string[]
  sharedStrings: string
  styles: string
  is1904: boolean
}

async function readPaths(files: Files): Promise<Paths> {
  const workbook = files.get('xl/workbook.xml')
  if (!workbook) throw new WorkbookError('broken')
  const paths = new Map<string, string>()
  await readXml(files.get('xl/_rels/workbook.xml.rels') ?? [], {
    open(name, attributes) {
      if (name !== 'Relationship') return
      const { Id = '', Type = '', Target = '' } = attributes()
      const path = Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`
      paths.set(Id, path).set(Type.slice(Type.lastIndexOf('/') + 1), path)
    },
  })
  const sheets: string[] = []
  let is1904 = false
  await readXml(workbook, {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes().date1904 ?? '')
      if (name !== 'sheet') return
      const { id = '', state = 'visible' } = attributes()
      if (state === 'visible') sheets.push(paths.get(id) ?? '')
    },
  })
  return { sheets, sharedStrings: paths.get('sharedStrings') ?? '', styles: paths.get('styles') ?? '', is1904 }
}

/** Collects the text in `t` elements. Omits phonetic readings (`rPh`). */
class TextCollector {
  text = ''
  #isText = false
  #isPhonetic = false

  open(name: string): void {
    if (name === 'rPh') this.#isPhonetic = true
    if (name === 't') this.#isText = true
  }

  close(name: string): void {
    if (name === 'rPh') this.#isPhonetic = false
    if (name === 't') this.#isText = false
  }

  add(text: string): void {
    if (this.#isText && !this.#isPhonetic) this.text += text
  }
}

async function readSharedTexts(pieces: Uint8Array[]): Promise<string[]> {
  const texts: string[] = []
  let item = new TextCollector()
  await readXml(pieces, {
    open(name) {
      if (name === 'si') item = new TextCollector()
      item.open(name)
    },
    close(name) {
      item.close(name)
      if (name === 'si') texts.push(withoutEscapes(item.text))
    },
    text: text => item.add(text),
  })
  return texts
}

/** Decodes Excel's escape sequences for characters that XML can't contain, such as _x000D_. */
const withoutEscapes = (text: string): string =>
  text.includes('_x')
    ? text.replaceAll(/_x([\dA-Fa-f]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text

/**
 * Format in which Excel displays a cell's number. `currency` is the format's currency symbol or code, or '' if the
 * format has none.
 */
interface NumberFormat {
  kind: 'number' | 'date' | 'month' | 'time'
  currency: string
}

const plain: NumberFormat = { kind: 'number', currency: '' }

/**
 * Whether a built-in number format is a date format. Excel files contain only the ids of built-in number formats, not
 * their format codes (ECMA-376 part 1, 18.8.30).
 */
const isDateId = (id: number): boolean => (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || id >= 50
const monthId = 17
const isTimeId = (id: number): boolean => (id >= 18 && id <= 21) || (id >= 45 && id <= 47)

async function readFormats(pieces: Uint8Array[]): Promise<NumberFormat[]> {
  const codes = new Map<number, NumberFormat>()
  const formats: NumberFormat[] = []
  let isCellStyle = false
  await readXml(pieces, {
    open(name, attributes) {
      if (name === 'cellXfs') isCellStyle = true
      if (name === 'numFmt') codes.set(Number(attributes().numFmtId), formatOf(attributes().formatCode ?? ''))
      if (name !== 'xf' || !isCellStyle) return
      const id = Number(attributes().numFmtId ?? 0)
      const dateKind = id === monthId ? 'month' : 'date'
      const builtIn = {
        ...plain,
        kind: isTimeId(id) ? 'time' : isDateId(id) && id <= 58 ? dateKind : 'number',
      } as const
      formats.push(codes.get(id) ?? builtIn)
    },
    close(name) {
      if (name === 'cellXfs') isCellStyle = false
    },
  })
  return formats
}

/** Parses an Excel format code such as dd/mm/yyyy, [h]:mm, "£"#,##0.00 or #,##0.00 [$€-407]. */
export function formatOf(formatCode: string): NumberFormat {
  const [positive = ''] = formatCode.split(';')
  const signs = positive.replaceAll(/\[\$([^\]-]*)[^\]]*\]/g, '"$1"')
  const letters = signs
    .replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .replaceAll(/General|AM\/PM|A\/P|E[+-]/gi, '')
  const kind = /^[^dhs]*m[^dhs]*$/i.test(letters)
    ? 'month'
    : /[dy]/i.test(letters)
      ? 'date'
      : /[hms]/i.test(letters)
        ? 'time'
        : 'number'
  const [sign = ''] = /\p{Lu}{0,3}\p{Sc}/u.exec(signs) ?? []
  const [code = ''] = /(?<="\s*)[A-Z]{3}(?=\s*")/.exec(signs) ?? []
  return { kind, currency: kind === 'number' ? sign || (currencies.has(code) ? code : '') : '' }
}

interface Style {
  texts: readonly string[]
  formats: readonly NumberFormat[]
  separator: DecimalSeparator
  is1904: boolean
}

/**
 * Highest row number that is preserved. Rows beyond this number can get smaller row numbers than they have in the
 * sheet.
 */
const maxRowNumber = 10_000

async function readSheet(pieces: Uint8Array[], style: Style): Promise<Cells> {
  const rows: Cells = []
  let row: string[] = []
  let cell: Record<string, string> = {}
  let value = ''
  let isValue = false
  let inline = new TextCollector()
  let at = -1
  let characters = 0

  const endCell = (): void => {
    if (at >= maxColumns) return
    const text = cell.t === 'inlineStr' ? withoutEscapes(inline.text) : textOf(cell, value, style)
    if (text === '') return
    characters += text.length
    if (characters > maxCharacters) throw new WorkbookError('tooLarge')
    while (row.length < at) row.push('')
    row[at] = text
  }

  await readXml(pieces, {
    open(name, attributes) {
      if (name === 'row') {
        const number = Math.min(Number(attributes().r), maxRowNumber)
        while (rows.length < number - 1) rows.push([])
        row = []
        at = -1
      } else if (name === 'c') {
        cell = attributes()
        at = columnAt(cell.r) ?? at + 1
        value = ''
        inline = new TextCollector()
      } else if (name === 'v') isValue = true
      else inline.open(name)
    },
    close(name) {
      if (name === 'v') isValue = false
      else if (name === 'c') endCell()
      else if (name === 'row' && row.length > 0) rows.push(row)
      else inline.close(name)
    },
    text(text) {
      if (isValue) value += text
      else inline.add(text)
    },
  })
  return rows
}

/** Returns the column index of a cell reference such as AB12. */
function columnAt(reference = ''): number | null {
  const [letters] = /^[A-Z]{1,3}(?=\d)/.exec(reference) ?? []
  if (!letters) return null
  return [...letters].reduce((at, letter) => at * 26 + letter.charCodeAt(0) - 64, 0) - 1
}

function textOf({ t = 'n', s = '0' }: Record<string, string>, value: string, style: Style): string {
  if (t === 's') return style.texts[Number(value)] ?? ''
  if (t === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  if (t === 'str') return withoutEscapes(value)
  const number = Number(value)
  if (t !== 'n' || value === '' || !Number.isFinite(number)) return value
  const { kind, currency } = style.formats[Number(s)] ?? plain
  if (kind === 'time') return timeOf(number)
  if ((kind === 'date' || kind === 'month') && number >= 1 && number < endOfDates) {
    const date = dateOf(number, style.is1904)
    // Excel stores a month as the date of its first day.
    return kind === 'month' && date.endsWith('-01') ? date.slice(0, 7) : date
  }
  // Excel computes with 15 significant digits but stores 17, so that 3.3 can be 3.2999999999999998 in the file.
  const text = String(Number(number.toPrecision(15))).replace('.', style.separator)
  return currency === '' ? text : `${currency} ${text}`
}

const dayMs = 86_400_000
/** Serial number of the day after the last date that Excel supports. */
const endOfDates = 2_958_466

const dateOf = (days: number, is1904: boolean): string =>
  new Date((is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30)) + Math.floor(days) * dayMs)
    .toISOString()
    .slice(0, 10)

function timeOf(days: number): string {
  const minutes = Math.round(days * 1_440)
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
}
