import { endsWithin } from './deadline'
import { waitingAt } from './waits'

/** Time in ms after which the next read starts even if the previous read is still running. */
export const stuckReadMs = 1_000

interface Reads {
  running?: Promise<unknown> | undefined
  next?: Promise<unknown> | undefined
}

/**
 * Shares reads that have the same key, and runs only one read per key at a time. Requests that arrive during a read
 * share the next read, because the current read may miss commits made before these requests arrived.
 */
export class CoalescedReads {
  readonly #reads = new Map<string, Reads>()

  get<T>(key: string, read: () => Promise<T>): Promise<T> {
    const reads = this.#reads.get(key) ?? {}
    this.#reads.set(key, reads)
    if (!reads.next && !reads.running) return this.#run(key, reads, read)
    reads.next ??= this.#runNext(key, reads, read)
    return reads.next as Promise<T>
  }

  async #runNext<T>(key: string, reads: Reads, read: () => Promise<T>): Promise<T> {
    if (reads.running)
      await waitingAt(
        'store_read',
        endsWithin(
          reads.running.catch(() => {}),
          stuckReadMs,
        ),
      )
    return this.#run(key, reads, read)
  }

  #run<T>(key: string, reads: Reads, read: () => Promise<T>): Promise<T> {
    reads.next = undefined
    const running = read().finally(() => {
      if (reads.running === running) reads.running = undefined
      if (!reads.running && !reads.next) this.#reads.delete(key)
    })
    reads.running = running
    return running
  }
}
