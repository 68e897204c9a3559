import type { Figures, FiguresFollower } from '../capability'
import { type Filter, isAmountField, type ListOrder, type Order } from '../route'
import { route } from '../router'
import { connection, followFeed } from './feed'
import { LiveList } from './list'
import { deselectUnlisted, deselectUnloaded } from './selected-rows'

let list: LiveList | undefined

/** Requests the first `count` rows of the list, which are in view or soon will be. */
export const requestRows = (count: number): void => list?.requestRows(count)

/**
 * Follows the sessions that match the filter in the page's address, and their figures. When the filter in the address
 * changes, follows the sessions that match the new filter.
 */
export function followRoute(figures: Figures | undefined): void {
  /** Current filter and order, as JSON. */
  let [currentFilter, currentOrder] = ['', '']
  let figuresFollower: FiguresFollower | undefined
  let stopList = (): void => {}

  const update = (): void => {
    const { filter, order } = route.value
    if (JSON.stringify(filter) !== currentFilter) {
      currentFilter = JSON.stringify(filter)
      figuresFollower?.stop()
      figuresFollower = figures?.follow(filter)
    } else if (JSON.stringify(order) === currentOrder) return
    currentOrder = JSON.stringify(order)
    stopList()
    stopList = withOrder(order, figures, orderBy => followList(filter, orderBy, () => figuresFollower?.restart()))
  }
  route.subscribe(update)
  update()
}

function followList(filter: Filter, order: ListOrder, onGap: () => void): () => void {
  const current = new LiveList(filter, order)
  list = current
  if (connection.value.state !== 'live') void current.showFirstPage()
  const stopFeed = followFeed(filter, order, {
    async onReady(afterGap) {
      if (afterGap) onGap()
      const isRead = await current.reload(afterGap)
      if (isRead && afterGap) deselectUnloaded()
      return isRead
    },
    onTransition(transition) {
      current.apply(transition)
      deselectUnlisted(transition.session, filter)
    },
    onError: error => current.fail(error),
  })
  return () => {
    stopFeed()
    current.stop()
  }
}

/**
 * Calls `begin` once the currency in which amounts are compared is known. The default currency is the one with the most
 * results.
 */
function withOrder(order: Order, figures: Figures | undefined, begin: (order: ListOrder) => () => void): () => void {
  const { by, descending, currency } = order
  if (!isAmountField(by)) return begin({ by, descending, currency: null })
  if (currency !== undefined) return begin({ by, descending, currency })
  if (!figures) return begin({ by, descending, currency: null })
  const { known } = figures
  let stop = (): void => {}
  const beginIfKnown = (): void => {
    if (known.value === null) return
    unsubscribe()
    stop = begin({ by, descending, currency: known.value.amounts[0]?.currency ?? null })
  }
  const unsubscribe = known.subscribe(beginIfKnown)
  beginIfKnown()
  return () => {
    unsubscribe()
    stop()
  }
}
