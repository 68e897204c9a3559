import type { Sink } from '../concurrency/source'
import type { Position } from '../db/store'
import { type GapReason, HistoryGone } from '../domain/errors'
import { type CatchUpReads, SubscriberReads } from './catch-up-reads'
import {
  type FeedEntry,
  type FeedFilter,
  type FeedMessage,
  type FeedPosition,
  feedCursorOf,
  feedPositionOf,
  passes,
  type Ring,
  skipped,
} from './ring'

const commitsACatchUp = 128
/** Commits delivered in one go. A reader that is further behind then lets other readers proceed. */
const commitsATurn = 128

const caughtUpFirst = Promise.resolve()

/** A sink that has not accepted an item after this time counts as asleep. */
const asleepMs = 250

const laterPosition = (a: Position, b: Position): Position => (a > b ? a : b)

/** Whether the sink accepts the item before it counts as asleep. */
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
 * One subscription of the feed: a cursor that advances as its sink accepts items. Reads from the ring if it covers the
 * cursor, otherwise from the store's history. Queues nothing.
 */
export class Reader {
  #position = ''
  /** Number of transitions already delivered of the commit after `#position`. */
  #skip = 0
  /** Number of the next entry in the ring. Not valid while catching up. */
  #next = 0
  #busy = true
  #closed = false
  readonly #reading: SubscriberReads

  constructor(
    readonly ring: Ring,
    reads: CatchUpReads,
    readonly filter: FeedFilter,
    readonly sink: Sink<FeedMessage>,
  ) {
    this.#reading = new SubscriberReads(reads)
  }

  get state(): ReaderState {
    if (!this.#busy) return 'following'
    return this.#position < this.ring.start ? 'catching_up' : 'waiting'
  }

  close(): void {
    this.#closed = true
    this.#reading.leave()
  }

  /** Starts after a cursor, or from now on. */
  async start(after: string | undefined): Promise<void> {
    await this.#guarded(async () => {
      if (after === undefined) return this.#toHead()
      const place = feedPositionOf(this.ring.identity, after)
      if (!place) return this.#gap(after, 'unknown')
      this.#set(place)
      // The ring does not know this position, so the store must check it.
      if (!this.ring.knows(place.position)) await this.#reading.history(place.position, 1)
      await this.sink.take({ kind: 'ready', cursor: after })
    })
  }

  /** Delivers the new entries of the ring. Cheap if there are none. */
  pump(): void {
    const until = this.#next + commitsATurn
    while (!this.#busy && !this.#closed && this.#next < Math.max(this.ring.end, this.ring.first)) {
      if (this.#next >= until) return void this.#guarded(() => this.#reading.turn())
      const waiting = this.#next < this.ring.first ? caughtUpFirst : this.#hand(this.ring.at(this.#next))
      if (waiting) this.#guarded(() => waiting)
    }
  }

  /** Waits for the work, then catches up and continues from the ring. An error ends the sink. */
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

  /** Runs the work. If the history is gone, sends a gap and continues from now. */
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

  #set({ position, skip }: FeedPosition): void {
    this.#position = position
    this.#skip = skip
  }

  /**
   * Reads and delivers one batch of history. A sink at network speed gets all of it. For a sink that is asleep the
   * batch is dropped, and the rest is read again later.
   */
  async #catchUp(): Promise<void> {
    const { entries, next, passed } = await this.#reading.history(this.#position, commitsACatchUp, this.filter)
    for (const entry of entries) {
      // This commit is a later one: the filter excludes the commit that was delivered in part.
      if (entry.before > this.#position) this.#skip = 0
      for (let waiting = this.#hand(entry); waiting; waiting = this.#hand(entry)) {
        if (!(await takenSoon(waiting))) return waiting
        if (this.#closed) return
      }
    }
    // If no commit was passed, the one that was delivered in part is still to come.
    if (next > this.#position) this.#set({ position: next, skip: passed > 0 ? 0 : this.#skip })
  }

  /** Delivers a commit's transitions from the cursor on. Returns a promise if the sink asks to wait. */
  #hand(entry: FeedEntry): Promise<void> | undefined {
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

  #done(entry: FeedEntry): void {
    if (entry.position > this.#position) this.#set({ position: entry.position, skip: 0 })
    this.#next++
  }
}
