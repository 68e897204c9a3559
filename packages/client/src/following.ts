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
 * A change of what is known of the sessions under a filter. Whoever does what each says, in turn, holds at `whole` and
 * after every change that follows exactly what there is.
 */
export type SessionsChange =
  /** Forget what you hold: what there is follows. At the start, and where the server's log no longer has what was missed. */
  | { kind: 'reset'; reason: 'START' | FeedGapReason }
  /** A session that there is, as it was read. */
  | { kind: 'found'; session: Session }
  /** All that there are were found. */
  | { kind: 'whole'; cursor: string }
  /** A transition was made, and this is the session after it: a new one, too (SESSION_STARTED). */
  | { kind: 'changed'; session: Session; transition: Transition; cursor: string }
  /** It is no more. */
  | { kind: 'closed'; session: Session; transition: Transition; cursor: string }

/** A change of one session, whose last is `closed`. */
export type SessionChange =
  /** As it was read, first of all. */
  | { kind: 'found'; session: Session }
  | { kind: 'changed'; session: Session; transition: Transition }
  /** It is no more. The transition is null where it was closed while the connection was lost. */
  | { kind: 'closed'; session: Session; transition: Transition | null }

export interface FollowSessions {
  filter?: FeedFilter | undefined
  /** For whoever kept what there was: goes on from there. */
  resume?:
    | {
        /** The cursor of the last change. */
        after: string
        /** Of a session that is held; undefined of another one. */
        versionOf(id: string): number | undefined | Promise<number | undefined>
      }
    | undefined
  /** Ends it. */
  signal?: AbortSignal | undefined
}

type FeedMessage =
  | { __typename: 'FeedReady'; cursor: string }
  | { __typename: 'FeedGap'; reason: FeedGapReason }
  | { __typename: 'FeedTransition'; cursor: string; transition: Transition }

type Sink<T> = Pick<Subscriber<T>, 'next' | 'refused' | 'complete'>

/** Sessions of one request; so many the server gives at once. */
const pageSize = 100

/** What is followed, through lost connections, restarts, tokens that end and readers that are slow. */
export class Following {
  constructor(
    readonly requests: Requests,
    readonly subscriptions: Subscriptions,
  ) {}

  /** The sessions under a filter. Throws Refusal. */
  sessions(follow: FollowSessions): AsyncGenerator<SessionsChange, void> {
    return until(follow.signal, this.#sessions(follow))
  }

  async *#sessions({ filter, resume, signal }: FollowSessions): AsyncGenerator<SessionsChange, void> {
    /** The versions that were found, until the feed tells of newer ones. */
    const found = new Map<string, number>()
    let heldBefore = resume?.versionOf
    /** What is known reaches as far as the feed's place. */
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

  /** The log's messages, each once, from the cursor on. */
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

  /** All that there are, read page by page while the feed waits: anew, where the server has other data meanwhile. */
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

  /** Null where there is no such place any more. */
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

  /** One session until it is closed. Throws Refusal: SESSION_NOT_FOUND where there is none at first. */
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

  /** What the sessions under a filter come to, the newest that there is whenever one is taken. Throws Refusal. */
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

const notFound = { message: 'No session has this id.', extensions: { code: 'SESSION_NOT_FOUND' } }

const patiently = (signal: AbortSignal | undefined): Call => ({ attempts: Number.POSITIVE_INFINITY, signal })

/** Ends where the signal is aborted, without an error. */
async function* until<T>(signal: AbortSignal | undefined, changes: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    yield* changes
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
