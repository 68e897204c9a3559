import { type Filter, isAmount, type ListOrder, type Order } from '../address'
import { route } from '../route'
import { connection, followFeed } from './connection'
import { LiveList } from './list'
import { followSummary, type SummaryFollower, summary } from './summary'

/** The list that is currently followed. */
let list: LiveList | undefined

/** Requests `count` rows of the list, because they are in view or soon will be. */
export const wantRows = (count: number): void => list?.want(count)

/** Follows the sessions that the address selects, and changes over when the address changes. */
export function followAddress(): void {
  let [filtered, ordered] = ['', '']
  let figures: SummaryFollower | undefined
  let stopList = (): void => {}

  const select = (): void => {
    const { filter, order } = route.value
    if (JSON.stringify(filter) !== filtered) {
      filtered = JSON.stringify(filter)
      figures?.stop()
      figures = followSummary(filter)
    } else if (JSON.stringify(order) === ordered) return
    ordered = JSON.stringify(order)
    stopList()
    stopList = inOrder(order, orderBy => followList(filter, orderBy, () => figures?.again()))
  }
  route.watch(select)
  select()
}

function followList(filter: Filter, order: ListOrder, reread: () => void): () => void {
  const followed = new LiveList(filter, order)
  list = followed
  if (connection.value.state !== 'live') void followed.preview()
  const stopFeed = followFeed(filter, order, {
    begun(afterGap) {
      if (afterGap) reread()
      return followed.begun(afterGap)
    },
    told: transition => followed.told(transition),
    refused: refusal => followed.refuse(refusal),
  })
  return () => {
    stopFeed()
    followed.stop()
  }
}

/** Begins once the currency of the compared amounts is known. Default: the currency with the most results. */
function inOrder(order: Order, begin: (order: ListOrder) => () => void): () => void {
  const { by, descending, currency } = order
  if (!isAmount(by)) return begin({ by, descending, currency: null })
  if (currency !== undefined) return begin({ by, descending, currency })
  let stop = (): void => {}
  const look = (): void => {
    if (summary.value === null) return
    unwatch()
    stop = begin({ by, descending, currency: summary.value.amounts[0]?.currency ?? null })
  }
  const unwatch = summary.watch(look)
  look()
  return () => {
    unwatch()
    stop()
  }
}
