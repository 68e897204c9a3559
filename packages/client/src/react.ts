'use client'
/**
 * React hooks that keep a component's data up to date: `import { useSessions } from 'benefit-sessions-client/react'`
 */
// The dashboard does not use these hooks: it needs only the rows in view, but the hooks keep all matching sessions in
// memory.
import { checkOptions } from './check-options.js'
import type { SessionsClient } from './client.js'
import type { Session } from './documents.js'
import { type Follow, type LiveState, useLive } from './live.js'
import type { FollowSessionsFilter } from './options.js'

export * from './capabilities/react.js'
export type { LiveState } from './live.js'

/** Result of `useSessions`. */
export interface UseSessionsResult extends LiveState {
  /** All sessions that match the filter, newest first. */
  sessions: readonly Session[]
}

/** Result of `useSession`. */
export interface UseSessionResult extends LiveState {
  /**
   * The session, or null if it is still loading or if no session has this id. A closed session has the state `CLOSED`.
   */
  session: Session | null
}

/**
 * Returns all sessions that match a filter. Rerenders the component when the sessions change, at most once per frame.
 */
export function useSessions(
  client: SessionsClient,
  options: { filter?: FollowSessionsFilter | undefined } = {},
): UseSessionsResult {
  checkOptions('useSessions', options)
  return useLive(client, followAll, { sessions: [] }, options.filter)
}

/** Returns one session. Rerenders the component when the session changes, at most once per frame. */
export function useSession(client: SessionsClient, id: string): UseSessionResult {
  return useLive(client, followOne, { session: null }, id)
}

const followAll: Follow<Pick<UseSessionsResult, 'sessions'>, FollowSessionsFilter | undefined> = async (
  client,
  filter,
  signal,
  publish,
) => {
  let copy = new Map<string, Session>()
  let isWhole = false
  for await (const change of client.followSessions({ filter, signal })) {
    if (change.type === 'reset') {
      // Create a new map instead of clearing the old map, which may not have been rendered yet.
      copy = new Map()
      isWhole = false
    } else if (change.type === 'synced') isWhole = true
    else if (change.type === 'closed') copy.delete(change.session.id)
    else copy.set(change.session.id, change.session)
    const sessions = copy
    publish(isWhole ? () => ({ sessions: [...sessions.values()].sort(newestFirst) }) : null)
  }
}

const newestFirst = (a: Session, b: Session): number => {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1
  return a.id < b.id ? 1 : -1
}

const followOne: Follow<Pick<UseSessionResult, 'session'>, string> = async (client, id, signal, publish) => {
  for await (const { session } of client.followSession(id, { signal })) publish(() => ({ session }))
}
