import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { RepeatedJob } from '../../concurrency/repeated-job'
import { DomainError } from '../../domain/errors'
import { addMs, dayMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { SessionCommands } from '../../sessions/session-commands'
import { ClockCheck } from './clock-check'
import type { IdleSession } from './stores'

const lookEveryMs = 60_000
/** Sessions closed per batch, and pause in ms between batches. Both limit the load on the server. */
export const closedAtOnce = 25
const pauseMs = 100

/** Error codes that occur if another request has changed or closed the session first. */
const conflicts = new Set<unknown>(['session_not_found', 'version_mismatch'])

const holdMessage =
  'closing inactive sessions is on hold, because the clock is far ahead: correct the clock, or confirm the date with SESSION_DAYS_CONFIRMED'

interface RetentionOptions {
  sessions: SessionCommands
  log: Logger
  /** Number of days without a change after which a session is closed. */
  days: number
  /** Date on which the operator confirmed that the clock is right, such as 2026-11-30. */
  confirmed?: string | undefined
}

/**
 * Closes sessions in the same way as a client would. Several processes can run this job concurrently, because only one
 * of them succeeds in closing a given session. Closing is on hold while the clock is too far ahead (see `ClockCheck`).
 */
export class Retention {
  readonly sessions: SessionCommands
  readonly log: Logger
  readonly days: number
  readonly #clock: ClockCheck
  readonly #job: RepeatedJob
  #isOnHold = false

  constructor({ sessions, log, days, confirmed }: RetentionOptions) {
    this.sessions = sessions
    this.log = log
    this.days = days
    this.#clock = new ClockCheck(sessions.store.retention, days, confirmed)
    this.#job = new RepeatedJob({
      run: signal => this.#closeAll(signal),
      everyMs: lookEveryMs,
      jitter: 0.25,
      failed: err => log.warn({ err }, 'closing inactive sessions failed, retrying'),
    })
    void this.look()
  }

  /** Whether closing sessions is on hold, because the clock is too far ahead. */
  get isOnHold(): boolean {
    return this.#isOnHold
  }

  /** Resolves once the batch in progress has ended. */
  end(): Promise<void> {
    return this.#job.end()
  }

  /** Concurrent calls share one run. The next run retries sessions that could not be closed. */
  look(): Promise<void> {
    return this.#job.run()
  }

  async #closeAll(signal: AbortSignal): Promise<void> {
    // Use one checked time for the whole run, because the clock could jump during the run.
    const now = this.sessions.clock()
    const expected = await this.#clock.expectedIfAhead(now)
    this.#hold(timestamp(now), expected)
    if (!this.#isOnHold) await this.#closeUnchangedSince(addMs(timestamp(now), -this.days * dayMs), signal)
  }

  #hold(clock: Timestamp, expected: Timestamp | undefined): void {
    const isOnHold = expected !== undefined
    if (isOnHold === this.#isOnHold) return
    this.#isOnHold = isOnHold
    if (isOnHold) this.log.warn({ clock, expected }, holdMessage)
    else this.log.info({ clock }, 'closing of inactive sessions resumed')
  }

  async #closeUnchangedSince(before: Timestamp, signal: AbortSignal): Promise<void> {
    let closed = 0
    try {
      for (;;) {
        const idle = await this.sessions.store.retention.idleSessions(before, closedAtOnce)
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

  #close({ session_id, version }: IdleSession): Promise<unknown> {
    return this.sessions.close(session_id, { expected_versions: [version] })
  }
}
