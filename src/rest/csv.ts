import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { waitingAt } from '../concurrency/waits'
import { figuresSchema, outputsSchema } from '../domain/calculator'
import type { Access } from '../domain/caller'
import { unavailable } from '../domain/errors'
import { withFormulaGuard } from '../domain/formula-guard'
import type { Filter } from '../domain/list-query'
import type { Result } from '../domain/session'
import { shownTime } from '../domain/timestamp'
import { compressedStream, setEncodingHeaders } from '../http/compression'
import { resetConnection } from '../http/server'
import type { ExportedSession } from '../sessions/session-queries'

/** Time limit of an export in ms. An export must end before the store drops the snapshot that the export reads. */
const fileMs = 290_000

type Value = string | number | null | undefined

const ids = ['session_id', 'mentor_id', 'organisation_id', 'state', 'last_event', 'result_id'] as const
const figures = figuresSchema.keyof().options
const outputs = outputsSchema.omit({ range: true, undefined_because: true }).keyof().options

type Column<T> = [name: string, of: (row: T) => Value]

type ResultRow = Pick<Result, 'inputs' | 'outputs' | 'computed_at'>

/** CSV columns that contain inputs, each with the path of its value in a result's inputs. */
export const inputPaths = new Map<string, [member: string, inner?: string]>([
  ['label', ['label']],
  ['currency', ['currency']],
  ['period_from', ['period', 'from']],
  ['period_to', ['period', 'to']],
  ...figures.map((name): [string, [string]] => [name, [name]]),
  ['value_source', ['value_source']],
  ['note', ['note']],
  ['cost_per_hour_low', ['cost_per_hour_range', 'low']],
  ['cost_per_hour_high', ['cost_per_hour_range', 'high']],
])

const inputColumns = (...names: string[]): Column<ResultRow>[] =>
  names.map(name => {
    const [member, inner] = inputPaths.get(name) as [string, string?]
    return [
      name,
      ({ inputs }) => {
        const value = (inputs as Record<string, unknown>)[member]
        return (inner === undefined ? value : (value as Record<string, unknown> | undefined)?.[inner]) as Value
      },
    ]
  })

/** Columns of a single result's CSV file, which contains no personal data. */
const resultColumns: Column<ResultRow>[] = [
  ...inputColumns('label', 'currency', 'period_from', 'period_to', ...figures),
  ...outputs.map((name): Column<ResultRow> => [name, ({ outputs }) => outputs[name]]),
  ['computed_at', ({ computed_at }) => shownTime(computed_at)],
  ...inputColumns('value_source', 'note', 'cost_per_hour_low', 'cost_per_hour_high'),
]

const columns: Column<ExportedSession>[] = [
  ...ids.map((name): Column<ExportedSession> => [name, session => session[name]]),
  ['created_at', ({ created_at }) => shownTime(created_at)],
  ['updated_at', ({ updated_at }) => shownTime(updated_at)],
  ['version', ({ version }) => version],
  ...resultColumns.map(([name, of]): Column<ExportedSession> => [name, ({ result }) => result && of(result)]),
  ['external_id', ({ external_id }) => external_id],
]

/**
 * Returns a value as a CSV field (RFC 4180 §2) that no spreadsheet evaluates as a formula. Quotes text that contains a
 * comma, a semicolon or a tab, because some spreadsheets split cells at these characters.
 */
function field(value: Value): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value)
  const text = withFormulaGuard(value)
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const line = (values: Value[]): string => `${values.map(field).join(',')}\r\n`

/** The byte order mark tells spreadsheets that the file is in UTF-8. */
const headOf = (columns: Column<never>[]): string => `\uFEFF${line(columns.map(([name]) => name))}`

export const csvColumns = columns.map(([name]) => name)

export const csvHead = headOf(columns)

export const resultCsv = (result: ResultRow): string =>
  headOf(resultColumns) + line(resultColumns.map(([, of]) => of(result)))

export const csvRows = (sessions: ExportedSession[]): string =>
  sessions.map(session => line(columns.map(([, of]) => of(session)))).join('')

interface NamedFilter extends Pick<Filter, 'mentor_id' | 'months'> {
  organisation_id: string | undefined
}

/** Maximum length of an id in a file name, in characters. */
const nameCharacters = 60

/**
 * Example: calculations-org_42-2026-01-to-2026-03-as-of-2026-03-26.csv. In ids, a hyphen replaces each sequence of
 * characters that some file systems do not allow.
 */
export function csvName(now: Date, { organisation_id, mentor_id, months }: NamedFilter): string {
  const [day] = now.toISOString().split('T')
  const allowed = (id = ''): string => id.replaceAll(/\W+/g, '-').replaceAll(/^-|-$/g, '').slice(0, nameCharacters)
  const { from, to } = months ?? {}
  const range = [from, ...(to === undefined || to === from ? [] : ['to', to])].filter(Boolean).join('-')
  const parts = ['calculations', allowed(organisation_id), allowed(mentor_id), range, `as-of-${day}`]
  return `${parts.filter(Boolean).join('-')}.csv`
}

export function setCsvHeaders(response: ServerResponse, name: string): void {
  response.setHeader('Content-Type', 'text/csv; charset=utf-8')
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`)
  setEncodingHeaders(response)
}

interface CsvFile {
  name: string
  read: (signal: AbortSignal) => AsyncIterable<ExportedSession[]>
  access?: Access | undefined
  ms?: number
}

/**
 * Streams sessions as a CSV file. If the client reads slowly, pauses reading from the store. Resets the connection and
 * throws an error if a read fails, the export takes longer than `ms`, or the caller's access ends. The reset prevents
 * clients from mistaking a partial file for a complete one. Does not throw if the client disconnects.
 */
export async function sendCsv(response: ServerResponse, { name, read, access, ms = fileMs }: CsvFile): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  let cause: unknown
  let out: Writable | undefined
  const fail = (error: unknown): void => {
    cause ??= error
    over.abort()
    if (out && response.socket) resetConnection(response.socket)
  }
  const late = setTimeout(() => fail(unavailable(new Error(`the CSV file took longer than ${ms} ms`))), ms)
  const cancelEnd = access?.onEnd(fail)
  // Clean up only when the response closes, because the client may take a long time to read the data already written.
  response.once('close', () => {
    clearTimeout(late)
    cancelEnd?.()
    over.abort()
  })
  const facts = { request_id: response.getHeader('X-Request-Id') }
  let head = csvHead
  try {
    signal.throwIfAborted()
    for await (const sessions of read(signal)) {
      signal.throwIfAborted()
      out ??= startCsv(response, name)
      // Write bytes instead of text. In Node.js 26.12, a response may never emit `drain` after non-ASCII text was
      // written.
      const hasRoom = out.write(Buffer.from(head + csvRows(sessions)))
      if (!hasRoom) await waitingAt('slow_reader', once(out, 'drain', { signal }), facts)
      head = ''
    }
    signal.throwIfAborted()
    out ??= startCsv(response, name)
    out.end(head)
  } catch (error) {
    if (cause === undefined && response.closed) return
    fail(error)
    throw cause
  }
}

function startCsv(response: ServerResponse, name: string): Writable {
  setCsvHeaders(response, name)
  return compressedStream(response)
}

/** The file name contains the date of the calculation, but no personal data. */
export function nameFile(response: ServerResponse, { computed_at }: ResultRow, format: 'json' | 'csv'): void {
  const [day] = computed_at.split('T')
  response.setHeader('Content-Disposition', `attachment; filename="shared-result-${day}.${format}"`)
}

export function sendCsvOf(response: ServerResponse, result: ResultRow): void {
  const text = resultCsv(result)
  response.setHeader('Content-Type', 'text/csv; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}
