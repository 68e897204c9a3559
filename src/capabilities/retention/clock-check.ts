import { dayMs, hourMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { RetentionStore } from './stores'

/** Maximum number of days by which the clock is allowed to be ahead of the expected time. */
const maxDaysAhead = 30
/** Minimum difference in ms between two stored clock times. Smaller steps are not stored. */
const keepEveryMs = hourMs

/**
 * Detects a clock that has jumped ahead. After such a jump, all sessions would look inactive, and closing a session
 * can't be undone.
 *
 * The expected time is the latest of:
 * - the time that the last check accepted, plus the time that has passed since then on the monotonic clock. The store
 *   keeps the accepted time across restarts.
 * - the end of the day that the operator confirmed with `SESSION_DAYS_CONFIRMED`.
 * - the time of the latest session change, until a check has accepted a time. Once a check has accepted a time, session
 *   changes are ignored, because a wrong clock would give them wrong times, too.
 */
export class ClockCheck {
  readonly #maxAheadMs: number
  /** End of the day that the operator has confirmed, in ms since the Unix epoch. */
  readonly #confirmed: number
  /** Expected time in ms since the Unix epoch, and the monotonic clock's reading at that time. */
  #expected: { time: number; monotonic: number } | undefined

  /**
   * Allows the clock to be ahead of the expected time by half of `days`, but at most by `maxDaysAhead`. `days` is the
   * number of days without a change after which a session is closed.
   */
  constructor(
    readonly store: RetentionStore,
    days: number,
    confirmed?: string,
  ) {
    this.#maxAheadMs = Math.min(days / 2, maxDaysAhead) * dayMs
    this.#confirmed = confirmed === undefined ? 0 : Date.parse(confirmed) + dayMs
  }

  /** Returns undefined if the date is not too far ahead of the expected time. */
  async expectedIfAhead(date: Date): Promise<Timestamp | undefined> {
    const stored = await this.store.clockTime()
    // If there are neither sessions nor a stored time, there is no expected time.
    if (stored === null) return undefined
    const [now, lastSaved, monotonic] = [date.getTime(), Date.parse(stored), performance.now()]
    const passed = this.#expected ? this.#expected.time + monotonic - this.#expected.monotonic : 0
    const expected = Math.max(lastSaved, this.#confirmed, passed)
    const isAhead = now - expected > this.#maxAheadMs
    this.#expected = { time: isAhead ? expected : Math.max(now, expected), monotonic }
    if (isAhead) return timestamp(new Date(expected))
    if (now - lastSaved > keepEveryMs) await this.store.keepClockTime(timestamp(date))
    return undefined
  }
}
