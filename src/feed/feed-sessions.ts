import { yieldToEventLoop } from '../concurrency/scheduler'
import type { ExportedSession, Store } from '../db/store'
import { isWithin, type Scope } from '../domain/caller'
import { snapshotAfter } from '../domain/commit'
import type { FeedTransition } from './ring'

/** Number of items whose sessions are read in one batch. The event loop can run other work between batches. */
const itemsPerRead = 100

export interface SessionView {
  /**
   * If this scope is present, each feed item includes its session, provided that the session is currently in the scope.
   */
  sessionsWithin?: Scope | undefined
}

/** Whether a transition removes the session from the subscriber's view, by a close or a move to another owner. */
export const endsSession = ({ left, transition }: Pick<FeedTransition, 'left' | 'transition'>): boolean =>
  left || transition.event === 'SessionClosed'

/**
 * Adds the session to each item, in its state directly after the transition, including the result that was current at
 * that time. The session is null for SessionClosed, for an item with `left`, and if the session has since been closed
 * or moved out of the scope. Reads the sessions in batches.
 */
export async function withSessions(
  store: Store,
  items: readonly FeedTransition[],
  scope: Scope,
): Promise<FeedTransition[]> {
  const read: FeedTransition[] = []
  for (let first = 0; first < items.length; first += itemsPerRead) {
    if (first > 0) await yieldToEventLoop()
    const some = items.slice(first, first + itemsPerRead)
    const sessions = await sessionsAfter(store, some, scope)
    read.push(...some.map((item, i) => withSession(item, sessions[i] ?? null)))
  }
  return read
}

const withSession = (item: FeedTransition, session: ExportedSession | null): FeedTransition => ({
  ...item,
  // Copy `cursor` explicitly, because spreading omits it: it is a getter on the prototype.
  cursor: item.cursor,
  session,
})

/** Reads each distinct session once. The store combines all reads in the same event-loop turn into one query. */
function sessionsAfter(store: Store, items: FeedTransition[], scope: Scope): Promise<(ExportedSession | null)[]> {
  const present = new Map<string, Promise<ExportedSession | null>>()
  const presentOf = (session_id: string): Promise<ExportedSession | null> => {
    const read = present.get(session_id) ?? store.sessions.withResult(session_id)
    present.set(session_id, read)
    return read
  }
  return Promise.all(
    items.map(async item => {
      if (endsSession(item)) return null
      const session = await presentOf(item.commit.session_id)
      return session && isWithin(scope, session) ? sessionAfter(store, item, session) : null
    }),
  )
}

/**
 * Returns the session's state directly after the transition, or null if the session was closed after `present` was
 * read.
 */
async function sessionAfter(
  store: Store,
  { commit, transition }: FeedTransition,
  present: ExportedSession,
): Promise<ExportedSession | null> {
  const session = snapshotAfter(commit, transition)
  const { session_id, result_id } = session
  if (result_id === null) return { ...session, result: null }
  if (present.result?.result_id === result_id) return { ...session, result: present.result }
  const result = await store.sessions.result(session_id, result_id)
  return result && { ...session, result }
}
