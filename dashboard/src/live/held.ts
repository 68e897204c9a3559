import type { SortKey } from '../../../src/domain/sort-key'

/** A session as a page of the list or the feed delivers it. */
export interface Told {
  place: SortKey
  version: number
}

/** A page of the server's list. */
export interface ReadPage<T> {
  /** Sessions in their current state, which may be newer than their sort keys on the page. */
  sessions: T[]
  /** Sort key on the page and cursor of the last session. Null if the page is empty. */
  last: { place: SortKey; cursor: string } | null
  hasMore: boolean
}

/**
 * A prefix of the server's list, up to a boundary. Pages extend it, and the feed keeps it current. A session from
 * either source is removed from its old index and inserted at its new one, if its sort key lies before the boundary.
 * Sessions beyond the boundary are not held: they come with their page. The prefix is exact if the feed is followed
 * before the first page is read. An item that the feed delivers while a page is being read may be newer than the page,
 * so it is applied again after the page.
 */
export class Held<T extends Told> {
  /** In order, without duplicates. */
  readonly rows: T[] = []
  readonly #known = new Map<string, T>()
  /** All sessions up to this sort key are held. Null before the first page. */
  #boundary: SortKey | null = null
  #complete = false
  /** Ends of the pages that were read, in order. */
  #ends: { place: SortKey; cursor: string }[] = []
  /** Latest state of each session that the feed delivers while a page is being read. Null while none is. */
  #meanwhile: Map<string, T> | null = null

  constructor(
    readonly compare: (a: SortKey, b: SortKey) => number,
    /** Returns whether the list contains a session: it is not closed, and the filter selects it. */
    readonly lists: (session: T) => boolean,
    /** Maximum number of rows. */
    readonly most: number,
  ) {}

  /** Whether all sessions of the list are held. */
  get complete(): boolean {
    return this.#complete
  }

  get full(): boolean {
    return this.rows.length >= this.most
  }

  known(session_id: string): T | undefined {
    return this.#known.get(session_id)
  }

  /** Returns the index of a sort key, or the index at which to insert it. */
  indexOf(place: SortKey): number {
    let [low, high] = [0, this.rows.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.compare((this.rows[middle] as T).place, place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Applies a session that the feed delivers. */
  told(session: T): void {
    this.#meanwhile?.set(session.place.session_id, session)
    if (this.#meanwhile && this.#meanwhile.size > this.most) this.#forget()
    this.#take(session)
    // The page being read no longer follows the rows that are still held.
    if (this.#cut()) this.#meanwhile = null
  }

  /**
   * Begins a page. Returns the cursor after which to read it, null for the first page. Discards a page that is already
   * being read.
   */
  begin(): string | null {
    this.#meanwhile = new Map()
    return this.#ends.at(-1)?.cursor ?? null
  }

  /** Applies the page that was begun. Returns false if it no longer follows the held rows: then begin another one. */
  take({ sessions, last, hasMore }: ReadPage<T>): boolean {
    const meanwhile = this.#meanwhile
    this.#meanwhile = null
    if (!meanwhile) return false
    // After a cut, the page may begin, and even end, before the boundary.
    if (last && (!this.#boundary || this.compare(last.place, this.#boundary) > 0)) this.#boundary = last.place
    if (last) this.#ends.push(last)
    this.#complete ||= !hasMore
    for (const session of sessions) {
      this.#take(session)
      const told = meanwhile.get(session.place.session_id)
      // Drops an older state: if the newer one is no longer held, the older one must not replace it.
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

  #reaches(place: SortKey): boolean {
    return this.#complete || (this.#boundary !== null && this.compare(place, this.#boundary) <= 0)
  }

  /** Removes the rows beyond the maximum. Returns whether there were any. */
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
