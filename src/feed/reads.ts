import type { Position, Store } from '../db/store'
import { DomainError } from '../domain/errors'
import type { Transition } from '../domain/session'
import { fromHere } from '../probe'
import { inTurn } from '../time/turns'
import { type FeedFilter, type Told, toldOf } from './ring'

/** Reads that a process makes at once. */
export const readsAtOnce = 8
/** Readers that may wait for a read: one more is told that the store is unavailable. */
export const readersWaiting = 20_000
const readRetryMs = 500

/** Commits after a position, with what is told of them. */
interface Batch {
  /** In order, what the filter lets through. */
  entries: Told[]
  /** The position that was read up to. */
  next: Position
  /** The commits that stand up to there, whether the filter lets them through or not. */
  passed: number
}

interface Asker<T = unknown> {
  take(value: T): void
  fail(error: unknown): void
  wanted(): boolean
}

interface Read {
  work: () => Promise<unknown>
  /** Who asks once the read has begun may share its answer: what stands at a place of the history never changes. */
  lasting: boolean
  askers: Set<Asker>
  /** Those who waited when it was done: while any of them waits for its turn, others who ask for the same join them. */
  first: Set<Asker> | undefined
  answer: (asker: Asker) => void
}

/**
 * What those who catch up read of the store: a bounded number of reads at once, one for all who stand at the same place,
 * and its answers handed over a few at a time, so that nothing else waits for any number of them.
 */
export class Reads {
  #free = readsAtOnce
  #waiting = 0
  readonly #asked = new Map<string, Read>()
  readonly #queued = new Map<string, Read>()
  readonly #answered = new Map<Asker, () => void>()
  #woken = false

  constructor(readonly store: Store) {}

  /** Reads in turn, and answers in turn. What it returns takes the asker out of both, and nothing holds it any more. */
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
    inTurn(() => {
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

/** What one reads until it leaves: from then on nothing is read for it, and nothing that it waited for holds it. */
export class Reading {
  #left = false
  #leave = (): void => {}

  constructor(
    readonly reads: Reads,
    /** Whether it reads again while the store is out of reach. */
    readonly patient = true,
    readonly wanted = (): boolean => true,
  ) {}

  leave(): void {
    this.#left = true
    this.#leave()
  }

  /** The commits after a position that the filter lets through, `limit` at most. Throws HistoryGone. */
  history(position: Position, limit: number, filter: FeedFilter = {}): Promise<Batch> {
    const { mentor_id, organisation_id } = filter
    const { store } = this.reads
    const key = JSON.stringify(['history', position, limit, { mentor_id, organisation_id }])
    return this.#read(key, true, async () => {
      const { entries, next, passed } = await store.history(position, limit, filter)
      return { entries: entries.map(entry => toldOf(store.identity, entry)), next, passed }
    })
  }

  /** As Store.transitions. */
  transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    const { store } = this.reads
    return this.#read(JSON.stringify(['transitions', session_id, after, limit]), false, () =>
      store.transitions(session_id, after, limit),
    )
  }

  /** Waits for its turn among those who are handed something. */
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
