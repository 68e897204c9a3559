import type { PendingMessages } from './pending-messages'

/**
 * Minimum interval in ms between two early retries to an endpoint, and maximum number of early retries after a success.
 */
export const earlyEveryMs = 100
export const earlyOfSuccess = 10

/**
 * Once a message to an endpoint has succeeded, retries the endpoint's failed messages early, at a bounded rate. If an
 * early retry fails, the message still waits for its scheduled retry.
 */
export class EarlyRetries {
  /** Start time of the latest successful attempt, and the number of early retries that are still allowed after it. */
  #success = { began: Number.NEGATIVE_INFINITY, left: 0 }
  #timer: NodeJS.Timeout | undefined

  constructor(readonly pending: PendingMessages) {}

  /**
   * Starts early retries after a successful attempt. `began` is the successful attempt's start time, by
   * performance.now().
   */
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
