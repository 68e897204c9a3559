import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { formatDateTime, formatNumber } from '../../format'
import { connection } from '../../live/feed'
import { readTrend, useReportQuery } from '../../live/report'
import { summary } from '../../live/summary'
import { type Filter, type ReportChoices, reportMonths } from '../../route'
import { hrefOf, navigateOnClick, route, updateReport } from '../../router'
import { clock, useStore } from '../../store'
import type { Amounts, Summary } from '../../types'
import { words } from '../../words'
import { ErrorMessage } from '../error-message'
import { ExportButton } from '../list/actions'
import { Breakdown } from './breakdown'
import { ByMonth, nameOf } from './by-month'
import { Sources } from './sources'
import { SumsTable, sumsColumns } from './sums-table'
import './report.css'

/** The report of the programme, an organisation or a mentor, on screen and on paper. */
export function ReportView() {
  const { filter, report = {} } = useStore(route)
  return <Report key={JSON.stringify(filter)} filter={filter} choices={report} />
}

interface ReportProps {
  filter: Filter
  choices: ReportChoices
}

function Report({ filter, choices }: ReportProps) {
  const figures = useLastKnown(useStore(summary))
  const last = choices.months ?? reportMonths[0]
  const [failure, setFailure] = useState<string | null>(null)
  const { value: trend, error } = useReportQuery(String(last), send => readTrend(filter, last, send))
  const currencies = figures?.amounts.map(({ currency }) => currency) ?? []
  const isKnown = (of: string | null | undefined): of is string | null => of !== undefined && currencies.includes(of)
  // The report keeps its currency when another one gets the most results.
  const begun = useRef<string | null | undefined>(undefined)
  if (!isKnown(begun.current)) begun.current = currencies[0]
  const currency = isKnown(choices.currency) ? choices.currency : (begun.current ?? null)
  const chooseCurrency = (of: string | null | undefined): void =>
    updateReport({ currency: of === begun.current ? undefined : of })
  return (
    <div class="report">
      <p class="back">
        <a href={hrefOf({ filter })} onClick={navigateOnClick({ filter })}>
          <span aria-hidden="true">← </span>
          {words.report.back}
        </a>
      </p>
      <Heading filter={filter} />
      <div class="buttons tools">
        <label>
          <span>{words.report.last}</span>
          <select
            value={last}
            onChange={({ currentTarget }) => updateReport({ months: reportMonths[currentTarget.selectedIndex] })}
          >
            {reportMonths.map(count => (
              <option key={count} value={count}>
                {words.report.lastMonths(count)}
              </option>
            ))}
          </select>
        </label>
        {currencies.length > 1 && (
          <label>
            <span>{words.list.amountsIn}</span>
            <select
              value={currency ?? ''}
              onChange={({ currentTarget }) => chooseCurrency(currencies[currentTarget.selectedIndex])}
            >
              {currencies.map(code => (
                <option key={code} value={code ?? ''}>
                  {nameOf(code)}
                </option>
              ))}
            </select>
          </label>
        )}
        <ExportButton failed={setFailure} />
        <button type="button" onClick={() => print()}>
          {words.list.print}
        </button>
      </div>
      <ErrorMessage text={failure ?? error} />
      {figures?.amounts.length === 0 ? (
        <p class="nothing">{words.report.nothing}</p>
      ) : (
        figures && (
          <>
            <Totals figures={figures} />
            {trend && <ByMonth months={trend.months} figures={figures} currency={currency} />}
          </>
        )
      )}
      {figures && figures.sessions > 0 && <Breakdown filter={filter} currency={currency} />}
      {figures && figures.amounts.length > 0 && <Sources filter={filter} />}
      {trend?.method && (
        <p class="soft caveat">
          {words.result.caveat(trend.method.caveat, trend.method.method)} {words.result.method(trend.method.method)}
        </p>
      )}
    </div>
  )
}

/** Returns the last known value while a new one is loading. */
function useLastKnown<T>(value: T | null): T | null {
  const last = useRef(value)
  if (value !== null) last.current = value
  return last.current
}

function Heading({ filter }: { filter: Filter }) {
  const { mentorId, state, ...of } = filter
  const heading = useRef<HTMLHeadingElement>(null)
  const title = mentorId ?? subjectOf(of)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
    document.title = words.report.title(title)
    return () => {
      document.title = words.page.name
    }
  }, [])
  const isOfSome = Object.keys(of).length > 0
  const above: Filter[] = [
    ...(isOfSome || mentorId !== undefined ? [{}] : []),
    ...(isOfSome && mentorId !== undefined ? [of] : []),
  ]
  const bdi = (id: string | undefined) => (id === undefined ? null : <bdi>{id}</bdi>)
  return (
    <>
      {above.length > 0 && (
        <nav aria-label={words.report.above}>
          {above.map(filter => {
            const to = { view: 'report', filter } as const
            return (
              <a key={subjectOf(filter)} href={hrefOf(to)} onClick={navigateOnClick(to)}>
                <bdi>{subjectOf(filter)}</bdi>
              </a>
            )
          })}
        </nav>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {mentorId === undefined && of.organisationId === undefined
          ? subjectOf(of)
          : words.report.of(bdi(mentorId), bdi(of.organisationId))}
      </h1>
      <p class="soft">
        <span class="on-paper">{words.page.name} · </span>
        {mentorId !== undefined && of.withoutOrganisation && `${words.report.noOrganisation} · `}
        {state && state !== 'CLOSED' && `${words.list.stateNames[state]} · `}
        <CurrentAt />
      </p>
    </>
  )
}

/** Returns the name of the report's subject, other than a mentor. */
const subjectOf = ({ organisationId, withoutOrganisation }: Filter): string =>
  organisationId ?? (withoutOrganisation ? words.report.noOrganisation : words.report.programme)

/** Time up to which the report is current: now, while the connection is live. */
function CurrentAt() {
  const now = useStore(clock)
  const { state } = useStore(connection)
  const known = useRef(now)
  if (state === 'live') known.current = now
  return <>{words.report.asOf(formatDateTime(new Date(known.current).toISOString()))}</>
}

/** Sums of all results, one row for each currency. */
function Totals({ figures }: { figures: Summary }) {
  const results = figures.amounts.reduce((sum, { results }) => sum + results, 0)
  return (
    <section class="card">
      <h2>{words.report.totals}</h2>
      <SumsTable
        label={words.report.totals}
        columns={[
          { name: words.calculator.currency, isText: true, cell: ({ currency }: Amounts) => nameOf(currency) },
          { name: words.report.results, cell: ({ results }) => formatNumber(results) },
          { name: words.report.held, cell: ({ sessionsHeld }) => formatNumber(sessionsHeld) },
          ...sumsColumns((amounts: Amounts) => amounts),
        ]}
        rows={figures.amounts}
        keyOf={({ currency }) => currency ?? ''}
      />
      <p class="soft">{words.report.totalsOf(results)}</p>
    </section>
  )
}
