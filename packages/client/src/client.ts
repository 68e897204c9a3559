import { type Call, checkOptions } from './check-options.js'
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
  revokeShareMutation,
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
  followSession,
  followSessions,
  followSummary,
  maxPageSize,
  type SessionChange,
  type SessionsChange,
  type Transports,
} from './follow.js'
import { Operations } from './operations.js'
import {
  type AllGroupsOptions,
  type AllSessionsOptions,
  type ChangeOptions,
  type ClientOptions,
  type FilterOptions,
  type FollowOptions,
  type FollowSessionsOptions,
  type FollowSummaryOptions,
  type ListGroupsOptions,
  type ListSessionsOptions,
  type NewSession,
  type RequestOptions,
  type ShareOptions,
  settingsOf,
  type TrendOptions,
} from './options.js'
import { Requests } from './requests.js'
import type {
  CalculationInputs,
  CalculationOutputs,
  Group,
  Month,
  Result,
  SessionEvent,
  Share,
  SharedResult,
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

/** Response to a change. */
export interface ChangeResponse {
  /** The session after the change. */
  session: Session
  /** Transitions of this change. Empty if there was nothing to change. */
  transitions: Transition[]
  /** Whether this is the stored response to an earlier request with the same key. */
  replayed: boolean
}

/** Response to `share`. */
export interface ShareResponse extends ChangeResponse {
  share: Share
}

/** A page of mentors or organisations, and the number of all of them. */
export interface GroupPage extends Page<Group> {
  totalCount: number
}

/**
 * Client of a Benefit Sessions server. A call throws ApiError if the server refuses it, ConnectionError if there is no
 * response, and ClientClosedError after `close()`. It throws TypeError for an option that it does not know.
 */
export class SessionsClient {
  readonly #operations = new Operations()
  readonly #transports: Transports

  // ---- Create and close

  /** Throws TypeError if the URL is not that of a server. Opens no connection. */
  constructor(options: ClientOptions) {
    checkOptions('new SessionsClient', options)
    const settings = settingsOf(options)
    this.#transports = {
      requests: new Requests(settings, this.#operations),
      subscriptions: new Subscriptions(settings),
    }
  }

  /** Ends all following, aborts reads, and closes the connection. Every later call throws ClientClosedError. */
  close(): void {
    this.#operations.close()
    this.#transports.subscriptions.close()
  }

  // ---- Follow

  /**
   * Follows the sessions under a filter: yields all of them, then each change, once and in order. Continues across lost
   * connections and restarts of the server.
   */
  followSessions(options: FollowSessionsOptions = {}): AsyncGenerator<SessionsChange, void> {
    return this.#follow('followSessions', options, signal => followSessions(this.#transports, { ...options, signal }))
  }

  /** Follows one session: yields it, then each change until it is closed. Throws SESSION_NOT_FOUND if there is none. */
  followSession(id: string, options: FollowOptions = {}): AsyncGenerator<SessionChange, void> {
    return this.#follow('followSession', options, signal => followSession(this.#transports, id, { signal }))
  }

  /** Follows the summary of the sessions under a filter: at once, then after changes, at most 4 times a second. */
  followSummary(options: FollowSummaryOptions = {}): AsyncGenerator<SummaryAt, void> {
    return this.#follow('followSummary', options, signal => followSummary(this.#transports, { ...options, signal }))
  }

  /**
   * Calls `listener` with false when the connection that followers use is lost, and with true when it is there. Returns a
   * function that stops this. Followers reconnect by themselves.
   */
  onConnectionChange(listener: (isConnected: boolean) => void): () => void {
    const { connectionListeners } = this.#transports.subscriptions
    const own = (isConnected: boolean): void => listener(isConnected)
    connectionListeners.add(own)
    return () => connectionListeners.delete(own)
  }

  // ---- Change: a change takes effect once, however often the client has to send it

  /** Starts a session. */
  async startSession(session: NewSession, options: ChangeOptions = {}): Promise<ChangeResponse> {
    checkOptions('startSession(session)', session)
    return this.#change('startSession', startMutation, session, options)
  }

  /** Calculates a result from these inputs and saves it in the session. To calculate without saving, use `preview`. */
  async calculate(
    session: SessionVersion,
    inputs: CalculationInputs,
    options: ChangeOptions = {},
  ): Promise<ChangeResponse> {
    const input = eventInput(session, 'CALCULATE_REQUESTED', inputs)
    return this.#change('calculate', dispatchMutation, input, options)
  }

  /** Dispatches an event that needs no inputs. */
  async dispatchEvent(
    session: SessionVersion,
    event: EventWithoutPayload,
    options: ChangeOptions = {},
  ): Promise<ChangeResponse> {
    return this.#change('dispatchEvent', dispatchMutation, eventInput(session, event), options)
  }

  /** Returns the public share link of the session's current result. Creates it if there is none. */
  async share(session: SessionVersion, { expiresInDays, ...options }: ShareOptions = {}): Promise<ShareResponse> {
    const input = { ...eventInput(session, 'SHARE_REQUESTED'), expiresInDays }
    const { shared, ...response } = await this.#change<ChangeResponse & { shared: { share: Share } }>(
      'share',
      shareMutation,
      input,
      options,
    )
    return { ...response, share: shared.share }
  }

  /** Revokes one share link of a session. Throws SHARE_NOT_FOUND, or SHARE_GONE if it is not live. */
  async revokeShare(
    { id: sessionId, version: expectedVersion }: SessionVersion,
    token: string,
    { idempotencyKey = createIdempotencyKey(), ...options }: ChangeOptions = {},
  ): Promise<ChangeResponse> {
    const variables = { sessionId, token, expectedVersion, idempotencyKey }
    return (await this.#send<{ change: ChangeResponse }>('revokeShare', revokeShareMutation, variables, options)).change
  }

  /** Closes a session and revokes its share links. */
  async closeSession(session: SessionVersion, options: RequestOptions = {}): Promise<void> {
    const input = { sessionId: session.id, expectedVersion: session.version }
    let isRetried = false
    const onRetry = (delayMs: number): void => {
      isRetried = true
      options.onRetry?.(delayMs)
    }
    try {
      await this.#send('closeSession', closeMutation, { input }, { ...options, onRetry })
    } catch (error) {
      // An earlier attempt has closed it, and its response was lost.
      if (!isRetried || !isApiError(error, 'SESSION_NOT_FOUND')) throw error
    }
  }

  /** Closes all sessions of a mentor and erases their data. For admins only. Returns the number of sessions closed. */
  async eraseMentor(mentorId: string, options: RequestOptions = {}): Promise<{ closed: number }> {
    const variables = { input: { mentorId } }
    for (let closed = 0; ; ) {
      const { eraseMentor } = await this.#send<{ eraseMentor: { closed: number; erased: boolean } }>(
        'eraseMentor',
        eraseMutation,
        variables,
        options,
      )
      closed += eraseMentor.closed
      if (eraseMentor.erased) return { closed }
    }
  }

  // ---- Read

  /** Returns a session, or null if there is none with this id. */
  async getSession(id: string, options: RequestOptions = {}): Promise<Session | null> {
    return (await this.#send<{ session: Session | null }>('getSession', sessionQuery, { id }, options)).session
  }

  /** Returns a page of the sessions under a filter. */
  async listSessions(options: ListSessionsOptions = {}): Promise<Page<Session>> {
    return (await this.#send<{ sessions: Page<Session> }>('listSessions', sessionsQuery, {}, options)).sessions
  }

  /**
   * Yields all sessions under a filter, page by page. By default it yields each that exists all the while exactly once.
   * In another order, a session that changes meanwhile may come twice or not at all.
   */
  allSessions(options: AllSessionsOptions = {}): AsyncGenerator<Session, void> {
    checkOptions('allSessions', options)
    return itemsOf(after => this.listSessions({ ...options, first: maxPageSize, after }))
  }

  /** Returns the number of sessions under a filter. */
  async countSessions(options: FilterOptions = {}): Promise<number> {
    const { sessions } = await this.#send<{ sessions: { totalCount: number } }>(
      'countSessions',
      countQuery,
      {},
      options,
    )
    return sessions.totalCount
  }

  /** Returns a session's results, newest first, or null if there is no such session. */
  async listResults(sessionId: string, options: RequestOptions = {}): Promise<Result[] | null> {
    const variables = { id: sessionId }
    const { session } = await this.#send<{ session: { results: Result[] } | null }>(
      'listResults',
      resultsQuery,
      variables,
      options,
    )
    return session?.results ?? null
  }

  /** Returns a session's live share links, newest first, or null if there is no such session. */
  async listShares(sessionId: string, options: RequestOptions = {}): Promise<Share[] | null> {
    const variables = { id: sessionId }
    const { session } = await this.#send<{ session: { shares: Share[] } | null }>(
      'listShares',
      sharesQuery,
      variables,
      options,
    )
    return session?.shares ?? null
  }

  /** Returns the result behind a share link. Throws SHARE_NOT_FOUND or SHARE_GONE. */
  async getSharedResult(token: string, options: RequestOptions = {}): Promise<SharedResult> {
    const { sharedResult } = await this.#send<{ sharedResult: SharedResult }>(
      'getSharedResult',
      sharedResultQuery,
      { token },
      options,
    )
    return sharedResult
  }

  /** Calculates the outputs of these inputs. Saves nothing. */
  async preview(inputs: CalculationInputs, options: RequestOptions = {}): Promise<CalculationOutputs> {
    const { calculate } = await this.#send<{ calculate: CalculationOutputs }>(
      'preview',
      calculateQuery,
      { inputs },
      options,
    )
    return calculate
  }

  /** Returns counts and sums of the sessions under a filter. */
  async getSummary(options: FilterOptions = {}): Promise<Summary> {
    return (await this.#send<{ summary: Summary }>('getSummary', summaryQuery, {}, options)).summary
  }

  /** Returns sums for each of the last months, the current month last, or for each of the `months` in the filter. */
  async getTrend(options: TrendOptions = {}): Promise<Month[]> {
    return (await this.#send<{ trend: Month[] }>('getTrend', trendQuery, {}, options)).trend
  }

  /** Returns a page of the mentors of the sessions under a filter, with their counts and sums. */
  async listMentors(options: ListGroupsOptions = {}): Promise<GroupPage> {
    return (await this.#send<{ mentors: GroupPage }>('listMentors', mentorsQuery, {}, options)).mentors
  }

  /** Yields all mentors of the sessions under a filter, with their counts and sums. */
  allMentors(options: AllGroupsOptions = {}): AsyncGenerator<Group, void> {
    checkOptions('allMentors', options)
    return itemsOf(after => this.listMentors({ ...options, first: maxPageSize, after }))
  }

  /** Returns a page of the organisations of the sessions under a filter, with their counts and sums. */
  async listOrganisations(options: ListGroupsOptions = {}): Promise<GroupPage> {
    const { organisations } = await this.#send<{ organisations: GroupPage }>(
      'listOrganisations',
      organisationsQuery,
      {},
      options,
    )
    return organisations
  }

  /** Yields all organisations of the sessions under a filter, with their counts and sums. */
  allOrganisations(options: AllGroupsOptions = {}): AsyncGenerator<Group, void> {
    checkOptions('allOrganisations', options)
    return itemsOf(after => this.listOrganisations({ ...options, first: maxPageSize, after }))
  }

  // ---- Documents of your own

  /**
   * Sends a document and returns the data of the response. Retries like all other calls, so a mutation needs an
   * idempotency key: without one, it may take effect twice.
   */
  async request<T>(document: string, variables: object = {}, options: RequestOptions = {}): Promise<T> {
    checkOptions('request', options)
    return this.#transports.requests.send<T>(document, variables, options)
  }

  /** Follows a subscription across lost connections, from where `variables` says. Returns a function that stops it. */
  subscribe<T>(document: string, subscriber: Subscriber<T>): () => void {
    this.#operations.throwIfClosed()
    const subscription = this.#transports.subscriptions.subscribe(document, subscriber)
    return () => subscription.stop()
  }

  #follow<T>(
    call: Call,
    options: FollowOptions,
    follow: (signal: AbortSignal) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    checkOptions(call, options)
    this.#operations.throwIfClosed()
    return this.#following(options.signal, follow)
  }

  async *#following<T>(
    outer: AbortSignal | undefined,
    follow: (signal: AbortSignal) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    const { signal, end } = this.#operations.begin(outer)
    try {
      yield* follow(signal)
    } finally {
      end()
    }
  }

  async #change<T = ChangeResponse>(
    call: Call,
    document: string,
    input: object,
    { idempotencyKey = createIdempotencyKey(), ...options }: ChangeOptions,
  ): Promise<T> {
    return (await this.#send<{ change: T }>(call, document, { input: { ...input, idempotencyKey } }, options)).change
  }

  /** Sends a document. Options that say nothing about the request itself are variables of the document. */
  async #send<T>(call: Call, document: string, variables: object, options: RequestOptions): Promise<T> {
    checkOptions(call, options)
    const { signal, maxAttempts, onRetry, ...stated } = options
    return this.#transports.requests.send<T>(document, { ...stated, ...variables }, { signal, maxAttempts, onRetry })
  }
}

/** Returns the input that dispatches an event. */
const eventInput = (
  { id: sessionId, version: expectedVersion }: SessionVersion,
  event: SessionEvent,
  payload?: CalculationInputs,
): object => ({ sessionId, event, payload, expectedVersion })

/** Yields the items of all pages. */
async function* itemsOf<T>(read: (after: string | null) => Promise<Page<T>>): AsyncGenerator<T, void> {
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Page<T> = await read(after)
    yield* nodes
    if (!pageInfo.hasNextPage) return
    after = pageInfo.endCursor
  }
}

/** Returns a new idempotency key. */
// crypto.randomUUID exists on https and localhost only.
export const createIdempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
