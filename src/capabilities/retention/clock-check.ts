import { dayMs, hourMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { RetentionStore } from './stores'

/** Maximum number of days by which the clock may be ahead of the expected time. */
const maxDaysAhead = 30
/** Minimum time in ms by which an accepted time must exceed the stored one to be stored. */
const keepEveryMs = hourMs

/**
 * Distinguishes a clock that has jumped ahead from time that has really passed. This matters because to a wrong clock
 * all sessions look old, and a close can't be undone.
 *
 * The expected time is the latest of:
 * - the time that the last check accepted, plus the time that has passed since then by the monotonic clock. The store
 * keeps the accepted time across restarts.
 * - the day that the operator confirmed.
 * - the latest change of a session, as long as no check has accepted a time. Later changes do not count, because a
 * wrong clock would date them, too.
 */
export class ClockCheck {
  readonly #maxAheadMs: number
  /** End of the day that the operator confirmed. */
  readonly #confirmed: number
  /** Expected time, and the monotonic clock's reading at that time. */
  #expected: { time: number; monotonic: number } | undefined

  /** Allows the clock to be ahead by half of the `days` until a session is closed, and by `maxDaysAhead` at most. */
  constructor(
    readonly store: RetentionStore,
    days: number,
    confirmed?: string,
  ) {
    this.#maxAheadMs = Math.min(days / 2, maxDaysAhead) * dayMs
    this.#confirmed = confirmed === undefined ? 0 : Date.parse(confirmed) + dayMs
  }

  /** Returns undefined if the time is acceptable, and the expected time if it is too far ahead. */
  async expectedIfAhead(date: Date): Promise<Timestamp | undefined> {
    const stored = await this.store.clockTime()
    // The store has no sessions.
    if (stored === null) return undefined
    const [now, kept, monotonic] = [date.getTime(), Date.parse(stored), performance.now()]
    const passed = this.#expected ? this.#expected.time + monotonic - this.#expected.monotonic : 0
    const expected = Math.max(kept, this.#confirmed, passed)
    const isAhead = now - expected > this.#maxAheadMs
    this.#expected = { time: isAhead ? expected : Math.max(now, expected), monotonic }
    if (isAhead) return timestamp(new Date(expected))
    if (now - kept > keepEveryMs) await this.store.keepClockTime(timestamp(date))
    return undefined
  }
}
