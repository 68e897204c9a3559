// This folder delivers the ordered log of commits to subscribers: it contains the ring, the cursors and the readers.
// The log itself is in the store, and `sessions` writes the changes.

import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Deadline, endsWithin, type Signal } from '../concurrency/deadline'
import { recordBlocking } from '../concurrency/event-loop-stalls'
import { newRequester } from '../concurrency/fair-queue'
import { runLater } from '../concurrency/scheduler'
import { Slots } from '../concurrency/slots'
import { type Sink, Source } from '../concurrency/source'
import { beginWait } from '../concurrency/waits'
import type { Entry, LogFollower, Position, Store } from '../db/store'
import type { Scope } from '../domain/caller'
import { erasedInMemoryMs } from '../domain/erasure'
import { DomainError, type GapReason, HistoryGone } from '../domain/errors'
import type { Snapshot } from '../domain/session'
import { CatchUpQueue, type FeedRequester, LogCursor, SubscriberReads } from './log-reads'
import {
  type FeedFilter,
  type FeedMessage,
  type FeedTransition,
  feedCursorOf,
  feedPositionOf,
  Ring,
  ringCommits,
} from './ring'
import { SessionCursor, transitionSink } from './session-cursor'

/**
 * Maximum number of commits scanned per feed page, and per read for such a page. A feed page that reaches this maximum
 * can have few or no items, and the client continues from the page's `next` cursor.
 */
const commitsPerPage = 5_000
const commitsPerPageRead = 500
/**
 * Time in ms after which a delivery round yields to other work, and number of readers served between two checks of the
 * time.
 */
const deliveringMs = 5
const readersPerStep = 10
/**
 * Maximum pause in ms after a delivery round. Each pause is as long as the round before it, so that deliveries use at
 * most about half of the CPU time. The next round delivers all commits made during the pause, in one write per reader.
 */
const longestPauseMs = 50
/**
 * Interval in ms at which an erasure checks whether all subscribers have received the commits that it is about to drop.
 */
const invalidationStepMs = 5
/** Number of commits delivered to a reader before it yields to other readers. */
const commitsPerTurn = 128
/** Number of commits that a reader reads from the history in one batch. */
const commitsACatchUp = 128
/** Maximum number of requests that wait for the next transitions (long polls), in total and per principal. */
export const longPollsAtOnce = 10_000
export const longPollsOfPrincipal = 5_000
/** Time in ms that a reader waits for a sink to accept an item before it drops the rest of its batch. */
const asleepMs = 250

/** Message logged after the store's log was truncated, or replaced by a restore. */
const historyGone =
  'the store log has restarted after a restore or an oplog truncation: no session is lost, but subscribers with older cursors get a gap'

/** Requests the transitions that a filter selects. */
export interface FeedRequest {
  /** Cursor after which to continue. If `after` is absent, the request starts at the current end of the feed. */
  after?: string | undefined
  filter?: FeedFilter | undefined
  requester?: FeedRequester
}

export interface SubscriptionRequest extends FeedRequest {
  /** Whether to send another `ready` once the subscriber has received the transitions that it had missed. */
  reportsCaughtUp?: boolean
}

export interface PageRequest extends FeedRequest {
  limit: number
  signal?: Signal
}

export interface LongPollRequest extends FeedRequest {
  after: string
  limit: number
  /** Called once the request is admitted. The wait ends when the returned signal is aborted. */
  begin: () => AbortSignal
}

export interface TransitionsRequest {
  /** Reads the session, and checks that the requester is allowed to see it. */
  read: () => Promise<Snapshot>
  /** Sequence number after which the subscription starts. Default: the session's version. */
  after?: number | undefined
  requester?: FeedRequester
  /** The subscription ends when the session leaves this scope. */
  scope?: Scope
}

/** A feed page, with the cursor (`next`) from which to continue. */
export interface FeedPage {
  items: FeedTransition[]
  next: string
}

/**
 * Delivers the ordered log of all commits to subscribers. Each process has one feed. Every subscriber gets all durable
 * commits after its cursor exactly once, in commit order.
 *
 * A subscriber waits for one thing at a time, without a time limit: for the log when the process starts (`log_start`),
 * for a read of the history or of sessions (`catch_up`), for an unavailable store (`store_retry`), or for its sink.
 * Waits for a sink are recorded per connection (`slow_reader`), not per subscriber. A waiting subscriber keeps its
 * cursor, so it misses no commit. Each subscriber holds at most one batch in memory. The limits on connections and on
 * operations per connection bound the number of subscribers. A long poll is also a subscriber, until it receives its
 * first transitions (`long_poll`).
 */
export class Feed implements LogFollower {
  readonly #ring: Ring
  readonly #reads: CatchUpQueue
  readonly #readers = new Map<string, Set<FeedReader>>()
  /** Readers that subscribed before the store reported its log, and that start as soon as it does. */
  readonly #unstarted = new Map<FeedReader, { after: string | undefined; endWait: () => void }>()
  /** Readers of single sessions, by session id, so that a commit wakes only its session's readers. */
  readonly #sessionReaders = new Map<string, Set<FeedReader>>()
  /** Against callers that hold thousands of requests open. */
  readonly #longPolls = new Slots({ atOnce: longPollsAtOnce, ofPrincipal: longPollsOfPrincipal })
  /** Called after a delivery round, in which every reader that keeps up has received the commits up to `position`. */
  onDelivered: (position: Position) => void = () => {}
  #isPumping = false

  constructor(
    readonly store: Store,
    readonly log: Logger,
    size = ringCommits,
  ) {
    this.#ring = new Ring(store, size)
    this.#reads = new CatchUpQueue(store)
  }

  /** Number of feed readers in each state. */
  get readers(): Record<ReaderState, number> {
    const counts = { following: 0, waiting: 0, catching_up: 0 }
    for (const readers of this.#readers.values()) for (const reader of readers) counts[reader.state]++
    return counts
  }

  reset(position: Position): void {
    this.#ring.reset(position)
    // The store reports recent commits in the current event-loop turn. Start the readers in a later event-loop turn, so
    // that a reader without a cursor starts after the recent commits.
    for (const [reader, { after, endWait }] of this.#unstarted) {
      endWait()
      runLater(() => reader.start(after))
    }
    this.#unstarted.clear()
    // Wake all readers, so that each reader notices the reset and reads what it may have missed from the store.
    this.#pump()
    for (const readers of this.#sessionReaders.values()) for (const reader of readers) reader.pump()
  }

  append(entry: Entry): void {
    this.#ring.append(entry)
    this.#pump()
    const number = this.#ring.end - 1
    for (const reader of this.#sessionReaders.get(entry.commit.session_id) ?? []) reader.offer(number)
  }

  /**
   * Drops all commits up to a position from memory, because some of them were erased. Before dropping the commits,
   * waits until subscribers have received them. An erased commit no longer matches its mentor, so a subscriber that
   * filters by mentor would miss it when reading from the store.
   */
  async invalidate(position: Position): Promise<void> {
    this.#reads.forget()
    this.#ring.invalidations++
    const until = performance.now() + erasedInMemoryMs
    while (this.#isDelivering(position) && performance.now() < until) await wait(invalidationStepMs)
    this.#ring.drop(position)
    this.#pump()
  }

  /** Whether any subscriber has not yet received all commits up to this position. */
  #isDelivering(position: Position): boolean {
    for (const readers of this.#readers.values())
      for (const reader of readers) if (reader.isBefore(position)) return true
    for (const readers of this.#sessionReaders.values())
      for (const reader of readers) if (reader.state !== 'following') return true
    return false
  }

  advance(position: Position): void {
    this.#ring.advance(position)
  }

  failed(error: unknown, doing = 'following the store'): void {
    if (error instanceof HistoryGone) this.log.warn({ reason: error.reason }, historyGone)
    else this.log.warn({ err: error }, `${doing} failed, retrying`)
  }

  /**
   * Runs one delivery round: wakes the readers in time slices, and serves principals in turn. A reader continues from
   * its own position, so one wake-up delivers any number of entries. After a long delivery round, pauses before the
   * next round.
   */
  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    const began = performance.now()
    const { end, head } = this.#ring
    this.#pumpSome({ readers: inTurns([...this.#readers.values()]), end, head, began })
  }

  #pumpSome(round: DeliveryRound): void {
    const { readers, end, head, began } = round
    if (!recordBlocking('delivering to subscribers', () => pumpedAll(readers))) {
      runLater(() => this.#pumpSome(round))
      return
    }
    this.onDelivered(head)
    const goOn = (): void => {
      this.#isPumping = false
      if (this.#ring.end > end) this.#pump()
    }
    const took = performance.now() - began
    if (took < deliveringMs) goOn()
    else setTimeout(goOn, Math.min(took, longestPauseMs)).unref()
  }

  /**
   * Subscribes to all transitions that the filter selects, starting after the cursor `after` or, without a cursor, now.
   * The first message is `ready`. If the feed cannot resume after the cursor, sends `gap` before `ready`.
   */
  subscribe({ after, reportsCaughtUp, ...request }: SubscriptionRequest = {}): Source<FeedMessage> {
    return new Source(sink => this.#startReader(new FeedReader(this.#cursor(request), sink, reportsCaughtUp), after))
  }

  /** Creates a subscriber's cursor, whose position is before all commits. */
  #cursor({ filter = {}, requester = newRequester() }: FeedRequest, signal?: Signal): LogCursor {
    return new LogCursor(this.#ring, new SubscriberReads(this.#reads, requester, signal), filter)
  }

  /** Starts a feed reader. Returns a function that removes the reader. */
  #startReader(reader: FeedReader, after: string | undefined): () => void {
    const remove = added(this.#readers, reader.requester.principal, reader)
    if (this.hasLog) reader.start(after)
    else this.#unstarted.set(reader, { after, endWait: beginWait('log_start') })
    return () => {
      remove()
      this.#unstarted.get(reader)?.endWait()
      this.#unstarted.delete(reader)
    }
  }

  /**
   * Whether the store has reported its log. Until the log is reported, feed subscriptions wait, and other methods throw
   * `unavailable`.
   */
  get hasLog(): boolean {
    return this.#ring.hasLog
  }

  /** Returns the cursor that resumes the feed after this position. */
  cursorAt(position: Position): string {
    return feedCursorOf(this.store, { position, skip: 0 })
  }

  #requireLog(): void {
    if (!this.hasLog) throw new DomainError('unavailable')
  }

  /**
   * Subscribes to a session's transitions after the sequence number `after`: first the stored transitions, then the
   * feed's transitions of the session, up to its close. The subscription ends with session_not_found when the session
   * moves out of the scope, and with cursor_expired if transitions are no longer stored. Rejects with errors of `read`.
   */
  async transitions(request: TransitionsRequest): Promise<Source<FeedTransition>> {
    const { read, after, requester = newRequester(), scope = {} } = request
    this.#requireLog()
    // Remember the position before reading the session: if the session is closed after that read, the close follows
    // this position in the log.
    const { start } = this.#ring
    const session = await read()
    return new Source(sink => {
      const reads = new SubscriberReads(this.#reads, requester)
      const cursor = new SessionCursor(this.#ring, reads, scope, session, after ?? session.version)
      const reader = new FeedReader(cursor, transitionSink(sink))
      const remove = added(this.#sessionReaders, session.session_id, reader)
      reader.startAt(start)
      return remove
    })
  }

  /**
   * Returns up to `limit` transitions after the cursor `after`, and the cursor from which to continue. Without `after`,
   * returns only the current cursor. Throws invalid_cursor if the cursor is invalid, and cursor_expired if the
   * transitions after it are no longer stored. Throws unavailable if the store has not reported its log yet, or if the
   * deadline passes.
   */
  async page({ after, limit, signal, ...request }: PageRequest): Promise<FeedPage> {
    this.#requireLog()
    if (after === undefined) return { items: [], next: this.cursorAt(this.#ring.head) }
    const from = feedPositionOf(this.store, after)
    if (!from) throw unknownCursor()
    const deadline = new Deadline({ signal })
    const cursor = this.#cursor(request, deadline)
    cursor.moveTo(from)
    try {
      return await deadline.bound(this.#page(cursor, limit))
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error
      throw error.reason === 'expired' ? new DomainError('cursor_expired') : unknownCursor()
    } finally {
      deadline.end()
      cursor.reads.leave()
    }
  }

  async #page(cursor: LogCursor, limit: number): Promise<FeedPage> {
    const { items, next } = await this.#itemsAfter(cursor, limit)
    return { items: await cursor.reads.withSessions(items, cursor.filter), next }
  }

  async #itemsAfter(cursor: LogCursor, limit: number): Promise<FeedPage> {
    // Check the position here: unlike a read of the history, a read of the ring does not detect a position that was
    // never issued.
    if (cursor.isInRing) await cursor.check()
    const items: FeedTransition[] = []
    for (let passed = -1; passed < cursor.passed && cursor.passed < commitsPerPage; ) {
      passed = cursor.passed
      const following = cursor.read(commitsPerPageRead)
      for (const item of following instanceof Promise ? await following : following) {
        items.push(item)
        if (items.length === limit) return { items, next: item.cursor }
      }
    }
    return { items, next: cursor.text }
  }

  /**
   * Waits for the next transitions after the cursor `after` (long polling). Returns all transitions that arrive in the
   * same event-loop turn, up to `limit`, and the cursor from which to continue. Returns no transitions if the wait is
   * ended by the signal that `begin` returned. If the transitions after the cursor are no longer stored, also returns
   * no transitions, and the next `page` call throws cursor_expired. Throws unavailable if too many long polls are
   * waiting.
   */
  async longPoll({ after, limit, begin, ...request }: LongPollRequest): Promise<FeedPage> {
    const cursor = this.#cursor(request)
    const release = this.#longPolls.acquire(cursor.reads.requester.principal)
    const endWait = beginWait('long_poll')
    const items: FeedTransition[] = []
    const came = Promise.withResolvers<void>()
    const rest = Promise.withResolvers<void>()
    const reader = new FeedReader(cursor, {
      take(message) {
        if (message.kind === 'ready') return undefined
        // Respond in a later event-loop turn, because many requests can be waiting for the same transition.
        if (items.length === 0) runLater(came.resolve)
        if (message.kind === 'transition') items.push(message)
        return message.kind === 'gap' || items.length === limit ? rest.promise : undefined
      },
      end: came.reject,
    })
    let detach = (): void => {}
    try {
      const over = begin()
      if (over.aborted) came.resolve()
      over.addEventListener('abort', () => came.resolve(), { once: true })
      detach = this.#startReader(reader, after)
      await came.promise
      return { items, next: cursor.text }
    } finally {
      detach()
      endWait()
      release()
    }
  }
}

interface DeliveryRound {
  /** Readers that this delivery round has not woken yet. */
  readers: Iterator<FeedReader>
  /** The ring's end and head when the delivery round began. */
  end: number
  head: Position
  began: number
}

/** Adds a reader to the set for a key. Returns a function that closes and removes the reader. */
function added(sets: Map<string, Set<FeedReader>>, key: string, reader: FeedReader): () => void {
  const readers = sets.get(key) ?? new Set()
  sets.set(key, readers.add(reader))
  return () => {
    reader.close()
    readers.delete(reader)
    if (readers.size === 0 && sets.get(key) === readers) sets.delete(key)
  }
}

/** Iterates over all readers in round-robin order: one reader from each set, then the next reader from each set. */
function* inTurns(sets: Set<FeedReader>[]): Generator<FeedReader> {
  let turns = sets.map(readers => readers.values())
  while (turns.length > 0) {
    const unfinished: typeof turns = []
    for (const readers of turns) {
      const { value: reader, done } = readers.next()
      if (done) continue
      unfinished.push(readers)
      yield reader
    }
    turns = unfinished
  }
}

/** Wakes readers until the time slice ends. Returns whether all readers have been woken. */
function pumpedAll(readers: Iterator<FeedReader>): boolean {
  const until = performance.now() + deliveringMs
  for (let served = 1; ; served++) {
    const { value: reader, done } = readers.next()
    if (done) return true
    reader.pump()
    if (served % readersPerStep === 0 && performance.now() >= until) return false
  }
}

const unknownCursor = (): DomainError =>
  new DomainError('invalid_cursor', {
    errors: [{ detail: 'is not a cursor of this feed: leave it out to get the current cursor', parameter: 'after' }],
  })

export type ReaderState = 'following' | 'waiting' | 'catching_up'

/**
 * One subscription, to the feed or to a session. The reader's cursor advances as the sink accepts items. The reader reads from the ring if the
 * ring covers the cursor, and otherwise from the store's history. A reader does not queue items.
 */
class FeedReader {
  #isBusy = true
  #isClosed = false
  /** Whether to send a second `ready` once the reader has caught up. */
  #isToReport = false

  constructor(
    readonly cursor: LogCursor,
    readonly sink: Sink<FeedMessage>,
    readonly reportsCaughtUp = false,
  ) {}

  get state(): ReaderState {
    if (!this.#isBusy) return 'following'
    return this.cursor.isBehindRing ? 'catching_up' : 'waiting'
  }

  /** Whether the reader still has to deliver commits up to this position. */
  isBefore(position: Position): boolean {
    return this.cursor.isBefore(position)
  }

  get requester(): FeedRequester {
    return this.cursor.reads.requester
  }

  get #readsSessions(): boolean {
    return this.requester.sessionsWithin !== undefined
  }

  close(): void {
    this.#isClosed = true
    this.cursor.reads.leave()
  }

  /** Starts reading after the cursor `after` or, without a cursor, at the end of the log. */
  start(after: string | undefined): void {
    void this.#continueAfter(after === undefined ? this.#toHead() : this.#startAfter(after))
  }

  /** Starts reading after a position, without a `ready`. */
  startAt(position: Position): void {
    this.cursor.moveTo({ position, skip: 0 })
    void this.#continueAfter()
  }

  async #startAfter(after: string): Promise<void> {
    const position = feedPositionOf(this.cursor.ring.store, after)
    if (!position) return this.#gap(after, 'unknown')
    this.cursor.moveTo(position)
    await this.cursor.check()
    await this.#ready(after, false)
  }

  /** Sends `ready`, either as the first message of the subscription or once the reader has caught up. */
  async #ready(cursor: string, caught_up: boolean): Promise<void> {
    this.#isToReport = this.reportsCaughtUp && !caught_up
    await this.sink.take(this.reportsCaughtUp ? { kind: 'ready', cursor, caught_up } : this.cursor.ring.readyAt(cursor))
  }

  /**
   * Delivers the ring's new entries to a session's reader. `number` is the number of a new commit of the session. A
   * reader that has taken all earlier commits of the session skips the commits of other sessions.
   */
  offer(number: number): void {
    if (!this.#isBusy) this.cursor.skipTo(number)
    this.pump()
  }

  /** Delivers the ring's new entries. Returns quickly if the ring has no new entries. */
  pump(): void {
    const { cursor } = this
    if (this.#readsSessions) {
      this.#pumpSessions()
      return
    }
    const until = cursor.passed + commitsPerTurn
    while (!this.#isBusy && !this.#isClosed) {
      if (cursor.hasLostRing) return void this.#continueAfter()
      if (!cursor.hasNext) break
      if (cursor.passed >= until) return void this.#continueAfter(cursor.reads.waitForDelivery())
      const item = cursor.next()
      const waiting = item && this.sink.take(item)
      if (waiting) void this.#continueAfter(waiting)
    }
    if (this.#isToReport && !this.#isBusy && !this.#isClosed) void this.#continueAfter(this.#ready(cursor.text, true))
  }

  /** Like `pump`, but reads the session of each item before delivering it. */
  #pumpSessions(): void {
    if (this.#isBusy || this.#isClosed) return
    this.cursor.skipExcluded()
    if (this.cursor.hasNext) void this.#continueAfter()
  }

  /**
   * Waits for `first`, then reads the items that the reader has missed, and continues from the ring. An error ends the
   * subscription.
   */
  async #continueAfter(first?: Promise<void>): Promise<void> {
    this.#isBusy = true
    try {
      await this.#orGap(first)
      while (!this.#isClosed && this.#isBehind()) await this.#orGap(this.#catchUp())
      this.#isBusy = false
      this.pump()
    } catch (error) {
      if (!this.#isClosed) this.sink.end(error)
      this.#isClosed = true
    }
  }

  /**
   * Returns whether the next item must be read from the store. If the ring covers the cursor's position, moves the
   * cursor into the ring.
   */
  #isBehind(): boolean {
    return !this.cursor.enterRing() || (this.#readsSessions && this.cursor.hasNext)
  }

  /**
   * Waits for `work`. If the commits after the cursor are no longer stored, sends `gap` and continues at the end of the
   * log.
   */
  async #orGap(work?: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error
      await this.#gap(this.cursor.text, error.reason)
    }
  }

  async #gap(after: string, reason: GapReason): Promise<void> {
    await this.sink.take({ kind: 'gap', after, reason })
    await this.#toHead()
  }

  async #toHead(): Promise<void> {
    const head = { position: this.cursor.ring.head, skip: 0 }
    this.cursor.moveTo(head)
    await this.#ready(feedCursorOf(this.cursor.ring.store, head), true)
  }

  /**
   * Reads and delivers a batch of missed commits, or of items that are delivered with their sessions. If the sink takes
   * more than 250 ms to accept an item, drops the rest of the batch and reads it again later.
   */
  async #catchUp(): Promise<void> {
    const { invalidations } = this.cursor.ring
    const items = await (this.#readsSessions
      ? this.cursor.readWithSessions(commitsACatchUp)
      : this.cursor.read(commitsACatchUp))
    // Commits in the batch may have been erased meanwhile.
    const isOver = (): boolean => this.#isClosed || this.cursor.ring.invalidations !== invalidations
    if (isOver()) return
    for (const item of items) {
      const waiting = this.sink.take(item)
      if (waiting && !(await endsWithin(waiting, asleepMs))) return waiting
      // Wait for the sink before taking the next item, because taking an item advances the cursor.
      if (isOver()) return
    }
  }
}
