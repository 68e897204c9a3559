import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Filter, ReportField, ReportOrder } from '../../address'
import { datesOf, number } from '../../format'
import { type Asking, useReading } from '../../live/reading'
import {
  type Calculated,
  calculationsOf,
  type Group,
  mentorsOf,
  type OrderBy,
  organisationsOf,
  type Rows,
} from '../../live/report'
import { addressOf, followLink, route } from '../../route'
import { announce, useStore } from '../../store'
import { words } from '../../words'
import { comeBackTo, openRow, rowComeBackTo } from '../opened-row'
import { RefusalText } from '../refusal'
import { choose } from './choose'
import { type Column, None, SumsTable, sumsColumns } from './sums'

const rowsAtFirst = 20
/** Maximum number of rows. */
const mostRows = 500
const moreThan = (count: number): number => Math.min(mostRows, count < 100 ? 100 : count + 100)

const ofNone = { withoutOrganisation: true } as const

interface BesideProps {
  filter: Filter
  currency: string | null
}

/** Parts of a report: organisations of the programme, mentors of an organisation, or sessions of a mentor. */
export function Beside({ filter, currency }: BesideProps) {
  if (filter.mentorId !== undefined) return <Calculations filter={filter} currency={currency} />
  return <Groups filter={filter} currency={currency} />
}

function Groups({ filter, currency }: BesideProps) {
  const isOfOrganisation = filter.organisationId !== undefined || filter.withoutOrganisation === true
  const columns: Column<Group>[] = [
    {
      name: isOfOrganisation ? words.mentor : words.organisation,
      by: 'ID',
      isText: true,
      cell: ({ id }) => <GroupName id={id} of={filter} isMentor={isOfOrganisation} />,
    },
    { name: words.figures.calculations, by: 'SESSIONS', cell: ({ sessions }) => number(sessions) },
    { name: words.report.results, by: 'RESULTS', cell: ({ results }) => number(results) },
    ...sumsColumns(({ amounts }: Group) => amounts.find(of => of.currency === currency)),
  ]
  return (
    <Ordered
      heading={isOfOrganisation ? words.report.mentors : words.report.organisations}
      columns={columns}
      begin={{ by: 'TIME_VALUE', descending: true }}
      currency={currency}
      read={(orderBy, count, ask) =>
        isOfOrganisation ? mentorsOf(filter, orderBy, count, ask) : organisationsOf(orderBy, count, ask)
      }
    />
  )
}

/** A link to the report of this mentor or organisation. */
function GroupName({ id, of, isMentor }: { id: string | null; of: Filter; isMentor: boolean }) {
  const filter = isMentor ? { ...of, mentorId: id as string } : id === null ? ofNone : { organisationId: id }
  const to = { view: 'report', filter } as const
  return (
    <a href={addressOf(to)} onClick={followLink(to)}>
      {id === null ? words.report.noOrganisation : <bdi>{id}</bdi>}
    </a>
  )
}

function Calculations({ filter, currency }: BesideProps) {
  const { calculation, period } = words.list.columns
  const columns: Column<Calculated>[] = [
    { name: calculation, by: 'LABEL', isText: true, cell: row => <CalculationName of={row} /> },
    {
      name: period,
      by: 'PERIOD',
      isText: true,
      cell: ({ result }) => (result?.inputs.period ? datesOf(result.inputs.period) : <None />),
    },
    ...sumsColumns(({ result }: Calculated) => result && { currency: result.inputs.currency, ...result.outputs }),
  ]
  return (
    <Ordered
      heading={words.figures.calculations}
      columns={columns}
      begin={{ by: 'PERIOD', descending: true }}
      currency={currency}
      read={(orderBy, count, ask) => calculationsOf(filter, orderBy, count, ask)}
    />
  )
}

function CalculationName({ of: { id, result } }: { of: Calculated }) {
  return (
    <a href={addressOf({ session: id })} onClick={openRow(id)}>
      <bdi>{result?.inputs.label ?? id}</bdi>
    </a>
  )
}

interface OrderedProps<T> {
  heading: string
  columns: Column<T>[]
  begin: ReportOrder
  /** Currency in which amounts are compared. */
  currency: string | null
  read(orderBy: OrderBy, count: number, ask: Asking): Promise<Rows<T>>
}

/** Rows in the order of a column, with a button for more. */
function Ordered<T extends { id: string | null }>({ heading, columns, begin, currency, read }: OrderedProps<T>) {
  const chosen = useStore(route).report?.order
  const order = chosen && columns.some(({ by }) => by === chosen.by) ? chosen : begin
  const [back] = useState(rowComeBackTo)
  const [count, setCount] = useState(Math.max(rowsAtFirst, back?.rows ?? 0))
  const section = useRef<HTMLElement>(null)
  const toFocus = useRef<number | null>(null)
  const orderBy = { ...order, currency }
  const { value, isStale, refusal } = useReading(JSON.stringify([orderBy, count]), ask => read(orderBy, count, ask))
  const rows = value?.rows ?? []

  const tableRow = (index: number): Element | undefined => section.current?.querySelectorAll('tbody tr')[index]

  // Until the rows are read, the focus is on the heading. If the user has not moved it, it goes back to the row.
  useLayoutEffect(() => {
    const row = back && tableRow(rows.findIndex(({ id }) => id === back.id))
    if (row && document.activeElement?.matches('h1')) comeBackTo(row, back)
  }, [value !== null])

  useEffect(() => {
    if (toFocus.current === null || isStale || !value) return
    tableRow(toFocus.current)?.querySelector('a')?.focus()
    toFocus.current = null
    announce(words.report.shown(rows.length, value.total))
  }, [value, isStale])

  const sort = (by: ReportField): void => {
    const isText = columns.some(column => column.by === by && column.isText)
    const descending = by === order.by ? !order.descending : !isText
    const isAsBegun = by === begin.by && descending === begin.descending
    choose({ order: isAsBegun ? undefined : { by, descending } })
  }
  const more = (): void => {
    toFocus.current = rows.length
    setCount(moreThan)
  }
  const left = value ? value.total - rows.length : 0
  return (
    <section class="card beside" ref={section} aria-busy={value === null}>
      <h2>{heading}</h2>
      <RefusalText text={refusal} />
      {rows.length > 0 && (
        <SumsTable
          label={heading}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id ?? ''}
          order={order}
          sort={sort}
          isBusy={isStale}
        />
      )}
      {value && left > 0 && (
        <p class="more">
          <span class="soft">{words.report.shown(rows.length, value.total)}</span>
          {count < mostRows && (
            <button type="button" aria-disabled={isStale} onClick={() => isStale || more()}>
              {words.report.more}
            </button>
          )}
        </p>
      )}
    </section>
  )
}
