import { anyoneLike, type Caller, everyone, nobody } from './domain/caller'
import { CallerFeed } from './feed/caller-feed'
import type { Feed } from './feed/feed'
import { Erasure } from './sessions/erasure'
import type { SessionCommands } from './sessions/session-commands'
import type { SessionQueries } from './sessions/session-queries'
import type { ViewCounter } from './sessions/view-counter'

/** All use cases, limited to one caller's scope. Each capability adds its use cases by declaration merging. */
export interface UseCases {
  caller: Caller
  sessions: SessionCommands
  queries: SessionQueries
  erasure: Erasure
  feed: CallerFeed
  viewCounter: Pick<ViewCounter, 'countView'>
}

export interface Callers {
  /**
   * If authentication is off, `address` identifies the caller. Throws `unauthenticated` if the token is missing or
   * invalid, `forbidden` if the caller has no role, and `unavailable` if the token currently cannot be checked.
   */
  of(authorization: string | undefined, address: string): UseCases | Promise<UseCases>
  /** Use cases for public operations, which do not require a token. */
  anyone: UseCases
  /** Returns the use cases for results that all callers with the permissions of `caller` share (see `anyoneLike`). */
  like(caller: Caller): UseCases
}

/** Throws the same errors as `Callers.of`. */
export interface Authenticator {
  caller(authorization: string | undefined): Caller | Promise<Caller>
}

/** Maximum number of IP addresses whose use cases are cached. */
export const cachedAddresses = 1_000

export interface AddedUseCases {
  name: string
  of?(caller: Caller, useCases: UseCases): object
}

interface UseCaseSources {
  sessions: SessionCommands
  feed: Feed
  viewCounter: ViewCounter
  added: AddedUseCases[]
}

export function useCasesOf({ sessions, feed, viewCounter, added }: UseCaseSources, caller: Caller): UseCases {
  const own = sessions.of(caller)
  const useCases: UseCases = Object.assign({} as UseCases, {
    caller,
    sessions: own,
    queries: own.queries,
    erasure: new Erasure(own),
    feed: new CallerFeed(feed, caller),
    viewCounter,
  })
  for (const { name, of } of added) if (of) Object.assign(useCases, { [name]: of(caller, useCases) })
  return useCases
}

/** Without `authenticator`, every caller has full permissions. */
export function callersOf(sources: UseCaseSources, authenticator?: Authenticator): Callers {
  const shared = new WeakMap<Caller, UseCases>()
  const like = (caller: Caller): UseCases => {
    const useCases = shared.get(caller) ?? useCasesOf(sources, anyoneLike(caller))
    shared.set(caller, useCases)
    return useCases
  }
  if (!authenticator) {
    const ofAddresses = new Map<string, UseCases>()
    return {
      of(_authorization, address) {
        const cached = ofAddresses.get(address)
        if (cached) return cached
        const useCases = useCasesOf(sources, { ...everyone, address })
        ofAddresses.set(address, useCases)
        const [oldest] = ofAddresses.keys()
        if (ofAddresses.size > cachedAddresses && oldest !== undefined) ofAddresses.delete(oldest)
        return useCases
      },
      anyone: useCasesOf(sources, everyone),
      like,
    }
  }
  const cached = new WeakMap<Caller, UseCases>()
  return {
    async of(authorization) {
      const caller = await authenticator.caller(authorization)
      const useCases = cached.get(caller) ?? useCasesOf(sources, caller)
      cached.set(caller, useCases)
      return useCases
    },
    anyone: useCasesOf(sources, nobody),
    like,
  }
}
