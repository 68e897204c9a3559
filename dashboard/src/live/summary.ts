import type { Filter } from '../address'
import { client } from '../graphql/client'
import { summarySubscription } from '../graphql/documents'
import { Store } from '../store'
import type { Summary } from '../types'

/** Summary of the sessions under the filter. Null while it is unknown. */
export const summary = new Store<Summary | null>(null)

interface Told {
  summary: { summary: Summary }
}

export interface SummaryFollower {
  /** Discards the summary, which may be wrong after a gap, and subscribes again. */
  again(): void
  stop(): void
}

/**
 * Follows the summary of the sessions under a filter while the page is visible. Subscribes again when the page becomes
 * visible.
 */
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
