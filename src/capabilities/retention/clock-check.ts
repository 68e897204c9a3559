import { dayMs, hourMs, type Timestamp, timestamp } from '../../domain/timestamp'
import type { RetentionStore } from './stores'

/** Maximum days by which the clock may be ahead of the expected time. */
const maxDaysAhead = 30
/** The store keeps an accepted time if it is this much later than the one before. */
const keepEveryMs = hourMs

/**
 * Tells a clock that jumped ahead from time that passed. Under a wrong clock all sessions look old, and a close can't be
 * undone.
 *
 * The expected time is the latest of: the time that the last check accepted, which the store keeps across starts, plus the
 * time that has passed since by the monotonic clock; the day that the operator confirmed; and, as long as no check has
 * accepted a time, the latest change of a session. Later changes do not count, because a wrong clock dates them, too.
 */
export class ClockCheck {
  readonly #maxAheadMs: number
  /** End of the day that the operator confirmed. */
  readonly #confirmed: number
  /** The expected time at a moment of the monotonic clock. */
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

  /** Returns undefined if the time is accepted. Otherwise the clock is too far ahead: returns the expected time. */
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
