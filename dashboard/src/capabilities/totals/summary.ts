import type { FiguresFollower } from '../../capability'
import { client } from '../../graphql/client'
import type { Filter } from '../../route'
import { Store } from '../../store'
import { summarySubscription } from './documents'
import type { Summary } from './types'

/** Summary of the sessions under the filter. Null while it is unknown. */
export const summary = new Store<Summary | null>(null)

interface SummaryData {
  summary: { summary: Summary }
}

/**
 * Follows the summary of the sessions under a filter while the page is visible. Subscribes again when the page becomes
 * visible.
 */
export function followSummary(filter: Filter): FiguresFollower {
  let unsubscribe: (() => void) | undefined
  const stop = (): void => {
    unsubscribe?.()
    unsubscribe = undefined
  }
  const subscribeIfVisible = (): void => {
    if (document.hidden) stop()
    else
      unsubscribe ??= client.subscribe<SummaryData>(summarySubscription, {
        variables: () => ({ filter }),
        next: data => summary.set(data.summary.summary),
        error: () => summary.set(null),
      })
  }
  const restart = (): void => {
    stop()
    summary.set(null)
    subscribeIfVisible()
  }
  document.addEventListener('visibilitychange', subscribeIfVisible)
  restart()
  return {
    restart,
    stop() {
      document.removeEventListener('visibilitychange', subscribeIfVisible)
      stop()
    },
  }
}
