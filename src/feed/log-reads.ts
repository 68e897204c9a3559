import { Counts } from '../concurrency/counts'
import type { Signal } from '../concurrency/deadline'
import { FairQueue, type Requester } from '../concurrency/fair-queue'
import { fromHere } from '../concurrency/probe'
import { runLater } from '../concurrency/scheduler'
import { Slots } from '../concurrency/slots'
import { beginWait } from '../concurrency/waits'
import type { History, Position, Store } from '../db/store'
import { DomainError, isDomainError } from '../domain/errors'
import { ownerMatches } from '../domain/owner'
import type { StoredTransition } from '../domain/session'
import { type SessionView, withSessions } from './feed-sessions'
import {
  type FeedEntry,
  type FeedFilter,
  type FeedPosition,
  type FeedTransition,
  feedCursorOf,
  feedEntryOf,
  type Ring,
} from './ring'

/** Maximum number of concurrent catch-up reads in this process, in total and per principal. */
export const readsAtOnce = 8
export const readsOfPrincipal = 6
/** Maximum number of readers waiting for a catch-up read, in total and per principal. */
export const readersWaiting = 20_000
export const readersOfPrincipal = 10_000
const storeRetryMs = 500

// All subscribers share this function, to save memory.
const nothing = (): void => {}

/**
 * A position in the log that advances as items are read. Each item is read once, in commit order: from the ring if the
 * ring covers the position, and otherwise from the store's history.
 */
export class LogCursor {
  #position: Position = ''
  /** Number of transitions already read from the first commit after `#position`. */
  #skip = 0
  /** Number of the next ring entry, valid only after an `enterRing` call. */
  #number = 0
  /** Number of commits that the cursor has passed, including commits that the filter excludes. */
  passed = 0

  constructor(
    readonly ring: Ring,
    readonly reads: SubscriberReads,
    readonly filter: FeedFilter,
  ) {}

  /** The current position, encoded as a feed cursor. */
  get text(): string {
    return feedCursorOf(this.ring.store, this.#feedPosition)
  }

  /** Whether the ring has already dropped the next item. */
  get isBehindRing(): boolean {
    return this.#position < this.ring.start
  }

  isBefore(position: Position): boolean {
    return this.#position < position
  }

  /** Whether the ring holds all commits after the position, provided that the position belongs to the log. */
  get isInRing(): boolean {
    return this.ring.isInRange(this.#position)
  }

  get #feedPosition(): FeedPosition {
    return { position: this.#position, skip: this.#skip }
  }

  moveTo({ position, skip }: FeedPosition): void {
    this.#position = position
    this.#skip = skip
  }

  /** Throws HistoryGone if the position is no longer in the log or was never issued. */
  async check(): Promise<void> {
    if (!this.ring.hasPosition(this.#position)) await this.reads.history(this.#position, 1)
  }

  /**
   * Returns the transitions of the next commits, up to `limit` commits. The cursor advances each time the caller takes
   * a transition from the iterable. Transitions that the caller did not take are read again by the next call.
   */
  read(limit: number): Iterable<FeedTransition> | Promise<Iterable<FeedTransition>> {
    return this.isInRing ? this.#ringItems(limit) : this.#history(limit)
  }

  /** Like `read`, but each item includes its session. */
  async readWithSessions(limit: number): Promise<Iterable<FeedTransition>> {
    const start = this.#feedPosition
    const items: FeedTransition[] = []
    const positions: FeedPosition[] = []
    for (const item of await this.read(limit)) {
      items.push(item)
      positions.push(this.#feedPosition)
    }
    const end = this.#feedPosition
    // No item has been delivered yet, so move the cursor back to the start.
    this.moveTo(start)
    return this.#itemsAt(await this.reads.withSessions(items, this.filter), positions, end)
  }

  *#itemsAt(items: FeedTransition[], positions: FeedPosition[], end: FeedPosition): Generator<FeedTransition> {
    for (const [i, item] of items.entries()) {
      this.moveTo(positions[i] as FeedPosition)
      yield item
    }
    this.moveTo(end)
  }

  *#ringItems(limit: number): Generator<FeedTransition> {
    this.enterRing()
    for (const end = this.passed + limit; this.hasNext && this.passed < end; ) {
      const item = this.next()
      if (item) yield item
    }
    if (!this.hasNext && this.ring.head > this.#position) this.#position = this.ring.head
  }

  async #history(limit: number): Promise<Iterable<FeedTransition>> {
    const { entries, next, passed } = await this.reads.history(this.#position, limit, this.filter)
    this.passed += passed
    return this.#historyItems(entries, { position: next, skip: passed > 0 ? 0 : this.#skip })
  }

  *#historyItems(entries: FeedEntry[], end: FeedPosition): Generator<FeedTransition> {
    for (const entry of entries) {
      // `#skip` does not apply to this entry: it counts transitions of an earlier commit, which the filter excludes.
      if (entry.before > this.#position) this.#skip = 0
      while (entry.position > this.#position) {
        const item = this.#step(entry)
        if (item) yield item
      }
    }
    // Move the cursor only forwards: if the read passed no commit, the cursor stays within the partly read commit.
    if (end.position > this.#position) this.moveTo(end)
  }

  /** Locates the next entry in the ring. Returns false if the ring has already dropped that entry. */
  enterRing(): boolean {
    if (this.isBehindRing) return false
    this.#number = this.ring.numberAfter(this.#position)
    return true
  }

  /** Moves the cursor directly before an entry of the ring. */
  skipTo(number: number): void {
    this.#number = number
    this.#position = this.ring.at(number).before
    this.#skip = 0
  }

  /**
   * Whether the ring was reset or dropped the next entry since the last `enterRing` call. After such a loss, call
   * `enterRing` again.
   */
  get hasLostRing(): boolean {
    return this.#number < this.ring.first
  }

  /** Whether a next entry exists, even if the ring has already dropped it. */
  get hasNext(): boolean {
    return this.#number < this.ring.end
  }

  /**
   * Takes the next transition from the ring. Returns undefined if the filter excludes the transition. If the filter
   * excludes the whole commit, skips the commit and returns undefined. This method must not allocate memory, because it
   * runs for each delivery.
   */
  next(): FeedTransition | undefined {
    const entry = this.ring.at(this.#number)
    const item = this.#step(entry)
    if (this.#position >= entry.position) {
      this.#number++
      this.passed++
    }
    return item
  }

  /** Advances past excluded transitions in the ring, up to the next transition that the filter selects. */
  skipExcluded(): void {
    while (this.hasNext && !this.hasLostRing) {
      const before = this.#feedPosition
      if (!this.next()) continue
      this.moveTo(before)
      this.enterRing()
      return
    }
  }

  /** Whether to return an item of a commit that the filter selects. */
  protected selects({ transition }: FeedTransition): boolean {
    const { events } = this.filter
    return !events || events.includes(transition.event)
  }

  /**
   * Advances by one transition within a commit, and returns the transition if it is selected. Skips the commit if the
   * filter excludes it.
   */
  #step({ before, position, commit, items: present, left }: FeedEntry): FeedTransition | undefined {
    if (position <= this.#position) return undefined
    let item: FeedTransition | undefined
    let items: FeedTransition[] | undefined
    if (ownerMatches(this.filter, commit)) items = present
    else if (commit.former && ownerMatches(this.filter, commit.former)) items = left
    if (items) {
      // If an erased commit has fewer transitions than the cursor skips, skip no transitions.
      const skip = this.#skip < items.length ? this.#skip : 0
      item = items[skip]
      if (item && !this.selects(item)) item = undefined
      if (skip + 1 < items.length) {
        if (before > this.#position) this.#position = before
        this.#skip = skip + 1
        return item
      }
    }
    this.#position = position
    this.#skip = 0
    return item
  }
}

interface Batch extends History {
  entries: FeedEntry[]
}

/** Requester of feed items, which can also request each item's session. */
export type FeedRequester = Requester & SessionView

/**
 * One subscriber's store reads. The subscriber has at most one read in progress, which runs through the shared
 * `CatchUpQueue`. `leave` cancels the pending read and frees its memory.
 */
export class SubscriberReads {
  #left = false
  #cancel = nothing
  #endWait = nothing

  constructor(
    readonly reads: CatchUpQueue,
    readonly requester: FeedRequester,
    /**
     * Signal that is aborted once the results are no longer needed. Without a signal, retries reads while the store is
     * unavailable.
     */
    readonly signal?: Signal,
  ) {}

  leave(): void {
    this.#left = true
    this.#cancel()
    this.#endWait()
  }

  /**
   * Returns up to `limit` commits that follow a position and match the filter's owner. Readers whose filters differ
   * only in `events` share a read. Throws HistoryGone if the log no longer has the commits after the position.
   */
  history(position: Position, limit: number, filter: FeedFilter = {}): Promise<Batch> {
    const { mentor_id, organisation_id } = filter
    const { store } = this.reads
    const key = JSON.stringify(['history', position, limit, { mentor_id, organisation_id }])
    const run = async (): Promise<Batch> => {
      const history = await store.log.history(position, limit, filter)
      return { ...history, entries: history.entries.map(entry => feedEntryOf(store, entry)) }
    }
    return this.#read({ key, isImmutable: true, run }, { read: 'history' })
  }

  /**
   * Adds each item's session to the item, if the requester asks for sessions. `items` must contain all items that the
   * filter selects in the range, because subscribers with the same filter and range share a read.
   */
  async withSessions(items: FeedTransition[], filter: FeedFilter): Promise<FeedTransition[]> {
    const { sessionsWithin } = this.requester
    if (!sessionsWithin || items.length === 0) return items
    const range = [items[0]?.cursor, items.at(-1)?.cursor, items.length]
    const key = JSON.stringify(['sessions', range, filter, sessionsWithin])
    const { store } = this.reads
    // Other subscribers can join this read only until it starts, because a session can be closed at any time.
    const run = () => withSessions(store, items, sessionsWithin)
    return this.#read({ key, isImmutable: false, run }, { read: 'sessions' })
  }

  /** Reads a session's transitions (see `Store.transitions`). */
  transitions(session_id: string, after: number, limit: number): Promise<StoredTransition[] | null> {
    const { store } = this.reads
    const key = JSON.stringify(['transitions', session_id, after, limit])
    const run = () => store.sessions.transitions(session_id, after, limit)
    return this.#read({ key, isImmutable: false, run }, { read: 'transitions', session_id })
  }

  /** Waits for this subscriber's turn in the delivery queue. */
  async waitForDelivery(): Promise<void> {
    const endWait = beginWait('catch_up', { read: 'turn' })
    this.#endWait = endWait
    try {
      await new Promise<void>((resolve, reject) => {
        this.#cancel = this.reads.deliverInTurn(this.#waiter({ resolve, reject }))
      })
    } finally {
      endWait()
      this.#cancel = nothing
    }
  }

  async #read<T>(read: Read<T>, facts: object): Promise<T> {
    if (this.#left) throw new DomainError('unavailable')
    this.#endWait = beginWait('catch_up', facts)
    try {
      for (let isRetry = false; ; isRetry = true) {
        try {
          return await this.#attempt(read)
        } catch (error) {
          if (this.signal || this.#left || !isDomainError(error, 'unavailable')) throw error
        }
        if (!isRetry) {
          this.#endWait()
          this.#endWait = beginWait('store_retry', facts)
        }
        await this.#pause()
      }
    } finally {
      this.#endWait()
      // Drop the reference to the completed read, because the read holds its result.
      this.#cancel = nothing
    }
  }

  #attempt<T>(read: Read<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#cancel = this.reads.request(read, this.#waiter({ resolve, reject }))
    })
  }

  #waiter<T>(settle: Pick<Waiter<T>, 'resolve' | 'reject'>): Waiter<T> {
    return { ...settle, signal: this.signal, requester: this.requester }
  }

  #pause(): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, storeRetryMs)
      this.#cancel = () => clearTimeout(timer)
    })
  }
}

/** A subscriber that is waiting for the result of a read. */
interface Waiter<T = unknown> {
  resolve(value: T): void
  reject(error: unknown): void
  /** Signal that is aborted once the result is no longer needed. */
  signal: Signal | undefined
  requester: Requester
}

interface Read<T = unknown> {
  key: string
  run: () => Promise<T>
  /** True if the read's result never changes, so that waiters can also join after the read has started. */
  isImmutable: boolean
}

interface SharedRead extends Read {
  hasBegun: boolean
  waiters: Set<Waiter>
  /**
   * Subscribers that were waiting when the read finished. Later waiters can share the result until all first waiters
   * have received it.
   */
  firstWaiters: Set<Waiter> | undefined
  settle: (waiter: Waiter) => void
}

/**
 * Schedules store reads for all subscribers that are catching up or receive items with their sessions, so that thousands
 * of subscribers that reconnect at once delay nobody else.
 *
 * 1. Sharing: one read serves all subscribers that need the same data. A shared read starts when its first subscriber's
 *    turn comes.
 * 2. Fair queue: at most `readsAtOnce` reads run concurrently, and at most `readsOfPrincipal` per principal. The queue
 *    serves principals in turn, and each principal's connections in turn.
 * 3. Fair delivery: each scheduler run delivers a result to only one waiter, again serving principals in turn.
 *    Therefore, even a large number of subscribers does not delay other work.
 */
export class CatchUpQueue {
  readonly #shared = new Map<string, SharedRead>()
  readonly #queue = new FairQueue<Waiter>({
    waiting: readersWaiting,
    refuse: waiter => {
      this.#remove(waiter)
      waiter.reject(new DomainError('unavailable'))
    },
  })
  readonly #deliveries = new FairQueue<Waiter>()
  readonly #readOf = new Map<Waiter, SharedRead>()
  readonly #waitersOf = new Counts()
  readonly #slots = new Slots({ atOnce: readsAtOnce, ofPrincipal: readsOfPrincipal })
  #isScheduled = false

  constructor(readonly store: Store) {}

  /**
   * Requests a read and the delivery of its result. Call the returned function to cancel the read and the delivery.
   * Throws unavailable if too many readers are waiting, in total or for this principal.
   */
  request<T>({ key, isImmutable, run }: Read<T>, waiter: Waiter<T>): () => void {
    const one = waiter as Waiter
    const { principal } = one.requester
    if (this.#waitersOf.of(principal) >= readersOfPrincipal) throw new DomainError('unavailable')
    this.#queue.makeRoomFor(principal, this.#readOf.size)
    const read = this.#shared.get(key) ?? newRead({ key, isImmutable, run: fromHere(run) })
    this.#shared.set(key, read)
    this.#add(read, one)
    if (read.firstWaiters) this.#deliveries.push(one.requester, one)
    else if (!read.hasBegun) this.#queue.push(one.requester, one)
    this.#schedule()
    return () => this.#remove(one)
  }

  /** Stops sharing the results of earlier reads, because they can contain commits that have been erased meanwhile. */
  forget(): void {
    this.#shared.clear()
  }

  /** Resolves the waiter when its turn comes in the delivery queue. Call the returned function to cancel the wait. */
  deliverInTurn(waiter: Waiter<void>): () => void {
    const one = waiter as Waiter
    const read = { ...newRead(noRead), hasBegun: true, firstWaiters: new Set([one]), settle: resolve }
    this.#add(read, one)
    this.#deliveries.push(one.requester, one)
    this.#schedule()
    return () => this.#remove(one)
  }

  #add(read: SharedRead, waiter: Waiter): void {
    const { principal } = waiter.requester
    read.waiters.add(waiter)
    this.#readOf.set(waiter, read)
    this.#waitersOf.add(principal, 1)
  }

  #remove(waiter: Waiter): void {
    const read = this.#readOf.get(waiter)
    if (!read) return
    const { principal } = waiter.requester
    this.#readOf.delete(waiter)
    this.#waitersOf.add(principal, -1)
    this.#queue.delete(waiter.requester, waiter)
    this.#deliveries.delete(waiter.requester, waiter)
    read.waiters.delete(waiter)
    read.firstWaiters?.delete(waiter)
    const isUnused = read.firstWaiters ? read.firstWaiters.size === 0 : read.waiters.size === 0 && !read.hasBegun
    if (isUnused) this.#drop(read)
  }

  #drop(read: SharedRead): void {
    if (this.#shared.get(read.key) === read) this.#shared.delete(read.key)
  }

  #schedule(): void {
    if (this.#isScheduled || !(this.#deliveries.size > 0 || this.#queue.peek(this.#mayRead))) return
    this.#isScheduled = true
    runLater(() => this.#serve())
  }

  readonly #mayRead = (principal: string): boolean => this.#slots.mayAcquire(principal)

  /** Starts all reads for which a slot is free, and delivers one result. */
  #serve(): void {
    this.#isScheduled = false
    for (let next = this.#queue.shift(this.#mayRead); next; next = this.#queue.shift(this.#mayRead)) {
      const read = this.#readOf.get(next.item)
      if (read) void this.#begin(read, next.requester.principal)
    }
    const waiter = this.#deliveries.shift()?.item
    const read = waiter && this.#readOf.get(waiter)
    if (read) {
      this.#remove(waiter)
      read.settle(waiter)
    }
    this.#schedule()
  }

  async #begin(read: SharedRead, principal: string): Promise<void> {
    read.hasBegun = true
    if (!read.isImmutable) this.#drop(read)
    for (const waiter of read.waiters) {
      this.#queue.delete(waiter.requester, waiter)
      if (!waiter.signal?.aborted) continue
      this.#remove(waiter)
      waiter.reject(new DomainError('unavailable'))
    }
    if (read.waiters.size === 0) return this.#drop(read)
    const release = this.#slots.acquire(principal)
    try {
      const value = await read.run()
      read.settle = waiter => waiter.resolve(value)
    } catch (error) {
      read.settle = waiter => waiter.reject(error)
    }
    release()
    read.firstWaiters = new Set(read.waiters)
    if (read.firstWaiters.size === 0) this.#drop(read)
    for (const waiter of read.waiters) this.#deliveries.push(waiter.requester, waiter)
    this.#schedule()
  }
}

const noRead: Read = { key: '', isImmutable: true, run: async () => {} }

const newRead = (read: Read): SharedRead => ({
  ...read,
  hasBegun: false,
  waiters: new Set(),
  firstWaiters: undefined,
  settle: nothing,
})

const resolve = (waiter: Waiter): void => waiter.resolve(undefined)
