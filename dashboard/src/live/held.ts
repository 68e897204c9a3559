import type { Place } from '../../../src/domain/place'

/** A session as something told it: a page of the list, or the feed. */
export interface Told {
  place: Place
  version: number
}

/** A page of the server's list. */
export interface ReadPage<T> {
  /** Each as it is, which may be newer than the place where it was met. */
  sessions: T[]
  /** Where the last one was met, and the cursor of that place; null of a page without sessions. */
  last: { place: Place; cursor: string } | null
  hasMore: boolean
}

/**
 * The beginning of the server's list, up to a boundary: read page by page and kept as it is by the feed. Whichever tells of
 * a session, it is taken out where it was and put in where it belongs, if that is before the boundary; what belongs behind
 * it is not held, and comes with its page. That is exact as long as the feed is followed before the first page is read:
 * what it tells while one is under way may be newer than the page, and is told once more after it.
 */
export class Held<T extends Told> {
  /** In order, each once. */
  readonly rows: T[] = []
  readonly #known = new Map<string, T>()
  /** Up to here all are held; null before the first page. */
  #boundary: Place | null = null
  #complete = false
  /** Where pages ended that were read, in order. */
  #ends: { place: Place; cursor: string }[] = []
  /** The latest of each session that was told while a page is under way; null while none is. */
  #meanwhile: Map<string, T> | null = null

  constructor(
    readonly compare: (a: Place, b: Place) => number,
    /** Whether the list has it: none that is closed, nor any that is not under the filter. */
    readonly lists: (session: T) => boolean,
    /** So many are held at most. */
    readonly most: number,
  ) {}

  /** All that there are are held. */
  get complete(): boolean {
    return this.#complete
  }

  get full(): boolean {
    return this.rows.length >= this.most
  }

  known(session_id: string): T | undefined {
    return this.#known.get(session_id)
  }

  /** Where a row stands, or would. */
  indexOf(place: Place): number {
    let [low, high] = [0, this.rows.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.compare((this.rows[middle] as T).place, place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The feed tells of a session. */
  told(session: T): void {
    this.#meanwhile?.set(session.place.session_id, session)
    if (this.#meanwhile && this.#meanwhile.size > this.most) this.#forget()
    this.#take(session)
    // A page under way would leave a hole between what is still held and itself.
    if (this.#cut()) this.#meanwhile = null
  }

  /** A page is read from here on: after this cursor, or from the beginning. A page that is under way counts no more. */
  begin(): string | null {
    this.#meanwhile = new Map()
    return this.#ends.at(-1)?.cursor ?? null
  }

  /** Takes the page that was begun. False where it does not follow what is held any more: then another is to be begun. */
  take({ sessions, last, hasMore }: ReadPage<T>): boolean {
    const meanwhile = this.#meanwhile
    this.#meanwhile = null
    if (!meanwhile) return false
    // The page may have begun before the boundary, where that was cut off, and even end there.
    if (last && (!this.#boundary || this.compare(last.place, this.#boundary) > 0)) this.#boundary = last.place
    if (last) this.#ends.push(last)
    this.#complete ||= !hasMore
    for (const session of sessions) {
      this.#take(session)
      const told = meanwhile.get(session.place.session_id)
      // It may be held no more: what is older is not to come in its place.
      if (told && told.version <= session.version) meanwhile.delete(session.place.session_id)
    }
    for (const session of meanwhile.values()) this.#take(session)
    this.#cut()
    return true
  }

  #take(session: T): void {
    const { session_id } = session.place
    const known = this.#known.get(session_id)
    if (known) {
      if (known.version >= session.version) return
      this.rows.splice(this.indexOf(known.place), 1)
      this.#known.delete(session_id)
    }
    if (!this.lists(session) || !this.#reaches(session.place)) return
    this.rows.splice(this.indexOf(session.place), 0, session)
    this.#known.set(session_id, session)
  }

  #reaches(place: Place): boolean {
    return this.#complete || (this.#boundary !== null && this.compare(place, this.#boundary) <= 0)
  }

  /** Lets go of the last where there are too many. */
  #cut(): boolean {
    if (this.rows.length <= this.most) return false
    for (const { place } of this.rows.splice(this.most)) this.#known.delete(place.session_id)
    const boundary = (this.rows.at(-1) as T).place
    this.#boundary = boundary
    this.#complete = false
    this.#ends = this.#ends.filter(({ place }) => this.compare(place, boundary) <= 0)
    return true
  }

  #forget(): void {
    this.rows.length = 0
    this.#known.clear()
    this.#boundary = null
    this.#complete = false
    this.#ends = []
    this.#meanwhile = null
  }
}
