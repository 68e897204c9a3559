import { listQuery } from '../graphql/documents'
import { insist } from '../graphql/requests'
import type { Filter } from '../route'
import { Store } from '../store'
import type { Listed } from '../types'
import type { FeedTransition } from './connection'

export interface Row extends Listed {
  /** When this page saw it change, and whether it saw it start; 0 for what it found. */
  touched: number
  started: boolean
  /** Among the sessions of one second, which is all that their times show: the greater, the newer. */
  order: number
}

export interface Sessions {
  /** Newest first, those that the filter lets through. */
  rows: Row[]
  /** All that there are have been read. */
  complete: boolean
  /** There are more than are held. */
  more: boolean
  refusal: string | null
}

export const sessions = new Store<Sessions>({ rows: [], complete: false, more: false, refusal: null })

const tellSessions = (change: Partial<Sessions>): void => sessions.set({ ...sessions.value, ...change })

/** Sessions that a page holds at most: of more, the newest. */
const maxRows = 10_000

/** How long a row is marked as new or changed. */
export const markedMs = 5_000

interface ListPage {
  sessions: { nodes: Listed[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
}

/**
 * Joins the list of sessions and the feed so that nothing is lost or undone between them: the feed is followed first, the
 * list is read once it is ready, and of each session only what is newer than what is known is taken, whichever tells it.
 */
export class LiveList {
  #known = new Map<string, Row>()
  /** Closed while this page looked: a page of the list that was read before does not bring them back. */
  readonly #closed = new Set<string>()
  #reading = 0
  /** Sessions that the feed told the start of. */
  #started = 0
  /** The first page of the list is under way: what is shown stays until it is there. */
  #awaiting = true
  #showing: ReturnType<typeof setTimeout> | undefined

  constructor(readonly filter: Filter) {
    tellSessions({ complete: false, more: false, refusal: null })
  }

  stop(): void {
    this.#reading++
    clearTimeout(this.#showing)
  }

  refuse(message: string): void {
    tellSessions({ refusal: message })
  }

  apply({ session, from, to }: FeedTransition): void {
    const known = this.#known.get(session.id)
    if (to === 'CLOSED') {
      this.#closed.add(session.id)
      this.#known.delete(session.id)
    } else if (!this.#closed.has(session.id) && session.version > (known?.version ?? 0)) {
      const isStart = from === null
      const order = known?.order ?? (isStart ? ++this.#started : 0)
      this.#known.set(session.id, { ...session, touched: Date.now(), started: isStart || isNew(known), order })
    }
    this.#show()
  }

  /**
   * Reads the whole list, page by page, and says whether it came to the end: not where it was refused or is read anew.
   * What was known before is shown until the first page is there, and then forgotten; after a gap, what has changed since
   * is marked.
   */
  async read(afterGap: boolean): Promise<boolean> {
    const reading = ++this.#reading
    const wanted = (): boolean => reading === this.#reading
    const before = this.#known
    this.#known = new Map()
    this.#awaiting = true
    let order = 0
    for (let after: string | null = null, pages = 0; ; pages++) {
      let page: ListPage
      try {
        page = await insist<ListPage>(listQuery, { filter: this.filter, after }, { wanted })
      } catch (error) {
        if (wanted()) this.refuse((error as Error).message)
        return false
      }
      if (!wanted()) return false
      for (const session of page.sessions.nodes) {
        const known = this.#known.get(session.id)
        order--
        // One that the feed told of meanwhile has its place by the list.
        if (known && known.order <= 0) known.order = order
        if (this.#closed.has(session.id) || (known && known.version >= session.version)) continue
        const former = before.get(session.id)
        const touched = afterGap && former && former.version < session.version ? Date.now() : 0
        this.#known.set(session.id, { ...session, touched, started: false, order })
      }
      const { hasNextPage, endCursor } = page.sessions.pageInfo
      after = endCursor
      const more = this.#known.size >= maxRows
      const complete = !hasNextPage
      this.#awaiting = false
      if (pages === 0 || complete || more) this.#showNow({ complete, more: more && hasNextPage })
      else this.#show()
      if (complete || more) return true
    }
  }

  /** Shows what is known, several changes at a time. */
  #show(): void {
    this.#showing ??= setTimeout(() => this.#showNow({}), 40)
  }

  #showNow(change: Partial<Sessions>): void {
    clearTimeout(this.#showing)
    this.#showing = undefined
    if (this.#awaiting) return
    const { state } = this.filter
    const rows: Row[] = []
    for (const row of this.#known.values()) if (!state || row.state === state) rows.push(row)
    rows.sort(newestFirst)
    tellSessions({ ...change, rows, refusal: null })
  }
}

const isNew = (row: Row | undefined): boolean => Boolean(row?.started && Date.now() - row.touched < markedMs)

const newestFirst = (a: Row, b: Row): number =>
  a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : b.order - a.order || (a.id < b.id ? 1 : -1)
