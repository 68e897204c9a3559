import type { SortKey } from '../../../src/domain/sort-key'

/** A session and its sort key, as received from a page of the list or from the feed. */
export interface ListItem {
  sortKey: SortKey
  version: number
}

export interface ListPage<T> {
  /** Sessions in their current state, although the server may have sorted them by an older state. */
  items: T[]
  /** Cursor of the page's last session, and the sort key that determined its position, or null if the page is empty. */
  last: { sortKey: SortKey; cursor: string } | null
  hasMore: boolean
}

/**
 * The first part of the server's list, up to a boundary. Each page that is read extends this prefix, and the feed keeps
 * the prefix current. A session from a page or from the feed is inserted into the prefix if its sort key is not beyond
 * the boundary. Sessions beyond the boundary are left out until their page is read. To keep the prefix exact, follow
 * the feed before you read the first page. Items that the feed delivers while a page is being read may be newer than
 * the page, so they are applied again after the page.
 */
export class ListPrefix<T extends ListItem> {
  /** Sorted, without duplicates. */
  readonly rows: T[] = []
  readonly #byId = new Map<string, T>()
  /** Last sort key that the prefix covers, or null before the first page has been read. */
  #boundary: SortKey | null = null
  #complete = false
  /** Last sort key and cursor of each page read, in list order. */
  #ends: { sortKey: SortKey; cursor: string }[] = []
  /** Latest state of each session that the feed has delivered since `beginPage` was called. Null between reads. */
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

  /** Returns the index of the row with this sort key, or the index at which to insert such a row. */
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
    // If rows have been cut off, discard the page being read, because it no longer follows the last row.
    if (this.#cut()) this.#delivered = null
  }

  /**
   * Begins reading a page. Returns the cursor after which the page begins, or null for the first page. Discards a page
   * that is already being read.
   */
  beginPage(): string | null {
    this.#delivered = new Map()
    return this.#ends.at(-1)?.cursor ?? null
  }

  /**
   * Applies the page that was read. Returns false if the page no longer follows the last row, so that you must begin
   * another page.
   */
  applyPage({ items, last, hasMore }: ListPage<T>): boolean {
    const delivered = this.#delivered
    this.#delivered = null
    if (!delivered) return false
    // After rows have been cut off, reading continues from the end of an earlier page. The page that is read next can
    // therefore start, and even end, before the boundary.
    if (last && (!this.#boundary || this.compare(last.sortKey, this.#boundary) > 0)) this.#boundary = last.sortKey
    if (last) this.#ends.push(last)
    this.#complete ||= !hasMore
    for (const session of items) {
      this.#put(session)
      const change = delivered.get(session.sortKey.session_id)
      // Drop the feed's state of a session if it is no newer than the page's state. An older state could reinsert a
      // session that the page's newer state has removed.
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
