import type { Call } from '../../../packages/client/src/index.js'
import { comparePlaces, type Place } from '../../../src/domain/place'
import type { Filter, ListOrder } from '../address'
import { client } from '../graphql/client'
import { listQuery } from '../graphql/documents'
import { Store } from '../store'
import type { Listed } from '../types'
import type { FeedTransition } from './connection'
import { Held } from './held'

export interface Row extends Listed {
  place: Place
  /** When this page saw it change, and whether it saw it start; 0 for what it found. */
  touched: number
  started: boolean
}

export interface Sessions {
  /** What these are; null before the first. */
  of: { filter: Filter; order: ListOrder } | null
  /** The beginning of the list. */
  rows: readonly Row[]
  /** There are no others. */
  complete: boolean
  /** There may be others, and no more are held. */
  full: boolean
  /** Others were asked for, by filter or order, and are not there yet. */
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

/** Rows that a page holds at most. */
export const maxRows = 10_000

/** Sessions that are read at once: of a few that are looked at, and of many that are scrolled past. */
const [fewAtOnce, manyAtOnce] = [50, 100]

/** How long a row is marked as new or changed. */
export const markedMs = 5_000

/** Changes are shown so often at most. */
const shownEveryMs = 100

interface ListPage {
  sessions: {
    edges: { key: Place['key']; cursor: string; node: Listed }[]
    pageInfo: { hasNextPage: boolean }
  }
}

/** The list of the sessions under a filter, in an order, read as far as it is looked at and followed by the feed. */
export class LiveList {
  readonly of: { filter: Filter; order: ListOrder }
  #held: Held<Row>
  /** So many rows are looked at, or soon. */
  #wanted = fewAtOnce
  /** A page is under way, or was refused. */
  #isReading = true
  /** Ends what is read. */
  #reading = new AbortController()
  #isStopped = false
  /** What was held before a gap. */
  #before: Held<Row> | null = null
  /** What is shown is from before: until the first page is there or, after a gap, all that was looked at. */
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
    return new Held<Row>(comparePlaces(this.order), isListed, maxRows)
  }

  stop(): void {
    this.#isStopped = true
    this.#reading.abort()
    clearTimeout(this.#showing)
    tellSessions({ stale: true })
  }

  /** Shows how the list begins while the feed is not ready yet, until the first page is there that is read behind it. */
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

  /** The feed begins here, for the first time or after a gap: all is read anew. Says whether it was. */
  begun(afterGap: boolean): Promise<boolean> {
    this.#before = afterGap ? this.#held : null
    this.#held = this.#empty()
    this.#isSilent = true
    return this.#read()
  }

  /** So many rows are looked at, or soon. */
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

  /** Reads as far as it is looked at, page by page, and says whether it came there: not where it is refused or read anew. */
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
