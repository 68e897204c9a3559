import { beginWait } from '../../concurrency/waits'

/** Maximum time that a read waits for the log to report this process's writes. */
const ownWritesWaitMs = 250
/**
 * Time after which the log is no longer expected to report a write. By then, it never will: the commit fell into a gap
 * before the write was acknowledged.
 */
const unreportedMs = 20_000
/** Maximum number of waiting reads. */
export const ownReadsWaiting = 20_000

interface WaitingRead {
  /** Number of the last write that the read must include. */
  last: number
  settle(isReported: boolean): void
}

/** Acknowledged writes of this process that the log has not reported yet. */
export class OwnWrites {
  /** Writes in progress. The value tells whether the log has already reported the write. */
  readonly #inProgress = new Map<string, boolean>()
  /** Acknowledged writes in order, each with its number and the time of its acknowledgement. */
  readonly #unreported = new Map<string, { number: number; since: number }>()
  #acknowledged = 0
  readonly #waiting = new Set<WaitingRead>()

  /** Age of the oldest unreported write, in ms, or 0 if there is none. */
  get lagMs(): number {
    const [oldest] = this.#unreported.values()
    return oldest ? performance.now() - oldest.since : 0
  }

  /**
   * Runs a write that creates a version of a session. Returns whether it was made. Once the write is acknowledged,
   * `areReported` waits for the log to report it.
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

  /** Returns whether the log has reported every write acknowledged so far. Waits up to `ownWritesWaitMs` for it. */
  areReported(): boolean | Promise<boolean> {
    this.#dropOld()
    if (this.#unreported.size === 0) return true
    if (this.#waiting.size >= ownReadsWaiting) return false
    return new Promise(resolve => {
      const endWait = beginWait('own_writes', { writes: this.#unreported.size })
      const timer = setTimeout(() => read.settle(false), ownWritesWaitMs)
      const read: WaitingRead = {
        last: this.#acknowledged,
        settle: isReported => {
          clearTimeout(timer)
          endWait()
          this.#waiting.delete(read)
          resolve(isReported)
        },
      }
      this.#waiting.add(read)
    })
  }

  /**
   * Handles a gap in the log. The log does not report earlier writes, but the next read of all sessions includes them.
   */
  reset(): void {
    this.#unreported.clear()
    this.#settle()
  }

  #settle(): void {
    const [oldest] = this.#unreported.values()
    for (const read of this.#waiting) {
      if (oldest && oldest.number <= read.last) return
      read.settle(true)
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
