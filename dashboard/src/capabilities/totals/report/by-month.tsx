import { useState } from 'preact/hooks'
import { differenceOf } from '../../../../../src/domain/change'
import { monthAt } from '../../../../../src/domain/months'
import { currencyFormats, currencyName, formatFigure, formatMonth, formatMonths, formatNumber } from '../../../format'
import type { Live } from '../../../live/use-live'
import { currentMonth } from '../../../months'
import { route } from '../../../router'
import { useStore } from '../../../store'
import { ErrorMessage } from '../../../views/error-message'
import { type Column, NoValue, SumsTable } from '../../../views/sums-table'
import { words } from '../../../words'
import type { Amounts, Month, Summary } from '../types'
import { figuresWords } from '../words'
import { Chart } from './chart'
import { ChartMenu } from './chart-menu'
import { type MonthOfChart, monthsOfChart, yearBefore } from './months'
import type { PlotData, Series } from './plot'
import type { ShownMonths } from './queries'
import { type ReportChart, type ReportOrderField, reportCharts } from './route'
import { sumsColumns } from './sums-columns'
import { updateReport } from './update-report'
import { chartsWords, reportWords } from './words'

export const nameOf = (currency: string | null): string =>
  currency === null ? words.list.noCurrency : `${currency}, ${currencyName(currency)}`

interface ByMonthProps {
  months: Month[]
  figures: Summary
  currency: string | null
  subject: string
  shown: Live<ShownMonths | null>
}

/** Monthly charts in one currency. Shows one chart at a time, with its table and a menu of actions. */
export function ByMonth({ months, figures, currency, subject, shown }: ByMonthProps) {
  const kind = useStore(route).report?.chart
  const [isTable, setTable] = useState(false)
  const known = (!shown.isStale && shown.value) || null
  const before = known?.yearBefore?.months ?? []
  const isOver = ({ month }: { month: string }): boolean => monthAt(month) < currentMonth()
  const hasMonthsOver = months.some(isOver)
  const isLoading = kind === 'year_before' && hasMonthsOver && !known && (shown.isStale || shown.error === null)
  const all = monthsOfChart(months, before, currency, new Date().toISOString())
  // The comparison shows only months that are over. If there are none, it shows no amounts of the year before.
  const rows = kind === 'year_before' && hasMonthsOver ? all.filter(isOver) : all
  const [first = '', last = ''] = [rows[0]?.month, rows.at(-1)?.month]
  const sumsIn = (amounts: Amounts[] | undefined) => amounts?.find(of => of.currency === currency)
  const compared = known?.yearBefore?.totals
  const totals = {
    now: sumsIn(kind === 'year_before' ? compared?.now : known?.totals),
    before: sumsIn(compared?.before),
  }
  const { title, columns, ...data } = chartOf(kind, rows, totals, currency)
  const period = formatMonths(first, last)
  const scope = kind === 'hours' ? chartsWords.onlyIn(currency && nameOf(currency)) : nameOf(currency)
  const withResults = rows.filter(({ sums }) => sums).length
  const hasNoneBefore = kind === 'year_before' && before.length > 0 && rows.every(({ before }) => !before)
  const hasNoneOver = kind === 'year_before' && !hasMonthsOver
  const note = hasNoneOver ? `${figuresWords.noneOver}.` : hasNoneBefore ? chartsWords.nothingBefore : null
  const results = figures.amounts.reduce((sum, { results }) => sum + results, 0)
  const shownResults = months.reduce((sum, { results }) => sum + results, 0)
  const hasTotals = columns.some(({ total }) => total !== undefined)
  return (
    <section class="card months" aria-busy={isLoading}>
      <div class="title">
        <h2>{title}</h2>
        <div class="chart-choices">
          <select
            aria-label={chartsWords.chart}
            value={kind ?? ''}
            onChange={({ currentTarget }) => updateReport({ chart: reportCharts[currentTarget.selectedIndex - 1] })}
          >
            {[undefined, ...reportCharts].map(kind => (
              <option key={kind} value={kind ?? ''}>
                {names[kind ?? 'value'].choice}
              </option>
            ))}
          </select>
          <ChartMenu
            isBusy={isLoading}
            isTable={isTable}
            toggleTable={() => setTable(!isTable)}
            file={{ data, title, subject, scope, note, first, last, currency }}
          />
        </div>
      </div>
      <p class="soft">
        {period} · {scope}
      </p>
      <ErrorMessage text={kind === 'year_before' && !isLoading ? shown.error : null} />
      <Chart data={data} label={chartsWords.label(title, period, withResults, rows.length)} />
      {note && <p>{note}</p>}
      <p class="soft">
        {shownResults < results && `${reportWords.inMonths(shownResults, results)} `}
        {reportWords.monthOf}
      </p>
      {isTable && (
        <SumsTable
          label={title}
          columns={columns}
          rows={rows}
          keyOf={({ month }) => month}
          total={hasTotals ? reportWords.total : undefined}
        />
      )}
    </section>
  )
}

/** Title of each chart, and its short name in the chart selector. */
const names: Record<ReportChart | 'value', { title: string; choice: string }> = {
  value: { title: reportWords.byMonth, choice: chartsWords.valueAndCost },
  cumulative: { title: chartsWords.cumulative, choice: chartsWords.soFar },
  year_before: { title: chartsWords.yearBefore, choice: chartsWords.compared },
  hours: { title: chartsWords.hours, choice: words.list.columns.hours },
}

interface ChartOfMonths extends PlotData {
  title: string
  columns: Column<MonthOfChart, ReportOrderField>[]
}

interface Totals {
  now: Amounts | undefined
  before: Amounts | undefined
}

function chartOf(
  kind: ReportChart | undefined,
  rows: MonthOfChart[],
  totals: Totals,
  currency: string | null,
): ChartOfMonths {
  const { money, short, difference } = currencyFormats(currency)
  const { cost, value } = words.list.columns
  const seriesOf = (
    look: Series['look'],
    name: string,
    amountOf: (row: MonthOfChart) => number | undefined,
  ): Series => ({
    look,
    name,
    amounts: rows.map(amountOf),
  })
  const column = (
    name: string,
    cell: (row: MonthOfChart) => string | undefined,
    total?: string | undefined,
  ): Column<MonthOfChart, ReportOrderField> => ({
    name,
    cell: row => cell(row) ?? <NoValue />,
    total,
  })
  const month: Column<MonthOfChart, ReportOrderField> = {
    name: reportWords.month,
    isText: true,
    cell: ({ month }) => formatMonth(month),
  }
  const { now, before } = totals
  const results: Column<MonthOfChart, ReportOrderField> = {
    name: reportWords.results,
    cell: ({ sums }) => (sums ? formatNumber(sums.results) : <NoValue why={reportWords.noResults} />),
    total: now && formatNumber(now.results),
  }
  const isLoss = (sums: Pick<Amounts, 'timeValue' | 'programmeCost'> | undefined): boolean =>
    sums !== undefined && sums.timeValue < sums.programmeCost
  const chart = {
    title: names[kind ?? 'value'].title,
    months: rows.map(({ month }) => month),
    short,
    full: money,
    before: [],
  }
  const none = rows.map(() => false)
  switch (kind) {
    case 'cumulative':
      return {
        ...chart,
        isLine: true,
        series: [
          seriesOf('value', words.timeValue, ({ soFar }) => soFar?.timeValue),
          seriesOf('cost', words.programmeCost, ({ soFar }) => soFar?.programmeCost),
        ],
        losses: rows.map(({ soFar }) => isLoss(soFar)),
        columns: [
          month,
          column(cost, ({ soFar }) => soFar && money(soFar.programmeCost)),
          column(value, ({ soFar }) => soFar && money(soFar.timeValue)),
          column(words.netBenefit, ({ soFar }) => soFar && money(soFar.netBenefit)),
        ],
      }
    case 'year_before':
      return {
        ...chart,
        isLine: false,
        series: [
          {
            ...seriesOf('before', rangeOf(rows, yearBefore), ({ before }) => before?.timeValue),
            nameIn: month => formatMonth(yearBefore(month)),
          },
          { ...seriesOf('value', rangeOf(rows), ({ sums }) => sums?.timeValue), nameIn: formatMonth },
        ],
        losses: none,
        columns: [
          month,
          column(value, ({ sums }) => sums && money(sums.timeValue), now && money(now.timeValue)),
          column(
            chartsWords.before,
            ({ before }) => before && money(before.timeValue),
            before && money(before.timeValue),
          ),
          column(
            chartsWords.difference,
            ({ sums, before }) => sums && before && difference(differenceOf(sums.timeValue, before.timeValue)),
            now && before && difference(differenceOf(now.timeValue, before.timeValue)),
          ),
        ],
      }
    case 'hours':
      return {
        ...chart,
        isLine: false,
        short: currencyFormats(null).short,
        full: formatFigure,
        series: [seriesOf('hours', words.result.totalHours, ({ sums }) => sums?.totalHours)],
        before: [rows.map(({ before }) => before?.totalHours)],
        losses: none,
        columns: [
          month,
          results,
          column(
            reportWords.held,
            ({ sums }) => sums && formatNumber(sums.sessionsHeld),
            now && formatNumber(now.sessionsHeld),
          ),
          column(
            words.list.columns.hours,
            ({ sums }) => sums && formatFigure(sums.totalHours),
            now && formatFigure(now.totalHours),
          ),
        ],
      }
    default:
      return {
        ...chart,
        isLine: false,
        series: [
          seriesOf('value', words.timeValue, ({ sums }) => sums?.timeValue),
          seriesOf('cost', words.programmeCost, ({ sums }) => sums?.programmeCost),
        ],
        before: [rows.map(({ before }) => before?.timeValue), rows.map(({ before }) => before?.programmeCost)],
        losses: rows.map(({ sums }) => isLoss(sums)),
        columns: [month, results, ...sumsColumns(({ sums }: MonthOfChart) => sums, now)],
      }
  }
}

/** Formats the range of months that the rows cover, after applying `shift` to both ends. */
function rangeOf(rows: MonthOfChart[], shift = (month: string) => month): string {
  return formatMonths(shift(rows[0]?.month ?? ''), shift(rows.at(-1)?.month ?? ''))
}
