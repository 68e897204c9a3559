import { client } from '../graphql/client'
import { feedSubscription } from '../graphql/documents'
import type { Filter, ListOrder } from '../route'
import { announce, Store } from '../store'
import type { ListedSession, SessionState } from '../types'
import { words } from '../words'

export interface Connection {
  state: 'connecting' | 'live' | 'lost'
  /** The device reports that it has no network. */
  offline: boolean
  /** Time of the next attempt while the connection is lost, in ms. */
  retryAt: number
  /** The latest recovery and its time in ms. */
  recovery: { kind: 'resumed' | 'reloaded'; events: number; at: number } | null
  cursor: string | null
  lastEventAt: number
}

export const connection = new Store<Connection>({
  state: 'connecting',
  offline: !navigator.onLine,
  retryAt: 0,
  recovery: null,
  cursor: null,
  lastEventAt: 0,
})

const updateConnection = (change: Partial<Connection>): void => connection.set({ ...connection.value, ...change })

addEventListener('offline', () => updateConnection({ offline: true }))
addEventListener('online', () => updateConnection({ offline: false }))

export interface FeedTransition {
  from: SessionState | null
  session: ListedSession
}

type FeedMessage =
  | { __typename: 'FeedReady'; cursor: string }
  | { __typename: 'FeedGap'; reason: string }
  | { __typename: 'FeedTransition'; cursor: string; left: boolean; transition: FeedTransition }

export interface FeedListener {
  /** Called when the feed is ready, for the first time or after a gap. Resolves to whether the sessions were read. */
  onReady(afterGap: boolean): Promise<boolean>
  onTransition(transition: FeedTransition): void
  onError(error: Error): void
}

/** Treats a session that has left the filter, because its mentor or organisation changed, like a closed one. */
const closed = ({ from, session }: FeedTransition): FeedTransition => ({
  from,
  session: { ...session, state: 'CLOSED' },
})

/** Time in ms. After a resume, an item counts as missed if it arrives this soon after the previous one. */
const catchingUpMs = 250

/**
 * Follows the feed of the sessions under a filter from now on. Resumes it after a lost connection, and records this in
 * `connection`.
 */
export function followFeed(filter: Filter, orderBy: ListOrder, listener: FeedListener): () => void {
  // The feed does not filter by states or months. The list does.
  const { state: _, months: __, ...selected } = filter
  let hasGap = false
  /** Number of missed items received so far. Null unless the feed is catching up. */
  let missed: number | null = null
  let settleTimer: ReturnType<typeof setTimeout> | undefined

  function settleSoon(): void {
    clearTimeout(settleTimer)
    settleTimer = setTimeout(settle, catchingUpMs)
  }

  function settle(): void {
    clearTimeout(settleTimer)
    if (missed === null) return
    const events = missed
    missed = null
    updateConnection({ recovery: { kind: 'resumed', events, at: Date.now() } })
    announce(events === 0 ? words.connection.announcedNothingMissed : words.connection.announcedCaughtUp(events))
  }

  async function onReady(): Promise<void> {
    const afterGap = hasGap
    hasGap = false
    if (!(await listener.onReady(afterGap)) || !afterGap) return
    updateConnection({ recovery: { kind: 'reloaded', events: 0, at: Date.now() } })
    announce(words.connection.announcedReload)
  }

  function receive(message: FeedMessage): void {
    if (message.__typename === 'FeedGap') {
      // FeedReady follows. Everything between the last cursor and FeedReady's cursor was not received.
      updateConnection({ cursor: null })
      missed = null
      hasGap = true
    } else if (message.__typename === 'FeedReady') {
      const { cursor, state } = connection.value
      updateConnection({ state: 'live', offline: false, cursor: message.cursor })
      if (cursor === null) return void onReady()
      // The subscription started again with a new token, without a lost connection.
      if (state === 'live') return
      missed = 0
      settleSoon()
    } else {
      const { transition, left, cursor } = message
      listener.onTransition(left ? closed(transition) : transition)
      updateConnection({ cursor, lastEventAt: Date.now() })
      if (missed === null) return
      missed++
      settleSoon()
    }
  }

  updateConnection({ cursor: null, recovery: null })
  const stop = client.subscribe<{ feed: FeedMessage }>(feedSubscription, {
    variables: () => ({ filter: selected, orderBy, after: connection.value.cursor }),
    next: ({ feed }) => receive(feed),
    disconnected: retryAt => {
      settle()
      if (connection.value.state === 'live') announce(words.connection.announcedLost)
      updateConnection({ state: 'lost', retryAt })
    },
    error: error => listener.onError(error),
  })
  return () => {
    stop()
    clearTimeout(settleTimer)
  }
}
