import type { Filter } from '../address'
import { client } from '../graphql/client'
import { summarySubscription } from '../graphql/documents'
import { Store } from '../store'
import type { Summary } from '../types'

/** What the sessions under the filter come to; null while that is not known. */
export const summary = new Store<Summary | null>(null)

interface Told {
  summary: { summary: Summary }
}

export interface SummaryFollower {
  /** What is known may be of another history: it is forgotten and asked for anew. */
  again(): void
  stop(): void
}

/** Follows what the sessions under a filter come to, while the page is seen: when it is again, the newest comes at once. */
export function followSummary(filter: Filter): SummaryFollower {
  let unsubscribe: (() => void) | undefined
  const stop = (): void => {
    unsubscribe?.()
    unsubscribe = undefined
  }
  const look = (): void => {
    if (document.hidden) stop()
    else
      unsubscribe ??= client.subscribe<Told>(summarySubscription, {
        variables: () => ({ filter }),
        next: told => summary.set(told.summary.summary),
        refused: () => summary.set(null),
      })
  }
  const again = (): void => {
    stop()
    summary.set(null)
    look()
  }
  document.addEventListener('visibilitychange', look)
  again()
  return {
    again,
    stop() {
      document.removeEventListener('visibilitychange', look)
      stop()
    },
  }
}
