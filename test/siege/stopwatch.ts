import { starvedMs } from './starved'

const tickMs = 5

/**
 * Measures durations without the time in which this process, or the server, waited for a core. If both waited, it
 * subtracts the longer wait, because they may have waited at the same time.
 */
export class Stopwatch {
  /** Total delay of this process's timers, in ms. */
  #lateMs = 0
  #last = performance.now()

  constructor(readonly pid: number) {
    setInterval(() => {
      const now = performance.now()
      this.#lateMs += Math.max(0, now - this.#last - 2 * tickMs)
      this.#last = now
    }, tickMs).unref()
  }

  /** Returns a function that returns the duration until now, in whole ms. */
  start(): () => number {
    const [began, late, starved] = [performance.now(), this.#lateMs, starvedMs(this.pid)]
    return () => {
      const waited = Math.max(this.#lateMs - late, starvedMs(this.pid) - starved)
      return Math.max(0, Math.round(performance.now() - began - waited))
    }
  }
}
