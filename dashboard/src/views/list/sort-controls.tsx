import { useFigures } from '../../capability'
import { currencyName } from '../../format'
import { listState } from '../../live/list'
import { isAmountField, type Order, type OrderField, orderFields } from '../../route'
import { navigate, route } from '../../router'
import { useStore } from '../../store'
import { words } from '../../words'

/** Returns the first direction of a field: ascending for text, descending for all others. */
const isDescendingFirst = (by: OrderField): boolean => by !== 'MENTOR' && by !== 'LABEL'

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

/** Returns the order after a column is chosen. Choosing the same column again reverses the order. */
export function nextOrder(by: OrderField, now: Order): Order {
  const descending = by === now.by ? !now.descending : isDescendingFirst(by)
  const { currency } = now
  return { by, descending, ...(isAmountField(by) && currency !== undefined && { currency }) }
}

export function SortControls() {
  const { order } = useStore(route)
  return (
    <>
      <label>
        <span>{words.list.sortedBy}</span>
        <select
          value={order.by}
          onChange={({ currentTarget }) => {
            const by = orderFields.find(field => field === currentTarget.value)
            if (by) navigate({ order: nextOrder(by, order) })
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
        onClick={() => navigate({ order: nextOrder(order.by, order) })}
      >
        <span aria-hidden="true">{order.descending ? '↓' : '↑'}</span>
      </button>
      {isAmountField(order.by) && <CurrencySelect />}
    </>
  )
}

/** Selects the currency in which amounts are compared. */
function CurrencySelect() {
  const { order } = useStore(route)
  const amounts = useFigures()?.amounts ?? []
  const { selection } = useStore(listState)
  const current = order.currency === undefined ? (selection?.order.currency ?? null) : order.currency
  const currencies = amounts.map(({ currency }) => currency)
  if (currencies.length < 2 && (currencies[0] ?? current) === current) return null
  const offered = currencies.includes(current) ? currencies : [...currencies, current]
  return (
    <label>
      <span>{words.list.amountsIn}</span>
      <select
        value={current ?? ''}
        onChange={({ currentTarget }) => navigate({ order: { ...order, currency: currentTarget.value || null } })}
      >
        {offered.map(currency => (
          <option key={currency} value={currency ?? ''}>
            {currency === null ? words.list.noCurrency : `${currency}, ${currencyName(currency)}`}
          </option>
        ))}
      </select>
    </label>
  )
}
