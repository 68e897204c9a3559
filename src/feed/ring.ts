import type { CommitFilter, Entry, Position, Store } from '../db/store'
import type { GapReason } from '../domain/errors'
import type { Commit, Transition } from '../domain/session'

/** Recent commits that a process holds, at most. */
export const ringCommits = 8_192

/** Positions without a commit that a process remembers: on an idle log, those of the last ten minutes or so. */
const idlePositions = 1_024

/** A transition as the feed tells it; one object for all who are told. */
export interface FeedTransition {
  kind: 'transition'
  /** Everything up to and including this transition. */
  cursor: string
  commit: Omit<Commit, 'standing'>
  transition: Transition
}

export interface FeedReady {
  kind: 'ready'
  cursor: string
}

export interface FeedGap {
  kind: 'gap'
  after: string
  reason: GapReason
}

export type FeedMessage = FeedReady | FeedGap | FeedTransition

export type FeedFilter = CommitFilter

export const passes = ({ mentor_id, organisation_id }: FeedFilter, commit: Commit): boolean =>
  (mentor_id === undefined || commit.mentor_id === mentor_id) &&
  (organisation_id === undefined || commit.organisation_id === organisation_id)

/** A place in the log: everything up to and including `position`, and the first `skip` transitions of the next commit. */
export interface Place {
  position: Position
  skip: number
}

/** A commit with what is told of it. */
export interface Told extends Entry {
  items: FeedTransition[]
}

/** The cursor of a place in the history that `identity` names (letters, digits and dots only). */
export const feedCursorOf = (identity: string, { position, skip }: Place): string => `${identity}.${position}.${skip}`

/** The place that a cursor of this history names; undefined where it is none. */
export function placeOf(identity: string, cursor: string): Place | undefined {
  const [, of, position, skip] = /^([0-9a-zA-Z_-]+)\.([0-9a-fA-F]+)\.(\d{1,4})$/.exec(cursor) ?? []
  return of === identity && position ? { position, skip: Number(skip) } : undefined
}

/** A commit with its items. */
export function toldOf(identity: string, { before, position, commit }: Entry): Told {
  const { transitions } = commit
  const items = transitions.map((transition, i): FeedTransition => {
    const place = i === transitions.length - 1 ? { position, skip: 0 } : { position: before, skip: i + 1 }
    return { kind: 'transition', cursor: feedCursorOf(identity, place), commit, transition }
  })
  return { before, position, commit, items }
}

/** How many transitions of a commit were taken; none where a cursor says more than it has: that one was not issued here. */
export const skipped = ({ items }: Told, skip: number): number => (skip < items.length ? skip : 0)

/**
 * The latest commits of the log, in order and without a hole: everything after `start`, up to `head`.
 * Entries are numbered by this process from 0 on; the numbers `first` to `end` - 1 are held.
 */
export class Ring {
  start: Position = ''
  head: Position = ''
  first = 0
  #entries: Told[] = []
  readonly #idle = new Set<Position>()

  constructor(
    /** Whose history it holds. */
    readonly store: Pick<Store, 'identity'>,
    readonly size = ringCommits,
  ) {}

  get identity(): string {
    return this.store.identity
  }

  /** Whether the log has been told at all. */
  get isTold(): boolean {
    return this.head !== ''
  }

  get end(): number {
    return this.first + this.#entries.length
  }

  at(number: number): Told {
    return this.#entries[number - this.first] as Told
  }

  /** Forgets all, and goes on after this position. A number is left out, so that no reader goes on as if nothing had happened. */
  reset(position: Position): void {
    this.first = this.end + 1
    this.#entries = []
    this.#idle.clear()
    this.start = position
    this.head = position
  }

  append(entry: Entry): Told {
    const added = toldOf(this.identity, entry)
    this.#entries.push(added)
    this.head = entry.position
    // A quarter at a time, so that dropping costs little for each.
    if (this.#entries.length > this.size) {
      const dropped = this.#entries.splice(0, Math.ceil(this.size / 4))
      this.first += dropped.length
      this.start = dropped.at(-1)?.position ?? this.start
    }
    return added
  }

  advance(position: Position): void {
    if (position <= this.head) return
    this.head = position
    this.#idle.add(position)
    if (this.#idle.size > idlePositions) this.#idle.delete(this.#idle.values().next().value as Position)
  }

  /** Whether all that follows this position, if it is one of the log, is held. */
  covers(position: Position): boolean {
    return position >= this.start && position <= this.head
  }

  /** Whether the log is known to have stood at this position, so that all that follows it is known here too. */
  knows(position: Position): boolean {
    if (!this.covers(position)) return false
    const after = this.numberAfter(position)
    return (
      position === (after > this.first ? this.at(after - 1).position : this.start) ||
      (after < this.end && position === this.at(after).before) ||
      this.#idle.has(position)
    )
  }

  /** The number of the first entry after a position that is not before `start`. */
  numberAfter(position: Position): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle] as Told).position > position) high = middle
      else low = middle + 1
    }
    return this.first + low
  }
}
