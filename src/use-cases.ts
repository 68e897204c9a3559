import { type Caller, everyone, nobody } from './domain/caller'
import type { Feed } from './feed/feed'
import { FeedInScope } from './feed/scoped'
import { Erasure } from './sessions/erasure'
import type { Reads } from './sessions/reads'
import type { Sessions } from './sessions/sessions'
import { TotalsInScope } from './totals/scoped'
import type { Totals } from './totals/totals'

/** All that can be asked for, as one caller may ask for it. */
export interface UseCases {
  caller: Caller
  sessions: Sessions
  reads: Reads
  erasure: Erasure
  totals: TotalsInScope
  feed: FeedInScope
}

/** Those who ask, as each door is handed them. */
export interface Callers {
  /**
   * The use cases of whom a field Authorization names. Throws unauthenticated, forbidden where he has no role, and unavailable
   * where it can't be told now.
   */
  of(authorization: string | undefined): UseCases | Promise<UseCases>
  /** Of whoever asks for what is open to all. */
  anyone: UseCases
}

/** Makes a caller of a field Authorization; throws as `Callers.of` does. */
export interface Access {
  caller(authorization: string | undefined): Caller | Promise<Caller>
}

/** The use cases by who asks: for everyone alike where nothing tells callers apart. */
export function callersOf(
  { sessions, totals, feed }: { sessions: Sessions; totals: Totals; feed: Feed },
  access?: Access,
): Callers {
  const useCasesOf = (caller: Caller): UseCases => {
    const own = sessions.of(caller)
    return {
      caller,
      sessions: own,
      reads: own.reads,
      erasure: new Erasure(own),
      totals: new TotalsInScope(totals, caller.scope),
      feed: new FeedInScope(feed, caller.scope),
    }
  }
  if (!access) {
    const everyones = useCasesOf(everyone)
    return { of: () => everyones, anyone: everyones }
  }
  const known = new WeakMap<Caller, UseCases>()
  return {
    async of(authorization) {
      const caller = await access.caller(authorization)
      const useCases = known.get(caller) ?? useCasesOf(caller)
      known.set(caller, useCases)
      return useCases
    },
    anyone: useCasesOf(nobody),
  }
}
