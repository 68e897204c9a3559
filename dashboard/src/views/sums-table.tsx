import type { ComponentChildren } from 'preact'
import { words } from '../words'
import './sums-table.css'

export interface Column<T, By extends string = string> {
  name: string
  /** Sort field of this column. If there is no sort field, the table can't be sorted by this column. */
  by?: By
  cell(row: T): ComponentChildren
  /** Content of this column's cell in the totals row. */
  total?: ComponentChildren
  isText?: boolean
}

export const NoValue = ({ why = words.none }: { why?: string }) => (
  <span class="soft no-value">
    <span aria-hidden="true">–</span>
    <span class="unseen">{why}</span>
  </span>
)

interface SumsTableProps<T, By extends string> {
  label: string
  columns: Column<T, By>[]
  rows: T[]
  keyOf(row: T): string
  order?: { by: By; descending: boolean } | undefined
  sort?: ((by: By) => void) | undefined
  isBusy?: boolean
  /** Label of the totals row. If this label is absent, the table has no totals row. */
  total?: string | undefined
}

/** A table of sums. On a small screen, each row becomes a list of labelled numbers, and the column headers are hidden. */
export function SumsTable<T, By extends string>({
  label,
  columns,
  rows,
  keyOf,
  order,
  sort,
  isBusy = false,
  total,
}: SumsTableProps<T, By>) {
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
            {others.map(column => (
              <Cell key={column.name} column={column}>
                {column.cell(row)}
              </Cell>
            ))}
          </tr>
        ))}
      </tbody>
      {total !== undefined && (
        <tfoot>
          <tr>
            <th scope="row">{total}</th>
            {others.map(column => (
              <Cell key={column.name} column={column}>
                {column.total}
              </Cell>
            ))}
          </tr>
        </tfoot>
      )}
    </table>
  )
}

function Cell({ column, children }: { column: Pick<Column<never>, 'name' | 'isText'>; children: ComponentChildren }) {
  return (
    <td class={column.isText ? 'text' : ''}>
      {children !== undefined && (
        <span class="name" aria-hidden="true">
          {column.name}
        </span>
      )}
      {children}
    </td>
  )
}

type HeaderProps<T, By extends string> = Pick<SumsTableProps<T, By>, 'order' | 'sort'> & { column: Column<T, By> }

function Header<T, By extends string>({ column: { name, by, isText }, order, sort }: HeaderProps<T, By>) {
  const isSorted = by !== undefined && order?.by === by
  return (
    <th
      scope="col"
      class={isText ? 'text' : ''}
      aria-sort={isSorted ? (order?.descending ? 'descending' : 'ascending') : undefined}
    >
      {by !== undefined && sort ? (
        <>
          <button type="button" onClick={() => sort(by)}>
            {name}
            <span class="arrow" aria-hidden="true">
              {isSorted && (order?.descending ? '↓' : '↑')}
            </span>
          </button>
          <span class="without-button">{name}</span>
        </>
      ) : (
        name
      )}
    </th>
  )
}
