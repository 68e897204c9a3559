import { isAmount, type Order, type OrderField, orderFields } from '../address'
import { currencyName } from '../format'
import { sessions } from '../live/list'
import { summary } from '../live/summary'
import { go, route } from '../route'
import { useStore } from '../store'
import { words } from '../words'

/** Returns the first direction of a field: ascending for text, descending for all others. */
const beginsWithMost = (by: OrderField): boolean => by !== 'MENTOR' && by !== 'LABEL'

const { columns } = words.list
const names: Record<OrderField, string> = {
  CREATED: words.list.started,
  UPDATED: columns.updated,
  MENTOR: words.mentor,
  LABEL: columns.calculation,
  PERIOD: columns.period,
  TOTAL_HOURS: columns.hours,
  PROGRAMME_COST: columns.cost,
  TIME_VALUE: columns.value,
  BENEFIT_COST_RATIO: columns.ratio,
}

/** Returns the order after a column is chosen. Choosing the same column again reverses it. */
export function chosen(by: OrderField, now: Order): Order {
  const descending = by === now.by ? !now.descending : beginsWithMost(by)
  const { currency } = now
  return { by, descending, ...(isAmount(by) && currency !== undefined && { currency }) }
}

/** Selects the order of the list. */
export function Ordering() {
  const { order } = useStore(route)
  return (
    <>
      <label>
        <span>{words.list.sortedBy}</span>
        <select
          value={order.by}
          onChange={({ currentTarget }) => {
            const by = orderFields.find(field => field === currentTarget.value)
            if (by) go({ order: chosen(by, order) })
          }}
        >
          {orderFields.map(by => (
            <option key={by} value={by}>
              {names[by]}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="direction"
        title={words.list.reverse}
        aria-label={`${words.list.reverse}: ${order.descending ? words.list.descending : words.list.ascending}`}
        onClick={() => go({ order: chosen(order.by, order) })}
      >
        <span aria-hidden="true">{order.descending ? '↓' : '↑'}</span>
      </button>
      {isAmount(order.by) && <CurrencyOfOrder />}
    </>
  )
}

/** Selects the currency in which amounts are compared. */
function CurrencyOfOrder() {
  const { order } = useStore(route)
  const amounts = useStore(summary)?.amounts ?? []
  const { of } = useStore(sessions)
  const current = order.currency === undefined ? (of?.order.currency ?? null) : order.currency
  const currencies = amounts.map(({ currency }) => currency)
  if (currencies.length < 2 && (currencies[0] ?? current) === current) return null
  const offered = currencies.includes(current) ? currencies : [...currencies, current]
  return (
    <label>
      <span>{words.list.amountsIn}</span>
      <select
        value={current ?? ''}
        onChange={({ currentTarget }) => go({ order: { ...order, currency: currentTarget.value || null } })}
      >
        {offered.map(currency => (
          <option key={currency} value={currency ?? ''}>
            {currency === null ? words.figures.noCurrency : `${currency}, ${currencyName(currency)}`}
          </option>
        ))}
      </select>
    </label>
  )
}
