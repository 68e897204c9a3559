import type { Logger } from 'pino'
import { Slots } from '../../concurrency/slots'
import { principalKey } from '../../domain/caller'
import { DomainError } from '../../domain/errors'
import { loggedError } from '../../rest/problem'
import type { Conditions, SessionCommands } from '../../sessions/session-commands'
import { Import, type ImportClient } from './import'
import { importsAtOnce, importsOfOrganisation, importsOfPrincipal, startsAtOnce } from './model'
import { StartQueues } from './start-queues'
import { type StartedOutcome, startOnce } from './starts'

/** One of several session starts. `body` has the form of the REST request body that starts a session. */
export interface StartInput {
  body: unknown
  idempotency_key: string | undefined
}

export type StartOutcome = StartedOutcome | { status: 'refused'; error: DomainError }

const busy = `The server runs at most ${importsAtOnce} imports at once, ${importsOfOrganisation} per organisation and ${importsOfPrincipal} per client. Try again when another import has ended.`

const hasEnded = ({ code }: DomainError): boolean => code === 'unauthenticated'

const refusal = (error: DomainError): StartOutcome => ({ status: 'refused', error })

/** The imports in progress in this process, for all callers. */
export class RunningImports {
  readonly slots = new Slots({
    atOnce: importsAtOnce,
    ofOrganisation: importsOfOrganisation,
    ofPrincipal: importsOfPrincipal,
  })
  readonly #running = new Map<Import, Promise<void>>()

  constructor(readonly log: Logger) {}

  async run(work: Import): Promise<void> {
    const run = work.run()
    this.#running.set(work, run)
    try {
      await run
    } finally {
      this.#running.delete(work)
    }
  }

  /** Called when the server stops. It still finishes the lines in progress, and sends their outcomes. */
  async stop(): Promise<void> {
    for (const work of this.#running.keys())
      work.end(new DomainError('unavailable').withMessage('The server is stopping. Send the import again.'))
    await Promise.allSettled(this.#running.values())
  }
}

export class Imports {
  readonly #sessions: SessionCommands
  readonly #running: RunningImports

  constructor(sessions: SessionCommands, running: RunningImports) {
    this.#sessions = sessions
    this.#running = running
  }

  /** Throws `forbidden` if the caller only has permission to read. */
  requireChange(): Promise<void> {
    return this.#sessions.requireChange()
  }

  /**
   * Returns the outcomes in input order. The outcome of a failed start contains the error. Throws `validation_failed`
   * for too many inputs, and `unauthenticated` if the caller's access ends before any session is stored.
   */
  async startAll(inputs: StartInput[], conditions: Conditions): Promise<StartOutcome[]> {
    await this.requireChange()
    if (inputs.length > startsAtOnce) {
      const errors = [{ detail: `must have at most ${startsAtOnce} elements`, pointer: '/inputs' }]
      throw new DomainError('validation_failed', { errors })
    }
    const startQueues = new StartQueues(this.#sessions.quota !== undefined)
    const outcomes = await Promise.all(
      inputs.map(({ body, idempotency_key }) => {
        const start = () => startOnce(this.#sessions, body, { ...conditions, idempotency_key })
        return startQueues
          .run(body, start)
          .catch(error => refusal(loggedError(error, this.#running.log, conditions.request_id)))
      }),
    )
    const ended = outcomes.flatMap(outcome => (outcome.status === 'refused' ? outcome.error : [])).find(hasEnded)
    if (ended && !outcomes.some(({ status }) => status === 'created')) throw ended
    return outcomes
  }

  /**
   * Starts a session for each line that the client sends. Throws `unavailable` if too many imports are running. An
   * error that occurs later is reported in the response's last line. An import occupies its slot until its client has
   * received the response. Otherwise, clients that don't read their responses could fill the server's memory.
   */
  async run(client: ImportClient, isDryRun: boolean): Promise<void> {
    const { caller } = this.#sessions
    const { slots } = this.#running
    // A caller without an organisation in its scope, such as an admin, counts for no organisation.
    const holder = [principalKey(caller), caller.scope.organisation_id] as const
    if (!slots.mayAcquire(...holder)) throw new DomainError('unavailable').withMessage(busy)
    const release = slots.acquire(...holder)
    const work = new Import({ sessions: this.#sessions, client, log: this.#running.log, isDryRun })
    const cancelEnd = caller.access?.onEnd(reason => work.end(reason))
    try {
      await this.#running.run(work)
      await client.end()
    } finally {
      cancelEnd?.()
      release()
    }
  }
}
