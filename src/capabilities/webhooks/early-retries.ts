import type { PendingMessages } from './pending-messages'

/** Minimum time between two early retries of an endpoint, and maximum number of early retries after one success. */
export const earlyEveryMs = 100
export const earlyOfSuccess = 10

/**
 * Retries the failed messages of an endpoint early after a success, at a bounded rate. If an early retry fails, the
 * message still waits for its scheduled retry.
 */
export class EarlyRetries {
  /** Start time of the latest successful attempt, and the number of early retries that may still follow it. */
  #success = { began: Number.NEGATIVE_INFINITY, left: 0 }
  #timer: NodeJS.Timeout | undefined

  constructor(readonly pending: PendingMessages) {}

  /** Call it when an attempt has succeeded. `began` is the attempt's start time, in ms of performance.now(). */
  succeeded(began: number): void {
    this.#success = { began: Math.max(began, this.#success.began), left: earlyOfSuccess }
    this.#schedule()
  }

  #schedule(): void {
    const { began, left } = this.#success
    if (this.#timer || left === 0 || !this.pending.hasEarly(began)) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#success.left--
      this.pending.makeDueEarly()
      this.#schedule()
    }, earlyEveryMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#success.left = 0
  }
}
