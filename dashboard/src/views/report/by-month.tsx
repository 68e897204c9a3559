import { currencyName, formatMonth, formatMonths, formatNumber } from '../../format'
import type { Month } from '../../live/report'
import type { Amounts, Summary } from '../../types'
import { words } from '../../words'
import { Chart } from './chart'
import { NoValue, SumsTable, sumsColumns } from './sums-table'

export const nameOf = (currency: string | null): string =>
  currency === null ? words.figures.noCurrency : `${currency}, ${currencyName(currency)}`

interface ByMonthProps {
  months: Month[]
  figures: Summary
  currency: string | null
}

/** Value and cost by month in one currency, as a chart and as a table. */
export function ByMonth({ months, figures, currency }: ByMonthProps) {
  const all = figures.amounts.reduce((sum, { results }) => sum + results, 0)
  const shown = months.reduce((sum, { results }) => sum + results, 0)
  const sumsOf = ({ amounts }: Month): Amounts | undefined => amounts.find(of => of.currency === currency)
  return (
    <section class="card months">
      <h2>{words.report.byMonth}</h2>
      <p class="soft">
        {formatMonths(months[0]?.month ?? '', months.at(-1)?.month ?? '')} · {nameOf(currency)}
      </p>
      <Chart months={months} currency={currency} />
      <p class="soft">{words.report.inMonths(shown, Math.max(shown, all))}</p>
      <details>
        <summary>{words.report.asTable}</summary>
        <SumsTable
          label={words.report.byMonth}
          columns={[
            { name: words.report.month, isText: true, cell: ({ month }: Month) => formatMonth(month) },
            {
              name: words.report.results,
              cell: month => {
                const sums = sumsOf(month)
                return sums ? formatNumber(sums.results) : <NoValue why={words.report.noResults} />
              },
            },
            ...sumsColumns(sumsOf),
          ]}
          rows={months}
          keyOf={({ month }) => month}
        />
      </details>
    </section>
  )
}
