import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { monthAt } from '../../../../../src/domain/months'
import { ExtensionPoint } from '../../../capability'
import { currencyFormats, formatDateTime, formatFigure, formatMonthRange, formatNumber } from '../../../format'
import { useLastKnown } from '../../../live/use-live'
import type { BoundedRange } from '../../../months'
import type { Filter } from '../../../route'
import { hrefOf, navigate, navigateOnClick, route } from '../../../router'
import { announce, useStore } from '../../../store'
import { ErrorMessage } from '../../../views/error-message'
import { Heading } from '../../../views/heading'
import { ExportButton } from '../../../views/list/actions'
import { MonthsFilter } from '../../../views/list/months-filter'
import { SumsTable } from '../../../views/sums-table'
import { words } from '../../../words'
import { FigureStrip } from '../figure-strip'
import { comparisonText } from '../key-figures'
import { comparedMonths, summary } from '../summary'
import type { Amounts, Summary } from '../types'
import { figuresWords } from '../words'
import { AgainstYearBefore } from './against-year-before'
import { Breakdown } from './breakdown'
import { ByMonth, nameOf } from './by-month'
import { useCurrentAt } from './current-at'
import { readShownMonths, readTrend, type Trend, useReportQuery } from './queries'
import type { ReportChoices } from './route'
import { Sources } from './sources'
import { countOf, sumsColumns } from './sums-columns'
import { updateReport } from './update-report'
import { reportWords } from './words'
import './report.css'

/** The report on the whole programme, an organisation or a mentor, on screen and in print. */
export function ReportView() {
  const { filter, report = {} } = useStore(route)
  const { months, ...subject } = filter
  return <Report key={JSON.stringify(subject)} filter={filter} choices={report} />
}

interface ReportProps {
  filter: Filter
  choices: ReportChoices
}

function Report({ filter, choices }: ReportProps) {
  const currentFigures = useStore(summary)
  const figures = useLastKnown(currentFigures)
  const [failure, setFailure] = useState<string | null>(null)
  const { value, isStale, error } = useReportQuery(JSON.stringify(filter.months), send => readTrend(filter, send))
  const trend = error === null && value !== undefined ? value : null
  const range = isStale ? null : rangeOf(trend)
  const readShown = useReportQuery(range ? range.from + range.to : '', async send =>
    range ? readShownMonths(filter, range, send) : null,
  )
  const comparison = (filter.months && !readShown.isStale && readShown.value?.yearBefore) || null
  const isOver = comparison !== null && comparison.range.to === filter.months?.to
  // The comparison with the year before already shows the totals of the currencies that it covers, if all months are over.
  const hasTotals = isOver && comparison.totals.before.length > 0
  const needsTotals = figures !== null && figures.amounts.length > Number(hasTotals)
  // A report without a filter by month is shared for the displayed months only, so its dialog shows both totals.
  const shownTotals = filter.months || readShown.isStale ? undefined : readShown.value?.totals
  const totals = figures && shownTotals ? { page: figures.amounts, shown: shownTotals } : null
  const shareable = filter.months || totals || readShown.error !== null ? range : null
  const currencies = figures?.amounts.map(({ currency }) => currency) ?? []
  const isKnown = (of: string | null | undefined): of is string | null => of !== undefined && currencies.includes(of)
  // Keep the report's initial currency, even if another currency later has the most results.
  const begun = useRef<string | null | undefined>(undefined)
  if (!isKnown(begun.current)) begun.current = currencies[0]
  const currency = isKnown(choices.currency) ? choices.currency : (begun.current ?? null)
  const inShownCurrency = (amounts: Amounts[]) => amounts.find(of => of.currency === currency)
  const chooseCurrency = (of: string | null | undefined): void =>
    updateReport({ currency: of === begun.current ? undefined : of })
  return (
    <div class="report" aria-busy={isStale || currentFigures === null}>
      <ReportHeading filter={filter} />
      {figures && <InWords amounts={inShownCurrency(figures.amounts)} />}
      <div class="buttons tools">
        <MonthsFilter apply={filter => navigate({ path: '/report', filter, report: choices })} />
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
        <ExtensionPoint name="reportActions" props={{ filter, shown: shareable, totals }} />
        <button type="button" onClick={() => print()}>
          {words.list.print}
        </button>
      </div>
      <ErrorMessage text={failure ?? error} />
      {figures && figures.amounts.length > 0 && (
        <section aria-label={figuresWords.label}>
          <FigureStrip
            sums={inShownCurrency(figures.amounts) ?? null}
            compared={{
              now: inShownCurrency((isOver ? figures.amounts : comparison?.totals.now) ?? []),
              before: inShownCurrency(comparison?.totals.before ?? []),
            }}
          />
          {comparison && inShownCurrency(comparison.totals.before) && (
            <p class="soft compared">{comparisonText(comparison.range, isOver, true)}.</p>
          )}
          {filter.months && range && !comparedMonths({ months: range }) && (
            <p class="soft compared">{figuresWords.noneOver}.</p>
          )}
        </section>
      )}
      {figures && <Counts filter={filter} figures={figures} trend={trend} currency={currency} />}
      {figures?.amounts.length === 0 ? (
        <p class="nothing">{filter.months ? words.months.noResults : reportWords.nothing}</p>
      ) : (
        figures &&
        trend && (
          <ByMonth
            months={trend.months.map(month => inCurrency(month, currency))}
            figures={inCurrency(figures, currency)}
            currency={currency}
            subject={subjectText(filter)}
            shown={readShown}
          />
        )
      )}
      {figures && <AgainstYearBefore figures={isOver ? figures : null} read={readShown} />}
      {figures && needsTotals && <Totals figures={figures} />}
      {figures && figures.sessions > 0 && <Breakdown filter={filter} currency={currency} figures={figures} />}
      {figures && figures.amounts.length > 0 && <Sources filter={filter} />}
      {trend?.method && (
        <p class="soft caveat">
          {words.result.caveat(trend.method.caveat, trend.method.method)} {words.result.method(trend.method.method)}
        </p>
      )}
    </div>
  )
}

/** Returns the sums in one currency, and the number of results in that currency. */
function inCurrency<T extends { amounts: Amounts[] }>(sums: T, currency: string | null): T & { results: number } {
  const amounts = sums.amounts.filter(of => of.currency === currency)
  return { ...sums, amounts, results: countOf(amounts) }
}

function rangeOf(trend: Trend | null): BoundedRange | null {
  const [first, last] = [trend?.months[0], trend?.months.at(-1)]
  return first && last ? { from: monthAt(first.month), to: monthAt(last.month) } : null
}

function ReportHeading({ filter }: { filter: Filter }) {
  const { mentorId, state, months, ...of } = filter
  const range = months && formatMonthRange(months)
  const title = [mentorId ?? subjectOf(of), range].filter(Boolean).join(', ')
  const announced = useRef(title)
  useLayoutEffect(() => {
    document.title = reportWords.title(title)
    if (announced.current !== title) announce(title)
    announced.current = title
    return () => {
      document.title = words.page.name
    }
  }, [title])
  const isOfSome = Object.keys(of).length > 0
  const above: Filter[] = [
    ...(isOfSome || mentorId !== undefined ? [{}] : []),
    ...(isOfSome && mentorId !== undefined ? [of] : []),
  ]
  const bdi = (id: string | undefined) => (id === undefined ? null : <bdi>{id}</bdi>)
  return (
    <>
      {above.length > 0 && (
        <nav aria-label={reportWords.above}>
          {above.map(filter => {
            const to = { path: '/report', filter: { ...filter, ...(months && { months }) } } as const
            return (
              <a key={subjectOf(filter)} href={hrefOf(to)} onClick={navigateOnClick(to)}>
                <bdi>{subjectOf(filter)}</bdi>
              </a>
            )
          })}
        </nav>
      )}
      <Heading>
        {mentorId === undefined && of.organisationId === undefined
          ? subjectOf(of)
          : reportWords.of(bdi(mentorId), bdi(of.organisationId))}
        {range && `, ${range}`}
      </Heading>
      <p class="soft">
        <span class="on-paper">{words.page.name} · </span>
        {mentorId !== undefined && of.withoutOrganisation && `${reportWords.noOrganisation} · `}
        {state && state !== 'CLOSED' && `${words.list.stateNames[state]} · `}
        {!months && `${words.months.all} · `}
        <CurrentAt />
      </p>
    </>
  )
}

/**
 * Returns the report's subject as plain text. Each name is wrapped in isolation characters, so that it keeps its own
 * text direction.
 */
function subjectText({ mentorId, organisationId, withoutOrganisation, state }: Filter): string {
  const name = (id: string | undefined) => (id === undefined ? null : `\u2068${id}\u2069`)
  const subject =
    mentorId === undefined && organisationId === undefined
      ? subjectOf(withoutOrganisation ? { withoutOrganisation } : {})
      : reportWords.of(name(mentorId), name(organisationId)).join('')
  return [
    subject,
    ...(mentorId !== undefined && withoutOrganisation ? [reportWords.noOrganisation] : []),
    ...(state && state !== 'CLOSED' ? [words.list.stateNames[state]] : []),
  ].join(' · ')
}

/** Returns the name of the organisation or programme that the report is about. */
const subjectOf = ({ organisationId, withoutOrganisation }: Filter): string =>
  organisationId ?? (withoutOrganisation ? reportWords.noOrganisation : reportWords.programme)

/** Sums up the report in one sentence. */
function InWords({ amounts }: { amounts: Amounts | undefined }) {
  if (!amounts) return null
  const { currency, totalHours, timeValue, programmeCost, benefitCostRatio: ratio } = amounts
  const { money } = currencyFormats(currency)
  const spent = ratio === null ? null : words.spent(money(ratio), money(1)).join('')
  return (
    <p class="in-words">
      {reportWords.inWords(formatFigure(totalHours), money(timeValue), money(programmeCost), spent)}
    </p>
  )
}

const CurrentAt = () => <>{words.page.asOf(formatDateTime(new Date(useCurrentAt()).toISOString()))}</>

interface CountsProps {
  filter: Filter
  figures: Summary
  trend: Trend | null
  currency: string | null
}

/** Explains what the report includes and what it omits. */
function Counts({ filter: { months }, figures, trend, currency }: CountsProps) {
  const texts = words.months.counts
  const total = countOf(figures.amounts)
  const count = inCurrency(figures, currency).results
  const range = rangeOf(trend)
  const [earlier, later] = [trend?.earlierResults ?? 0, trend?.laterResults ?? 0]
  const sentences = [
    !months && range && total > 0 && texts.allMonths(formatMonthRange(range)),
    count < total &&
      (currency === null ? texts.withoutCurrency(count, total) : texts.inCurrency(count, total, nameOf(currency))),
    earlier + later > 0 && reportWords.otherMonths(earlier, later, months !== undefined),
    figures.sessions > total && texts.withoutResult(figures.sessions - total),
  ].filter(Boolean)
  return sentences.length > 0 && <p class="counts soft">{sentences.join(' ')}</p>
}

/** Totals of all results, with one row per currency. */
function Totals({ figures }: { figures: Summary }) {
  const results = countOf(figures.amounts)
  return (
    <section class="card">
      <h2>{reportWords.totals}</h2>
      <SumsTable
        label={reportWords.totals}
        columns={[
          { name: words.calculator.currency, isText: true, cell: ({ currency }: Amounts) => nameOf(currency) },
          { name: reportWords.results, cell: ({ results }) => formatNumber(results) },
          { name: reportWords.held, cell: ({ sessionsHeld }) => formatNumber(sessionsHeld) },
          ...sumsColumns((amounts: Amounts) => amounts),
        ]}
        rows={figures.amounts}
        keyOf={({ currency }) => currency ?? ''}
      />
      <p class="soft">{reportWords.totalsOf(results)}</p>
    </section>
  )
}
