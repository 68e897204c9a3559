import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { DomainError } from '../../domain/errors'
import { dayMs, timestamp } from '../../domain/timestamp'
import type { Sessions } from '../../sessions/sessions'
import type { IdleSession } from './stores'

/** Interval between checks, ± 25 %, so that processes that were started together do not check together. */
const lookEveryMs = 60_000
/** Number of sessions closed in one batch, and the pause after it. They bound the load on the server. */
export const closedAtOnce = 25
const pauseMs = 100

/** Error codes of a close that lost to another change: the session was closed or changed. */
const conflicts = new Set<unknown>(['session_not_found', 'version_mismatch'])

/**
 * Closes sessions that were not changed for `days` days, like any close. Several processes may do so at once: only one
 * of them closes a given session.
 */
export class Retention {
  readonly #timer: NodeJS.Timeout
  readonly #ended = new AbortController()
  #looking: Promise<void> | undefined
  /** Whether the latest look failed. A failure is logged once, until a look succeeds. */
  #hasFailed = false

  constructor(
    readonly sessions: Sessions,
    readonly log: Logger,
    readonly days: number,
  ) {
    this.#timer = setInterval(() => this.look(), lookEveryMs * (0.75 + Math.random() / 2))
    this.#timer.unref()
    this.look()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#ended.abort()
  }

  /** Closes all sessions that are due. Concurrent calls share one look. The next look retries failed closes. */
  look(): Promise<void> {
    this.#looking ??= this.#closeAll().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #closeAll(): Promise<void> {
    let closed = 0
    try {
      for (;;) {
        const idle = await this.#idleSessions()
        const closes = await Promise.allSettled(idle.map(session => this.#close(session)))
        closed += closes.filter(({ status }) => status === 'fulfilled').length
        const failures = closes.flatMap(close => (close.status === 'rejected' ? [close.reason] : []))
        const failure = failures.find(reason => !(reason instanceof DomainError && conflicts.has(reason.code)))
        if (failure !== undefined) throw failure
        if (idle.length < closedAtOnce) break
        await wait(pauseMs, undefined, { ref: false, signal: this.#ended.signal })
      }
      this.#hasFailed = false
    } catch (error) {
      if (!this.#hasFailed && !this.#ended.signal.aborted) {
        this.log.warn({ err: error }, 'closing inactive sessions failed, retrying')
      }
      this.#hasFailed = true
    }
    if (closed > 0) this.log.info({ sessions: closed, days: this.days }, 'inactive sessions closed')
  }

  #idleSessions(): Promise<IdleSession[]> {
    const { store, clock } = this.sessions
    return store.retention.idleSessions(timestamp(new Date(clock().getTime() - this.days * dayMs)), closedAtOnce)
  }

  #close({ session_id, version }: IdleSession): Promise<void> {
    return this.sessions.close(session_id, { expected_versions: [version] })
  }
}
