import { bindCalls, Calls, callsOf, itemsOf, untilGone } from './calls.js'
import { capabilityCalls } from './capabilities/calls.js'
import { type Call, checkOptions } from './check-options.js'
import {
  calculateQuery,
  closeMutation,
  countQuery,
  dispatchMutation,
  eraseMutation,
  type Page,
  resultsQuery,
  revokeShareMutation,
  type Session,
  type SharedLink,
  sessionQuery,
  sessionsQuery,
  sharedLinksQuery,
  sharedResultQuery,
  shareMutation,
  sharesQuery,
  startMutation,
  type Transition,
  transitionsQuery,
} from './documents.js'
import { followSession, followSessions, maxPageSize, type SessionChange, type SessionsChange } from './follow.js'
import {
  type AllSessionsOptions,
  type ChangeOptions,
  type ClientOptions,
  type FilterOptions,
  type FollowOptions,
  type FollowSessionsOptions,
  type ListSessionsOptions,
  type ListSharedLinksOptions,
  type ListTransitionsOptions,
  type NewSession,
  type RequestOptions,
  type ShareOptions,
  settingsOf,
} from './options.js'
import type {
  CalculationInputs,
  CalculationOutputs,
  DispatchEventInput,
  EventWithoutPayload,
  ReassignInput,
  Result,
  Share,
  SharedResult,
} from './schema.js'
import type { Subscriber } from './subscriptions.js'
import type { RequestArguments, TypedDocument } from './typed-document.js'
import { requireVersion } from './versions.js'

/**
 * A session, and the version on which a change is based. If the session has changed since this version, the server
 * refuses the change (VERSION_MISMATCH). `version: null` accepts any version.
 */
export type SessionVersion = Pick<Session, 'id'> & { version: number | null }

/** An event with its data, for example the inputs in `payload` for CALCULATE_REQUESTED. */
export type EventInput = Omit<DispatchEventInput, 'sessionId' | 'expectedVersion' | 'idempotencyKey'>

/** Response to a change. */
export interface ChangeResponse {
  /** The session after the change. */
  session: Session
  /** Transitions that this change caused, or an empty array if the change had no effect. */
  transitions: Transition[]
  /** Whether the server returned its stored response to an earlier request with the same idempotency key. */
  replayed: boolean
}

/** Response to `share`. */
export interface ShareResponse extends ChangeResponse {
  share: Share
}

/**
 * Client for a Benefit Sessions server. A call throws ApiError if the server refuses it, ConnectionError if the server
 * does not respond, and ClientClosedError after `close()`. A call with an unknown option, or a change without a
 * version, throws TypeError.
 */
export class SessionsClient {
  // ---- Create and close

  /** Creates a client without connecting to the server. Throws TypeError if `url` is not the URL of a server. */
  constructor(options: ClientOptions) {
    checkOptions('new SessionsClient', options)
    bindCalls(this, new Calls(settingsOf(options)))
  }

  /**
   * Stops all iterables of the follow methods, aborts all reads, and closes the connection. After `close()`, every call
   * throws ClientClosedError.
   */
  close(): void {
    callsOf(this).close()
  }

  // ---- Follow

  /**
   * Follows the sessions that match a filter. Yields all matching sessions, then every change, exactly once and in
   * order. Resumes automatically after lost connections and server restarts.
   */
  followSessions(options: FollowSessionsOptions = {}): AsyncGenerator<SessionsChange, void> {
    return callsOf(this).follow('followSessions', options, signal =>
      followSessions(callsOf(this), { ...options, signal }),
    )
  }

  /**
   * Follows one session. Yields the session, and then each of its changes until the session is closed. Throws
   * SESSION_NOT_FOUND if no session has this id.
   */
  followSession(id: string, options: FollowOptions = {}): AsyncGenerator<SessionChange, void> {
    return callsOf(this).follow('followSession', options, signal => followSession(callsOf(this), id, { signal }))
  }

  /**
   * Calls `listener(false)` when the connection that the follow methods use is lost, and `listener(true)` when it is restored.
   * Returns a function that removes the listener. The follow methods reconnect automatically.
   */
  onConnectionChange(listener: (isConnected: boolean) => void): () => void {
    const { connectionListeners } = callsOf(this).subscriptions
    const own = (isConnected: boolean): void => listener(isConnected)
    connectionListeners.add(own)
    return () => connectionListeners.delete(own)
  }

  // ---- Change: each change takes effect only once, even if the client has to retry it

  /** Starts a session. */
  async startSession(session: NewSession, options: ChangeOptions = {}): Promise<ChangeResponse> {
    checkOptions('startSession(session)', session)
    return this.#change('startSession', startMutation, session, options)
  }

  /**
   * Calculates a result from the given inputs and saves it in the session. To calculate without saving, use `preview`.
   */
  async calculate(
    session: SessionVersion,
    inputs: CalculationInputs,
    options: ChangeOptions = {},
  ): Promise<ChangeResponse> {
    const input = eventInput('calculate', session, { event: 'CALCULATE_REQUESTED', payload: inputs })
    return this.#change('calculate', dispatchMutation, input, options)
  }

  /** Dispatches an event. Pass the event's name if it needs no payload, otherwise an object with the name and payload. */
  async dispatchEvent(
    session: SessionVersion,
    event: EventWithoutPayload | EventInput,
    options: ChangeOptions = {},
  ): Promise<ChangeResponse> {
    const input = eventInput('dispatchEvent', session, typeof event === 'string' ? { event } : event)
    return this.#change('dispatchEvent', dispatchMutation, input, options)
  }

  /**
   * Moves a session to another mentor or organisation. If `organisationId` is null, the session then belongs to no
   * organisation. Omitted members stay unchanged. Only admins and coordinators can reassign sessions, and only within
   * their scope.
   */
  async reassign(session: SessionVersion, owner: ReassignInput, options: ChangeOptions = {}): Promise<ChangeResponse> {
    checkOptions('reassign(owner)', owner)
    const input = eventInput('reassign', session, { event: 'REASSIGN_REQUESTED', reassign: owner })
    return this.#change('reassign', dispatchMutation, input, options)
  }

  /** Returns the public share link of the session's current result. If there is no link yet, creates one. */
  async share(
    session: SessionVersion,
    { expiresInDays, showOrganisation, ...options }: ShareOptions = {},
  ): Promise<ShareResponse> {
    const input = eventInput('share', session, { event: 'SHARE_REQUESTED', expiresInDays, showOrganisation })
    const { shared, ...response } = await this.#change<ChangeResponse & { shared: { share: Share } }>(
      'share',
      shareMutation,
      input,
      options,
    )
    return { ...response, share: shared.share }
  }

  /**
   * Revokes one share link of a session. Throws SHARE_NOT_FOUND if no such link exists, or SHARE_GONE if the link has
   * expired or was revoked.
   */
  async revokeShare(
    session: SessionVersion,
    token: string,
    { idempotencyKey = createIdempotencyKey(), ...options }: ChangeOptions = {},
  ): Promise<ChangeResponse> {
    const expectedVersion = requireVersion('revokeShare', session)
    const variables = { sessionId: session.id, token, expectedVersion, idempotencyKey }
    return (
      await callsOf(this).send<{ change: ChangeResponse }>('revokeShare', revokeShareMutation, variables, options)
    ).change
  }

  /** Closes a session and revokes its share links. */
  async closeSession(session: SessionVersion, options: RequestOptions = {}): Promise<void> {
    const expectedVersion = requireVersion('closeSession', session)
    const input = { sessionId: session.id, expectedVersion }
    const close = (options: RequestOptions): Promise<unknown> =>
      callsOf(this).send('closeSession', closeMutation, { input }, options)
    await untilGone(close, options, 'SESSION_NOT_FOUND')
  }

  /**
   * Closes all sessions of a mentor and erases their data. Only admins can use this method. Returns the number of
   * closed sessions.
   */
  async eraseMentor(mentorId: string, options: RequestOptions = {}): Promise<{ closed: number }> {
    const variables = { input: { mentorId } }
    for (let closed = 0; ; ) {
      const { eraseMentor } = await callsOf(this).send<{ eraseMentor: { closed: number; erased: boolean } }>(
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

  /** Returns a session, or null if no session has this id. */
  async getSession(id: string, options: RequestOptions = {}): Promise<Session | null> {
    return (await callsOf(this).send<{ session: Session | null }>('getSession', sessionQuery, { id }, options)).session
  }

  /** Returns a page of the sessions that match a filter. */
  async listSessions(options: ListSessionsOptions = {}): Promise<Page<Session>> {
    return (await callsOf(this).send<{ sessions: Page<Session> }>('listSessions', sessionsQuery, {}, options)).sessions
  }

  /**
   * Yields all sessions that match a filter, page by page. In the default order, each session that exists throughout
   * the iteration appears exactly once. In any other order, a session that changes during the iteration can appear
   * twice or not at all.
   */
  allSessions(options: AllSessionsOptions = {}): AsyncGenerator<Session, void> {
    checkOptions('allSessions', options)
    return itemsOf(after => this.listSessions({ ...options, first: maxPageSize, after }))
  }

  /** Returns the number of sessions that match a filter. */
  async countSessions(options: FilterOptions = {}): Promise<number> {
    const { sessions } = await callsOf(this).send<{ sessions: { totalCount: number } }>(
      'countSessions',
      countQuery,
      {},
      options,
    )
    return sessions.totalCount
  }

  /** Returns a session's results, newest first, or null if no session has this id. */
  async listResults(sessionId: string, options: RequestOptions = {}): Promise<Result[] | null> {
    const variables = { id: sessionId }
    const { session } = await callsOf(this).send<{ session: { results: Result[] } | null }>(
      'listResults',
      resultsQuery,
      variables,
      options,
    )
    return session?.results ?? null
  }

  /** Returns a session's live share links, newest first, or null if no session has this id. */
  async listShares(sessionId: string, options: RequestOptions = {}): Promise<Share[] | null> {
    const variables = { id: sessionId }
    const { session } = await callsOf(this).send<{ session: { shares: Share[] } | null }>(
      'listShares',
      sharesQuery,
      variables,
      options,
    )
    return session?.shares ?? null
  }

  /** Returns a session's transitions, oldest first, or null if no session has this id. */
  async listTransitions(sessionId: string, options: ListTransitionsOptions = {}): Promise<Transition[] | null> {
    const variables = { id: sessionId }
    const { session } = await callsOf(this).send<{ session: { transitions: Transition[] } | null }>(
      'listTransitions',
      transitionsQuery,
      variables,
      options,
    )
    return session?.transitions ?? null
  }

  /** Returns a page of the live share links of the sessions that match a filter, newest first. */
  async listSharedLinks(options: ListSharedLinksOptions = {}): Promise<Page<SharedLink>> {
    const { sharedLinks } = await callsOf(this).send<{ sharedLinks: Page<SharedLink> }>(
      'listSharedLinks',
      sharedLinksQuery,
      {},
      options,
    )
    return sharedLinks
  }

  /** Yields all live share links of the sessions that match a filter, page by page. */
  allSharedLinks(options: FilterOptions = {}): AsyncGenerator<SharedLink, void> {
    checkOptions('allSharedLinks', options)
    return itemsOf(after => this.listSharedLinks({ ...options, first: maxPageSize, after }))
  }

  /** Returns the result that a share link shows. Throws SHARE_NOT_FOUND or SHARE_GONE. */
  async getSharedResult(token: string, options: RequestOptions = {}): Promise<SharedResult> {
    const { sharedResult } = await callsOf(this).send<{ sharedResult: SharedResult }>(
      'getSharedResult',
      sharedResultQuery,
      { token },
      options,
    )
    return sharedResult
  }

  /** Calculates the outputs for the given inputs without saving them. */
  async preview(inputs: CalculationInputs, options: RequestOptions = {}): Promise<CalculationOutputs> {
    const { calculate } = await callsOf(this).send<{ calculate: CalculationOutputs }>(
      'preview',
      calculateQuery,
      { inputs },
      options,
    )
    return calculate
  }

  // ---- Custom GraphQL documents

  /**
   * Sends a GraphQL document, and returns the response's data. If the document is typed, the types of its variables and
   * data are inferred. The client retries this request like all other calls, so a mutation without an idempotency key
   * can take effect twice.
   */
  async request<T = unknown, V = object>(
    document: string | TypedDocument<T, V>,
    ...[variables, options = {}]: RequestArguments<V, RequestOptions>
  ): Promise<T> {
    checkOptions('request', options)
    return callsOf(this).requests.send<T>(document, variables ?? {}, options)
  }

  /**
   * Starts a GraphQL subscription. After a lost connection, subscribes again with new `variables`, which specify where
   * the subscription resumes. Returns a function that stops the subscription.
   */
  subscribe<T>(document: string, subscriber: Subscriber<T>): () => void {
    const calls = callsOf(this)
    calls.throwIfClosed()
    const subscription = calls.subscriptions.subscribe(document, subscriber)
    return () => subscription.stop()
  }

  async #change<T = ChangeResponse>(
    call: Call,
    document: string,
    input: object,
    { idempotencyKey = createIdempotencyKey(), ...options }: ChangeOptions,
  ): Promise<T> {
    return (await callsOf(this).send<{ change: T }>(call, document, { input: { ...input, idempotencyKey } }, options))
      .change
  }
}

for (const { prototype } of capabilityCalls) {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(prototype)
  Object.defineProperties(SessionsClient.prototype, methods)
}

/** Returns the input of `dispatchEvent`. Throws TypeError if the session has no version. */
const eventInput = (call: Call, session: SessionVersion, event: EventInput): DispatchEventInput => ({
  expectedVersion: requireVersion(call, session),
  sessionId: session.id,
  ...event,
})

/** Returns a new idempotency key. */
// Do not use `crypto.randomUUID`, because browsers provide it only on https sites and on localhost.
export const createIdempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
