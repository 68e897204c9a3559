import type { RequestOptions } from '../../../packages/client/src/index.js'
import { isInRange, monthOf } from '../../../src/domain/months'
import { compareSortKeys, type SortKey } from '../../../src/domain/sort-key'
import { client } from '../graphql/client'
import { listQuery } from '../graphql/documents'
import type { Filter, ListOrder } from '../route'
import { Store } from '../store'
import type { ListedSession } from '../types'
import type { FeedTransition } from './feed'
import { ListPrefix } from './list-prefix'

export interface ListRow extends ListedSession {
  sortKey: SortKey
  /**
   * Time in ms at which the feed delivered the session's latest change, or 0 if the feed has not delivered the session.
   * `isNew` is true if the feed also delivered the session's start.
   */
  changedAt: number
  isNew: boolean
}

export interface ListState {
  /** Filter and order of the rows. Null before the first rows arrive. */
  selection: { filter: Filter; order: ListOrder } | null
  rows: readonly ListRow[]
  /** Whether `rows` contains the whole list. */
  complete: boolean
  /** Whether the list has reached `maxRows` rows, so that further rows may be missing. */
  full: boolean
  /** Whether rows for a new filter or order were requested and have not arrived yet. */
  stale: boolean
  error: Error | null
}

export const listState = new Store<ListState>({
  selection: null,
  rows: [],
  complete: false,
  full: false,
  stale: true,
  error: null,
})

const updateListState = (change: Partial<ListState>): void => listState.set({ ...listState.value, ...change })

/** Maximum number of rows that the page keeps in memory. */
export const maxRows = 10_000

/** Number of sessions per request: few at first, and more when the user scrolls further down. */
const [smallPage, largePage] = [50, 100]

/** How long, in ms, a new or changed row stays highlighted. */
export const highlightMs = 5_000

const minUpdateGapMs = 100

interface ListData {
  sessions: {
    edges: { key: SortKey['key']; cursor: string; node: ListedSession }[]
    pageInfo: { hasNextPage: boolean }
  }
}

/**
 * Whether a session from the feed belongs in the list. This check covers the filter's state and months, because the
 * feed cannot filter by them.
 */
export const isSelected = ({ state, months }: Filter, { state: current, result }: ListedSession): boolean =>
  current !== 'CLOSED' &&
  (!state || current === state) &&
  (!months || (result !== null && isInRange(months, monthOf(result.inputs.period, result.computedAt))))

/**
 * The sorted list of sessions that match a filter. Reads as many rows as the user views, and updates them from the
 * feed.
 */
export class LiveList {
  readonly selection: { filter: Filter; order: ListOrder }
  #prefix: ListPrefix<ListRow>
  /** Number of rows that are in view or soon will be. */
  #requestedRows = smallPage
  #isReadingOrRefused = true
  #reading = new AbortController()
  #isStopped = false
  /** Rows from before a gap in the feed, kept while the list is being read again after the gap. Otherwise null. */
  #prefixBeforeGap: ListPrefix<ListRow> | null = null
  /**
   * Whether the view still shows its previous rows. The view keeps its previous rows until the first page has arrived
   * or, after a gap in the feed, until all viewed rows have arrived.
   */
  #keepsOldRows = true
  #showTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    readonly filter: Filter,
    readonly order: ListOrder,
  ) {
    this.selection = { filter, order }
    this.#prefix = this.#emptyPrefix()
    updateListState({ stale: true, error: null })
  }

  #emptyPrefix(): ListPrefix<ListRow> {
    const isListed = (row: ListRow): boolean => isSelected(this.filter, row)
    return new ListPrefix<ListRow>(compareSortKeys(this.order), isListed, maxRows)
  }

  stop(): void {
    this.#isStopped = true
    this.#reading.abort()
    clearTimeout(this.#showTimer)
    updateListState({ stale: true })
  }

  /** Shows the first page of the list before the feed is ready. The list is read again once the feed is ready. */
  async showFirstPage(): Promise<void> {
    const page = await this.#page(null, smallPage, { maxAttempts: 1 }).catch(() => null)
    if (!page || !this.#keepsOldRows || this.#prefixBeforeGap || this.#isStopped) return
    const { selection } = this
    const { edges, pageInfo } = page.sessions
    const rows = edges.map(({ node }) => this.#toRow(node))
    updateListState({ selection, rows, complete: !pageInfo.hasNextPage, full: false, stale: false, error: null })
  }

  #page(after: string | null, first: number, call: RequestOptions): Promise<ListData> {
    const { filter, order: orderBy } = this
    return client.request<ListData>(listQuery, { filter, orderBy, after, first }, call)
  }

  fail(error: Error): void {
    updateListState({ error })
  }

  apply({ session, from }: FeedTransition): void {
    const former = this.#prefix.get(session.id)
    const isNew = Boolean(former?.isNew && Date.now() - former.changedAt < highlightMs)
    this.#prefix.apply({
      ...session,
      sortKey: { key: session.key, session_id: session.id },
      changedAt: Date.now(),
      isNew: from === null || isNew,
    })
    this.#showTimer ??= setTimeout(() => this.#show(), minUpdateGapMs)
    this.#readMore()
  }

  /**
   * Reads the list again once the feed is ready, initially and after each gap. Resolves to whether all viewed rows were
   * read.
   */
  reload(afterGap: boolean): Promise<boolean> {
    this.#prefixBeforeGap = afterGap ? this.#prefix : null
    this.#prefix = this.#emptyPrefix()
    this.#keepsOldRows = true
    return this.#read()
  }

  /** Sets how many rows are in view or soon will be, and reads the missing ones. */
  requestRows(count: number): void {
    this.#requestedRows = Math.min(count, maxRows)
    this.#readMore()
  }

  #readMore(): void {
    if (!this.#isReadingOrRefused && this.#needsRows()) void this.#read()
  }

  #needsRows(): boolean {
    const { rows, isComplete, isFull } = this.#prefix
    return !isComplete && !isFull && rows.length < this.#requestedRows
  }

  /**
   * Reads the viewed rows page by page. Resolves to false if the server refuses a request, or if another read replaces
   * the read in progress.
   */
  async #read(): Promise<boolean> {
    this.#reading.abort()
    this.#reading = new AbortController()
    const { signal } = this.#reading
    const call = { maxAttempts: Number.POSITIVE_INFINITY, signal }
    const prefix = this.#prefix
    this.#isReadingOrRefused = true
    while (this.#needsRows()) {
      const after = prefix.beginPage()
      const first = this.#requestedRows - prefix.rows.length > smallPage ? largePage : smallPage
      let page: ListData
      try {
        page = await this.#page(after, first, call)
      } catch (error) {
        if (!signal.aborted) this.fail(error as Error)
        return false
      }
      if (signal.aborted) return false
      const { edges, pageInfo } = page.sessions
      const end = edges.at(-1)
      prefix.applyPage({
        items: edges.map(({ node }) => this.#toRow(node)),
        last: end ? { sortKey: { key: end.key, session_id: end.node.id }, cursor: end.cursor } : null,
        hasMore: pageInfo.hasNextPage,
      })
      if (this.#prefixBeforeGap === null || !this.#needsRows()) this.#keepsOldRows = false
      this.#show()
    }
    this.#isReadingOrRefused = false
    this.#prefixBeforeGap = null
    return true
  }

  #toRow(session: ListedSession): ListRow {
    const former = this.#prefixBeforeGap?.get(session.id)
    return {
      ...session,
      sortKey: { key: session.key, session_id: session.id },
      changedAt: former && former.version < session.version ? Date.now() : 0,
      isNew: false,
    }
  }

  #show(): void {
    clearTimeout(this.#showTimer)
    this.#showTimer = undefined
    if (this.#keepsOldRows) return
    const { selection } = this
    const { rows, isComplete, isFull } = this.#prefix
    updateListState({ selection, rows, complete: isComplete, full: isFull && !isComplete, stale: false, error: null })
  }
}
