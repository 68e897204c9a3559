import {
  feedSubscription,
  type Page,
  type Session,
  sessionQuery,
  sessionsQuery,
  type Transition,
  transitionsSubscription,
} from './documents.js'
import { apiErrorOf, isApiError } from './errors.js'
import { iterateMessages } from './messages.js'
import type { FollowOptions, FollowSessionsFilter, FollowSessionsOptions, RequestOptions } from './options.js'
import type { Requests } from './requests.js'
import type { FeedGapReason } from './schema.js'
import type { Subscriptions } from './subscriptions.js'

/**
 * Reason why you must replace your copy of the sessions. `START` means that the client has just begun to follow the
 * sessions. `EXPIRED` and `UNKNOWN` mean that the server's log no longer contains the changes that you missed.
 * `ACCESS_CHANGED` means that the caller may now have access to different sessions.
 */
export type ResetReason = 'START' | FeedGapReason | 'ACCESS_CHANGED'

/**
 * A change to your copy of the sessions that match a filter. Apply the changes in order: at `synced`, and after every later
 * change, your copy matches the server.
 */
export type SessionsChange =
  /** Clear your copy of the sessions, because all sessions follow as snapshots. */
  | { type: 'reset'; reason: ResetReason }
  /** A session that already existed at the `reset`. Snapshots are sent between `reset` and `synced`. */
  | { type: 'snapshot'; session: Session }
  /**
   * Your copy is complete. `synced` is sent after the last snapshot and, after a lost connection, once you have
   * received all missed changes.
   */
  | { type: 'synced'; cursor: string }
  /**
   * A transition, and the session as it is after the transition. The start of a new session is also a change
   * (SESSION_STARTED).
   */
  | { type: 'changed'; session: Session; transition: Transition; cursor: string }
  /**
   * The session was closed, or no longer belongs in your copy. If `left` is true, the session has moved to a mentor or
   * organisation outside the filter or your scope. If the session has moved, `session` contains its former mentor and
   * organisation.
   */
  | { type: 'closed'; session: Session; transition: Transition; cursor: string; left: boolean }

/** A change to the followed session. The last change is `closed`. */
export type SessionChange =
  /** The session as it was when following began. A snapshot is always the first change. */
  | { type: 'snapshot'; session: Session }
  | { type: 'changed'; session: Session; transition: Transition }
  /**
   * The session was closed. `transition` is null if the session was closed while the connection was lost, or if the
   * session was reassigned to a mentor or organisation outside your scope.
   */
  | { type: 'closed'; session: Session; transition: Transition | null }

/** The client's two transports to the server: HTTP for requests, and a WebSocket for subscriptions. */
export interface Transports {
  requests: Requests
  subscriptions: Subscriptions
}

type FeedMessage =
  | { __typename: 'FeedReady'; cursor: string; caughtUp: boolean }
  | { __typename: 'FeedGap'; reason: ResetReason }
  | { __typename: 'FeedTransition'; cursor: string; left: boolean; transition: Transition }

/** The server's maximum page size, which the client uses when it reads all pages of a list. */
export const maxPageSize = 100

/**
 * Yields the sessions that match a filter, and then every change to them, exactly once and in order. Throws ApiError if
 * the server refuses the subscription.
 */
export async function* followSessions(
  { requests, subscriptions }: Transports,
  { filter, resume, signal }: FollowSessionsOptions,
): AsyncGenerator<SessionsChange, void> {
  /**
   * Versions of the sessions in the snapshot, keyed by session id. A session's entry is removed once the feed delivers
   * a newer version.
   */
  const versions = new Map<string, number>()
  let storedVersion = resume?.versionOf
  /** Whether the caller's copy is complete up to the position at which the feed continues. */
  let isSynced = resume !== undefined
  let reason: ResetReason = 'START'
  try {
    for await (const message of feedMessages(subscriptions, filter, resume?.after, signal)) {
      if (message.__typename === 'FeedGap') {
        isSynced = false
        reason = message.reason
      } else if (message.__typename === 'FeedReady') {
        if (!isSynced) {
          isSynced = true
          storedVersion = undefined
          yield* readSnapshot(requests, filter, reason, versions, signal)
        } else if (!message.caughtUp) continue
        yield { type: 'synced', cursor: message.cursor }
      } else {
        const { transition, left, cursor } = message
        const { session, sequence } = transition
        const version = versions.get(session.id) ?? (await storedVersion?.(session.id)) ?? 0
        if (sequence <= version) continue
        versions.delete(session.id)
        if (left || transition.to === 'CLOSED') yield { type: 'closed', session, transition, cursor, left }
        else yield { type: 'changed', session, transition, cursor }
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}

/** Yields each of the feed's messages after a cursor exactly once. */
function feedMessages(
  subscriptions: Subscriptions,
  filter: FollowSessionsFilter | undefined,
  from: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<FeedMessage, void> {
  let after = from
  return iterateMessages(subscriptions, feedSubscription, {
    variables: () => ({ filter, after }),
    receive: ({ feed }: { feed: FeedMessage }) => {
      if (feed.__typename !== 'FeedGap') after = feed.cursor
      return feed
    },
    accessChanged() {
      after = undefined
      return { __typename: 'FeedGap', reason: 'ACCESS_CHANGED' }
    },
    signal,
  })
}

/**
 * Yields all sessions that match a filter, page by page, while the feed waits. Starts over if a page's cursor has
 * become invalid.
 */
async function* readSnapshot(
  requests: Requests,
  filter: FollowSessionsFilter | undefined,
  reason: ResetReason,
  versions: Map<string, number>,
  signal: AbortSignal | undefined,
): AsyncGenerator<SessionsChange, void> {
  for (let after: string | null = null; ; ) {
    if (after === null) {
      versions.clear()
      yield { type: 'reset', reason }
    }
    const page: Page<Session> | null = await readPage(requests, filter, after, signal)
    for (const session of page?.nodes ?? []) {
      versions.set(session.id, session.version)
      yield { type: 'snapshot', session }
    }
    if (page && !page.pageInfo.hasNextPage) return
    after = page?.pageInfo.endCursor ?? null
  }
}

/** Reads a page of sessions. Returns null if the cursor has become invalid, because the server's data was replaced. */
async function readPage(
  requests: Requests,
  filter: FollowSessionsFilter | undefined,
  after: string | null,
  signal: AbortSignal | undefined,
): Promise<Page<Session> | null> {
  try {
    const variables = { filter, after, first: maxPageSize }
    return (await requests.send<{ sessions: Page<Session> }>(sessionsQuery, variables, retryForever(signal))).sessions
  } catch (error) {
    if (after !== null && isApiError(error, 'INVALID_CURSOR')) return null
    throw error
  }
}

/**
 * Yields one session, and then each of its changes until the session is closed. Throws ApiError, for example
 * SESSION_NOT_FOUND if no session has this id.
 */
export async function* followSession(
  { requests, subscriptions }: Transports,
  id: string,
  { signal }: FollowOptions,
): AsyncGenerator<SessionChange, void> {
  let session: Session | null = null
  try {
    const data = await requests.send<{ session: Session | null }>(sessionQuery, { id }, retryForever(signal))
    session = data.session
    if (!session) throw apiErrorOf([sessionNotFound], requests.settings.errorMessages)
    yield { type: 'snapshot', session }
    for await (const transition of transitionsAfter(subscriptions, session, signal)) {
      session = transition.session
      yield { type: transition.to === 'CLOSED' ? 'closed' : 'changed', session, transition }
    }
  } catch (error) {
    if (signal?.aborted) return
    if (!session || !isApiError(error, 'SESSION_NOT_FOUND')) throw error
    yield { type: 'closed', session: { ...session, state: 'CLOSED', allowedEvents: [] }, transition: null }
  }
}

const sessionNotFound = {
  message: 'No session that you can see has this id. It was closed, it never existed, or it is outside your scope.',
  extensions: { code: 'SESSION_NOT_FOUND' },
}

/** Yields the transitions that follow the given version of a session, until the session is closed. */
function transitionsAfter(
  subscriptions: Subscriptions,
  { id, version }: Session,
  signal: AbortSignal | undefined,
): AsyncGenerator<Transition, void> {
  let after = version
  let isClosed = false
  return iterateMessages(subscriptions, transitionsSubscription, {
    variables: () => ({ id, after }),
    receive: ({ sessionTransitions: transition }: { sessionTransitions: Transition }) => {
      after = transition.sequence
      isClosed = transition.to === 'CLOSED'
      return transition
    },
    isComplete: () => isClosed,
    signal,
  })
}

const retryForever = (signal: AbortSignal | undefined): RequestOptions => ({
  maxAttempts: Number.POSITIVE_INFINITY,
  signal,
})
