import { isSame, signatureOf } from '../db/signature'
import type { Entry, ExportedSession, Position, Store } from '../db/store'
import type { Commit } from '../domain/commit'
import type { GapReason } from '../domain/errors'
import type { OwnerFilter } from '../domain/owner'
import type { Transition, TransitionEvent } from '../domain/session'

/** Maximum number of recent commits that a process holds in memory. */
export const ringCommits = 8_192

/**
 * Number of recent log positions that a process remembers even though they have no commit. The remembered positions
 * cover about ten minutes of an idle log.
 */
const idlePositions = 1_024

/** A feed item that contains one transition. All subscribers share the same item object. */
export interface FeedTransition {
  readonly kind: 'transition'
  /** Cursor that resumes the feed after this transition. */
  readonly cursor: string
  /** Whether the session has left the filter: the filter selects the session's former owner, but not its new owner. */
  readonly left: boolean
  commit: Omit<Commit, 'contribution'>
  transition: Transition
  /**
   * The session's state directly after the transition, or null (see `withSessions`). `session` is absent if the
   * subscriber did not request sessions.
   */
  session?: ExportedSession | null
}

export interface FeedReady {
  kind: 'ready'
  cursor: string
  /**
   * Whether all transitions up to the cursor have been delivered. `caught_up` is present only if the subscriber
   * requested it.
   */
  caught_up?: boolean
}

export interface FeedGap {
  kind: 'gap'
  after: string
  reason: GapReason
}

export type FeedMessage = FeedReady | FeedGap | FeedTransition

/** Selects transitions by event, and by the mentor and organisation of their session. */
export interface FeedFilter extends OwnerFilter {
  /** Events to select. If `events` is absent, the filter selects all events. */
  events?: readonly TransitionEvent[] | undefined
}

/** Position in the feed: after the commit at `position` and the first `skip` transitions of the next commit. */
export interface FeedPosition {
  position: Position
  skip: number
}

export interface FeedEntry extends Entry {
  /** Items for subscribers whose filter selects the session's present owner. */
  items: FeedTransition[]
  /**
   * Items for subscribers whose filter selects only the session's former owner. `left` is absent if the commit does not
   * change the owner.
   */
  left?: FeedTransition[]
}

/** The store whose log the positions refer to, and whose secret signs the cursors. */
export type CursorStore = Pick<Store, 'identity' | 'secret'>

/**
 * Encodes a feed position as a cursor: the store's identity, `position`, `skip` and a signature, separated by dots. The
 * signature prevents clients from forging cursors, so the store reads only from positions that the server has issued.
 */
export function feedCursorOf(store: CursorStore, { position, skip }: FeedPosition): string {
  const text = `${store.identity}.${position}.${skip}`
  return `${text}.${signatureOf(store, text)}`
}

/** Decodes a feed cursor that was issued for this store. Returns undefined for any other string. */
export function feedPositionOf(store: CursorStore, cursor: string): FeedPosition | undefined {
  const parts = /^(([0-9a-zA-Z_-]+)\.([0-9a-fA-F]+)\.(\d{1,4}))\.([0-9a-zA-Z_-]{22})$/.exec(cursor)
  const [, text = '', identity, position = '', skip, signature = ''] = parts ?? []
  if (identity !== store.identity) return undefined
  return isSame(signature, signatureOf(store, text)) ? { position, skip: Number(skip) } : undefined
}

/** A feed item whose cursor is signed only once, when the first subscriber needs it. */
class SignedTransition implements FeedTransition {
  readonly kind = 'transition'
  #cursor: string | undefined

  constructor(
    readonly commit: Commit,
    readonly transition: Transition,
    readonly store: CursorStore,
    readonly position: Position,
    readonly skip: number,
    readonly left: boolean,
  ) {}

  get cursor(): string {
    this.#cursor ??= feedCursorOf(this.store, this)
    return this.#cursor
  }
}

export function feedEntryOf(store: CursorStore, { before, position, commit }: Entry): FeedEntry {
  const last = commit.transitions.length - 1
  const itemsOf = (shown: Commit, left: boolean): FeedTransition[] =>
    shown.transitions.map((transition, i) =>
      i === last
        ? new SignedTransition(shown, transition, store, position, 0, left)
        : new SignedTransition(shown, transition, store, before, i + 1, left),
    )
  const { former } = commit
  return {
    before,
    position,
    commit,
    items: itemsOf(commit, false),
    ...(former && { left: itemsOf({ ...commit, ...former }, true) }),
  }
}

/**
 * The log's latest commits, held in memory in order and without gaps: all commits after `start`, up to `head`. Entries
 * are numbered from 0 within this process, and the ring holds the entries `first` to `end` - 1.
 */
export class Ring {
  start: Position = ''
  head: Position = ''
  first = 0
  /** Number of times that an erasure has invalidated commits in memory. */
  invalidations = 0
  #entries: FeedEntry[] = []
  readonly #idle = new Set<Position>()
  #ready: FeedReady | undefined

  constructor(
    /** The store whose latest commits the ring holds. */
    readonly store: CursorStore,
    readonly size = ringCommits,
  ) {}

  get hasLog(): boolean {
    return this.head !== ''
  }

  /**
   * Returns the message `ready` with a cursor. Consecutive calls with the same cursor return the same object, so that
   * subscribers that reconnect at the same position share the encoded message.
   */
  readyAt(cursor: string): FeedReady {
    if (this.#ready?.cursor !== cursor) this.#ready = { kind: 'ready', cursor }
    return this.#ready
  }

  get end(): number {
    return this.first + this.#entries.length
  }

  at(number: number): FeedEntry {
    return this.#entries[number - this.first] as FeedEntry
  }

  /**
   * Drops all entries and continues after this position. The reset skips one entry number, so that every reader notices
   * the reset.
   */
  reset(position: Position): void {
    this.first = this.end + 1
    this.#entries = []
    this.#idle.clear()
    this.start = position
    this.head = position
  }

  /** Drops the entries up to this position. Readers that have not read these entries yet detect the loss. */
  drop(position: Position): void {
    const dropped = this.#entries.splice(0, this.numberAfter(position) - this.first)
    this.first += dropped.length
    if (position > this.start) this.start = position
  }

  append(entry: Entry): void {
    this.#entries.push(feedEntryOf(this.store, entry))
    this.head = entry.position
    // Drop a quarter of the entries at a time, so that the average cost per commit stays low.
    if (this.#entries.length > this.size) {
      this.drop(this.#entries[Math.ceil(this.size / 4) - 1]?.position ?? this.start)
    }
  }

  advance(position: Position): void {
    if (position <= this.head) return
    this.head = position
    this.#idle.add(position)
    if (this.#idle.size > idlePositions) this.#idle.delete(this.#idle.values().next().value as Position)
  }

  /** Whether the ring holds all commits after this position, provided that the position belongs to the log. */
  isInRange(position: Position): boolean {
    return position >= this.start && position <= this.head
  }

  /** Whether this position is known to belong to the log, and the ring holds all commits after it. */
  hasPosition(position: Position): boolean {
    if (!this.isInRange(position)) return false
    const after = this.numberAfter(position)
    return (
      position === (after > this.first ? this.at(after - 1).position : this.start) ||
      (after < this.end && position === this.at(after).before) ||
      this.#idle.has(position)
    )
  }

  /** Returns the number of the first entry after a position, which must not be before `start`. */
  numberAfter(position: Position): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle] as FeedEntry).position > position) high = middle
      else low = middle + 1
    }
    return this.first + low
  }
}
