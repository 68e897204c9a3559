import { differenceOf } from '../../../../../src/domain/change'
import { currencyFormats, currencyName, formatFigure, formatMonth, formatMonths, formatNumber } from '../../../format'
import { route } from '../../../router'
import { useStore } from '../../../store'
import { ErrorMessage } from '../../../views/error-message'
import { type Column, NoValue, SumsTable } from '../../../views/sums-table'
import { words } from '../../../words'
import type { Amounts, Summary } from '../types'
import { Chart } from './chart'
import { SaveChart } from './chart-file'
import { type MonthOfChart, monthsOfChart, yearBefore } from './months'
import type { PlotData, Series } from './plot'
import { type Month, type SendQuery, type Trend, useReportQuery } from './queries'
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
  /** Reads the months of another range. `from` and `to` are months such as 2026-04. */
  readMonths(range: { from: string; to: string }, send: SendQuery): Promise<Trend>
}

/** Monthly charts in one currency. Shows one at a time, with its table and buttons that save it as a file. */
export function ByMonth({ months, figures, currency, subject, readMonths }: ByMonthProps) {
  const kind = useStore(route).report?.chart
  const [first = '', last = ''] = [months[0]?.month, months.at(-1)?.month]
  const range = { from: yearBefore(first).slice(0, 7), to: yearBefore(last).slice(0, 7) }
  const earlier = useReportQuery(kind === 'year_before' ? range.from + range.to : '', async send =>
    kind === 'year_before' ? readMonths(range, send) : null,
  )
  const before = (!earlier.isStale && earlier.value?.months) || []
  const isLoading = kind === 'year_before' && (earlier.isStale || (!earlier.value && earlier.error === null))
  const rows = monthsOfChart(months, before, currency, new Date().toISOString())
  const { title, columns, ...data } = chartOf(kind, rows, currency)
  const period = formatMonths(first, last)
  const scope = kind === 'hours' ? chartsWords.onlyIn(currency && nameOf(currency)) : nameOf(currency)
  const withResults = rows.filter(({ sums }) => sums).length
  const hasNoneBefore = kind === 'year_before' && before.length > 0 && rows.every(({ before }) => !before)
  const note = hasNoneBefore ? chartsWords.nothingBefore : null
  const all = figures.amounts.reduce((sum, { results }) => sum + results, 0)
  const shown = months.reduce((sum, { results }) => sum + results, 0)
  return (
    <section class="card months" aria-busy={isLoading}>
      <div class="title">
        <h2>{title}</h2>
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
      </div>
      <p class="soft">
        {period} · {scope}
      </p>
      <ErrorMessage text={kind === 'year_before' && !isLoading ? earlier.error : null} />
      <Chart data={data} label={chartsWords.label(title, period, withResults, rows.length)} />
      {note && <p>{note}</p>}
      <p class="soft">{reportWords.inMonths(shown, Math.max(shown, all))}</p>
      <SaveChart
        isBusy={kind === 'year_before' && before.length === 0}
        file={{ data, title, subject, scope, note, first, last, currency }}
      />
      <details>
        <summary>{reportWords.asTable}</summary>
        <SumsTable label={title} columns={columns} rows={rows} keyOf={({ month }) => month} />
      </details>
    </section>
  )
}

/** Names of the charts: the title, and the short name in the choice of charts. */
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

function chartOf(kind: ReportChart | undefined, rows: MonthOfChart[], currency: string | null): ChartOfMonths {
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
  ): Column<MonthOfChart, ReportOrderField> => ({
    name,
    cell: row => cell(row) ?? <NoValue />,
  })
  const month: Column<MonthOfChart, ReportOrderField> = {
    name: reportWords.month,
    isText: true,
    cell: ({ month }) => formatMonth(month),
  }
  const results: Column<MonthOfChart, ReportOrderField> = {
    name: reportWords.results,
    cell: ({ sums }) => (sums ? formatNumber(sums.results) : <NoValue why={reportWords.noResults} />),
  }
  const isLoss = (sums: Pick<Amounts, 'timeValue' | 'programmeCost'> | undefined): boolean =>
    sums !== undefined && sums.timeValue < sums.programmeCost
  const chart = { title: names[kind ?? 'value'].title, months: rows.map(({ month }) => month), short, full: money }
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
          column(value, ({ sums }) => sums && money(sums.timeValue)),
          column(chartsWords.before, ({ before }) => before && money(before.timeValue)),
          column(
            chartsWords.difference,
            ({ sums, before }) => sums && before && difference(differenceOf(sums.timeValue, before.timeValue)),
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
        losses: none,
        columns: [
          month,
          results,
          column(reportWords.held, ({ sums }) => sums && formatNumber(sums.sessionsHeld)),
          column(words.list.columns.hours, ({ sums }) => sums && formatFigure(sums.totalHours)),
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
        losses: rows.map(({ sums }) => isLoss(sums)),
        columns: [month, results, ...sumsColumns(({ sums }: MonthOfChart) => sums)],
      }
  }
}

/** Formats the range of the months, each shifted by `shift`. */
function rangeOf(rows: MonthOfChart[], shift = (month: string) => month): string {
  return formatMonths(shift(rows[0]?.month ?? ''), shift(rows.at(-1)?.month ?? ''))
}
