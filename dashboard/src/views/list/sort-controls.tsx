import { useFigures } from '../../capability'
import { currencyName } from '../../format'
import { listState } from '../../live/list'
import { formatOrder, isAmountField, type Order, type OrderField, orderFields, parseOrder } from '../../route'
import { navigate, route } from '../../router'
import { useStore } from '../../store'
import { words } from '../../words'

/** Returns the initial sort direction of a field: ascending for text fields, descending for all others. */
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

/**
 * Returns the sort order after a click on a column header. Clicking the header of the current sort column reverses the
 * order.
 */
export function nextOrder(by: OrderField, now: Order): Order {
  const descending = by === now.by ? !now.descending : isDescendingFirst(by)
  return { by, descending, ...currencyIn(by, now) }
}

/** Returns the sort order's currency if the field is an amount. */
const currencyIn = (by: OrderField, { currency }: Order) =>
  isAmountField(by) && currency !== undefined ? { currency } : null

/** Control that selects the sort order. The choices include sort fields that are not columns of the table. */
export function SortControls() {
  const { order } = useStore(route)
  return (
    <div class="sort-controls">
      <select
        aria-label={words.list.order}
        value={formatOrder(order)}
        onChange={({ currentTarget }) => {
          const chosen = parseOrder(orderFields, currentTarget.value)
          if (chosen) navigate({ order: { ...chosen, ...currencyIn(chosen.by, order) } })
        }}
      >
        {orderFields.flatMap(by =>
          [isDescendingFirst(by), !isDescendingFirst(by)].map(descending => {
            const value = formatOrder({ by, descending })
            return (
              <option key={value} value={value}>
                {words.list.inOrder(names[by], descending)}
              </option>
            )
          }),
        )}
      </select>
      {isAmountField(order.by) && <CurrencySelect />}
    </div>
  )
}

/** Control that selects the currency in which amounts are compared. */
function CurrencySelect() {
  const { order } = useStore(route)
  const amounts = useFigures()?.amounts ?? []
  const { selection } = useStore(listState)
  const current = order.currency === undefined ? (selection?.order.currency ?? null) : order.currency
  const currencies = amounts.map(({ currency }) => currency)
  if (currencies.length < 2 && (currencies[0] ?? current) === current) return null
  const offered = currencies.includes(current) ? currencies : [...currencies, current]
  return (
    <select
      aria-label={words.list.amountsIn}
      value={current ?? ''}
      onChange={({ currentTarget }) => navigate({ order: { ...order, currency: currentTarget.value || null } })}
    >
      {offered.map(currency => (
        <option key={currency} value={currency ?? ''}>
          {currency === null ? words.list.noCurrency : `${currency}, ${currencyName(currency)}`}
        </option>
      ))}
    </select>
  )
}
