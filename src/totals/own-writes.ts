/** How long a read waits for the log to report this process's writes. */
const toldWithinMs = 250
/**
 * How long a write is waited for. If the log has not reported it by then, it never will:
 * a gap skipped the commit before the write was acknowledged.
 */
const forgottenMs = 20_000
/** Maximum number of waiting reads. */
export const ownReadsWaiting = 20_000

interface Read {
  /** Number of the last write that the read must include. */
  last: number
  settle(seen: boolean): void
}

/** Acknowledged writes of this process that the log has not reported yet. */
export class OwnWrites {
  /** Writes in progress, and whether the log has already reported them. */
  readonly #underWay = new Map<string, boolean>()
  /** Acknowledged writes in order, each with its number and the time since when it waits. */
  readonly #untold = new Map<string, { number: number; since: number }>()
  #answered = 0
  readonly #reads = new Set<Read>()

  /** Age of the oldest unreported write, in ms; 0 if there is none. */
  get lagMs(): number {
    const [oldest] = this.#untold.values()
    return oldest ? performance.now() - oldest.since : 0
  }

  /** Makes a write that leads to a version of a session. */
  async make(session_id: string, version: number, write: () => Promise<boolean>): Promise<boolean> {
    const key = keyOf(session_id, version)
    this.#underWay.set(key, false)
    try {
      const made = await write()
      if (made && this.#underWay.get(key) === false) {
        this.#untold.set(key, { number: ++this.#answered, since: performance.now() })
      }
      return made
    } finally {
      this.#underWay.delete(key)
    }
  }

  /** Records that the log reported a version of a session. */
  told(session_id: string, version: number): void {
    const key = keyOf(session_id, version)
    if (this.#underWay.has(key)) this.#underWay.set(key, true)
    if (this.#untold.delete(key) && this.#reads.size > 0) this.#settle()
  }

  /** Whether the log has reported every write acknowledged so far. Waits a short time for it. */
  seen(): boolean | Promise<boolean> {
    this.#forget()
    if (this.#untold.size === 0) return true
    if (this.#reads.size >= ownReadsWaiting) return false
    return new Promise(resolve => {
      const timer = setTimeout(() => read.settle(false), toldWithinMs)
      const read: Read = {
        last: this.#answered,
        settle: seen => {
          clearTimeout(timer)
          this.#reads.delete(read)
          resolve(seen)
        },
      }
      this.#reads.add(read)
    })
  }

  /** Handles a gap in the log: it does not report earlier writes. They are read from the store with all sessions. */
  reset(): void {
    this.#untold.clear()
    this.#settle()
  }

  #settle(): void {
    const [oldest] = this.#untold.values()
    for (const read of this.#reads) {
      if (oldest && oldest.number <= read.last) return
      read.settle(true)
    }
  }

  #forget(): void {
    for (const [key, { since }] of this.#untold) {
      if (performance.now() - since < forgottenMs) return
      this.#untold.delete(key)
    }
  }
}

const keyOf = (session_id: string, version: number): string => `${version} ${session_id}`
