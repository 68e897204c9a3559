import type { Deadline } from '../../concurrency/deadline'

/**
 * Time in ms after which the log is no longer expected to report an acknowledged write. A write that is still
 * unreported after this time must have fallen into a gap in the log.
 */
const unreportedMs = 20_000
interface WaitingRead {
  /** Number of the last write that the read must include. */
  last: number
  resolve(): void
}

/** Tracks this process's acknowledged writes until the log reports them, so that reads can wait to include them. */
export class OwnWrites {
  /** Writes in progress, by `keyOf`. A value is true if the log has already reported the write. */
  readonly #inProgress = new Map<string, boolean>()
  /**
   * Acknowledged writes that the log has not reported yet, in order. `since` is the time at which the write was
   * acknowledged.
   */
  readonly #unreported = new Map<string, { number: number; since: number }>()
  #acknowledged = 0
  readonly #waiting = new Set<WaitingRead>()

  /** Time in ms since the oldest unreported write was acknowledged. The time is 0 if there is no unreported write. */
  get lagMs(): number {
    const [oldest] = this.#unreported.values()
    return oldest ? performance.now() - oldest.since : 0
  }

  /**
   * Runs a write that creates a version of a session. Returns whether the write took effect. Once the write has been
   * acknowledged, `reportedAll` waits for the log to report it.
   */
  async make(session_id: string, version: number, write: () => Promise<boolean>): Promise<boolean> {
    const key = keyOf(session_id, version)
    this.#inProgress.set(key, false)
    try {
      const isMade = await write()
      if (isMade && this.#inProgress.get(key) === false) {
        this.#unreported.set(key, { number: ++this.#acknowledged, since: performance.now() })
      }
      return isMade
    } finally {
      this.#inProgress.delete(key)
    }
  }

  reported(session_id: string, version: number): void {
    const key = keyOf(session_id, version)
    if (this.#inProgress.has(key)) this.#inProgress.set(key, true)
    if (this.#unreported.delete(key) && this.#waiting.size > 0) this.#settle()
  }

  /** Whether the log has reported every write acknowledged so far. */
  get areReported(): boolean {
    this.#dropOld()
    return this.#unreported.size === 0
  }

  /** Waits until the log has reported every write acknowledged so far. Rejects when the deadline passes. */
  async reportedAll(deadline: Deadline): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const read = { last: this.#acknowledged, resolve }
    this.#waiting.add(read)
    try {
      await deadline.bound(promise)
    } finally {
      this.#waiting.delete(read)
    }
  }

  /**
   * After a gap in the log, forgets all unreported writes. The log does not report writes made before the gap, but the
   * next read of all sessions includes them.
   */
  reset(): void {
    this.#unreported.clear()
    this.#settle()
  }

  #settle(): void {
    const [oldest] = this.#unreported.values()
    for (const read of this.#waiting) {
      if (oldest && oldest.number <= read.last) return
      read.resolve()
    }
  }

  #dropOld(): void {
    for (const [key, { since }] of this.#unreported) {
      if (performance.now() - since < unreportedMs) return
      this.#unreported.delete(key)
    }
  }
}

const keyOf = (session_id: string, version: number): string => `${version} ${session_id}`
