import {
  calculateQuery,
  closeMutation,
  countQuery,
  dispatchMutation,
  eraseMutation,
  mentorsQuery,
  organisationsQuery,
  type Page,
  resultsQuery,
  type Session,
  sessionQuery,
  sessionsQuery,
  sharedResultQuery,
  shareMutation,
  sharesQuery,
  startMutation,
  summaryQuery,
  type Transition,
  trendQuery,
} from './documents.js'
import { Following, type FollowSessions, type SessionChange, type SessionsChange } from './following.js'
import { isRefusal } from './refusal.js'
import { type Call, Requests } from './requests.js'
import type {
  CalculationInputs,
  CalculationOutputs,
  Group,
  GroupOrder,
  Month,
  Result,
  SessionEvent,
  SessionFilter,
  SessionOrder,
  Share,
  SharedResult,
  StartSessionInput,
  Summary,
  SummaryAt,
} from './schema.js'
import type { Settings } from './settings.js'
import { type Subscriber, Subscriptions } from './subscriptions.js'

/**
 * Session and version that a change is based on. If the session has changed since, the server refuses the change
 * (VERSION_MISMATCH). `version: null` accepts any version.
 */
export type Based = Pick<Session, 'id'> & { version: number | null }

export interface Changing extends Call {
  /** Idempotency key. Pass one if another process may have to repeat the change. Default: a new key for each call. */
  idempotencyKey?: string | undefined
}

export interface Changed {
  session: Session
  /** Transitions of this change. Empty if there was nothing to change. */
  transitions: Transition[]
  /** Whether this is the stored response to an earlier request with the same key. */
  replayed: boolean
}

export interface Paging {
  /** Page size, 1 to 100. Default: 20. */
  first?: number | undefined
  /** The `endCursor` of the previous page. */
  after?: string | null | undefined
}

/** Mentor and organisation of a new session. */
export type Who = Omit<StartSessionInput, 'idempotencyKey'>

interface Filtered {
  filter?: SessionFilter | undefined
}

interface FollowSummary extends Filtered {
  /** Stops following. */
  signal?: AbortSignal | undefined
}

interface Searched extends Paging {
  /** Beginning of a name, in upper or lower case. */
  search?: string | undefined
  orderBy?: GroupOrder | undefined
}

/** Client of a Benefit Sessions server. Every call may throw Refusal, with a code that says why, or Unreachable. */
export class SessionsClient {
  readonly #requests: Requests
  readonly #subscriptions: Subscriptions
  readonly #following: Following

  constructor(settings: Settings) {
    this.#requests = new Requests(settings)
    this.#subscriptions = new Subscriptions(settings)
    this.#following = new Following(this.#requests, this.#subscriptions)
  }

  // ---- Follow

  /**
   * Follows the sessions under a filter: yields all of them, then each change, once and in order. Continues across lost
   * connections and restarts of the server.
   */
  followSessions(follow: FollowSessions = {}): AsyncGenerator<SessionsChange, void> {
    return this.#following.sessions(follow)
  }

  /** Follows one session: yields it, then each change until it is closed. Throws SESSION_NOT_FOUND if there is none. */
  followSession(
    id: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<SessionChange, void> {
    return this.#following.session(id, signal)
  }

  /** Follows the summary of the sessions under a filter: at once, then after changes, at most 4 times a second. */
  followSummary({ filter, signal }: FollowSummary = {}): AsyncGenerator<SummaryAt, void> {
    return this.#following.summary(filter, signal)
  }

  // ---- Change: a change takes effect once, however often the client has to send it

  start(who: Who, changing: Changing = {}): Promise<Changed> {
    return this.#change(startMutation, who, changing)
  }

  /** Calculates a result from these inputs and saves it in the session. */
  calculate(session: Based, inputs: CalculationInputs, changing: Changing = {}): Promise<Changed> {
    return this.#dispatch(dispatchMutation, session, 'CALCULATE_REQUESTED', changing, inputs)
  }

  /** Dispatches any other event. */
  dispatch(
    session: Based,
    event: Exclude<SessionEvent, 'CALCULATE_REQUESTED'>,
    changing: Changing = {},
  ): Promise<Changed> {
    return this.#dispatch(dispatchMutation, session, event, changing)
  }

  /** Returns the public share link of the session's current result. Creates it if there is none. */
  async share(session: Based, changing: Changing = {}): Promise<Changed & { share: Share }> {
    const { shared, ...changed } = await this.#dispatch<Changed & { shared: { share: Share } }>(
      shareMutation,
      session,
      'SHARE_REQUESTED',
      changing,
    )
    return { ...changed, share: shared.share }
  }

  /** Closes the session and revokes its share links. */
  async close({ id: sessionId, version: expectedVersion }: Based, call: Call = {}): Promise<void> {
    let isUnanswered = false
    const waits = (ms: number): void => {
      isUnanswered = true
      call.waits?.(ms)
    }
    try {
      await this.#requests.ask(closeMutation, { input: { sessionId, expectedVersion } }, { ...call, waits })
    } catch (error) {
      // An earlier attempt has closed it, and its response was lost.
      if (!isUnanswered || !isRefusal(error, 'SESSION_NOT_FOUND')) throw error
    }
  }

  /** Closes all sessions of a mentor and erases their data. For admins only. Returns the number of sessions closed. */
  async eraseMentor(mentorId: string, call: Call = {}): Promise<{ closed: number }> {
    for (let closed = 0; ; ) {
      const { eraseMentor } = await this.#requests.ask<{ eraseMentor: { closed: number; erased: boolean } }>(
        eraseMutation,
        { input: { mentorId } },
        call,
      )
      closed += eraseMentor.closed
      if (eraseMentor.erased) return { closed }
    }
  }

  // ---- Read

  async session(id: string, call: Call = {}): Promise<Session | null> {
    return (await this.#requests.ask<{ session: Session | null }>(sessionQuery, { id }, call)).session
  }

  /** Returns a page of the sessions under a filter. Default order: newest first. */
  async sessions(
    asked: Paging & Filtered & { orderBy?: SessionOrder | undefined } = {},
    call: Call = {},
  ): Promise<Page<Session>> {
    return (await this.#requests.ask<{ sessions: Page<Session> }>(sessionsQuery, asked, call)).sessions
  }

  async countSessions(filter: SessionFilter = {}, call: Call = {}): Promise<number> {
    const { sessions } = await this.#requests.ask<{ sessions: { totalCount: number } }>(countQuery, { filter }, call)
    return sessions.totalCount
  }

  /** Returns a session's results, newest first, or null if there is no such session. */
  async results(id: string, call: Call = {}): Promise<Result[] | null> {
    const { session } = await this.#requests.ask<{ session: { results: Result[] } | null }>(resultsQuery, { id }, call)
    return session?.results ?? null
  }

  /** Returns a session's live share links, newest first, or null if there is no such session. */
  async shares(id: string, call: Call = {}): Promise<Share[] | null> {
    const { session } = await this.#requests.ask<{ session: { shares: Share[] } | null }>(sharesQuery, { id }, call)
    return session?.shares ?? null
  }

  /** Returns the result behind a share link. Throws SHARE_NOT_FOUND or SHARE_GONE. */
  async sharedResult(token: string, call: Call = {}): Promise<SharedResult> {
    return (await this.#requests.ask<{ sharedResult: SharedResult }>(sharedResultQuery, { token }, call)).sharedResult
  }

  /** Calculates the outputs of these inputs. Saves nothing. */
  async preview(inputs: CalculationInputs, call: Call = {}): Promise<CalculationOutputs> {
    return (await this.#requests.ask<{ calculate: CalculationOutputs }>(calculateQuery, { inputs }, call)).calculate
  }

  /** Returns counts and sums of the sessions under a filter. */
  async summary(filter: SessionFilter = {}, call: Call = {}): Promise<Summary> {
    return (await this.#requests.ask<{ summary: Summary }>(summaryQuery, { filter }, call)).summary
  }

  /** Returns sums for each of the `last` months, the current month last. `last` is 1 to 120. Default: 12. */
  async trend(asked: Filtered & { last?: number | undefined } = {}, call: Call = {}): Promise<Month[]> {
    return (await this.#requests.ask<{ trend: Month[] }>(trendQuery, asked, call)).trend
  }

  /** Returns a page of the mentors of the sessions under a filter, with their counts and sums. */
  async mentors(asked: Searched & Filtered = {}, call: Call = {}): Promise<Page<Group> & { totalCount: number }> {
    return (await this.#requests.ask<{ mentors: Page<Group> & { totalCount: number } }>(mentorsQuery, asked, call))
      .mentors
  }

  /** Returns a page of organisations, with the counts and sums of their sessions. */
  async organisations(asked: Searched = {}, call: Call = {}): Promise<Page<Group> & { totalCount: number }> {
    const { organisations } = await this.#requests.ask<{ organisations: Page<Group> & { totalCount: number } }>(
      organisationsQuery,
      asked,
      call,
    )
    return organisations
  }

  // ---- Documents of your own

  /**
   * Sends a document and returns the data of the response. Retries like all other calls, so a mutation needs an
   * idempotency key: without one, it may take effect twice.
   */
  ask<T>(document: string, variables: object = {}, call: Call = {}): Promise<T> {
    return this.#requests.ask<T>(document, variables, call)
  }

  /** Follows a subscription across lost connections, from where `variables` says. Returns a function that stops it. */
  subscribe<T>(document: string, subscriber: Subscriber<T>): () => void {
    return this.#subscriptions.subscribe(document, subscriber).stop
  }

  #dispatch<T = Changed>(
    document: string,
    { id: sessionId, version: expectedVersion }: Based,
    event: SessionEvent,
    changing: Changing,
    payload?: CalculationInputs,
  ): Promise<T> {
    return this.#change(document, { sessionId, event, payload, expectedVersion }, changing)
  }

  async #change<T = Changed>(
    document: string,
    input: object,
    { idempotencyKey = newKey(), ...call }: Changing,
  ): Promise<T> {
    const { changed } = await this.#requests.ask<{ changed: T }>(
      document,
      { input: { ...input, idempotencyKey } },
      call,
    )
    return changed
  }
}

/** Returns a new idempotency key. */
// crypto.randomUUID exists on https and localhost only.
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
