import { monthsOver, yearBefore } from '../../../../src/domain/months'
import type { FiguresFollower } from '../../capability'
import { client } from '../../graphql/client'
import { type BoundedRange, currentMonth } from '../../months'
import type { Filter } from '../../route'
import { Store } from '../../store'
import { summarySubscription } from './documents'
import type { Summary } from './types'

/** Totals of the sessions that match the list's filter, or null while they are unknown. */
export const summary = new Store<Summary | null>(null)

/**
 * Totals of the filter's months that are over, and of the same months a year earlier, with an otherwise identical
 * filter. Null while the totals are unknown, and if there are no such months. Months that are not over are never
 * compared with months that are.
 */
export const summaryToDate = new Store<Summary | null>(null)
export const summaryYearBefore = new Store<Summary | null>(null)

/** Returns the filter's months that are over, or null if there are none or the range of months is open-ended. */
export function comparedMonths({ months: { from, to } = {} }: Filter): BoundedRange | null {
  return from && to ? monthsOver({ from, to }, currentMonth()) : null
}

interface SummaryData {
  summary: { summary: Summary }
}

/**
 * Subscribes to the totals of the sessions that match a filter. If the filter has a range of months, also subscribes to
 * the totals of its months that are over, and of the same months a year earlier.
 */
export function followSummary(filter: Filter): FiguresFollower {
  const followers = [follow(summary, filter)]
  summaryToDate.set(null)
  summaryYearBefore.set(null)
  const months = comparedMonths(filter)
  if (months) followers.push(follow(summaryYearBefore, { ...filter, months: yearBefore(months) }))
  if (months && months.to !== filter.months?.to) followers.push(follow(summaryToDate, { ...filter, months }))
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
