import { feedSubscription, listQuery, summaryQuery } from './documents'
import { ask, follow, Unreachable } from './graphql'
import { type Filter, route } from './route'
import { announce, Store } from './store'
import type { Listed, SessionState, Summary } from './types'

export interface Row extends Listed {
  /** When this page saw it change, and whether it saw it start; 0 for what it found. */
  touched: number
  started: boolean
  /** Among the sessions of one second, which is all that their times show: the greater, the newer. */
  order: number
}

/** Sessions that a page holds at most: of more, the newest. */
const held = 10_000

export interface Connection {
  state: 'connecting' | 'live' | 'lost'
  /** When the next attempt is made, while it is lost. */
  retryAt: number
  /** The last thing that was healed, and when. */
  healed: { kind: 'resumed' | 'reread'; events: number; at: number } | null
  cursor: string | null
  events: number
  resumed: number
  reread: number
  lastEventAt: number
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

export const connection = new Store<Connection>({
  state: 'connecting',
  retryAt: 0,
  healed: null,
  cursor: null,
  events: 0,
  resumed: 0,
  reread: 0,
  lastEventAt: 0,
})
export const sessions = new Store<Sessions>({ rows: [], complete: false, more: false, refusal: null })
export const summary = new Store<Summary | null>(null)

const connected = (change: Partial<Connection>): void => connection.set({ ...connection.value, ...change })

type FeedMessage =
  | { __typename: 'FeedReady'; cursor: string }
  | { __typename: 'FeedGap'; reason: string }
  | {
      __typename: 'FeedTransition'
      cursor: string
      transition: { from: SessionState | null; to: SessionState; session: Listed }
    }

/**
 * Joins the list of sessions and the feed so that nothing is lost or undone between them: the feed is followed first, the
 * list is read once it is ready, and of each session only what is newer than what is known is taken, whichever tells it.
 */
class Live {
  #known = new Map<string, Row>()
  /** Closed while this page looked: a page of the list that was read before does not bring them back. */
  readonly #closed = new Set<string>()
  #reading = 0
  /** Sessions that the feed told the start of. */
  #started = 0
  /** A gap was told of, and what is known is still of before it. */
  #gap = false
  /** The first page of the list is under way: what is shown stays until it is there. */
  #awaiting = true
  #stop: () => void = () => {}
  #showing: ReturnType<typeof setTimeout> | undefined
  #missed = 0
  #catchingUp: ReturnType<typeof setTimeout> | undefined
  #resuming = false

  constructor(readonly filter: Filter) {
    const { state: _, ...selected } = filter
    connected({ state: 'connecting', cursor: null, healed: null })
    this.#stop = follow<{ feed: FeedMessage }>(feedSubscription, {
      variables: () => ({ filter: selected, after: connection.value.cursor }),
      next: ({ feed }) => this.#take(feed),
      lost: retryAt => {
        this.#settle()
        if (connection.value.state === 'live') announce('Connection lost, reconnecting.')
        connected({ state: 'lost', retryAt })
      },
      refused: refusal => sessions.set({ ...sessions.value, refusal: refusal.message }),
    })
  }

  stop(): void {
    this.#stop()
    this.#reading++
    clearTimeout(this.#showing)
    clearTimeout(this.#catchingUp)
  }

  #take(message: FeedMessage): void {
    if (message.__typename === 'FeedGap') {
      // What follows is FeedReady, from a place that what is known does not reach.
      connected({ cursor: null })
      this.#resuming = false
      this.#gap = true
    } else if (message.__typename === 'FeedReady') {
      const resumed = connection.value.cursor !== null
      connected({ state: 'live', cursor: message.cursor })
      if (resumed) this.#resumed()
      else this.#read()
    } else {
      const { transition, cursor } = message
      this.#apply(transition.session, transition.to, transition.from === null)
      const { events } = connection.value
      connected({ cursor, events: events + 1, lastEventAt: Date.now() })
      if (this.#resuming) {
        this.#missed++
        this.#settleSoon()
      }
      figures.refresh()
    }
  }

  /** What comes in one go behind a resumed cursor is what was missed. */
  #resumed(): void {
    this.#resuming = true
    this.#missed = 0
    this.#settleSoon()
    figures.refresh()
  }

  #settleSoon(): void {
    clearTimeout(this.#catchingUp)
    this.#catchingUp = setTimeout(() => this.#settle(), 250)
  }

  #settle(): void {
    clearTimeout(this.#catchingUp)
    if (!this.#resuming) return
    this.#resuming = false
    const events = this.#missed
    connected({ healed: { kind: 'resumed', events, at: Date.now() }, resumed: connection.value.resumed + 1 })
    announce(events === 0 ? 'Reconnected, nothing was missed.' : `Reconnected, caught up after ${events} events.`)
  }

  #apply(session: Listed, state: SessionState, started: boolean): void {
    const known = this.#known.get(session.id)
    if (state === 'CLOSED') {
      this.#closed.add(session.id)
      this.#known.delete(session.id)
    } else if (!this.#closed.has(session.id) && session.version > (known?.version ?? 0)) {
      const order = known?.order ?? (started ? ++this.#started : 0)
      this.#known.set(session.id, { ...session, touched: Date.now(), started: started || isNew(known), order })
    }
    this.#show()
  }

  /** Reads the whole list, page by page. What was known before is shown until the first page is there, and then forgotten. */
  async #read(): Promise<void> {
    const reading = ++this.#reading
    const afresh = this.#gap
    this.#gap = false
    const before = this.#known
    this.#known = new Map()
    this.#awaiting = true
    let order = 0
    for (let after: string | null = null, pages = 0; ; pages++) {
      const page: ListPage | undefined = await this.#page(after, reading)
      if (!page) return
      for (const session of page.sessions.nodes) {
        const known = this.#known.get(session.id)
        order--
        // One that the feed told of meanwhile has its place by the list.
        if (known && known.order <= 0) known.order = order
        if (this.#closed.has(session.id) || (known && known.version >= session.version)) continue
        const former = before.get(session.id)
        const touched = afresh && former && former.version < session.version ? Date.now() : 0
        this.#known.set(session.id, { ...session, touched, started: false, order })
      }
      const { hasNextPage, endCursor } = page.sessions.pageInfo
      after = endCursor
      const more = this.#known.size >= held
      const complete = !hasNextPage
      this.#awaiting = false
      if (pages === 0 || complete || more) this.#showNow({ complete, more: more && hasNextPage })
      else this.#show()
      if (complete || more) break
    }
    if (!afresh) return
    connected({ healed: { kind: 'reread', events: 0, at: Date.now() }, reread: connection.value.reread + 1 })
    announce('Some events could no longer be had: all sessions were read again.')
  }

  /** One page, however often it has to be asked for; nothing when the list is being read anew. */
  async #page(after: string | null, reading: number): Promise<ListPage | undefined> {
    for (let attempt = 0; ; attempt++) {
      try {
        const page = await ask<ListPage>(listQuery, { filter: this.filter, after })
        return reading === this.#reading ? page : undefined
      } catch (error) {
        if (reading !== this.#reading) return undefined
        if (!(error instanceof Unreachable)) {
          sessions.set({ ...sessions.value, refusal: (error as Error).message })
          return undefined
        }
        await new Promise(resolve => setTimeout(resolve, Math.min(250 * 2 ** attempt, 4_000)))
      }
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
    sessions.set({ ...sessions.value, ...change, rows, refusal: null })
  }
}

interface ListPage {
  sessions: { nodes: Listed[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
}

/** How long a row is marked as new or changed. */
export const markedMs = 5_000

const isNew = (row: Row | undefined): boolean => Boolean(row?.started && Date.now() - row.touched < markedMs)

const newestFirst = (a: Row, b: Row): number =>
  a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : b.order - a.order || (a.id < b.id ? 1 : -1)

/**
 * The figures, asked for again behind what the feed tells: never twice at once, seldom while nobody looks, and with so much
 * time between that a store that takes long to add them up has nine tenths of its time for others.
 */
class Figures {
  #filter: Filter = {}
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking = false
  #again = false
  #last = 0
  #took = 0

  constructor() {
    // The minutes move on by themselves.
    setInterval(() => this.refresh(), 20_000)
    document.addEventListener('visibilitychange', () => this.refresh())
  }

  of(filter: Filter): void {
    this.#filter = filter
    this.#last = 0
    this.refresh()
  }

  refresh(): void {
    if (this.#asking) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    const wait = this.#last + Math.max(document.hidden ? 10_000 : 500, 9 * this.#took) - Date.now()
    this.#timer = setTimeout(() => this.#ask(), Math.max(wait, 60))
  }

  async #ask(): Promise<void> {
    const filter = this.#filter
    this.#asking = true
    this.#again = false
    const began = Date.now()
    try {
      const answer = await ask<{ summary: Summary }>(summaryQuery, { filter })
      if (filter === this.#filter) summary.set(answer.summary)
    } catch {
      // The connection's state says why; its return asks again.
    }
    this.#last = Date.now()
    this.#took = this.#last - began
    this.#asking = false
    if (this.#again || filter !== this.#filter) this.refresh()
  }
}

const figures = new Figures()
let live: Live | undefined

/** Follows what the address selects, now and whenever it selects something else. */
export function followAddress(): void {
  let selected = ''
  const select = (): void => {
    const { filter } = route.value
    if (JSON.stringify(filter) === selected) return
    selected = JSON.stringify(filter)
    live?.stop()
    sessions.set({ ...sessions.value, complete: false, more: false, refusal: null })
    figures.of(filter)
    live = new Live(filter)
  }
  route.watch(select)
  select()
}
