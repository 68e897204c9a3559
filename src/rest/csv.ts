import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { type Figures, outputsSchema } from '../domain/calculator'
import { unavailable } from '../domain/errors'
import type { Result } from '../domain/session'
import { shownTime } from '../domain/timestamp'
import { compressing, stateEncoding } from '../http/compressed'
import { cutOff } from '../http/server'
import type { Exported } from '../sessions/reads'

/** How long a file may take: less than the stores keep the moment that it is of. */
const fileMs = 290_000

type Value = string | number | null | undefined

const ids = ['session_id', 'mentor_id', 'organisation_id', 'state', 'last_event', 'result_id'] as const
const figures = ['sessions', 'avg_minutes', 'cost_per_session', 'cost_per_hour'] as const satisfies (keyof Figures)[]
const outputs = outputsSchema.omit({ undefined_because: true }).keyof().options

type Column<T> = [name: string, of: (row: T) => Value]

type ResultRow = Pick<Result, 'inputs' | 'outputs' | 'computed_at'>

/** What stands in a file of a result, column by column: nobody is named there. */
const resultColumns: Column<ResultRow>[] = [
  ['label', ({ inputs }) => inputs.label],
  ['currency', ({ inputs }) => inputs.currency],
  ['period_from', ({ inputs }) => inputs.period?.from],
  ['period_to', ({ inputs }) => inputs.period?.to],
  ...figures.map((name): Column<ResultRow> => [name, ({ inputs }) => inputs[name]]),
  ...outputs.map((name): Column<ResultRow> => [name, ({ outputs }) => outputs[name]]),
  ['computed_at', ({ computed_at }) => shownTime(computed_at)],
]

/** The same of a session. */
const columns: Column<Exported>[] = [
  ...ids.map((name): Column<Exported> => [name, session => session[name]]),
  ['created_at', ({ created_at }) => shownTime(created_at)],
  ['updated_at', ({ updated_at }) => shownTime(updated_at)],
  ['version', ({ version }) => version],
  ...resultColumns.map(([name, of]): Column<Exported> => [name, ({ result }) => result && of(result)]),
]

/** A field (RFC 4180 §2). A text that a spreadsheet would run as a formula is none to it: https://owasp.org/www-community/attacks/CSV_Injection */
function field(value: Value): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const line = (values: Value[]): string => `${values.map(field).join(',')}\r\n`

/** A file begins with the byte order mark by which a spreadsheet knows UTF-8, and the names of the columns. */
const headOf = (columns: Column<never>[]): string => `\uFEFF${line(columns.map(([name]) => name))}`

export const csvHead = headOf(columns)

/** The file of one result. */
export const resultCsv = (result: ResultRow): string =>
  headOf(resultColumns) + line(resultColumns.map(([, of]) => of(result)))

export const csvRows = (sessions: Exported[]): string =>
  sessions.map(session => line(columns.map(([, of]) => of(session)))).join('')

/** The headers of a file that was asked for at a time. */
export function setCsvHeaders(response: ServerResponse, now: Date): void {
  response.setHeader('Content-Type', 'text/csv; charset=utf-8')
  const [day] = now.toISOString().split('T')
  response.setHeader('Content-Disposition', `attachment; filename="sessions-${day}.csv"`)
  stateEncoding(response)
}

/**
 * Sends what is read as a file, no faster than it is taken. A file that cannot be whole is never taken for it: its
 * connection is reset, and so it is where the file takes longer than `ms`. Throws why, unless the client itself went.
 */
export async function sendCsv(
  response: ServerResponse,
  now: Date,
  read: (signal: AbortSignal) => AsyncIterable<Exported[]>,
  ms = fileMs,
): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  const late = setTimeout(() => over.abort(unavailable(new Error(`a file took longer than ${ms} ms`))), ms)
  response.once('close', () => over.abort())
  let out: Writable | undefined
  const begin = (): Writable => {
    setCsvHeaders(response, now)
    return compressing(response)
  }
  const send = async (text: string): Promise<void> => {
    signal.throwIfAborted()
    out ??= begin()
    // As bytes: of a text that is not ASCII, a response of Node.js 26.12 may not say that it was drained.
    if (!out.write(Buffer.from(text))) await once(out, 'drain', { signal })
  }
  try {
    let head = csvHead
    for await (const sessions of read(signal)) {
      await send(head + csvRows(sessions))
      head = ''
    }
    out ??= begin()
    out.end(head)
  } catch (error) {
    if (response.closed) return
    if (response.headersSent && response.socket) cutOff(response.socket)
    throw signal.aborted ? signal.reason : error
  } finally {
    clearTimeout(late)
  }
}

/** Names the file that a shared result is kept as: by the day of its calculation, and after nobody. */
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
