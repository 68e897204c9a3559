/** How long a read waits for what this process wrote to be told by the log. */
const toldWithinMs = 250
/** A write that the log has not told by then is waited for no more: it was answered after a gap, and told before. */
const forgottenMs = 20_000
/** Reads that may wait. */
export const ownReadsWaiting = 20_000

interface Read {
  /** The number of the last write that it is to see. */
  last: number
  settle(seen: boolean): void
}

/** The writes of this process that were answered, and that the log has not told yet. */
export class OwnWrites {
  /** Those under way: whether the log has told them. */
  readonly #underWay = new Map<string, boolean>()
  /** Those that were answered, in that order, with their numbers and since when. */
  readonly #untold = new Map<string, { number: number; since: number }>()
  #answered = 0
  readonly #reads = new Set<Read>()

  /** For how long the oldest of them was not told, in ms; 0 where all are. */
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

  /** The log tells a session's version. */
  told(session_id: string, version: number): void {
    const key = keyOf(session_id, version)
    if (this.#underWay.has(key)) this.#underWay.set(key, true)
    if (this.#untold.delete(key) && this.#reads.size > 0) this.#settle()
  }

  /** Whether all is told that was answered by now, or is so soon. */
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

  /** There is a gap in the log: what was answered by now is read again with all the rest, and not told. */
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
