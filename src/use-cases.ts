import { type Caller, everyone, narrowed, nobody, principalKey } from './domain/caller'
import type { Snapshot } from './domain/session'
import type { Feed, FeedPage } from './feed/feed'
import type { FeedFilter } from './feed/ring'
import type { Reports } from './reports/reports'
import { Erasure } from './sessions/erasure'
import type { SessionReads } from './sessions/session-reads'
import type { Sessions } from './sessions/sessions'
import type { Views } from './sessions/views'
import type { Totals } from './totals/totals'
import type { Webhooks } from './webhooks/webhooks'

/** The use cases, limited to the scope of one caller. */
export interface UseCases {
  caller: Caller
  sessions: Sessions
  reads: SessionReads
  erasure: Erasure
  totals: Pick<Totals, 'count' | 'summary' | 'summaries' | 'trend' | 'mentors' | 'organisations' | 'find'>
  feed: FeedOfCaller
  webhooks: Webhooks
  reports: Reports
  views: Pick<Views, 'countView'>
}

/** The feed, limited to the caller's scope. `connection` takes turns with the caller's other connections. */
interface FeedOfCaller extends Pick<Feed, 'hasLog' | 'cursorAt'> {
  subscribe(after: string | undefined, filter: FeedFilter, connection: object): ReturnType<Feed['subscribe']>
  transitions(session: Snapshot, after: number, connection: object): ReturnType<Feed['transitions']>
  page(
    after: string | undefined,
    limit: number,
    filter: FeedFilter,
    isWanted: () => boolean,
    connection: object,
  ): Promise<FeedPage>
  next(
    after: string,
    limit: number,
    filter: FeedFilter,
    begin: () => AbortSignal,
    connection: object,
  ): Promise<FeedPage>
}

/** Gives each interface the use cases of its callers. */
export interface Callers {
  /**
   * Returns the use cases of the caller that an `Authorization` header names; if authentication is off, of the client's
   * address. Throws unauthenticated, forbidden (the caller has no role) and unavailable (the token cannot be checked
   * now).
   */
  of(authorization: string | undefined, address: string): UseCases | Promise<UseCases>
  /** The use cases for public operations, which require no token. */
  anyone: UseCases
}

/** Resolves an `Authorization` header to a caller. Throws like `Callers.of`. */
export interface Authenticator {
  caller(authorization: string | undefined): Caller | Promise<Caller>
}

/** Maximum number of addresses whose use cases are cached. */
export const cachedAddresses = 1_000

/** Returns the use cases by caller. Without `authenticator` there is no authentication, and every caller may do everything. */
export function callersOf(
  {
    sessions,
    totals,
    feed,
    webhooks,
    reports,
    views,
  }: { sessions: Sessions; totals: Totals; feed: Feed; webhooks: Webhooks; reports: Reports; views: Views },
  authenticator?: Authenticator,
): Callers {
  const useCasesOf = (caller: Caller): UseCases => {
    const sessionsInScope = sessions.of(caller)
    return {
      caller,
      sessions: sessionsInScope,
      reads: sessionsInScope.reads,
      erasure: new Erasure(sessionsInScope),
      totals: totalsOf(totals, caller),
      feed: feedOf(feed, caller),
      webhooks: webhooks.of(caller),
      reports: reports.of(caller),
      views,
    }
  }
  if (!authenticator) {
    const ofAddresses = new Map<string, UseCases>()
    return {
      of(_authorization, address) {
        const cached = ofAddresses.get(address)
        if (cached) return cached
        const useCases = useCasesOf({ ...everyone, address })
        ofAddresses.set(address, useCases)
        const [oldest] = ofAddresses.keys()
        if (ofAddresses.size > cachedAddresses && oldest !== undefined) ofAddresses.delete(oldest)
        return useCases
      },
      anyone: useCasesOf(everyone),
    }
  }
  const cached = new WeakMap<Caller, UseCases>()
  return {
    async of(authorization) {
      const caller = await authenticator.caller(authorization)
      const useCases = cached.get(caller) ?? useCasesOf(caller)
      cached.set(caller, useCases)
      return useCases
    },
    anyone: useCasesOf(nobody),
  }
}

const totalsOf = (totals: Totals, caller: Caller): UseCases['totals'] => {
  const { scope } = caller
  const principal = principalKey(caller)
  return {
    count: filter => totals.count(narrowed(filter, scope), principal),
    summary: filter => totals.summary(narrowed(filter, scope), principal),
    summaries: filter => totals.summaries(narrowed(filter, scope), principal),
    trend: (filter, last) => totals.trend(narrowed(filter, scope), last, principal),
    mentors: (filter, request) => totals.mentors(narrowed(filter, scope), request, principal),
    organisations: (filter, request) => totals.organisations(narrowed(filter, scope), request, principal),
    find: (filter, request) => totals.find(narrowed(filter, scope), request, principal),
  }
}

const feedOf = (feed: Feed, caller: Caller): FeedOfCaller => {
  const { scope } = caller
  const principal = principalKey(caller)
  return {
    get hasLog() {
      return feed.hasLog
    },
    cursorAt: position => feed.cursorAt(position),
    subscribe: (after, filter, connection) => feed.subscribe(after, narrowed(filter, scope), { principal, connection }),
    // The session was read within the scope.
    transitions: (session, after, connection) => feed.transitions(session, after, { principal, connection }),
    page: (after, limit, filter, isWanted, connection) =>
      feed.page(after, limit, narrowed(filter, scope), isWanted, { principal, connection }),
    next: (after, limit, filter, begin, connection) =>
      feed.next(after, limit, narrowed(filter, scope), begin, { principal, connection }),
  }
}
