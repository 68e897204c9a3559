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
import { isApiError } from './errors.js'
import {
  type FollowOptions,
  type FollowSessionsOptions,
  type FollowSummaryOptions,
  followSession,
  followSessions,
  followSummary,
  type SessionChange,
  type SessionsChange,
  type Transports,
} from './follow.js'
import type { ClientOptions, RequestOptions } from './options.js'
import { Requests } from './requests.js'
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
import { type Subscriber, Subscriptions } from './subscriptions.js'

/**
 * A session and the version that a change is based on. If the session has changed since, the server refuses the change
 * (VERSION_MISMATCH). `version: null` accepts any version.
 */
export type SessionVersion = Pick<Session, 'id'> & { version: number | null }

/** An event that needs no inputs. */
export type EventWithoutPayload = Exclude<SessionEvent, 'CALCULATE_REQUESTED'>

/** Mentor and organisation of a new session. */
export type NewSession = Omit<StartSessionInput, 'idempotencyKey'>

/** Options of a change. */
export interface ChangeOptions extends RequestOptions {
  /** Idempotency key. Pass one if another process may have to repeat the change. Default: a new key for each call. */
  idempotencyKey?: string | undefined
}

/** Response to a change. */
export interface ChangeResponse {
  /** The session after the change. */
  session: Session
  /** Transitions of this change. Empty if there was nothing to change. */
  transitions: Transition[]
  /** Whether this is the stored response to an earlier request with the same key. */
  replayed: boolean
}

/** Selects one page of a list. */
export interface PageOptions {
  /** Page size, 1 to 100. Default: 20. */
  first?: number | undefined
  /** The `endCursor` of the previous page. */
  after?: string | null | undefined
}

interface FilterOptions {
  filter?: SessionFilter | undefined
}

interface SearchOptions extends PageOptions {
  /** Beginning of a name, in upper or lower case. */
  search?: string | undefined
  orderBy?: GroupOrder | undefined
}

type GroupPage = Page<Group> & { totalCount: number }

/** Client of a Benefit Sessions server. Every call may throw ApiError, with a code that says why, or ConnectionError. */
export class SessionsClient {
  readonly #transports: Transports

  constructor(options: ClientOptions) {
    this.#transports = { requests: new Requests(options), subscriptions: new Subscriptions(options) }
  }

  // ---- Follow

  /**
   * Follows the sessions under a filter: yields all of them, then each change, once and in order. Continues across lost
   * connections and restarts of the server.
   */
  followSessions(options: FollowSessionsOptions = {}): AsyncGenerator<SessionsChange, void> {
    return followSessions(this.#transports, options)
  }

  /** Follows one session: yields it, then each change until it is closed. Throws SESSION_NOT_FOUND if there is none. */
  followSession(id: string, options: FollowOptions = {}): AsyncGenerator<SessionChange, void> {
    return followSession(this.#transports, id, options)
  }

  /** Follows the summary of the sessions under a filter: at once, then after changes, at most 4 times a second. */
  followSummary(options: FollowSummaryOptions = {}): AsyncGenerator<SummaryAt, void> {
    return followSummary(this.#transports, options)
  }

  // ---- Change: a change takes effect once, however often the client has to send it

  /** Starts a session. */
  start(session: NewSession, options: ChangeOptions = {}): Promise<ChangeResponse> {
    return this.#change(startMutation, session, options)
  }

  /** Calculates a result from these inputs and saves it in the session. */
  calculate(session: SessionVersion, inputs: CalculationInputs, options: ChangeOptions = {}): Promise<ChangeResponse> {
    return this.#dispatch(dispatchMutation, session, 'CALCULATE_REQUESTED', options, inputs)
  }

  /** Dispatches an event that needs no inputs. */
  dispatch(session: SessionVersion, event: EventWithoutPayload, options: ChangeOptions = {}): Promise<ChangeResponse> {
    return this.#dispatch(dispatchMutation, session, event, options)
  }

  /** Returns the public share link of the session's current result. Creates it if there is none. */
  async share(session: SessionVersion, options: ChangeOptions = {}): Promise<ChangeResponse & { share: Share }> {
    const { shared, ...response } = await this.#dispatch<ChangeResponse & { shared: { share: Share } }>(
      shareMutation,
      session,
      'SHARE_REQUESTED',
      options,
    )
    return { ...response, share: shared.share }
  }

  /** Closes the session and revokes its share links. */
  async close(session: SessionVersion, options: RequestOptions = {}): Promise<void> {
    const input = { sessionId: session.id, expectedVersion: session.version }
    let isRetried = false
    const onRetry = (delayMs: number): void => {
      isRetried = true
      options.onRetry?.(delayMs)
    }
    try {
      await this.request(closeMutation, { input }, { ...options, onRetry })
    } catch (error) {
      // An earlier attempt has closed it, and its response was lost.
      if (!isRetried || !isApiError(error, 'SESSION_NOT_FOUND')) throw error
    }
  }

  /** Closes all sessions of a mentor and erases their data. For admins only. Returns the number of sessions closed. */
  async eraseMentor(mentorId: string, options: RequestOptions = {}): Promise<{ closed: number }> {
    for (let closed = 0; ; ) {
      const { eraseMentor } = await this.request<{ eraseMentor: { closed: number; erased: boolean } }>(
        eraseMutation,
        { input: { mentorId } },
        options,
      )
      closed += eraseMentor.closed
      if (eraseMentor.erased) return { closed }
    }
  }

  // ---- Read

  /** Returns a session, or null if there is none with this id. */
  async session(id: string, options: RequestOptions = {}): Promise<Session | null> {
    return (await this.request<{ session: Session | null }>(sessionQuery, { id }, options)).session
  }

  /** Returns a page of the sessions under a filter. Default order: newest first. */
  async sessions(
    query: PageOptions & FilterOptions & { orderBy?: SessionOrder | undefined } = {},
    options: RequestOptions = {},
  ): Promise<Page<Session>> {
    return (await this.request<{ sessions: Page<Session> }>(sessionsQuery, query, options)).sessions
  }

  /** Returns the number of sessions under a filter. */
  async countSessions(filter: SessionFilter = {}, options: RequestOptions = {}): Promise<number> {
    const { sessions } = await this.request<{ sessions: { totalCount: number } }>(countQuery, { filter }, options)
    return sessions.totalCount
  }

  /** Returns a session's results, newest first, or null if there is no such session. */
  async results(id: string, options: RequestOptions = {}): Promise<Result[] | null> {
    const { session } = await this.request<{ session: { results: Result[] } | null }>(resultsQuery, { id }, options)
    return session?.results ?? null
  }

  /** Returns a session's live share links, newest first, or null if there is no such session. */
  async shares(id: string, options: RequestOptions = {}): Promise<Share[] | null> {
    const { session } = await this.request<{ session: { shares: Share[] } | null }>(sharesQuery, { id }, options)
    return session?.shares ?? null
  }

  /** Returns the result behind a share link. Throws SHARE_NOT_FOUND or SHARE_GONE. */
  async sharedResult(token: string, options: RequestOptions = {}): Promise<SharedResult> {
    return (await this.request<{ sharedResult: SharedResult }>(sharedResultQuery, { token }, options)).sharedResult
  }

  /** Calculates the outputs of these inputs. Saves nothing. */
  async preview(inputs: CalculationInputs, options: RequestOptions = {}): Promise<CalculationOutputs> {
    return (await this.request<{ calculate: CalculationOutputs }>(calculateQuery, { inputs }, options)).calculate
  }

  /** Returns counts and sums of the sessions under a filter. */
  async summary(filter: SessionFilter = {}, options: RequestOptions = {}): Promise<Summary> {
    return (await this.request<{ summary: Summary }>(summaryQuery, { filter }, options)).summary
  }

  /** Returns sums for each of the `last` months, the current month last. `last` is 1 to 120. Default: 12. */
  async trend(
    query: FilterOptions & { last?: number | undefined } = {},
    options: RequestOptions = {},
  ): Promise<Month[]> {
    return (await this.request<{ trend: Month[] }>(trendQuery, query, options)).trend
  }

  /** Returns a page of the mentors of the sessions under a filter, with their counts and sums. */
  async mentors(query: SearchOptions & FilterOptions = {}, options: RequestOptions = {}): Promise<GroupPage> {
    return (await this.request<{ mentors: GroupPage }>(mentorsQuery, query, options)).mentors
  }

  /** Returns a page of organisations, with the counts and sums of their sessions. */
  async organisations(query: SearchOptions = {}, options: RequestOptions = {}): Promise<GroupPage> {
    return (await this.request<{ organisations: GroupPage }>(organisationsQuery, query, options)).organisations
  }

  // ---- Documents of your own

  /**
   * Sends a document and returns the data of the response. Retries like all other calls, so a mutation needs an
   * idempotency key: without one, it may take effect twice.
   */
  request<T>(document: string, variables: object = {}, options: RequestOptions = {}): Promise<T> {
    return this.#transports.requests.send<T>(document, variables, options)
  }

  /** Follows a subscription across lost connections, from where `variables` says. Returns a function that stops it. */
  subscribe<T>(document: string, subscriber: Subscriber<T>): () => void {
    const subscription = this.#transports.subscriptions.subscribe(document, subscriber)
    return () => subscription.stop()
  }

  #dispatch<T = ChangeResponse>(
    document: string,
    { id: sessionId, version: expectedVersion }: SessionVersion,
    event: SessionEvent,
    options: ChangeOptions,
    payload?: CalculationInputs,
  ): Promise<T> {
    return this.#change(document, { sessionId, event, payload, expectedVersion }, options)
  }

  async #change<T = ChangeResponse>(
    document: string,
    input: object,
    { idempotencyKey = newIdempotencyKey(), ...options }: ChangeOptions,
  ): Promise<T> {
    const data = await this.request<{ change: T }>(document, { input: { ...input, idempotencyKey } }, options)
    return data.change
  }
}

/** Returns a new idempotency key. */
// crypto.randomUUID exists on https and localhost only.
export const newIdempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
