import type { Call } from '../../../packages/client/src/index.js'
import { compareSortKeys, type SortKey } from '../../../src/domain/sort-key'
import type { Filter, ListOrder } from '../address'
import { client } from '../graphql/client'
import { listQuery } from '../graphql/documents'
import { Store } from '../store'
import type { Listed } from '../types'
import type { FeedTransition } from './connection'
import { Held } from './held'

export interface Row extends Listed {
  place: SortKey
  /** Time in ms at which this page saw the session change, and whether it saw it start. 0 if it was only read. */
  touched: number
  started: boolean
}

export interface Sessions {
  /** Filter and order of the rows. Null before the first rows. */
  of: { filter: Filter; order: ListOrder } | null
  /** The first rows of the list. */
  rows: readonly Row[]
  /** Whether these are all rows. */
  complete: boolean
  /** Whether the maximum is held and there may be more. */
  full: boolean
  /** Whether rows of another filter or order were requested and are not there yet. */
  stale: boolean
  refusal: Error | null
}

export const sessions = new Store<Sessions>({
  of: null,
  rows: [],
  complete: false,
  full: false,
  stale: true,
  refusal: null,
})

const tellSessions = (change: Partial<Sessions>): void => sessions.set({ ...sessions.value, ...change })

/** Maximum number of rows in the page. */
export const maxRows = 10_000

/** Sessions per request: while few are in view, and while the user scrolls past many. */
const [fewAtOnce, manyAtOnce] = [50, 100]

/** How long a row is marked as new or changed, in ms. */
export const markedMs = 5_000

/** Minimum time between two updates of the view, in ms. */
const shownEveryMs = 100

interface ListPage {
  sessions: {
    edges: { key: SortKey['key']; cursor: string; node: Listed }[]
    pageInfo: { hasNextPage: boolean }
  }
}

/** The list of the sessions under a filter, in an order. Reads as many rows as are viewed, and follows the feed. */
export class LiveList {
  readonly of: { filter: Filter; order: ListOrder }
  #held: Held<Row>
  /** Number of rows that are in view or soon will be. */
  #wanted = fewAtOnce
  /** Whether a page is being read or was refused. */
  #isReading = true
  /** Aborts the reading. */
  #reading = new AbortController()
  #isStopped = false
  /** Rows held before a gap, while they are read again. */
  #before: Held<Row> | null = null
  /**
   * Whether the view keeps its previous rows: until the first page is there or, after a gap, all rows that were viewed.
   */
  #isSilent = true
  #showing: ReturnType<typeof setTimeout> | undefined

  constructor(
    readonly filter: Filter,
    readonly order: ListOrder,
  ) {
    this.of = { filter, order }
    this.#held = this.#empty()
    tellSessions({ stale: true, refusal: null })
  }

  #empty(): Held<Row> {
    const { state } = this.filter
    const isListed = (row: Row): boolean => row.state !== 'CLOSED' && (!state || row.state === state)
    return new Held<Row>(compareSortKeys(this.order), isListed, maxRows)
  }

  stop(): void {
    this.#isStopped = true
    this.#reading.abort()
    clearTimeout(this.#showing)
    tellSessions({ stale: true })
  }

  /**
   * Shows the start of the list while the feed is not ready. The first page read after the feed is ready replaces it.
   */
  async preview(): Promise<void> {
    const page = await this.#page(null, fewAtOnce, { attempts: 1 }).catch(() => null)
    if (!page || !this.#isSilent || this.#before || this.#isStopped) return
    const { of } = this
    const { edges, pageInfo } = page.sessions
    const rows = edges.map(({ node }) => this.#found(node))
    tellSessions({ of, rows, complete: !pageInfo.hasNextPage, full: false, stale: false, refusal: null })
  }

  #page(after: string | null, first: number, call: Call): Promise<ListPage> {
    const { filter, order: orderBy } = this
    return client.ask<ListPage>(listQuery, { filter, orderBy, after, first }, call)
  }

  refuse(error: Error): void {
    tellSessions({ refusal: error })
  }

  told({ session, from }: FeedTransition): void {
    const former = this.#held.known(session.id)
    const isNew = Boolean(former?.started && Date.now() - former.touched < markedMs)
    this.#held.told({
      ...session,
      place: { key: session.key, session_id: session.id },
      touched: Date.now(),
      started: from === null || isNew,
    })
    this.#showing ??= setTimeout(() => this.#show(), shownEveryMs)
    this.#readOn()
  }

  /**
   * Reads the list again, because the feed is ready for the first time or after a gap. Resolves to whether it was read.
   */
  begun(afterGap: boolean): Promise<boolean> {
    this.#before = afterGap ? this.#held : null
    this.#held = this.#empty()
    this.#isSilent = true
    return this.#read()
  }

  /** Sets the number of rows that are in view or soon will be, and reads them. */
  want(count: number): void {
    this.#wanted = Math.min(count, maxRows)
    this.#readOn()
  }

  #readOn(): void {
    if (!this.#isReading && this.#lacks()) void this.#read()
  }

  #lacks(): boolean {
    const { rows, complete, full } = this.#held
    return !complete && !full && rows.length < this.#wanted
  }

  /** Reads the viewed rows page by page. Resolves to false if the server refuses, or if another read begins. */
  async #read(): Promise<boolean> {
    this.#reading.abort()
    this.#reading = new AbortController()
    const { signal } = this.#reading
    const call = { attempts: Number.POSITIVE_INFINITY, signal }
    const held = this.#held
    this.#isReading = true
    while (this.#lacks()) {
      const after = held.begin()
      const first = this.#wanted - held.rows.length > fewAtOnce ? manyAtOnce : fewAtOnce
      let page: ListPage
      try {
        page = await this.#page(after, first, call)
      } catch (error) {
        if (!signal.aborted) this.refuse(error as Error)
        return false
      }
      if (signal.aborted) return false
      const { edges, pageInfo } = page.sessions
      const end = edges.at(-1)
      held.take({
        sessions: edges.map(({ node }) => this.#found(node)),
        last: end ? { place: { key: end.key, session_id: end.node.id }, cursor: end.cursor } : null,
        hasMore: pageInfo.hasNextPage,
      })
      if (this.#before === null || !this.#lacks()) this.#isSilent = false
      this.#show()
    }
    this.#isReading = false
    this.#before = null
    return true
  }

  #found(session: Listed): Row {
    const former = this.#before?.known(session.id)
    return {
      ...session,
      place: { key: session.key, session_id: session.id },
      touched: former && former.version < session.version ? Date.now() : 0,
      started: false,
    }
  }

  #show(): void {
    clearTimeout(this.#showing)
    this.#showing = undefined
    if (this.#isSilent) return
    const { of } = this
    const { rows, complete, full } = this.#held
    tellSessions({ of, rows, complete, full: full && !complete, stale: false, refusal: null })
  }
}
