import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { formatDate, formatNumber, formatPeriod } from '../../../format'
import type { Filter } from '../../../route'
import { hrefOf, navigateOnClick, route, sessionRoute } from '../../../router'
import { announce, useStore } from '../../../store'
import type { OwnerKind } from '../../../types'
import { ErrorMessage } from '../../../views/error-message'
import { openSession, restoreScroll, rowToRestore } from '../../../views/scroll-restoration'
import { type Column, NoValue, SumsTable } from '../../../views/sums-table'
import { words } from '../../../words'
import type { Group, Summary } from '../types'
import { figuresWords } from '../words'
import {
  type ReportRows,
  type ReportSession,
  type RowOrder,
  readCalculations,
  readMentors,
  readOrganisations,
  type SendQuery,
  useReportQuery,
} from './queries'
import type { ReportOrder, ReportOrderField } from './route'
import { countOf, sumsColumns } from './sums-columns'
import { updateReport } from './update-report'
import { reportWords } from './words'

const initialRows = 20
const maxRows = 500
const nextCount = (count: number): number => Math.min(maxRows, count < 100 ? 100 : count + 100)

const withoutOrganisation = { withoutOrganisation: true } as const

interface BreakdownProps {
  filter: Filter
  currency: string | null
  /** Totals of all rows of the breakdown. */
  figures: Summary
}

/**
 * Breaks down a report's totals. Totals of the programme are broken down by organisation and mentor, totals of an
 * organisation by mentor, and totals of a mentor by session. A mentor can have sessions in several organisations.
 */
export function Breakdown({ filter, currency, figures }: BreakdownProps) {
  const isOfOrganisation = filter.organisationId !== undefined || filter.withoutOrganisation === true
  const of = { filter, currency, figures }
  return (
    <>
      {!isOfOrganisation && <Groups {...of} by="organisation" />}
      {filter.mentorId === undefined ? <Groups {...of} by="mentor" /> : <Calculations {...of} />}
    </>
  )
}

function Groups({ filter, currency, figures, by }: BreakdownProps & { by: OwnerKind }) {
  const { rowsIn, rowsWithoutCurrency } = words.months.counts
  const note = figures.amounts.length > 1 ? (currency === null ? rowsWithoutCurrency : rowsIn(currency)) : undefined
  const total = figures.amounts.find(of => of.currency === currency)
  const isOfMentors = by === 'mentor'
  const all = { amounts: figures.amounts, results: countOf(figures.amounts) }
  const isOfOrganisation = filter.organisationId !== undefined || filter.withoutOrganisation === true
  const organisation: Column<Group, ReportOrderField> = {
    name: words.organisation,
    isText: true,
    cell: ({ organisationId, organisations }) =>
      organisations !== null && organisations > 1 ? (
        reportWords.severalOrganisations(organisations)
      ) : (
        <OrganisationName id={organisationId} />
      ),
  }
  const columns: Column<Group, ReportOrderField>[] = [
    {
      name: words[by],
      by: 'ID',
      isText: true,
      cell: ({ id }) => <GroupName id={id} of={filter} by={by} />,
    },
    ...(isOfMentors && !isOfOrganisation ? [organisation] : []),
    {
      name: figuresWords.calculations,
      by: 'SESSIONS',
      cell: ({ sessions }) => formatNumber(sessions),
      total: formatNumber(figures.sessions),
    },
    {
      name: reportWords.results,
      by: 'RESULTS',
      cell: group => resultsIn(currency, group),
      total: resultsIn(currency, all),
    },
    ...sumsColumns(({ amounts }: Group) => amounts.find(of => of.currency === currency), total),
  ]
  return (
    <SortedRows
      heading={isOfMentors ? reportWords.mentors : reportWords.organisations}
      note={note}
      filter={filter}
      columns={columns}
      defaultOrder={{ by: 'TIME_VALUE', descending: true }}
      currency={currency}
      read={(orderBy, count, send) => (isOfMentors ? readMentors : readOrganisations)(filter, orderBy, count, send)}
    />
  )
}

/** Returns the number of results in a currency, followed by the number of all results if the two numbers differ. */
function resultsIn(currency: string | null, { results, amounts }: Pick<Group, 'results' | 'amounts'>): string {
  const count = amounts.find(of => of.currency === currency)?.results ?? 0
  return count === results ? formatNumber(count) : words.months.counts.ofAll(count, results)
}

function GroupName({ id, of, by }: { id: string | null; of: Filter; by: OwnerKind }) {
  const group =
    by === 'mentor' ? { mentorId: id as string } : id === null ? withoutOrganisation : { organisationId: id }
  const to = { path: '/report', filter: { ...of, ...group } } as const
  return (
    <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
      {id === null ? reportWords.noOrganisation : <bdi>{id}</bdi>}
    </a>
  )
}

const OrganisationName = ({ id }: { id: string | null | undefined }) =>
  id == null ? <NoValue why={reportWords.noOrganisation} /> : <bdi>{id}</bdi>

function Calculations({ filter, currency, figures }: BreakdownProps) {
  const { calculation, period } = words.list.columns
  const isOfOrganisation = filter.organisationId !== undefined || filter.withoutOrganisation === true
  const organisation: Column<ReportSession, ReportOrderField> = {
    name: words.organisation,
    isText: true,
    cell: ({ organisationId }) => <OrganisationName id={organisationId} />,
  }
  // Show the totals row only if there is a single currency, because the rows include results in all currencies.
  const total = figures.amounts.length === 1 ? figures.amounts[0] : undefined
  const columns: Column<ReportSession, ReportOrderField>[] = [
    { name: calculation, by: 'LABEL', isText: true, cell: row => <CalculationName of={row} /> },
    ...(isOfOrganisation ? [] : [organisation]),
    {
      name: period,
      by: 'PERIOD',
      isText: true,
      cell: ({ result }) => (result?.inputs.period ? formatPeriod(result.inputs.period) : <NoValue />),
    },
    ...sumsColumns(
      ({ result }: ReportSession) => result && { currency: result.inputs.currency, ...result.outputs },
      total,
    ),
  ]
  return (
    <SortedRows
      heading={figuresWords.calculations}
      filter={filter}
      columns={columns}
      defaultOrder={{ by: 'PERIOD', descending: true }}
      currency={currency}
      read={(orderBy, count, send) => readCalculations(filter, orderBy, count, send)}
    />
  )
}

/** A calculation's label or, if it has none, its start date. */
function CalculationName({ of: { id, createdAt, result } }: { of: ReportSession }) {
  return (
    <a href={hrefOf(sessionRoute(id))} onClick={openSession(id)}>
      <bdi>{result?.inputs.label ?? reportWords.startedOn(formatDate(createdAt))}</bdi>
    </a>
  )
}

interface SortedRowsProps<T> {
  heading: string
  /** Note that explains what the columns count if the results have several currencies. */
  note?: string | undefined
  filter: Filter
  columns: Column<T, ReportOrderField>[]
  defaultOrder: ReportOrder
  currency: string | null
  read(orderBy: RowOrder, count: number, send: SendQuery): Promise<ReportRows<T>>
}

/** Table whose rows are sorted by a column, with a button that shows more rows. */
function SortedRows<T extends { id: string | null }>({
  heading,
  note,
  filter,
  columns,
  defaultOrder,
  currency,
  read,
}: SortedRowsProps<T>) {
  const chosen = useStore(route).report?.order
  const order = chosen && columns.some(({ by }) => by === chosen.by) ? chosen : defaultOrder
  const [restored] = useState(rowToRestore)
  const [count, setCount] = useState(Math.max(initialRows, restored?.rows ?? 0))
  const section = useRef<HTMLElement>(null)
  const toFocus = useRef<number | null>(null)
  const orderBy = { ...order, currency }
  const key = JSON.stringify([filter, orderBy, count])
  const { value, isStale, error } = useReportQuery(key, send => read(orderBy, count, send))
  const rows = value?.rows ?? []

  const tableRow = (index: number): Element | undefined => section.current?.querySelectorAll('tbody tr')[index]

  // The heading keeps the focus until the rows have been read. Once the rows have been read, focus the row that the
  // user came from, unless the user has moved the focus.
  useLayoutEffect(() => {
    const row = restored && tableRow(rows.findIndex(({ id }) => id === restored.id))
    if (row && document.activeElement?.matches('h1')) restoreScroll(row, restored)
  }, [value !== undefined])

  useEffect(() => {
    if (toFocus.current === null || isStale || !value) return
    tableRow(toFocus.current)?.querySelector('a')?.focus()
    toFocus.current = null
    announce(words.list.shown(rows.length, value.total))
  }, [value, isStale])

  const sort = (by: ReportOrderField): void => {
    const isText = columns.some(column => column.by === by && column.isText)
    const descending = by === order.by ? !order.descending : !isText
    const isDefault = by === defaultOrder.by && descending === defaultOrder.descending
    updateReport({ order: isDefault ? undefined : { by, descending } })
  }
  const showMore = (): void => {
    toFocus.current = rows.length
    setCount(nextCount)
  }
  const hasTotals = (value?.total ?? 0) > 1 && columns.some(({ total }) => total !== undefined)
  const hiddenRows = value ? value.total - rows.length : 0
  return (
    <section class="card breakdown" ref={section} aria-busy={value === undefined}>
      <h2>{heading}</h2>
      {note && <p class="soft">{note}</p>}
      <ErrorMessage text={error} />
      {rows.length > 1 && <OrderSelect columns={columns} order={order} sort={sort} />}
      {rows.length > 0 && (
        <SumsTable
          label={heading}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id ?? ''}
          order={order}
          sort={sort}
          isBusy={isStale}
          total={hasTotals ? reportWords.total : undefined}
        />
      )}
      {value && hiddenRows > 0 && (
        <p class="more">
          <span class="soft">{words.list.shown(rows.length, value.total)}</span>
          {count < maxRows && (
            <button type="button" aria-disabled={isStale} onClick={() => isStale || showMore()}>
              {reportWords.more}
            </button>
          )}
        </p>
      )}
    </section>
  )
}

interface OrderSelectProps<T> {
  columns: Column<T, ReportOrderField>[]
  order: ReportOrder
  sort(by: ReportOrderField): void
}

/** Control that selects the order on a small screen, where the table has no column headers. */
function OrderSelect<T>({ columns, order, sort }: OrderSelectProps<T>) {
  return (
    <div class="order">
      <label>
        <span>{reportWords.orderBy}</span>
        <select value={order.by} onChange={({ currentTarget }) => sort(currentTarget.value as ReportOrderField)}>
          {columns.map(
            ({ name, by }) =>
              by && (
                <option key={by} value={by}>
                  {name}
                </option>
              ),
          )}
        </select>
      </label>
      <button type="button" title={reportWords.reverse} onClick={() => sort(order.by)}>
        <span class="unseen">{reportWords.reverse}</span>
        <span aria-hidden="true">{order.descending ? '↓' : '↑'}</span>
      </button>
    </div>
  )
}
