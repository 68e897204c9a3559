import type { SortKey } from '../../../src/domain/sort-key'

/** A session with its sort key, from a page of the list or from the feed. */
export interface ListItem {
  sortKey: SortKey
  version: number
}

export interface ListPage<T> {
  /** Sessions in their current state. The server may have sorted the page by an older state. */
  items: T[]
  /** Cursor of the last session, and the sort key by which the server placed it, or null if the page is empty. */
  last: { sortKey: SortKey; cursor: string } | null
  hasMore: boolean
}

/**
 * The first part of the server's list, up to a boundary. Pages extend this prefix, and the feed keeps it current. A
 * session from a page or from the feed is sorted into the prefix if its sort key lies within the boundary. Sessions
 * beyond the boundary are left out until their page is read. The prefix is exact if the feed is followed before the
 * first page is read. Items that the feed delivers while a page is being read may be newer than the page, so they are
 * applied again after the page.
 */
export class ListPrefix<T extends ListItem> {
  /** Sorted, without duplicates. */
  readonly rows: T[] = []
  readonly #byId = new Map<string, T>()
  /** Last sort key that the prefix covers. Null before the first page. */
  #boundary: SortKey | null = null
  #complete = false
  /** Last sort key and cursor of each page read, in list order. */
  #ends: { sortKey: SortKey; cursor: string }[] = []
  /**
   * Latest state of each session that the feed has delivered while the current page is being read. Null between reads.
   */
  #delivered: Map<string, T> | null = null

  constructor(
    readonly compare: (a: SortKey, b: SortKey) => number,
    /** Whether a session belongs in the list: it is not closed, and it matches the filter. */
    readonly isListed: (session: T) => boolean,
    readonly maxRows: number,
  ) {}

  /** Whether the prefix covers the whole list. */
  get isComplete(): boolean {
    return this.#complete
  }

  get isFull(): boolean {
    return this.rows.length >= this.maxRows
  }

  get(session_id: string): T | undefined {
    return this.#byId.get(session_id)
  }

  /** Returns a sort key's index, or the index at which to insert it. */
  indexOf(sortKey: SortKey): number {
    let [low, high] = [0, this.rows.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.compare((this.rows[middle] as T).sortKey, sortKey) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  apply(session: T): void {
    this.#delivered?.set(session.sortKey.session_id, session)
    if (this.#delivered && this.#delivered.size > this.maxRows) this.#clear()
    this.#put(session)
    // After rows have been cut off, the page being read no longer follows the last row, so discard it.
    if (this.#cut()) this.#delivered = null
  }

  /**
   * Begins reading a page. Returns the cursor after which to read, or null for the first page. Discards any page
   * already being read.
   */
  beginPage(): string | null {
    this.#delivered = new Map()
    return this.#ends.at(-1)?.cursor ?? null
  }

  /**
   * Applies the page that was read. Returns false if the page no longer follows the last row, so that another page must
   * be begun.
   */
  applyPage({ items, last, hasMore }: ListPage<T>): boolean {
    const delivered = this.#delivered
    this.#delivered = null
    if (!delivered) return false
    // After rows have been cut off, reading continues from the end of an earlier page. The new page can therefore
    // start, and even end, before the boundary.
    if (last && (!this.#boundary || this.compare(last.sortKey, this.#boundary) > 0)) this.#boundary = last.sortKey
    if (last) this.#ends.push(last)
    this.#complete ||= !hasMore
    for (const session of items) {
      this.#put(session)
      const change = delivered.get(session.sortKey.session_id)
      // Drop a delivered state that is no newer than the page's state. An older state could reinsert a session that the
      // page's newer state has removed.
      if (change && change.version <= session.version) delivered.delete(session.sortKey.session_id)
    }
    for (const session of delivered.values()) this.#put(session)
    this.#cut()
    return true
  }

  #put(session: T): void {
    const { session_id } = session.sortKey
    const known = this.#byId.get(session_id)
    if (known) {
      if (known.version >= session.version) return
      this.rows.splice(this.indexOf(known.sortKey), 1)
      this.#byId.delete(session_id)
    }
    if (!this.isListed(session) || !this.#isCovered(session.sortKey)) return
    this.rows.splice(this.indexOf(session.sortKey), 0, session)
    this.#byId.set(session_id, session)
  }

  #isCovered(sortKey: SortKey): boolean {
    return this.#complete || (this.#boundary !== null && this.compare(sortKey, this.#boundary) <= 0)
  }

  /** Removes the rows beyond `maxRows`. Returns whether there were any. */
  #cut(): boolean {
    if (this.rows.length <= this.maxRows) return false
    for (const { sortKey } of this.rows.splice(this.maxRows)) this.#byId.delete(sortKey.session_id)
    const boundary = (this.rows.at(-1) as T).sortKey
    this.#boundary = boundary
    this.#complete = false
    this.#ends = this.#ends.filter(({ sortKey }) => this.compare(sortKey, boundary) <= 0)
    return true
  }

  #clear(): void {
    this.rows.length = 0
    this.#byId.clear()
    this.#boundary = null
    this.#complete = false
    this.#ends = []
    this.#delivered = null
  }
}
