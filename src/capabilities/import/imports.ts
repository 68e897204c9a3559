import type { Logger } from 'pino'
import { Slots } from '../../concurrency/slots'
import { streamAccessOf } from '../../domain/caller'
import { DomainError } from '../../domain/errors'
import type { Sessions } from '../../sessions/sessions'
import { Import, type ImportClient } from './import'
import { importsAtOnce, importsOfPrincipal } from './model'

/** The imports in progress, of all callers. */
export class RunningImports {
  readonly slots = new Slots({ atOnce: importsAtOnce, ofPrincipal: importsOfPrincipal })
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

  /** Ends the imports after the lines under way, because the server stops. */
  async stop(): Promise<void> {
    for (const work of this.#running.keys())
      work.end(new DomainError('unavailable').withMessage('The server stops. Send the import again.'))
    await Promise.allSettled(this.#running.values())
  }
}

/** Imports sessions for one caller. */
export class Imports {
  readonly #sessions: Sessions
  readonly #running: RunningImports

  constructor(sessions: Sessions, running: RunningImports) {
    this.#sessions = sessions
    this.#running = running
  }

  /** Throws forbidden if the caller may only read. */
  requireChange(): Promise<void> {
    return this.#sessions.requireChange()
  }

  /**
   * Starts a session for each line that the client sends. Throws unavailable if too many imports run. Any later error is
   * in the last line of the response.
   */
  async import(client: ImportClient, isDryRun: boolean): Promise<void> {
    const { caller } = this.#sessions
    const leave = this.#running.slots.take(caller.digest ?? '')
    const work = new Import(this.#sessions, client, this.#running.log, isDryRun)
    const cancelEnd = streamAccessOf(caller)?.onEnd(reason => work.end(reason))
    try {
      await this.#running.run(work)
    } finally {
      cancelEnd?.()
      leave()
    }
  }
}
