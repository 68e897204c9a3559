import type { Logger } from 'pino'
import type { Entry, Follower, Position, Store } from '../db/store'
import { DomainError, HistoryGone } from '../domain/errors'
import type { Snapshot } from '../domain/session'
import { type FeedFilter, passes, Reader } from './reader'
import {
  cursorOf,
  type FeedMessage,
  type FeedTransition,
  placeOf,
  Ring,
  ringSize,
  skipped,
  type Told,
  told,
} from './ring'
import { SessionReader } from './session-reader'
import { type Sink, Source } from './source'
import { Turns } from './turns'

/** Reads of history that a process makes at once. */
const catchUps = 8
/** Commits that one page of the feed looks at, at most: behind them the caller asks again. */
const pageReach = 5_000
/** Readers that are served before other work gets its turn. */
const slice = 500

/**
 * The ordered log of all that was committed, as the store tells it: once for the process, whatever the number of
 * subscribers. What a subscriber sees is durable, in commit order, each once, behind its cursor.
 */
export class Feed implements Follower {
  readonly #ring: Ring
  readonly #turns = new Turns(catchUps)
  readonly #readers = new Set<Reader>()
  readonly #sessionReaders = new Map<string, Set<SessionReader>>()
  #pumping = false

  constructor(
    readonly store: Store,
    readonly log: Logger,
    size = ringSize,
  ) {
    this.#ring = new Ring(store.identity, size)
  }

  /** Fills the ring with what was committed lately, and goes on with what is committed from now on. */
  start(): Promise<void> {
    return this.store.follow(this)
  }

  reset(position: Position): void {
    this.#ring.reset(position)
    this.#pump()
    for (const readers of this.#sessionReaders.values()) for (const reader of readers) reader.missed()
  }

  append(entry: Entry): void {
    const before = this.#ring.head
    const added = this.#ring.append(entry)
    this.#pump()
    for (const reader of this.#sessionReaders.get(entry.commit.session_id) ?? []) reader.offer(added, before)
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
    const { end } = this.#ring
    const readers = this.#readers.values()
    const more = (): void => {
      this.#pumping = false
      for (let served = 0; served < slice; served++) {
        const { value: reader, done } = readers.next()
        if (done) {
          if (this.#ring.end > end) this.#pump()
          return
        }
        reader.pump()
      }
      this.#pumping = true
      setImmediate(more)
    }
    more()
  }

  /**
   * Everything behind the cursor `after`, or from now on, that the filter lets through. The first message is `ready`;
   * where the cursor cannot be honoured, `gap` and then `ready`.
   */
  subscribe(after: string | undefined, filter: FeedFilter = {}): Source<FeedMessage> {
    return new Source(sink => {
      const reader = new Reader(this.#ring, this.store, this.#turns, filter, {
        take: taking(sink),
        end: error => {
          this.#readers.delete(reader)
          sink.end(error)
        },
      })
      this.#readers.add(reader)
      reader.start(after)
      return () => {
        reader.close()
        this.#readers.delete(reader)
      }
    })
  }

  /** A session's transitions behind the sequence `after`, the stored and then the live ones, up to its close. */
  transitions(session: Snapshot, after: number): Source<FeedTransition> {
    const { session_id } = session
    return new Source(sink => {
      const readers = this.#sessionReaders.get(session_id) ?? new Set()
      const detach = (): void => {
        reader.close()
        readers.delete(reader)
        if (readers.size === 0) this.#sessionReaders.delete(session_id)
      }
      const reader = new SessionReader(session, after, this.store, this.#ring, this.#turns, {
        take: taking(sink),
        end: error => {
          detach()
          sink.end(error)
        },
      })
      this.#sessionReaders.set(session_id, readers.add(reader))
      // The session was read before: a close that was told meanwhile lies in the ring.
      reader.start(this.#ring.start)
      return detach
    })
  }

  /**
   * Up to `limit` transitions behind the cursor `after`, and the cursor to go on with; without `after` none, and now's.
   * Throws invalid_cursor, or cursor_expired where the history is gone.
   */
  async page(
    after: string | undefined,
    limit: number,
    filter: FeedFilter = {},
  ): Promise<{ items: FeedTransition[]; next: string }> {
    const { identity } = this.store
    if (after === undefined) return { items: [], next: cursorOf(identity, { position: this.#ring.head, skip: 0 }) }
    const place = placeOf(identity, after)
    if (!place) throw unknownCursor()
    if (!this.#ring.knows(place.position)) await this.#stored(place.position, 1)
    const items: FeedTransition[] = []
    let { position, skip } = place
    for (let seen = 0; seen < pageReach; ) {
      const { entries, next } = await this.#behind(position)
      for (const entry of entries) {
        if (passes(filter, entry.commit)) items.push(...entry.items.slice(skipped(entry, skip)))
        if (items.length >= limit) {
          const page = items.slice(0, limit)
          return { items: page, next: page.at(-1)?.cursor ?? after }
        }
        skip = 0
      }
      position = next
      seen += entries.length
      if (entries.length === 0) break
    }
    return { items, next: cursorOf(identity, { position, skip }) }
  }

  /** The commits behind a position: out of the ring where it holds them, out of the store's history otherwise. */
  async #behind(position: Position): Promise<{ entries: Told[]; next: Position }> {
    const { start, head, end } = this.#ring
    if (position >= start && position <= head) {
      const first = this.#ring.numberBehind(position)
      const count = Math.min(end - first, 500)
      const entries = Array.from({ length: count }, (_, i) => this.#ring.at(first + i))
      return { entries, next: first + count === end ? head : (entries.at(-1)?.position ?? position) }
    }
    return this.#stored(position, 500)
  }

  async #stored(position: Position, limit: number): Promise<{ entries: Told[]; next: Position }> {
    try {
      const { entries, next } = await this.#turns.take(() => this.store.history(position, limit))
      let before = position
      const toldOf = (entry: Entry): Told => {
        const one = told(this.store.identity, entry, before)
        before = entry.position
        return one
      }
      return { entries: entries.map(toldOf), next }
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error
      throw error.reason === 'expired' ? new DomainError('cursor_expired') : unknownCursor()
    }
  }
}

/** What a sink throws ends its own subscription, and does not reach those who are told behind it. */
function taking<T>({ take }: Sink<T>): Sink<T>['take'] {
  return item => {
    try {
      return take(item)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

const unknownCursor = (): DomainError =>
  new DomainError('invalid_cursor', {
    errors: [{ detail: 'is not a cursor that was issued here', parameter: 'after' }],
  })
