import type { Filter, ListOrder } from '../address'
import { client } from '../graphql/client'
import { feedSubscription } from '../graphql/documents'
import { announce, Store } from '../store'
import type { Listed, SessionState } from '../types'
import { words } from '../words'

export interface Connection {
  state: 'connecting' | 'live' | 'lost'
  /** The device says that it has no network. */
  offline: boolean
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

export const connection = new Store<Connection>({
  state: 'connecting',
  offline: !navigator.onLine,
  retryAt: 0,
  healed: null,
  cursor: null,
  events: 0,
  resumed: 0,
  reread: 0,
  lastEventAt: 0,
})

const tellConnection = (change: Partial<Connection>): void => connection.set({ ...connection.value, ...change })

addEventListener('offline', () => tellConnection({ offline: true }))
addEventListener('online', () => tellConnection({ offline: false }))

export interface FeedTransition {
  from: SessionState | null
  session: Listed
}

type FeedMessage =
  | { __typename: 'FeedReady'; cursor: string }
  | { __typename: 'FeedGap'; reason: string }
  | { __typename: 'FeedTransition'; cursor: string; transition: FeedTransition }

export interface FeedListener {
  /** The feed begins here, for the first time or after a gap: says, once all sessions are read, that they are. */
  begun(afterGap: boolean): Promise<boolean>
  told(transition: FeedTransition): void
  refused(refusal: Error): void
}

/** After a resumed cursor, what comes within this time of the one before was missed as well. */
const catchingUpMs = 250

/** Follows the feed of the sessions under a filter from where it stands, and keeps the account of how that went. */
export function followFeed(filter: Filter, orderBy: ListOrder, listener: FeedListener): () => void {
  const { state: _, ...selected } = filter
  let gap = false
  /** What was missed and has come so far; null while nothing is caught up with. */
  let missed: number | null = null
  let settling: ReturnType<typeof setTimeout> | undefined

  function settleSoon(): void {
    clearTimeout(settling)
    settling = setTimeout(settle, catchingUpMs)
  }

  function settle(): void {
    clearTimeout(settling)
    if (missed === null) return
    const events = missed
    missed = null
    tellConnection({ healed: { kind: 'resumed', events, at: Date.now() }, resumed: connection.value.resumed + 1 })
    announce(events === 0 ? words.connection.saidNothingMissed : words.connection.saidCaughtUp(events))
  }

  async function begin(): Promise<void> {
    const afterGap = gap
    gap = false
    if (!(await listener.begun(afterGap)) || !afterGap) return
    tellConnection({ healed: { kind: 'reread', events: 0, at: Date.now() }, reread: connection.value.reread + 1 })
    announce(words.connection.saidReread)
  }

  function take(message: FeedMessage): void {
    if (message.__typename === 'FeedGap') {
      // What follows is FeedReady, from a place that what is known does not reach.
      tellConnection({ cursor: null })
      missed = null
      gap = true
    } else if (message.__typename === 'FeedReady') {
      const { cursor, state } = connection.value
      tellConnection({ state: 'live', offline: false, cursor: message.cursor })
      if (cursor === null) return void begin()
      // Another token took the place of the one before, and nothing was lost between them.
      if (state === 'live') return
      missed = 0
      settleSoon()
    } else {
      const { transition, cursor } = message
      listener.told(transition)
      tellConnection({ cursor, events: connection.value.events + 1, lastEventAt: Date.now() })
      if (missed === null) return
      missed++
      settleSoon()
    }
  }

  tellConnection({ cursor: null, healed: null })
  const stop = client.subscribe<{ feed: FeedMessage }>(feedSubscription, {
    variables: () => ({ filter: selected, orderBy, after: connection.value.cursor }),
    next: ({ feed }) => take(feed),
    lost: retryAt => {
      settle()
      if (connection.value.state === 'live') announce(words.connection.saidLost)
      tellConnection({ state: 'lost', retryAt })
    },
    refused: refusal => listener.refused(refusal),
  })
  return () => {
    stop()
    clearTimeout(settling)
  }
}
