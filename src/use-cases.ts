import { type Caller, everyone, narrowed, nobody, type Scope } from './domain/caller'
import type { Feed } from './feed/feed'
import { Erasure } from './sessions/erasure'
import type { SessionReads } from './sessions/session-reads'
import type { Sessions } from './sessions/sessions'
import type { Totals } from './totals/totals'

/** The use cases, limited to the scope of one caller. */
export interface UseCases {
  caller: Caller
  sessions: Sessions
  reads: SessionReads
  erasure: Erasure
  totals: Pick<Totals, 'identity' | 'count' | 'summary' | 'summaries' | 'trend' | 'mentors' | 'organisations'>
  feed: Pick<Feed, 'hasLog' | 'subscribe' | 'transitions' | 'page'>
}

/** Gives each interface the use cases of its callers. */
export interface Callers {
  /**
   * Returns the use cases of the caller that an `Authorization` header names. Throws unauthenticated, forbidden (the
   * caller has no role) and unavailable (the token cannot be checked now).
   */
  of(authorization: string | undefined): UseCases | Promise<UseCases>
  /** The use cases for public operations, which require no token. */
  anyone: UseCases
}

/** Resolves an `Authorization` header to a caller. Throws like `Callers.of`. */
export interface Authenticator {
  caller(authorization: string | undefined): Caller | Promise<Caller>
}

/**
 * Returns the use cases by caller. Without `authenticator` there is no authentication, and all callers share the same ones.
 */
export function callersOf(
  { sessions, totals, feed }: { sessions: Sessions; totals: Totals; feed: Feed },
  authenticator?: Authenticator,
): Callers {
  const useCasesOf = (caller: Caller): UseCases => {
    const sessionsInScope = sessions.of(caller)
    return {
      caller,
      sessions: sessionsInScope,
      reads: sessionsInScope.reads,
      erasure: new Erasure(sessionsInScope),
      totals: totalsWithin(totals, caller.scope),
      feed: feedWithin(feed, caller.scope),
    }
  }
  if (!authenticator) {
    const shared = useCasesOf(everyone)
    return { of: () => shared, anyone: shared }
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

const totalsWithin = (totals: Totals, scope: Scope): UseCases['totals'] => ({
  get identity() {
    return totals.identity
  },
  count: filter => totals.count(narrowed(filter, scope)),
  summary: filter => totals.summary(narrowed(filter, scope)),
  summaries: filter => totals.summaries(narrowed(filter, scope)),
  trend: (filter, months) => totals.trend(narrowed(filter, scope), months),
  mentors: (filter, request) => totals.mentors(narrowed(filter, scope), request),
  organisations: (filter, request) => totals.organisations(narrowed(filter, scope), request),
})

const feedWithin = (feed: Feed, scope: Scope): UseCases['feed'] => ({
  get hasLog() {
    return feed.hasLog
  },
  subscribe: (after, filter = {}) => feed.subscribe(after, narrowed(filter, scope)),
  // The session was read within the scope.
  transitions: (session, after) => feed.transitions(session, after),
  page: (after, limit, filter = {}, isWanted) => feed.page(after, limit, narrowed(filter, scope), isWanted),
})
