import type { Logger } from 'pino'
import { Deadline } from '../concurrency/deadline'
import { section } from '../concurrency/event-loop-stalls'
import { runLater } from '../concurrency/scheduler'
import { Attached, Source } from '../concurrency/source'
import type { Entry, LogFollower, Position, Store } from '../db/store'
import { DomainError, HistoryGone } from '../domain/errors'
import type { Snapshot } from '../domain/session'
import { CatchUpReads, SubscriberReads } from './catch-up-reads'
import { Reader, type ReaderState } from './reader'
import {
  type FeedFilter,
  type FeedMessage,
  type FeedPosition,
  type FeedTransition,
  feedCursorOf,
  feedPositionOf,
  passes,
  Ring,
  ringCommits,
  skipped,
} from './ring'
import { SessionReader } from './session-reader'

/** Maximum number of commits that one page, and each of its reads, looks at. The client then requests the next page. */
const commitsAPage = 5_000
const commitsAPageRead = 500
/** Readers served before other work gets its turn. */
const readersATurn = 500

/**
 * The ordered log of all commits, as the store reports it. There is one per process, for any number of subscribers.
 * Subscribers get durable commits after their cursor, in commit order, each once.
 */
export class Feed implements LogFollower {
  readonly #ring: Ring
  readonly #reads: CatchUpReads
  readonly #readers = new Set<Reader>()
  /** Readers that subscribed before the log was available, with their cursors. They start when it is. */
  readonly #early = new Map<Reader, string | undefined>()
  readonly #sessionReaders = new Map<string, Set<SessionReader>>()
  /** Called when every following reader has received the commits up to a position. */
  onDelivered: (position: Position) => void = () => {}
  #pumping = false

  constructor(
    readonly store: Store,
    readonly log: Logger,
    size = ringCommits,
  ) {
    this.#ring = new Ring(store, size)
    this.#reads = new CatchUpReads(store)
  }

  /** Number of feed readers by state. */
  get readers(): Record<ReaderState, number> {
    const counts = { following: 0, waiting: 0, catching_up: 0 }
    for (const reader of this.#readers) counts[reader.state]++
    return counts
  }

  reset(position: Position): void {
    this.#ring.reset(position)
    // The store reports recent commits in this turn of the event loop. Start readers later, so that "now" is after
    // them.
    for (const [reader, after] of this.#early) runLater(() => reader.start(after))
    this.#early.clear()
    this.#pump()
    for (const readers of this.#sessionReaders.values()) for (const reader of readers) reader.missed()
  }

  append(entry: Entry): void {
    const added = this.#ring.append(entry)
    this.#pump()
    for (const reader of this.#sessionReaders.get(entry.commit.session_id) ?? []) reader.offer(added)
  }

  invalidate(position: Position): void {
    this.reset(position)
  }

  advance(position: Position): void {
    this.#ring.advance(position)
  }

  failed(error: unknown, doing = 'following the store'): void {
    this.log.warn({ err: error }, `${doing} failed, retrying`)
  }

  /** Wakes the readers in batches. Each continues from its own position, so no reader must be woken for every entry. */
  #pump(): void {
    if (this.#pumping) return
    const { end, head } = this.#ring
    const readers = this.#readers.values()
    const more = (): void => {
      this.#pumping = false
      for (let served = 0; served < readersATurn; served++) {
        const { value: reader, done } = readers.next()
        if (done) {
          this.onDelivered(head)
          if (this.#ring.end > end) this.#pump()
          return
        }
        reader.pump()
      }
      this.#pumping = true
      runLater(() => section('delivering to subscribers', more))
    }
    section('delivering to subscribers', more)
  }

  /**
   * Subscribes to everything after the cursor `after`, or from now on, that the filter lets through.
   * The first message is `ready`. If the cursor cannot be honoured, `gap` comes first, then `ready`.
   */
  subscribe(after: string | undefined, filter: FeedFilter = {}): Source<FeedMessage> {
    return new Source(sink => {
      const attached = new Attached(sink, () => {
        reader.close()
        this.#readers.delete(reader)
        this.#early.delete(reader)
      })
      const reader = new Reader(this.#ring, this.#reads, filter, attached)
      this.#readers.add(reader)
      if (this.hasLog) reader.start(after)
      else this.#early.set(reader, after)
      return () => attached.detach()
    })
  }

  /** Whether the store has reported its log. Until then subscriptions to the feed wait, and all else is unavailable. */
  get hasLog(): boolean {
    return this.#ring.hasLog
  }

  #requireLog(): void {
    if (!this.hasLog) throw new DomainError('unavailable')
  }

  /** Subscribes to a session's transitions after the sequence `after`: stored, then live ones, up to its close. */
  transitions(session: Snapshot, after: number): Source<FeedTransition> {
    this.#requireLog()
    const { session_id } = session
    return new Source(sink => {
      const readers = this.#sessionReaders.get(session_id) ?? new Set()
      const attached = new Attached(sink, () => {
        reader.close()
        readers.delete(reader)
        if (readers.size === 0 && this.#sessionReaders.get(session_id) === readers)
          this.#sessionReaders.delete(session_id)
      })
      const reader = new SessionReader(session, after, this.#reads, this.#ring, attached)
      this.#sessionReaders.set(session_id, readers.add(reader))
      // The session was read before this. If it was closed since, the ring holds the close, after this position.
      reader.start(this.#ring.start)
      return () => attached.detach()
    })
  }

  /**
   * Returns up to `limit` transitions after the cursor `after`, and the cursor to continue from. Without `after`,
   * returns none and the current cursor.
   * Throws invalid_cursor, cursor_expired if the history is gone, or unavailable if the log is not available or the
   * deadline passes.
   */
  async page(
    after: string | undefined,
    limit: number,
    filter: FeedFilter = {},
    wanted?: () => boolean,
  ): Promise<{ items: FeedTransition[]; next: string }> {
    this.#requireLog()
    const { identity } = this.store
    if (after === undefined) return { items: [], next: feedCursorOf(identity, { position: this.#ring.head, skip: 0 }) }
    const place = feedPositionOf(identity, after)
    if (!place) throw unknownCursor()
    const deadline = new Deadline(wanted)
    const reading = new SubscriberReads(this.#reads, false, () => !deadline.over)
    try {
      return await deadline.bound(this.#page(place, limit, filter, reading))
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error
      throw error.reason === 'expired' ? new DomainError('cursor_expired') : unknownCursor()
    } finally {
      deadline.end()
      reading.leave()
    }
  }

  async #page(
    from: FeedPosition,
    limit: number,
    filter: FeedFilter,
    reading: SubscriberReads,
  ): Promise<{ items: FeedTransition[]; next: string }> {
    if (this.#ring.covers(from.position) && !this.#ring.knows(from.position)) await reading.history(from.position, 1)
    const items: FeedTransition[] = []
    let place = from
    for (let seen = 0; seen < commitsAPage; ) {
      const following = await this.#following(place, filter, reading)
      items.push(...following.items)
      if (items.length >= limit)
        return { items: items.slice(0, limit), next: (items[limit - 1] as FeedTransition).cursor }
      place = following.next
      seen += following.passed
      if (following.passed === 0) break
    }
    return { items, next: feedCursorOf(this.store.identity, place) }
  }

  /** Reads on from a feed position: from the ring if it covers the position, otherwise from the store's history. */
  async #following(
    { position, skip }: FeedPosition,
    filter: FeedFilter,
    reading: SubscriberReads,
  ): Promise<{ items: FeedTransition[]; next: FeedPosition; passed: number }> {
    const { head, end } = this.#ring
    if (this.#ring.covers(position)) {
      const first = this.#ring.numberAfter(position)
      const passed = Math.min(end - first, commitsAPageRead)
      const entries = Array.from({ length: passed }, (_, i) => this.#ring.at(first + i))
      const items = entries.flatMap((entry, i) =>
        passes(filter, entry.commit) ? entry.items.slice(i === 0 ? skipped(entry, skip) : 0) : [],
      )
      const next = first + passed === end ? head : (entries.at(-1)?.position ?? position)
      return { items, next: { position: next, skip: passed > 0 ? 0 : skip }, passed }
    }
    const { entries, next, passed } = await reading.history(position, commitsAPageRead, filter)
    const items = entries.flatMap(entry => entry.items.slice(entry.before > position ? 0 : skipped(entry, skip)))
    return { items, next: { position: next, skip: passed > 0 ? 0 : skip }, passed }
  }
}

const unknownCursor = (): DomainError =>
  new DomainError('invalid_cursor', {
    errors: [{ detail: 'is not a cursor of this feed', parameter: 'after' }],
  })
