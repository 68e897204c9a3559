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
 * The session that a change is based on, as it was seen: where it has moved on since, the change is refused
 * (VERSION_MISMATCH). `version: null` changes it as it may be by now.
 */
export type Based = Pick<Session, 'id'> & { version: number | null }

export interface Changing extends Call {
  /** What tells a repeat from another change, where one is to be repeated by another process: one is made otherwise. */
  idempotencyKey?: string | undefined
}

export interface Changed {
  session: Session
  /** What the change made; none where there was nothing to change. */
  transitions: Transition[]
  /** It had been made before, under the same key: this is the answer of then. */
  replayed: boolean
}

export interface Paging {
  /** 1 to 100, 20 where it is not stated. */
  first?: number | undefined
  /** The `endCursor` of the page before. */
  after?: string | null | undefined
}

/** For whom a session is started. */
export type Who = Omit<StartSessionInput, 'idempotencyKey'>

interface Filtered {
  filter?: SessionFilter | undefined
}

interface FollowSummary extends Filtered {
  /** Ends it. */
  signal?: AbortSignal | undefined
}

interface Searched extends Paging {
  /** How a name begins, in capitals or not. */
  search?: string | undefined
  orderBy?: GroupOrder | undefined
}

/** A server of benefit sessions. Every call throws Refusal, whose code says why, or Unreachable. */
export class SessionsClient {
  readonly #requests: Requests
  readonly #subscriptions: Subscriptions
  readonly #following: Following

  constructor(settings: Settings) {
    this.#requests = new Requests(settings)
    this.#subscriptions = new Subscriptions(settings)
    this.#following = new Following(this.#requests, this.#subscriptions)
  }

  // ---- What is followed

  /** The sessions under a filter: all that there are, then each change of them, once and in order, through whatever happens. */
  followSessions(follow: FollowSessions = {}): AsyncGenerator<SessionsChange, void> {
    return this.#following.sessions(follow)
  }

  /** One session: as it is, then each change of it until it is closed. Throws SESSION_NOT_FOUND where there is none. */
  followSession(
    id: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<SessionChange, void> {
    return this.#following.session(id, signal)
  }

  /** What the sessions under a filter come to: at once, and again when it has changed, 4 times a second at most. */
  followSummary({ filter, signal }: FollowSummary = {}): AsyncGenerator<SummaryAt, void> {
    return this.#following.summary(filter, signal)
  }

  // ---- What is changed: once, however often it takes to reach the server

  start(who: Who, changing: Changing = {}): Promise<Changed> {
    return this.#change(startMutation, who, changing)
  }

  /** Saves what was calculated of these as the session's result. */
  calculate(session: Based, inputs: CalculationInputs, changing: Changing = {}): Promise<Changed> {
    return this.#dispatch(dispatchMutation, session, 'CALCULATE_REQUESTED', changing, inputs)
  }

  /** Any other event. */
  dispatch(
    session: Based,
    event: Exclude<SessionEvent, 'CALCULATE_REQUESTED'>,
    changing: Changing = {},
  ): Promise<Changed> {
    return this.#dispatch(dispatchMutation, session, event, changing)
  }

  /** Makes the link at which anybody sees the session's result; the one that there is, where it is shared already. */
  async share(session: Based, changing: Changing = {}): Promise<Changed & { share: Share }> {
    const { shared, ...changed } = await this.#dispatch<Changed & { shared: { share: Share } }>(
      shareMutation,
      session,
      'SHARE_REQUESTED',
      changing,
    )
    return { ...changed, share: shared.share }
  }

  /** Ends the session, and what is shared of it. */
  async close({ id: sessionId, version: expectedVersion }: Based, call: Call = {}): Promise<void> {
    let isUnanswered = false
    const waits = (ms: number): void => {
      isUnanswered = true
      call.waits?.(ms)
    }
    try {
      await this.#requests.ask(closeMutation, { input: { sessionId, expectedVersion } }, { ...call, waits })
    } catch (error) {
      // An attempt whose answer was lost has closed it.
      if (!isUnanswered || !isRefusal(error, 'SESSION_NOT_FOUND')) throw error
    }
  }

  /** Closes all sessions of a mentor and forgets what is kept of them: for admins. Says how many there were. */
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

  // ---- What is read

  async session(id: string, call: Call = {}): Promise<Session | null> {
    return (await this.#requests.ask<{ session: Session | null }>(sessionQuery, { id }, call)).session
  }

  /** A page of the sessions under a filter, newest first where no other order is asked for. */
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

  /** A session's results, newest first; null where there is no such session. */
  async results(id: string, call: Call = {}): Promise<Result[] | null> {
    const { session } = await this.#requests.ask<{ session: { results: Result[] } | null }>(resultsQuery, { id }, call)
    return session?.results ?? null
  }

  /** The links at which a session's results are seen, newest first; null where there is no such session. */
  async shares(id: string, call: Call = {}): Promise<Share[] | null> {
    const { session } = await this.#requests.ask<{ session: { shares: Share[] } | null }>(sharesQuery, { id }, call)
    return session?.shares ?? null
  }

  /** What is behind a link. Throws SHARE_NOT_FOUND, SHARE_GONE. */
  async sharedResult(token: string, call: Call = {}): Promise<SharedResult> {
    return (await this.#requests.ask<{ sharedResult: SharedResult }>(sharedResultQuery, { token }, call)).sharedResult
  }

  /** What the calculator makes of these. Nothing is saved. */
  async preview(inputs: CalculationInputs, call: Call = {}): Promise<CalculationOutputs> {
    return (await this.#requests.ask<{ calculate: CalculationOutputs }>(calculateQuery, { inputs }, call)).calculate
  }

  /** What the sessions under a filter come to. */
  async summary(filter: SessionFilter = {}, call: Call = {}): Promise<Summary> {
    return (await this.#requests.ask<{ summary: Summary }>(summaryQuery, { filter }, call)).summary
  }

  /** The same month by month, the running one last: 1 to 120, 12 where it is not stated. */
  async trend(asked: Filtered & { last?: number | undefined } = {}, call: Call = {}): Promise<Month[]> {
    return (await this.#requests.ask<{ trend: Month[] }>(trendQuery, asked, call)).trend
  }

  /** The same by mentor. */
  async mentors(asked: Searched & Filtered = {}, call: Call = {}): Promise<Page<Group> & { totalCount: number }> {
    return (await this.#requests.ask<{ mentors: Page<Group> & { totalCount: number } }>(mentorsQuery, asked, call))
      .mentors
  }

  /** The same by organisation. */
  async organisations(asked: Searched = {}, call: Call = {}): Promise<Page<Group> & { totalCount: number }> {
    const { organisations } = await this.#requests.ask<{ organisations: Page<Group> & { totalCount: number } }>(
      organisationsQuery,
      asked,
      call,
    )
    return organisations
  }

  // ---- Documents of one's own

  /** What a document's answer holds, asked with the same care. A mutation needs an idempotency key, or is made twice. */
  ask<T>(document: string, variables: object = {}, call: Call = {}): Promise<T> {
    return this.#requests.ask<T>(document, variables, call)
  }

  /** Follows a subscription through lost connections; `variables` says where it goes on. Gives what ends it. */
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

/** A key that no other change has. */
// crypto.randomUUID is there on https and localhost only.
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
