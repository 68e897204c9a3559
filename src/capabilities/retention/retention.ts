import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { RepeatedJob } from '../../concurrency/repeated-job'
import { DomainError } from '../../domain/errors'
import { dayMs, timestamp } from '../../domain/timestamp'
import type { Sessions } from '../../sessions/sessions'
import type { IdleSession } from './stores'

/** Interval between checks. */
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
  readonly #job: RepeatedJob

  constructor(
    readonly sessions: Sessions,
    readonly log: Logger,
    readonly days: number,
  ) {
    this.#job = new RepeatedJob({
      run: signal => this.#closeAll(signal),
      everyMs: lookEveryMs,
      jitter: 0.25,
      failed: err => log.warn({ err }, 'closing inactive sessions failed, retrying'),
    })
    void this.look()
  }

  end(): void {
    void this.#job.end()
  }

  /** Closes all sessions that are due. Concurrent calls share one look. The next look retries failed closes. */
  look(): Promise<void> {
    return this.#job.run()
  }

  async #closeAll(signal: AbortSignal): Promise<void> {
    let closed = 0
    try {
      for (;;) {
        const idle = await this.#idleSessions()
        const closes = await Promise.allSettled(idle.map(session => this.#close(session)))
        closed += closes.filter(({ status }) => status === 'fulfilled').length
        const failures = closes.flatMap(close => (close.status === 'rejected' ? [close.reason] : []))
        const failure = failures.find(reason => !(reason instanceof DomainError && conflicts.has(reason.code)))
        if (failure !== undefined) throw failure
        if (idle.length < closedAtOnce) return
        await wait(pauseMs, undefined, { ref: false, signal })
      }
    } finally {
      if (closed > 0) this.log.info({ sessions: closed, days: this.days }, 'inactive sessions closed')
    }
  }

  #idleSessions(): Promise<IdleSession[]> {
    const { store, clock } = this.sessions
    return store.retention.idleSessions(timestamp(new Date(clock().getTime() - this.days * dayMs)), closedAtOnce)
  }

  #close({ session_id, version }: IdleSession): Promise<void> {
    return this.sessions.close(session_id, { expected_versions: [version] })
  }
}
