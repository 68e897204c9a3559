import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { type Figures, outputsSchema } from '../domain/calculator'
import { unavailable } from '../domain/errors'
import { shownTime } from '../domain/timestamp'
import { compressing, stateEncoding } from '../http/compressed'
import { cutOff } from '../http/server'
import type { Exported } from '../sessions/sessions'

/** How long a file may take: less than the stores keep the moment that it is of. */
const fileMs = 290_000

type Value = string | number | null | undefined

const ids = ['session_id', 'mentor_id', 'organisation_id', 'state', 'last_event', 'result_id'] as const
const figures = ['sessions', 'avg_minutes', 'cost_per_session', 'cost_per_hour'] as const satisfies (keyof Figures)[]
const outputs = outputsSchema.omit({ undefined_because: true }).keyof().options

/** What stands in the file of a session, column by column. */
const columns: [name: string, of: (session: Exported) => Value][] = [
  ...ids.map((name): (typeof columns)[number] => [name, session => session[name]]),
  ['created_at', ({ created_at }) => shownTime(created_at)],
  ['updated_at', ({ updated_at }) => shownTime(updated_at)],
  ['version', ({ version }) => version],
  ['label', ({ result }) => result?.inputs.label],
  ['currency', ({ result }) => result?.inputs.currency],
  ['period_from', ({ result }) => result?.inputs.period?.from],
  ['period_to', ({ result }) => result?.inputs.period?.to],
  ...figures.map((name): (typeof columns)[number] => [name, ({ result }) => result?.inputs[name]]),
  ...outputs.map((name): (typeof columns)[number] => [name, ({ result }) => result?.outputs[name]]),
  ['computed_at', ({ result }) => result && shownTime(result.computed_at)],
]

/** A field (RFC 4180 §2). A text that a spreadsheet would run as a formula is none to it: https://owasp.org/www-community/attacks/CSV_Injection */
function field(value: Value): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const line = (values: Value[]): string => `${values.map(field).join(',')}\r\n`

/** A file begins with the byte order mark by which a spreadsheet knows UTF-8, and the names of the columns. */
export const csvHead = `\uFEFF${line(columns.map(([name]) => name))}`

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
    if (!out.write(text)) await once(out, 'drain', { signal })
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
