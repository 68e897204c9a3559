import type { Logger } from 'pino'
import { yieldToEventLoop } from '../../concurrency/scheduler'
import { DomainError, type ErrorCode, isDomainError } from '../../domain/errors'
import { parseJson } from '../../http/json'
import { loggedError } from '../../rest/problem'
import type { SessionCommands } from '../../sessions/session-commands'
import { type Line, LineSplitter } from './lines'
import { faultCharacters, type LastLine, linesAtOnce, linesPerStep, type Outcome, type OutcomeStatus } from './model'
import { StartQueues } from './start-queues'
import { PlannedStarts, type StartedOutcome, startOnce } from './starts'

export interface ImportClient {
  /**
   * Returns the next chunk of the request body. Returns undefined at the end of the request body, and after a call of
   * `stop`. `afterLine` says whether the previous chunk contained the end of a line that is not blank. Throws
   * `unavailable` if the calls since that line have waited for more than `lineWaitMs` in total.
   */
  next(afterLine: boolean): Promise<Buffer | undefined>
  stop(): void
  /** If `send` returns a promise, the import waits for it. Sends nothing once the client has disconnected. */
  send(lines: string): void | Promise<void>
  /** Ends the response. Resolves once the client has received the whole response or has disconnected. */
  end(): Promise<void>
  readonly aborted: boolean
  request_id: string
}

interface ImportOptions {
  sessions: SessionCommands
  client: ImportClient
  log: Logger
  isDryRun: boolean
}

/** Error codes that end an import, because all later lines would fail with the same error. */
const endingCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unauthenticated', 'unavailable', 'internal'])

/**
 * Runs one import. Reads lines as they arrive, and starts several sessions concurrently, so that the store can write
 * them in batches. Sends the outcomes in line order.
 */
export class Import {
  readonly #sessions: SessionCommands
  readonly #client: ImportClient
  readonly #log: Logger
  readonly #planned: PlannedStarts | undefined
  readonly #startQueues: StartQueues
  readonly #splitter = new LineSplitter()
  readonly #counts: Record<OutcomeStatus, number> = { created: 0, repeated: 0, refused: 0 }
  #begun = 0
  #starting = 0
  /** Resolves once the outcomes of all lines that have been started so far have been sent. */
  #sent = Promise.resolve()
  /** Error that stops the import before the end of the request body. */
  #cause: DomainError | undefined
  #wake = (): void => {}

  constructor({ sessions, client, log, isDryRun }: ImportOptions) {
    this.#sessions = sessions
    this.#client = client
    this.#log = log
    this.#startQueues = new StartQueues(sessions.quota !== undefined)
    this.#planned = isDryRun ? new PlannedStarts(sessions) : undefined
  }

  async run(): Promise<void> {
    await this.#read().catch(error => this.end(error))
    await this.#sent
    await this.#send(this.#lastLine())
  }

  /** Ends the import once all lines in progress have been processed. */
  end(cause: unknown): void {
    this.#cause ??= loggedError(cause, this.#log, this.#client.request_id)
    this.#client.stop()
    this.#wake()
  }

  get #isOver(): boolean {
    return this.#cause !== undefined || this.#client.aborted
  }

  async #read(): Promise<void> {
    let afterLine = true
    for (;;) {
      const chunk = await this.#client.next(afterLine)
      afterLine = false
      for (const line of chunk ? this.#splitter.split(chunk) : this.#splitter.end()) {
        afterLine = true
        await this.#room()
        if (this.#isOver) return
        this.#begin(line)
      }
      if (!chunk) return
    }
  }

  async #room(): Promise<void> {
    while (this.#starting === linesAtOnce && !this.#isOver) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    if (this.#begun++ % linesPerStep === 0) await yieldToEventLoop()
  }

  /** Starts a line's session. Sends a line's outcome after the outcomes of all earlier lines. */
  #begin(line: Line): void {
    this.#starting++
    const outcome = this.#outcomeOf(line)
    this.#sent = this.#sent.then(async () => {
      const known = await outcome
      if (known) {
        this.#counts[known.status]++
        await this.#send(known)
      }
      this.#starting--
      this.#wake()
    })
  }

  /** Starts a line's session. Returns undefined if the start fails with an error that ends the import. */
  async #outcomeOf({ number: line, bytes }: Line): Promise<Outcome | undefined> {
    try {
      const body = parseJson(bytes, undefined, 'a line')
      const { status, session } = await this.#startQueues.run(body, () => this.#start(body))
      if (this.#planned || !session) return { line, status }
      const { session_id, result_id } = session
      return { line, status, session_id, ...(result_id !== null && { result_id }) }
    } catch (error) {
      if (error instanceof DomainError && !endingCodes.has(error.code)) return refusedLine(line, error)
      this.end(error)
      return undefined
    }
  }

  #start(body: unknown): Promise<StartedOutcome> {
    if (this.#planned) return this.#planned.plan(body)
    const { request_id } = this.#client
    return startOnce(this.#sessions, body, { request_id, signal: this.#client })
  }

  #lastLine(): LastLine {
    if (!this.#cause) return { done: true, ...this.#counts }
    return { done: false, code: this.#cause.code, detail: this.#cause.message }
  }

  #send(line: Outcome | LastLine): void | Promise<void> {
    return this.#client.send(`${JSON.stringify(line)}\n`)
  }
}

function refusedLine(line: number, error: DomainError): Outcome {
  const { code, message, facts } = withFirstFaults(error)
  const { session_id, errors } = facts as Pick<Outcome, 'session_id' | 'errors'>
  return {
    line,
    status: 'refused',
    code,
    detail: message,
    ...(session_id !== undefined && { session_id }),
    ...(errors && { errors }),
  }
}

/** Keeps the first faults of an error, up to `faultCharacters`, and counts the others in a last fault. */
function withFirstFaults(error: DomainError): DomainError {
  if (!isDomainError(error, 'validation_failed')) return error
  const { errors } = error.facts
  let characters = 0
  const shown = errors.findIndex(({ detail, pointer = '' }) => {
    characters += detail.length + pointer.length
    return characters > faultCharacters
  })
  if (shown < 0) return error
  const rest = { detail: `has ${errors.length - shown} more errors`, pointer: '' }
  return new DomainError('validation_failed', { errors: [...errors.slice(0, shown), rest] })
}
