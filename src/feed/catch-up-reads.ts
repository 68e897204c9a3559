import { runLater } from '../concurrency/scheduler'
import type { Position, Store } from '../db/store'
import { DomainError } from '../domain/errors'
import type { Transition } from '../domain/session'
import { fromHere } from '../telemetry/probe'
import { type FeedEntry, type FeedFilter, feedEntryOf } from './ring'

/** Maximum number of concurrent reads per process. */
export const readsAtOnce = 8
/** Maximum number of readers that wait for a read. The next one gets `unavailable`. */
export const readersWaiting = 20_000
const readRetryMs = 500

/** Commits after a position, with their feed items. */
interface Batch {
  /** Commits that the filter lets through, in order. */
  entries: FeedEntry[]
  /** The position that was read up to. */
  next: Position
  /** Number of commits up to `next`, including those that the filter excludes. */
  passed: number
}

interface Asker<T = unknown> {
  take(value: T): void
  fail(error: unknown): void
  wanted(): boolean
}

interface Read {
  work: () => Promise<unknown>
  /** Whether askers may join after the read has begun. True for history, which never changes. */
  lasting: boolean
  askers: Set<Asker>
  /** Askers that waited when the read finished. New askers share the answer until all of these have it. */
  first: Set<Asker> | undefined
  answer: (asker: Asker) => void
}

/**
 * Store reads of the subscribers that catch up. A bounded number runs at once, with one read for all subscribers at the
 * same position. Answers are delivered a few at a time, so that many subscribers do not delay other work.
 */
export class CatchUpReads {
  #free = readsAtOnce
  #waiting = 0
  readonly #asked = new Map<string, Read>()
  readonly #queued = new Map<string, Read>()
  readonly #answered = new Map<Asker, () => void>()
  #woken = false

  constructor(readonly store: Store) {}

  /** Queues a read and the delivery of its answer. Call the returned function to cancel both and release the asker. */
  ask<T>(key: string, lasting: boolean, work: () => Promise<T>, asker: Asker<T>): () => void {
    if (this.#waiting >= readersWaiting) {
      queueMicrotask(() => asker.fail(new DomainError('unavailable')))
      return () => {}
    }
    const one = asker as Asker
    let read = this.#asked.get(key)
    if (!read) {
      read = { work: fromHere(work), lasting, askers: new Set(), first: undefined, answer: () => {} }
      this.#asked.set(key, read)
      this.#queued.set(key, read)
    }
    this.#waiting++
    read.askers.add(one)
    if (read.first) this.#hand(key, read, one)
    this.#wake()
    return () => this.#leave(key, read, one)
  }

  #leave(key: string, read: Read, asker: Asker): void {
    if (!read.askers.delete(asker)) return
    this.#waiting--
    this.#answered.delete(asker)
    read.first?.delete(asker)
    const begun = this.#queued.get(key) !== read
    if (read.first ? read.first.size === 0 : read.askers.size === 0 && !begun) this.#forget(key, read)
  }

  #forget(key: string, read: Read): void {
    if (this.#asked.get(key) === read) this.#asked.delete(key)
    if (this.#queued.get(key) === read) this.#queued.delete(key)
  }

  #hand(key: string, read: Read, asker: Asker): void {
    this.#answered.set(asker, () => {
      this.#leave(key, read, asker)
      read.answer(asker)
    })
  }

  #wake(): void {
    if (this.#woken || (this.#answered.size === 0 && (this.#free === 0 || this.#queued.size === 0))) return
    this.#woken = true
    runLater(() => {
      this.#woken = false
      for (const [key, read] of this.#queued) {
        if (this.#free === 0) break
        this.#begin(key, read)
      }
      const [answer] = this.#answered.values()
      answer?.()
      this.#wake()
    })
  }

  async #begin(key: string, read: Read): Promise<void> {
    this.#queued.delete(key)
    if (!read.lasting) this.#asked.delete(key)
    for (const asker of read.askers) {
      if (asker.wanted()) continue
      this.#leave(key, read, asker)
      asker.fail(new DomainError('unavailable'))
    }
    if (read.askers.size === 0) return this.#forget(key, read)
    this.#free--
    try {
      const value = await read.work()
      read.answer = asker => asker.take(value)
    } catch (error) {
      read.answer = asker => asker.fail(error)
    }
    this.#free++
    read.first = new Set(read.askers)
    if (read.first.size === 0) this.#forget(key, read)
    for (const asker of read.askers) this.#hand(key, read, asker)
    this.#wake()
  }
}

/** Reads of one subscriber. After `leave`, nothing is read for it, and no pending read keeps it in memory. */
export class SubscriberReads {
  #left = false
  #leave = (): void => {}

  constructor(
    readonly reads: CatchUpReads,
    /** Whether to retry while the store is unavailable. */
    readonly patient = true,
    readonly wanted = (): boolean => true,
  ) {}

  leave(): void {
    this.#left = true
    this.#leave()
  }

  /** Returns the commits after a position that the filter lets through, at most `limit`. Throws HistoryGone. */
  history(position: Position, limit: number, filter: FeedFilter = {}): Promise<Batch> {
    const { mentor_id, organisation_id } = filter
    const { store } = this.reads
    const key = JSON.stringify(['history', position, limit, { mentor_id, organisation_id }])
    return this.#read(key, true, async () => {
      const { entries, next, passed } = await store.history(position, limit, filter)
      return { entries: entries.map(entry => feedEntryOf(store.identity, entry)), next, passed }
    })
  }

  /** Like Store.transitions. */
  transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    const { store } = this.reads
    return this.#read(JSON.stringify(['transitions', session_id, after, limit]), false, () =>
      store.transitions(session_id, after, limit),
    )
  }

  /** Waits for a turn in the queue of deliveries. */
  turn(): Promise<void> {
    return this.#read('turn', true, async () => {})
  }

  #read<T>(key: string, lasting: boolean, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void => {
        if (!this.patient || !(error instanceof DomainError) || error.code !== 'unavailable') reject(error)
        else if (!this.#left) {
          const timer = setTimeout(ask, readRetryMs)
          this.#leave = () => clearTimeout(timer)
        }
      }
      const ask = (): void => {
        this.#leave = this.reads.ask(key, lasting, work, { take: resolve, fail: failed, wanted: this.wanted })
      }
      if (!this.#left) ask()
    })
  }
}
