import type { ComponentChildren } from 'preact'
import { currencyFormats, formatFigure } from '../format'
import type { ReportOrder, ReportOrderField } from '../route'
import type { Amounts } from '../types'
import { words } from '../words'

export interface Column<T> {
  name: string
  /** Sort field. Without one, the server can't sort by this column. */
  by?: ReportOrderField
  cell(row: T): ComponentChildren
  isText?: boolean
}

export const NoValue = ({ why = words.none }: { why?: string }) => (
  <span class="soft">
    <span aria-hidden="true">–</span>
    <span class="unseen">{why}</span>
  </span>
)

type Sums = Pick<Amounts, 'currency' | 'totalHours' | 'programmeCost' | 'timeValue' | 'netBenefit' | 'benefitCostRatio'>

/** Returns the columns with the sums of results. A row without results shows none, not 0. */
export function sumsColumns<T>(sumsOf: (row: T) => Sums | null | undefined): Column<T>[] {
  const shown =
    (show: (sums: Sums) => ComponentChildren) =>
    (row: T): ComponentChildren => {
      const sums = sumsOf(row)
      return sums ? show(sums) : <NoValue />
    }
  const money = (sums: Sums, of: 'programmeCost' | 'timeValue' | 'netBenefit'): string =>
    currencyFormats(sums.currency).money(sums[of])
  const { hours, cost, value, ratio } = words.list.columns
  return [
    { name: hours, by: 'TOTAL_HOURS', cell: shown(sums => formatFigure(sums.totalHours)) },
    { name: cost, by: 'PROGRAMME_COST', cell: shown(sums => money(sums, 'programmeCost')) },
    { name: value, by: 'TIME_VALUE', cell: shown(sums => money(sums, 'timeValue')) },
    {
      name: words.netBenefit,
      by: 'NET_BENEFIT',
      cell: shown(sums => <strong class={sums.netBenefit < 0 ? 'loss' : ''}>{money(sums, 'netBenefit')}</strong>),
    },
    {
      name: ratio,
      by: 'BENEFIT_COST_RATIO',
      cell: shown(sums => (sums.benefitCostRatio === null ? <NoValue /> : formatFigure(sums.benefitCostRatio))),
    },
  ]
}

interface SumsTableProps<T> {
  label: string
  columns: Column<T>[]
  rows: T[]
  keyOf(row: T): string
  order?: ReportOrder
  sort?(by: ReportOrderField): void
  isBusy?: boolean
}

/** A table of sums. On a small screen, each row is a list of named numbers. */
export function SumsTable<T>({ label, columns, rows, keyOf, order, sort, isBusy = false }: SumsTableProps<T>) {
  const [first, ...others] = columns
  return (
    <table class="sums" aria-label={label} aria-busy={isBusy}>
      <thead>
        <tr>
          {columns.map(column => (
            <Header key={column.name} column={column} order={order} sort={sort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={keyOf(row)}>
            <th scope="row">{first?.cell(row)}</th>
            {others.map(({ name, cell, isText }) => (
              <td key={name} class={isText ? 'text' : ''}>
                <span class="name" aria-hidden="true">
                  {name}
                </span>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface HeaderProps<T> {
  column: Column<T>
  order: ReportOrder | undefined
  sort: ((by: ReportOrderField) => void) | undefined
}

function Header<T>({ column: { name, by, isText }, order, sort }: HeaderProps<T>) {
  const isSorted = by !== undefined && order?.by === by
  return (
    <th
      scope="col"
      class={isText ? 'text' : ''}
      aria-sort={isSorted ? (order?.descending ? 'descending' : 'ascending') : undefined}
    >
      {by !== undefined && sort ? (
        <button type="button" onClick={() => sort(by)}>
          {name}
          <span class="arrow" aria-hidden="true">
            {isSorted && (order?.descending ? '↓' : '↑')}
          </span>
        </button>
      ) : (
        name
      )}
    </th>
  )
}
