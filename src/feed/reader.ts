import type { Position } from '../db/store'
import { type GapReason, HistoryGone } from '../domain/errors'
import type { Sink } from '../source'
import { Reading, type Reads } from './reads'
import {
  type FeedFilter,
  type FeedMessage,
  feedCursorOf,
  type Place,
  passes,
  placeOf,
  type Ring,
  skipped,
  type Told,
} from './ring'

const commitsACatchUp = 128
/** Commits that are handed over in one go: a reader that is further behind lets others in between. */
const commitsATurn = 128

const caughtUpFirst = Promise.resolve()

/** A sink that has not taken an item by then is asleep. */
const asleepMs = 250

const laterPosition = (a: Position, b: Position): Position => (a > b ? a : b)

/** Whether it resolves before its sink is taken to be asleep. */
function takenSoon(taken: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), asleepMs)
    const settle = (): void => {
      clearTimeout(timer)
      resolve(true)
    }
    taken.then(settle, error => {
      clearTimeout(timer)
      reject(error)
    })
  })
}

export type ReaderState = 'following' | 'waiting' | 'catching_up'

/**
 * One subscription of the feed: a cursor that moves on as its sink takes what follows it, out of the ring where
 * that holds it, out of the store's history otherwise. It queues nothing.
 */
export class Reader {
  #position = ''
  /** Transitions that were taken of the commit after `#position`. */
  #skip = 0
  /** The ring's number of the next entry, while not catching up. */
  #next = 0
  #busy = true
  #closed = false
  readonly #reading: Reading

  constructor(
    readonly ring: Ring,
    reads: Reads,
    readonly filter: FeedFilter,
    readonly sink: Sink<FeedMessage>,
  ) {
    this.#reading = new Reading(reads)
  }

  get state(): ReaderState {
    if (!this.#busy) return 'following'
    return this.#position < this.ring.start ? 'catching_up' : 'waiting'
  }

  close(): void {
    this.#closed = true
    this.#reading.leave()
  }

  /** Starts after a cursor, or now. */
  async start(after: string | undefined): Promise<void> {
    await this.#guarded(async () => {
      if (after === undefined) return this.#toHead()
      const place = placeOf(this.ring.identity, after)
      if (!place) return this.#gap(after, 'unknown')
      this.#set(place)
      // A cursor of a place that is not known here is the store's to judge.
      if (!this.ring.knows(place.position)) await this.#reading.history(place.position, 1)
      await this.sink.take({ kind: 'ready', cursor: after })
    })
  }

  /** Hands over what the ring has; called for every new entry, and cheap when there is nothing to do. */
  pump(): void {
    const until = this.#next + commitsATurn
    while (!this.#busy && !this.#closed && this.#next < Math.max(this.ring.end, this.ring.first)) {
      if (this.#next >= until) return void this.#guarded(() => this.#reading.turn())
      const waiting = this.#next < this.ring.first ? caughtUpFirst : this.#hand(this.ring.at(this.#next))
      if (waiting) this.#guarded(() => waiting)
    }
  }

  /** Does what must be waited for, then catches up and goes on from the ring. A sink that fails is ended. */
  async #guarded(work: () => void | Promise<void>): Promise<void> {
    this.#busy = true
    try {
      await this.#honoured(async () => await work())
      while (!this.#closed && this.#position < this.ring.start) await this.#honoured(() => this.#catchUp())
      this.#next = this.ring.numberAfter(this.#position)
      this.#busy = false
      this.pump()
    } catch (error) {
      if (!this.#closed) this.sink.end(error)
      this.#closed = true
    }
  }

  /** Tells a gap where history is gone, and goes on from now. */
  async #honoured(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error
      const after = feedCursorOf(this.ring.identity, { position: this.#position, skip: this.#skip })
      await this.#gap(after, error.reason)
    }
  }

  async #gap(after: string, reason: GapReason): Promise<void> {
    await this.sink.take({ kind: 'gap', after, reason })
    await this.#toHead()
  }

  async #toHead(): Promise<void> {
    const place = { position: this.ring.head, skip: 0 }
    this.#set(place)
    await this.sink.take({ kind: 'ready', cursor: feedCursorOf(this.ring.identity, place) })
  }

  #set({ position, skip }: Place): void {
    this.#position = position
    this.#skip = skip
  }

  /**
   * Reads one batch of history. A sink that takes it as fast as a network does gets all of it; for one that sleeps
   * nothing is held, and what it has not taken is read again.
   */
  async #catchUp(): Promise<void> {
    const { entries, next, passed } = await this.#reading.history(this.#position, commitsACatchUp, this.filter)
    for (const entry of entries) {
      // The commit that was taken in part is not this one: the filter does not let it through.
      if (entry.before > this.#position) this.#skip = 0
      for (let waiting = this.#hand(entry); waiting; waiting = this.#hand(entry)) {
        if (!(await takenSoon(waiting))) return waiting
        if (this.#closed) return
      }
    }
    // Where no commit was passed, one that was taken in part is still to come.
    if (next > this.#position) this.#set({ position: next, skip: passed > 0 ? 0 : this.#skip })
  }

  /** Hands over a commit's transitions from where the cursor stands; a promise is what the sink waits for. */
  #hand(entry: Told): Promise<void> | undefined {
    if (entry.position > this.#position && passes(this.filter, entry.commit)) {
      this.#set({ position: laterPosition(entry.before, this.#position), skip: skipped(entry, this.#skip) })
      while (this.#skip < entry.items.length) {
        const waiting = this.sink.take(entry.items[this.#skip] as FeedMessage)
        this.#skip++
        if (waiting && this.#skip < entry.items.length) return waiting
        if (waiting) {
          this.#done(entry)
          return waiting
        }
      }
    }
    this.#done(entry)
    return undefined
  }

  #done(entry: Told): void {
    if (entry.position > this.#position) this.#set({ position: entry.position, skip: 0 })
    this.#next++
  }
}
