import type { PendingMessages } from './pending-messages'

/** Shortest time between two early retries of an endpoint, and how many may follow one success. */
export const earlyEveryMs = 100
export const earlyOfSuccess = 10

/**
 * Retries the failed messages of an endpoint early after a success, at a bounded rate. A retry that is made early and
 * fails again waits for its time, as if it had not been made.
 */
export class EarlyRetries {
  /** When the latest attempt began that succeeded, and how many early retries may still follow it. */
  #success = { began: Number.NEGATIVE_INFINITY, left: 0 }
  #timer: NodeJS.Timeout | undefined

  constructor(readonly pending: PendingMessages) {}

  /** An attempt succeeded that began at this time, in ms of performance.now(). */
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
