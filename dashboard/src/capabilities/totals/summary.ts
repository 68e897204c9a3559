import { yearBefore } from '../../../../src/domain/months'
import type { FiguresFollower } from '../../capability'
import { client } from '../../graphql/client'
import type { Filter } from '../../route'
import { Store } from '../../store'
import { summarySubscription } from './documents'
import type { Summary } from './types'

/** Totals of the sessions that match the list's filter, or null while they are unknown. */
export const summary = new Store<Summary | null>(null)

/**
 * Totals of the same months a year earlier, with an otherwise identical filter. Null while the totals are unknown, and
 * if the filter's range of months is open-ended.
 */
export const summaryYearBefore = new Store<Summary | null>(null)

interface SummaryData {
  summary: { summary: Summary }
}

/**
 * Subscribes to the totals of the sessions that match a filter. If the filter's range of months has both ends, also
 * subscribes to the totals of the same months a year earlier.
 */
export function followSummary(filter: Filter): FiguresFollower {
  const { from, to } = filter.months ?? {}
  const followers = [follow(summary, filter)]
  summaryYearBefore.set(null)
  if (from && to) followers.push(follow(summaryYearBefore, { ...filter, months: yearBefore({ from, to }) }))
  return {
    restart() {
      for (const { restart } of followers) restart()
    },
    stop() {
      for (const { stop } of followers) stop()
    },
  }
}

/** Subscribes to a summary while the page is visible. */
function follow(known: Store<Summary | null>, filter: Filter): FiguresFollower {
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
        next: data => known.set(data.summary.summary),
        error: () => known.set(null),
      })
  }
  const restart = (): void => {
    stop()
    known.set(null)
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
