import type { Logger } from 'pino'
import type { Entry, Follower, Position, Store } from '../db/store'
import { DomainError, HistoryGone } from '../domain/errors'
import type { Snapshot } from '../domain/session'
import { Attached, Source } from '../source'
import { Deadline } from '../time/deadline'
import { section } from '../time/stalls'
import { inTurn } from '../time/turns'
import { Reader, type ReaderState } from './reader'
import { Reading, Reads } from './reads'
import {
  type FeedFilter,
  type FeedMessage,
  type FeedTransition,
  feedCursorOf,
  type Place,
  passes,
  placeOf,
  Ring,
  ringCommits,
  skipped,
} from './ring'
import { SessionReader } from './session-reader'

/** Commits that one page of the feed looks at, at most: after them the caller asks again. */
const commitsAPage = 5_000
const commitsAPageRead = 500
/** Readers that are served before other work gets its turn. */
const readersATurn = 500

/**
 * The ordered log of all that was committed, as the store tells it: once for the process, whatever the number of
 * subscribers. What a subscriber sees is durable, in commit order, each once, from its cursor on.
 */
export class Feed implements Follower {
  readonly #ring: Ring
  readonly #reads: Reads
  readonly #readers = new Set<Reader>()
  /** Those who subscribed before the log was told, and after what: they start when it is. */
  readonly #early = new Map<Reader, string | undefined>()
  readonly #sessionReaders = new Map<string, Set<SessionReader>>()
  /** Called when all who wait for nothing were handed what was committed up to a position. */
  onTold: (position: Position) => void = () => {}
  #pumping = false

  constructor(
    readonly store: Store,
    readonly log: Logger,
    size = ringCommits,
  ) {
    this.#ring = new Ring(store, size)
    this.#reads = new Reads(store)
  }

  /** How many follow the feed, by what they do. */
  get readers(): Record<ReaderState, number> {
    const counts = { following: 0, waiting: 0, catching_up: 0 }
    for (const reader of this.#readers) counts[reader.state]++
    return counts
  }

  reset(position: Position): void {
    this.#ring.reset(position)
    // Now is where the log is when what was committed lately is told.
    for (const [reader, after] of this.#early) inTurn(() => reader.start(after))
    this.#early.clear()
    this.#pump()
    for (const readers of this.#sessionReaders.values()) for (const reader of readers) reader.missed()
  }

  append(entry: Entry): void {
    const added = this.#ring.append(entry)
    this.#pump()
    for (const reader of this.#sessionReaders.get(entry.commit.session_id) ?? []) reader.offer(added)
  }

  forget(position: Position): void {
    this.reset(position)
  }

  advance(position: Position): void {
    this.#ring.advance(position)
  }

  failed(error: unknown, doing = 'following the store'): void {
    this.log.warn({ err: error }, doing)
  }

  /** Wakes the readers, some at a time: each goes on from where it stands, so that none needs to hear of every entry. */
  #pump(): void {
    if (this.#pumping) return
    const { end, head } = this.#ring
    const readers = this.#readers.values()
    const more = (): void => {
      this.#pumping = false
      for (let served = 0; served < readersATurn; served++) {
        const { value: reader, done } = readers.next()
        if (done) {
          this.onTold(head)
          if (this.#ring.end > end) this.#pump()
          return
        }
        reader.pump()
      }
      this.#pumping = true
      inTurn(() => section('telling subscribers', more))
    }
    section('telling subscribers', more)
  }

  /**
   * Everything after the cursor `after`, or from now on, that the filter lets through. The first message is `ready`;
   * where the cursor cannot be honoured, `gap` and then `ready`.
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
      if (this.isTold) reader.start(after)
      else this.#early.set(reader, after)
      return () => attached.detach()
    })
  }

  /** Whether the store has told its log: before, nothing can be said of it. */
  get isTold(): boolean {
    return this.#ring.isTold
  }

  #requireLog(): void {
    if (!this.isTold) throw new DomainError('unavailable')
  }

  /** A session's transitions after the sequence `after`, the stored and then the live ones, up to its close. */
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
      // The session was read before this: a close that was told meanwhile lies in the ring.
      reader.start(this.#ring.start)
      return () => attached.detach()
    })
  }

  /**
   * Up to `limit` transitions after the cursor `after`, and the cursor to go on with; without `after` none, and now's.
   * Throws invalid_cursor, cursor_expired where the history is gone, or unavailable where it takes longer than a request may.
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
    const place = placeOf(identity, after)
    if (!place) throw unknownCursor()
    const deadline = new Deadline(wanted)
    const reading = new Reading(this.#reads, false, () => !deadline.over)
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
    from: Place,
    limit: number,
    filter: FeedFilter,
    reading: Reading,
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

  /** What follows a place: out of the ring where it holds that, out of the store's history otherwise. */
  async #following(
    { position, skip }: Place,
    filter: FeedFilter,
    reading: Reading,
  ): Promise<{ items: FeedTransition[]; next: Place; passed: number }> {
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
    errors: [{ detail: 'is not a cursor that was issued here', parameter: 'after' }],
  })
