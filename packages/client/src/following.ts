import {
  feedSubscription,
  type Page,
  type Session,
  sessionQuery,
  sessionsQuery,
  summarySubscription,
  type Transition,
  transitionsSubscription,
} from './documents.js'
import { isRefusal, refusalOf } from './refusal.js'
import type { Call, Requests } from './requests.js'
import type { FeedFilter, FeedGapReason, SessionFilter, SummaryAt } from './schema.js'
import type { Subscriber, Subscription, Subscriptions } from './subscriptions.js'
import { taken } from './taken.js'

/**
 * A change of your copy of the sessions under a filter. Apply the changes in order: at `whole`, and after every change
 * that follows it, your copy matches the server.
 */
export type SessionsChange =
  /**
   * Clear your copy: all sessions follow. Comes at the start, and when the server's log no longer has what was missed.
   */
  | { kind: 'reset'; reason: 'START' | FeedGapReason }
  /** An existing session, as it was read. */
  | { kind: 'found'; session: Session }
  /** All existing sessions were found. */
  | { kind: 'whole'; cursor: string }
  /** A transition, and the session after it. A new session comes as `changed` too (SESSION_STARTED). */
  | { kind: 'changed'; session: Session; transition: Transition; cursor: string }
  /** The session was closed. */
  | { kind: 'closed'; session: Session; transition: Transition; cursor: string }

/** A change of one session. The last one is `closed`. */
export type SessionChange =
  /** The session as it was read. This is the first change. */
  | { kind: 'found'; session: Session }
  | { kind: 'changed'; session: Session; transition: Transition }
  /** The session was closed. The transition is null if that happened while the connection was lost. */
  | { kind: 'closed'; session: Session; transition: Transition | null }

export interface FollowSessions {
  filter?: FeedFilter | undefined
  /** Resumes from a copy that you stored. */
  resume?:
    | {
        /** Cursor of the last change that you applied. */
        after: string
        /** Returns the version of a session in your copy, or undefined if it is not in it. */
        versionOf(id: string): number | undefined | Promise<number | undefined>
      }
    | undefined
  /** Stops following, without an error. */
  signal?: AbortSignal | undefined
}

type FeedMessage =
  | { __typename: 'FeedReady'; cursor: string }
  | { __typename: 'FeedGap'; reason: FeedGapReason }
  | { __typename: 'FeedTransition'; cursor: string; transition: Transition }

type Sink<T> = Pick<Subscriber<T>, 'next' | 'refused' | 'complete'>

/** Sessions per request: the server's maximum. */
const pageSize = 100

/** Follows sessions and summaries across lost connections, restarts, expired tokens and slow readers. */
export class Following {
  constructor(
    readonly requests: Requests,
    readonly subscriptions: Subscriptions,
  ) {}

  /** Follows the sessions under a filter. Throws Refusal. */
  sessions(follow: FollowSessions): AsyncGenerator<SessionsChange, void> {
    return until(follow.signal, this.#sessions(follow))
  }

  async *#sessions({ filter, resume, signal }: FollowSessions): AsyncGenerator<SessionsChange, void> {
    /** Versions of the sessions that were read, until the feed delivers newer ones. */
    const found = new Map<string, number>()
    let heldBefore = resume?.versionOf
    /** Whether the copy reaches the position from which the feed continues. */
    let joined = resume !== undefined
    let reason: 'START' | FeedGapReason = 'START'
    for await (const message of this.#feed(filter, resume?.after, signal)) {
      if (message.__typename === 'FeedGap') {
        joined = false
        reason = message.reason
      } else if (message.__typename === 'FeedReady') {
        if (joined) continue
        joined = true
        heldBefore = undefined
        yield* this.#found(filter, reason, found, signal)
        yield { kind: 'whole', cursor: message.cursor }
      } else {
        const { transition, cursor } = message
        const { session, sequence } = transition
        const known = found.get(session.id) ?? (await heldBefore?.(session.id)) ?? 0
        if (sequence <= known) continue
        found.delete(session.id)
        yield { kind: transition.to === 'CLOSED' ? 'closed' : 'changed', session, transition, cursor }
      }
    }
  }

  /** Yields the feed's messages after the cursor, each once. */
  #feed(filter: FeedFilter | undefined, from: string | undefined, signal: AbortSignal | undefined) {
    let after = from
    const subscribe = ({ next, ...sink }: Sink<FeedMessage>): Subscription =>
      this.subscriptions.subscribe<{ feed: FeedMessage }>(feedSubscription, {
        ...sink,
        variables: () => ({ filter, after }),
        next: ({ feed }) => {
          if (feed.__typename !== 'FeedGap') after = feed.cursor
          next(feed)
        },
      })
    return taken<FeedMessage>({ subscribe, signal })
  }

  /** Reads all sessions page by page while the feed waits. Starts again if the cursor of a page has become invalid. */
  async *#found(
    filter: FeedFilter | undefined,
    reason: 'START' | FeedGapReason,
    found: Map<string, number>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SessionsChange, void> {
    for (let after: string | null = null; ; ) {
      if (after === null) {
        found.clear()
        yield { kind: 'reset', reason }
      }
      const page: Page<Session> | null = await this.#page(filter, after, signal)
      for (const session of page?.nodes ?? []) {
        found.set(session.id, session.version)
        yield { kind: 'found', session }
      }
      if (page && !page.pageInfo.hasNextPage) return
      after = page?.pageInfo.endCursor ?? null
    }
  }

  /** Returns null if the cursor has become invalid, because the server has other data now. */
  async #page(
    filter: FeedFilter | undefined,
    after: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Page<Session> | null> {
    try {
      const variables = { filter, after, first: pageSize }
      return (await this.requests.ask<{ sessions: Page<Session> }>(sessionsQuery, variables, patiently(signal)))
        .sessions
    } catch (error) {
      if (after !== null && isRefusal(error, 'INVALID_CURSOR')) return null
      throw error
    }
  }

  /** Follows one session until it is closed. Throws Refusal: SESSION_NOT_FOUND if there is none at the start. */
  session(id: string, signal: AbortSignal | undefined): AsyncGenerator<SessionChange, void> {
    return until(signal, this.#session(id, signal))
  }

  async *#session(id: string, signal: AbortSignal | undefined): AsyncGenerator<SessionChange, void> {
    const read = await this.requests.ask<{ session: Session | null }>(sessionQuery, { id }, patiently(signal))
    let { session } = read
    if (!session) throw refusalOf([notFound], this.requests.settings.sentences ?? {})
    yield { kind: 'found', session }
    let after = session.version
    let isClosed = false
    const subscribe = ({ next, ...sink }: Sink<Transition>): Subscription =>
      this.subscriptions.subscribe<{ sessionTransitions: Transition }>(transitionsSubscription, {
        ...sink,
        variables: () => ({ id, after }),
        next: ({ sessionTransitions: transition }) => {
          after = transition.sequence
          isClosed = transition.to === 'CLOSED'
          next(transition)
        },
      })
    try {
      for await (const transition of taken<Transition>({ subscribe, isComplete: () => isClosed, signal })) {
        session = transition.session
        yield { kind: transition.to === 'CLOSED' ? 'closed' : 'changed', session, transition }
      }
    } catch (error) {
      if (!isRefusal(error, 'SESSION_NOT_FOUND')) throw error
      yield { kind: 'closed', session: { ...session, state: 'CLOSED', allowedEvents: [] }, transition: null }
    }
  }

  /** Follows the summary of the sessions under a filter. A slow reader gets only the newest. Throws Refusal. */
  summary(filter: SessionFilter | undefined, signal: AbortSignal | undefined): AsyncGenerator<SummaryAt, void> {
    const subscribe = ({ next, ...sink }: Sink<SummaryAt>): Subscription =>
      this.subscriptions.subscribe<{ summary: SummaryAt }>(summarySubscription, {
        ...sink,
        variables: () => ({ filter }),
        next: ({ summary }) => next(summary),
      })
    return taken<SummaryAt>({ subscribe, newestOnly: true, signal })
  }
}

const notFound = {
  message: 'No session has this id. It was closed, or it never existed.',
  extensions: { code: 'SESSION_NOT_FOUND' },
}

const patiently = (signal: AbortSignal | undefined): Call => ({ attempts: Number.POSITIVE_INFINITY, signal })

/** Ends without an error if the signal is aborted. */
async function* until<T>(signal: AbortSignal | undefined, changes: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    yield* changes
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
