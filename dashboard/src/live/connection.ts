import type { Filter, ListOrder } from '../address'
import { client } from '../graphql/client'
import { feedSubscription } from '../graphql/documents'
import { announce, Store } from '../store'
import type { Listed, SessionState } from '../types'
import { words } from '../words'

export interface Connection {
  state: 'connecting' | 'live' | 'lost'
  /** The device reports that it has no network. */
  offline: boolean
  /** Time of the next attempt while the connection is lost, in ms. */
  retryAt: number
  /** The latest recovery and its time in ms. */
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
  /** The feed is ready, for the first time or after a gap. Resolves to whether the sessions were read. */
  begun(afterGap: boolean): Promise<boolean>
  told(transition: FeedTransition): void
  refused(refusal: Error): void
}

/** After a resume, an item counts as missed if it arrives within this time of the one before, in ms. */
const catchingUpMs = 250

/**
 * Follows the feed of the sessions under a filter from now on, resumes it after a lost connection, and records this in
 * `connection`.
 */
export function followFeed(filter: Filter, orderBy: ListOrder, listener: FeedListener): () => void {
  const { state: _, ...selected } = filter
  let gap = false
  /** Number of missed items received so far. Null unless the feed is catching up. */
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
      // FeedReady follows. What lies between the last cursor and its cursor was not received.
      tellConnection({ cursor: null })
      missed = null
      gap = true
    } else if (message.__typename === 'FeedReady') {
      const { cursor, state } = connection.value
      tellConnection({ state: 'live', offline: false, cursor: message.cursor })
      if (cursor === null) return void begin()
      // The subscription started again with a new token, without a lost connection.
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
