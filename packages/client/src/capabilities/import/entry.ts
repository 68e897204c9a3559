/** Imports: `import { importSessions } from 'benefit-sessions-client/import'` */
import { callsOf } from '../../calls.js'
import { checkNames } from '../../check-options.js'
import type { SessionsClient } from '../../client.js'
import { ApiError, apiErrorOf, ConnectionError, type ErrorCode, isTemporary } from '../../errors.js'
import { camelCased, camelName, snakeCased } from '../../names.js'
import type { Names } from '../../option-names.js'
import type { NewSession } from '../../options.js'
import { type Requests, withToken } from '../../requests.js'
import { answerOf, errorOf, restUrl } from '../../rest-requests.js'
import { delay } from '../../retry.js'
import type { InputError } from '../../schema.js'

/** Options of `importSessions`. */
export interface ImportOptions {
  /**
   * Whether the server only checks the sessions, without storing them. In such a dry run, the status `created` means
   * that the session would be created. Default: false.
   */
  dryRun?: boolean | undefined
  /**
   * Aborts the import, which then throws the signal's reason. The server still completes the sessions that it is
   * already processing.
   */
  signal?: AbortSignal | undefined
}

/** Outcome of one session in an import. */
export interface ImportOutcome {
  /** Number of the session in the input, starting at 1. */
  line: number
  /**
   * `repeated` means that a session with the same content and `externalId` already existed, so nothing was written.
   * `refused` means that the server refused the session and stored nothing for it. Whatever the status, the import
   * continues with the next session.
   */
  status: 'created' | 'repeated' | 'refused'
  /**
   * Id of the session. If `code` is EXTERNAL_ID_TAKEN, this is the id of the session that already has the `externalId`.
   * In a dry run, a new session has no id.
   */
  sessionId?: string
  /** Id of the session's result, if it has one. */
  resultId?: string
  /** Error code of a refused session. */
  code?: ErrorCode
  /** Human-readable reason why the session was refused. */
  detail?: string
  /** Invalid values of a refused session, located by pointers such as `/inputs/avgMinutes`. */
  errors?: InputError[]
}

/** Number of sessions in an import, grouped by status. */
export type ImportCounts = Record<ImportOutcome['status'], number>

/**
 * Thrown if an import ended before all its sessions were processed. To continue the import, import the same sessions
 * again: the server does not store a session with an `externalId` twice.
 */
export class ImportIncompleteError extends Error {
  override readonly name = 'ImportIncompleteError'

  constructor(
    /**
     * Number of the last session whose outcome has arrived. If `cause` is a ConnectionError, the server may have stored
     * later sessions too.
     */
    readonly lastLine: number,
    /**
     * Reason why the import ended: a ConnectionError, or an ApiError if the server ended the import, for example with
     * PAYLOAD_TOO_LARGE.
     */
    override readonly cause: ApiError | ConnectionError,
  ) {
    super(
      `The import is incomplete: only the outcomes of ${lastLine} lines arrived. ${cause.message} Import the same sessions again: sessions with an externalId are not duplicated.`,
    )
  }
}

const names: Names<ImportOptions> = { dryRun: true, signal: true }

/**
 * The server's limits for an import: its size in bytes, and its number of lines. The server ends an import that exceeds
 * one of these limits.
 */
const maxBytes = 16 * 1024 * 1024
const maxLines = 10_000

/** Number of lines after which the client yields to the event loop. */
const linesPerTurn = 64

const ndjson = 'application/x-ndjson'

/**
 * Starts up to 10,000 sessions. Yields the outcome of each session in order, as soon as the server has processed the
 * session. The server stores or refuses each session independently. Reads `sessions` no faster than the server
 * processes them, except in browsers, which send all sessions at once. The server ends the import if `sessions` yields
 * nothing for 30 seconds. Throws ImportIncompleteError if the import ends early, and rethrows errors that `sessions`
 * throws.
 */
export function importSessions(
  client: SessionsClient,
  sessions: AsyncIterable<NewSession> | Iterable<NewSession>,
  options: ImportOptions = {},
): AsyncGenerator<ImportOutcome, ImportCounts> {
  checkNames('importSessions', options, names)
  return outcomesOf(callsOf(client).requests, sessions, options)
}

async function* outcomesOf(
  requests: Requests,
  sessions: AsyncIterable<NewSession> | Iterable<NewSession>,
  { dryRun, signal: outer }: ImportOptions,
): AsyncGenerator<ImportOutcome, ImportCounts> {
  const { errorMessages } = requests.settings
  const { signal, end } = requests.operations.begin(outer)
  const leaving = new AbortController()
  const body = new Body(sessions)
  let lastLine = 0
  /**
   * Throws the reason why the response is incomplete: an error that `sessions` has thrown, the signal's reason, or
   * ImportIncompleteError.
   */
  const interrupted = (cause: unknown): never => {
    if (body.failure) throw body.failure.error
    signal.throwIfAborted()
    throw new ImportIncompleteError(lastLine, cause instanceof ApiError ? cause : lost(requests, cause))
  }
  try {
    // Get a valid token first, because the request body can be sent only once.
    const token = await acceptedToken(requests, signal)
    const init = {
      method: 'POST',
      headers: { 'Content-Type': ndjson, Accept: ndjson },
      body: sendsStreams ? body.stream() : await body.text(),
      duplex: 'half' as const,
      signal: AbortSignal.any([signal, leaving.signal]),
    }
    const url = restUrl(requests, `benefit-imports${dryRun ? '?dry_run=on' : ''}`)
    const response = await fetch(url, withToken(init, token)).catch(interrupted)
    const lines = linesIn(await accepted(requests, response))
    for (;;) {
      const { value: line } = await lines.next().catch(interrupted)
      if (!line) return interrupted(new Error('The response has no last line.'))
      if (line.done) return { created: line.created, repeated: line.repeated, refused: line.refused }
      if (line.done === false) return interrupted(apiErrorOf([errorOf(line)], errorMessages))
      lastLine = line.line
      yield outcomeOf(line)
    }
  } finally {
    leaving.abort()
    body.end()
    end()
  }
}

/** Gets a token, and checks with a small read that the server accepts it. Retries like all reads. */
async function acceptedToken(requests: Requests, signal: AbortSignal): Promise<string | undefined> {
  const sending = {
    url: restUrl(requests, 'benefit-caller'),
    init: {},
    isAbortable: true,
    async read(response: Response, token: string | undefined) {
      const { errors } = await answerOf(response)
      return errors ? { errors } : { data: { token } }
    },
  }
  return (await requests.run<{ token: string | undefined }>(sending, { signal })).token
}

/**
 * Checks and returns the response to an import. Throws if the server has refused the whole import, so that nothing was
 * stored.
 */
async function accepted(requests: Requests, response: Response): Promise<Response> {
  const { data, errors } = await answerOf(response).catch(cause => {
    throw lost(requests, cause)
  })
  if (data) return data
  const refusal = errors && apiErrorOf(errors, requests.settings.errorMessages)
  if (!refusal || isTemporary(errors)) throw lost(requests, refusal)
  throw refusal
}

const lost = ({ settings }: Requests, cause: unknown): ConnectionError =>
  new ConnectionError(settings.connectionErrorMessage, { cause })

interface Line extends Record<ImportOutcome['status'], number> {
  /** Whether the server has processed all lines of the import. Only the last line of the response has this field. */
  done?: boolean
  line: number
  code?: string
  detail?: string
}

/** Yields each line of a response as it arrives. */
async function* linesIn({ body }: Response): AsyncGenerator<Line, undefined> {
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  for (let text = ''; ; ) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (text + decoder.decode(value, { stream: true })).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line)
  }
}

/** Converts an outcome's names and codes to GraphQL's spelling. */
function outcomeOf(line: Line): ImportOutcome {
  const outcome = camelCased(line) as ImportOutcome
  if (outcome.code) outcome.code = outcome.code.toUpperCase() as ErrorCode
  for (const error of outcome.errors ?? []) if (error.pointer) error.pointer = camelName(error.pointer)
  return outcome
}

/**
 * Whether `fetch` can stream a request body. Some browsers can't stream a request body, and others can do so only over
 * HTTP/2.
 */
const sendsStreams = !('window' in globalThis || 'WorkerGlobalScope' in globalThis)

/** Request body of an import, with one line per session. */
class Body {
  failure: { error: unknown } | undefined
  readonly #lines: AsyncGenerator<string, void>
  #isOver = false

  constructor(sessions: AsyncIterable<NewSession> | Iterable<NewSession>) {
    this.#lines = this.#read(sessions)
  }

  async *#read(sessions: AsyncIterable<NewSession> | Iterable<NewSession>): AsyncGenerator<string, void> {
    try {
      for await (const session of sessions) yield `${JSON.stringify(snakeCased(session))}\n`
    } catch (error) {
      this.failure = { error }
      throw error
    }
  }

  /** Returns the request body as a stream, which reads the sessions only as fast as they are sent. */
  stream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    const lines = this.#lines
    let count = 0
    return new ReadableStream({
      pull: async controller => {
        // Yield to the event loop, so that the client notices a response or an abort even if all sessions are already
        // available.
        if (++count % linesPerTurn === 0) await delay(0)
        const { done, value } = await lines.next()
        if (done || this.#isOver) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      cancel: () => this.end(),
    })
  }

  /** Stops reading sessions, and closes their iterable. */
  end(): void {
    this.#isOver = true
    // Do not await the call to `return`, because the iterable can take a long time to close.
    this.#lines.return().catch(() => {})
  }

  /** Returns the request body as text. Stops reading sessions once the body exceeds the server's limits. */
  async text(): Promise<string> {
    const lines: string[] = []
    let length = 0
    for await (const line of this.#lines) {
      lines.push(line)
      length += line.length
      if (lines.length > maxLines || length > maxBytes) break
    }
    return lines.join('')
  }
}
