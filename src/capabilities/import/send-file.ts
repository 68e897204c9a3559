import { constants } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { StartupError } from '../../domain/errors'
import { escapedText } from '../../domain/text'
import { retryAfterMs } from '../../http/retry-after'
import { refusedArguments } from '../../subcommand'
import { ndjson } from './http-client'
import { importBytes, importLines, importMs, type LastLine, type Outcome, type OutcomeStatus } from './model'
import { completeLines, type Row, rowsOf } from './rows'

/**
 * Time in ms without progress after which the `import` command gives up. The time is longer than other imports can
 * occupy the server. The delays between attempts are 1, 2, 4 seconds and so on, up to 30 seconds.
 */
const patienceMs = importMs + 60_000
const longestWaitMs = 30_000
/** An attempt fails if the server sends nothing for this time, in ms. */
const silenceMs = 60_000
const progressMs = 500
/** Errors before a connection is established. After such an error, the server can't have stored anything. */
const unreachable: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** Thrown if an attempt fails, but may succeed if it is repeated. */
class Interruption extends Error {
  /** Whether the server may have stored rows whose outcomes the client has not received. */
  readonly isUncertain: boolean
  /** Delay in ms that the server requested before the next attempt. 0 if it requested none. */
  readonly waitMs: number

  constructor(message: string, isUncertain: boolean, waitMs = 0) {
    super(message)
    this.isUncertain = isUncertain
    this.waitMs = waitMs
  }
}

interface Target {
  url: URL
  headers: Record<string, string>
}

/**
 * Sends a file's rows to a server, and prints the progress and the refused rows. Returns the exit code: 0 if the server
 * refused no row, and 1 otherwise. Throws `StartupError` if the file can't be sent completely.
 */
export async function sendFile(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { path, target } = parsed(args, env)
  const report = new Report()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal, target, report))
  try {
    for await (const rows of batchesOf(rowsOf(path))) await sendAll(rows, target, report)
  } catch (error) {
    if (report.total > 0) report.end()
    // An error that has a `syscall` comes from the file system.
    if ((error as NodeJS.ErrnoException).syscall)
      throw new StartupError(`Can't read the file: ${(error as Error).message}.`)
    throw error
  }
  report.end()
  return report.counts.refused === 0 ? 0 : 1
}

/** Prints what has been imported so far and how to continue, and ends the process. */
function stop(signal: 'SIGINT' | 'SIGTERM', target: Target, report: Report): void {
  report.end()
  report.print(
    isDryRun(target)
      ? `Interrupted after line ${report.line}. A dry run stores nothing.`
      : `Interrupted after line ${report.line}. The server may have stored later lines too. To continue, import the file again: lines with an external_id are not stored twice. If there are lines without an external_id up to line ${report.line}, remove them first.`,
  )
  process.exit(128 + constants.signals[signal])
}

const isDryRun = ({ url }: Target): boolean => url.searchParams.has('dry_run')

function parsed(args: string[], env: NodeJS.ProcessEnv): { path: string; target: Target } {
  const { values, positionals } = parsedArguments(args)
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new StartupError('Name one file to import. Try --help.')
  if (!URL.canParse(values.url) || !/^https?:/.test(values.url))
    throw new StartupError(`--url must be the URL of a server, such as https://example.org. It is ${values.url}.`)
  const url = new URL(`${values.url.replace(/\/$/, '')}/api/v1/benefit-imports`)
  if (values['dry-run']) url.searchParams.set('dry_run', 'on')
  const { BENEFIT_SESSIONS_TOKEN: token } = env
  return {
    path,
    target: {
      url,
      headers: { 'Content-Type': ndjson, Accept: ndjson, ...(token && { Authorization: `Bearer ${token}` }) },
    },
  }
}

function parsedArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { url: { type: 'string', default: 'http://127.0.0.1:4000' }, 'dry-run': { type: 'boolean' } },
      allowPositionals: true,
    })
  } catch (error) {
    throw refusedArguments(error)
  }
}

async function* batchesOf(rows: AsyncIterable<Row>): AsyncIterable<Row[]> {
  let batch: Row[] = []
  let bytes = 0
  for await (const row of rows) {
    const size = Buffer.byteLength(row.json) + 1
    if (batch.length === importLines || (batch.length > 0 && bytes + size > importBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(row)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** After an interruption, resends the rows whose outcomes were not received. */
async function sendAll(rows: Row[], target: Target, report: Report): Promise<void> {
  let done = 0
  let failures = 0
  let progressAt = performance.now()
  while (done < rows.length) {
    const before = done
    try {
      for await (const outcome of outcomesOf(rows.slice(done), target)) report.add(rows[done++] as Row, outcome)
    } catch (error) {
      if (!(error instanceof Interruption)) throw error
      if (done > before) {
        failures = 0
        progressAt = performance.now()
      }
      failures++
      const rest = rows.slice(done)
      // A dry run stores nothing, so it is always safe to repeat.
      if (error.isUncertain && !isDryRun(target)) requireExternalIds(rest, error)
      const minutes = Math.round(patienceMs / 60_000)
      if (performance.now() - progressAt > patienceMs)
        throw new StartupError(`${error.message} Gave up after ${minutes} minutes without progress.`)
      report.note(`${error.message} The command tries again for up to ${minutes} minutes.`)
      await wait(Math.max(error.waitMs, Math.min(longestWaitMs, 500 * 2 ** failures)))
    }
  }
}

/** Throws `StartupError` if resending these rows could store one of them twice. */
function requireExternalIds(rows: Row[], { message }: Interruption): void {
  const row = rows.find(({ json }) => !hasExternalId(json))
  if (!row) return
  throw new StartupError(
    `${message} Line ${row.line} and the lines after it may or may not be stored. The command does not resend lines without an external_id, because they could be stored twice.`,
  )
}

function hasExternalId(json: string): boolean {
  try {
    return typeof JSON.parse(json)?.external_id === 'string'
  } catch {
    // A row with invalid JSON is safe to resend, because the server always refuses it.
    return true
  }
}

/** Throws `Interruption` if the response ends too early. */
async function* outcomesOf(rows: Row[], { url, headers }: Target): AsyncIterable<Outcome> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new Error(`no response for ${silenceMs / 1_000} s`)), silenceMs)
  try {
    const body = rows.map(({ json }) => `${json}\n`).join('')
    const response = await fetch(url, { method: 'POST', headers, body, signal: silence.signal })
    if (response.status !== 200) throw await refusalOf(response)
    for await (const line of completeLines(textOf(response.body as ReadableStream<Uint8Array>))) {
      timer.refresh()
      const outcome = JSON.parse(line) as Outcome | LastLine
      if (!('done' in outcome)) yield outcome
      else if (outcome.done) return
      else if (outcome.code === 'unavailable') throw new Interruption(outcome.detail, true)
      else throw new StartupError(outcome.detail)
    }
    throw new Interruption('The response ended early.', true)
  } catch (error) {
    if (error instanceof Interruption || error instanceof StartupError) throw error
    const cause = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    throw new Interruption(`The connection to ${url.origin} failed: ${cause.message}.`, !unreachable.has(cause.code))
  } finally {
    clearTimeout(timer)
    silence.abort()
  }
}

/**
 * Returns the error for a response whose status is not 200. A server that refuses a whole import has stored none of the
 * import's rows. A proxy can return 502 or 504 even if the server has stored rows.
 */
async function refusalOf(response: Response): Promise<Error> {
  const problem = (await response.json().catch(() => undefined)) as { detail?: string } | undefined
  const message = problem?.detail ?? `The server returned status ${response.status}.`
  if (![429, 502, 503, 504].includes(response.status)) return new StartupError(message)
  const isUncertain = response.status === 502 || response.status === 504
  return new Interruption(message, isUncertain, retryAfterMs(response.headers.get('Retry-After') ?? undefined))
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  for await (const chunk of body) yield decoder.decode(chunk, { stream: true })
}

/** Prints the refused rows, the import's progress and, at the end, the totals. */
class Report {
  readonly counts: Record<OutcomeStatus, number> = { created: 0, repeated: 0, refused: 0 }
  /** Number of the last line whose outcome was received. */
  line = 0
  #shownAt = Date.now()
  #note = ''

  add({ line }: Row, { status, detail }: Outcome): void {
    this.counts[status]++
    this.line = line
    this.#note = ''
    if (status === 'refused') this.print(`Line ${line} is refused: ${detail}`)
    if (!process.stderr.isTTY || Date.now() < this.#shownAt + progressMs) return
    this.#shownAt = Date.now()
    process.stderr.write(`\r${this.#sums}`)
  }

  /** Prints a message, but only once until there is progress. */
  note(message: string): void {
    if (message !== this.#note) this.print(message)
    this.#note = message
  }

  print(message: string): void {
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${escapedText(message)}\n`)
  }

  get total(): number {
    return this.counts.created + this.counts.repeated + this.counts.refused
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    process.stdout.write(`${this.#sums}\n`)
  }

  get #sums(): string {
    const { created, repeated, refused } = this.counts
    return `${created} created, ${repeated} repeated, ${refused} refused`
  }
}
