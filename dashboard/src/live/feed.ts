import type * as schema from '../../../packages/client/src/schema.js'
import { client } from '../graphql/client'
import { feedSubscription } from '../graphql/documents'
import type { Filter, ListOrder } from '../route'
import { announce, Store } from '../store'
import type { ListedSession, Transition } from '../types'
import { words } from '../words'

export interface Connection {
  state: 'connecting' | 'live' | 'lost'
  /** Whether the browser reports that the device is offline. */
  offline: boolean
  /** Epoch time in ms of the next attempt to reconnect, while the connection is lost. */
  retryAt: number
  /** The feed's most recent recovery from a lost connection. */
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

export interface FeedTransition extends Pick<Transition, 'from'> {
  session: ListedSession
}

type FeedMessage =
  | Omit<schema.FeedReady, 'caughtUp'>
  | Omit<schema.FeedGap, 'after'>
  | (Omit<schema.FeedTransition, 'transition'> & { transition: FeedTransition })

export interface FeedListener {
  /**
   * Called when the feed is ready, initially and after each gap. Resolves to whether the listener has read the sessions
   * again.
   */
  onReady(afterGap: boolean): Promise<boolean>
  onTransition(transition: FeedTransition): void
  onError(error: Error): void
}

/** Marks the session of a transition as closed, because it has moved to a mentor or organisation outside the filter. */
const closed = ({ from, session }: FeedTransition): FeedTransition => ({
  from,
  session: { ...session, state: 'CLOSED' },
})

/** A resumed feed is considered caught up after it has delivered no items for this time in ms. */
const catchingUpMs = 250

/**
 * Follows the feed of the sessions that match a filter, starting now. Resumes the feed after a lost connection, and
 * records the recovery in `connection`.
 */
export function followFeed(filter: Filter, orderBy: ListOrder, listener: FeedListener): () => void {
  // The feed can't filter by state or month, so the list applies these filters.
  const { state: _, months: __, ...selected } = filter
  let hasGap = false
  /** Number of missed items that have been received so far, or null if the feed is not catching up. */
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
      // A `FeedReady` message follows this `FeedGap` message. The feed skips all items between the last received cursor
      // and the cursor of `FeedReady`.
      updateConnection({ cursor: null })
      missed = null
      hasGap = true
    } else if (message.__typename === 'FeedReady') {
      const { cursor, state } = connection.value
      updateConnection({ state: 'live', offline: false, cursor: message.cursor })
      if (cursor === null) return void onReady()
      // The subscription restarted only to use a new token, without losing the connection.
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
