import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { figuresSchema } from '../../domain/calculator'
import { StartupError } from '../../domain/errors'
import { withoutFormulaGuard } from '../../domain/formula-guard'
import { nearestName } from '../../domain/nearest-name'
import { csvColumns, inputPaths } from '../../rest/csv'

/** A row of the imported file, with the JSON line that is sent for it. */
export interface Row {
  /** Line number in the file, starting at 1. */
  line: number
  json: string
}

/** Top-level members of a start request. All other columns are members of its `inputs`. */
const originColumns = new Set(['mentor_id', 'organisation_id', 'external_id'])
const importedColumns = [...originColumns, ...inputPaths.keys()]

const numbers = new Set(['cost_per_hour_low', 'cost_per_hour_high', ...figuresSchema.keyof().options])

/** Maximum number of bytes of a CSV file's first line that are read to detect the separator. */
const headBytes = 64 * 1024

/** Reads the rows of an NDJSON or CSV file. Throws `StartupError` if the file's name or content is invalid. */
export function rowsOf(path: string): AsyncIterable<Row> {
  if (/\.(nd)?jsonl?$/i.test(path)) return ndjsonRows(path)
  if (/\.csv$/i.test(path)) return csvRows(path)
  throw new StartupError(`The name of the file must end in .ndjson or .csv: ${path}.`)
}

async function* ndjsonRows(path: string): AsyncIterable<Row> {
  let line = 0
  for await (const json of linesIn(path)) {
    line++
    if (json.trim() !== '') yield { line, json }
  }
}

/** Yields the lines of a file. The file's last line does not need a line ending. */
async function* linesIn(path: string): AsyncIterable<string> {
  yield yield* completeLines(textOf(path))
}

/**
 * Yields the lines that end with LF or CRLF, and returns the text after the last line ending. Node's `readline` is
 * unsuitable, because it also ends lines at U+2028, which JSON text can contain.
 */
export async function* completeLines(text: AsyncIterable<string>): AsyncGenerator<string, string> {
  let rest = ''
  for await (const part of text) {
    const lines = `${rest}${part}`.split(/\r?\n/)
    rest = lines.pop() ?? ''
    yield* lines
  }
  return rest
}

/**
 * Decodes a file in UTF-8, or in UTF-16 with a byte order mark. Drops the byte order mark. Throws `StartupError` for
 * other encodings, because umlauts would otherwise be stored as replacement characters.
 */
async function* textOf(path: string): AsyncIterable<string> {
  let decoder: TextDecoder | undefined
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      decoder ??= new TextDecoder(isUtf16(chunk) ? 'utf-16le' : 'utf-8', { fatal: true })
      yield decoder.decode(chunk, { stream: true })
    }
    yield decoder?.decode() ?? ''
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
    throw new StartupError(`${path} is not in UTF-8. Save it as UTF-8 (in Excel: "CSV UTF-8"), and import that file.`)
  }
}

/** Whether a file begins with the byte order mark of UTF-16 (little-endian), which some spreadsheet programs write. */
const isUtf16 = (head: Buffer): boolean => head[0] === 0xff && head[1] === 0xfe

async function* csvRows(path: string): AsyncIterable<Row> {
  const { CsvError, parse } = await import('csv-parse')
  const delimiter = await separatorOf(path)
  let names: string[] | undefined
  try {
    // Use `pipeline`, because it forwards file errors to the parser, so that the loop over the parser throws them.
    const parser = pipeline(
      textOf(path),
      parse({ delimiter, info: true, skipEmptyLines: true, skipRecordsWithEmptyValues: true }),
      () => {},
    )
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (names) yield { line: info.lines, json: JSON.stringify(startOf(names, record)) }
      else names = checkedNames(record)
    }
  } catch (error) {
    if (error instanceof CsvError) throw new StartupError(`${path} is not valid CSV: ${error.message}.`)
    throw error
  }
}

/** Returns the separator that occurs most often in the first line of a CSV file. */
async function separatorOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const [head = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1)
    const counted = [',', ';', '\t'].map(separator => ({ separator, count: head.split(separator).length }))
    return counted.reduce((most, other) => (other.count > most.count ? other : most)).separator
  } finally {
    await file.close()
  }
}

/** Accepts columns that only exports contain. Throws `StartupError` for an unknown column. */
function checkedNames(record: string[]): string[] {
  const names = record.map(name => name.trim())
  const unknown = names.find(name => !importedColumns.includes(name) && !csvColumns.includes(name))
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, importedColumns)
    throw new StartupError(
      `Unknown column "${unknown}". ${nearest ? `Did you mean ${nearest}? ` : ''}Columns: ${importedColumns.join(', ')}.`,
    )
  }
  return names
}

/** Omits empty cells. */
function startOf(names: string[], cells: string[]): Record<string, unknown> {
  const start: Record<string, unknown> = {}
  const inputs: Record<string, unknown> = {}
  for (const [i, name] of names.entries()) {
    const cell = cells[i] ?? ''
    const path = inputPaths.get(name)
    if (cell === '' || !importedColumns.includes(name)) continue
    if (!path) start[name] = withoutFormulaGuard(cell)
    else if (path[1] === undefined) inputs[path[0]] = valueIn(name, cell)
    else inputs[path[0]] = { ...(inputs[path[0]] as object | undefined), [path[1]]: valueIn(name, cell) }
  }
  return Object.keys(inputs).length > 0 ? { ...start, inputs } : start
}

/** In a number column, other text is returned unchanged, so that the server reports the error. */
const valueIn = (name: string, cell: string): string | number =>
  numbers.has(name) && /^-?\d+(?:\.\d+)?$/.test(cell) ? Number(cell) : withoutFormulaGuard(cell)
