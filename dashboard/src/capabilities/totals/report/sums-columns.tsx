import type { ComponentChildren } from 'preact'
import { currencyFormats, formatFigure } from '../../../format'
import { type Column, NoValue } from '../../../views/sums-table'
import { words } from '../../../words'
import type { Amounts } from '../types'
import type { ReportOrderField } from './route'
import { reportWords } from './words'

type Sums = Pick<Amounts, 'currency' | 'totalHours' | 'programmeCost' | 'timeValue' | 'netBenefit' | 'benefitCostRatio'>

/**
 * Returns the table columns for totals of results. If a row has no results, its cells in these columns are empty
 * instead of showing 0.
 */
export function sumsColumns<T>(
  sumsOf: (row: T) => Sums | null | undefined,
  total?: Sums | undefined,
): Column<T, ReportOrderField>[] {
  const column = (
    name: string,
    by: ReportOrderField,
    show: (sums: Sums) => ComponentChildren,
  ): Column<T, ReportOrderField> => ({
    name,
    by,
    cell(row) {
      const sums = sumsOf(row)
      return sums ? show(sums) : <NoValue />
    },
    ...(total && { total: show(total) }),
  })
  const money = (sums: Sums, of: 'programmeCost' | 'timeValue'): string =>
    currencyFormats(sums.currency).money(sums[of])
  const { hours, cost, value, ratio } = words.list.columns
  return [
    column(hours, 'TOTAL_HOURS', sums => formatFigure(sums.totalHours)),
    column(cost, 'PROGRAMME_COST', sums => money(sums, 'programmeCost')),
    column(value, 'TIME_VALUE', sums => money(sums, 'timeValue')),
    column(words.netBenefit, 'NET_BENEFIT', sums => <NetBenefit of={sums} />),
    column(ratio, 'BENEFIT_COST_RATIO', sums =>
      sums.benefitCostRatio === null ? <NoValue /> : formatFigure(sums.benefitCostRatio),
    ),
  ]
}

/** Shows a net benefit. A loss is marked with the same symbol as in the charts, so that colour is not the only cue. */
export function NetBenefit({ of: { currency, netBenefit } }: { of: Pick<Sums, 'currency' | 'netBenefit'> }) {
  const isLoss = netBenefit < 0
  return (
    <strong class={isLoss ? 'loss' : ''}>
      {isLoss && (
        <>
          <span aria-hidden="true">▼ </span>
          <span class="unseen">{words.labelled(reportWords.costsMore, '')}</span>
        </>
      )}
      {currencyFormats(currency).money(netBenefit)}
    </strong>
  )
}

export const countOf = (amounts: Amounts[]): number => amounts.reduce((sum, { results }) => sum + results, 0)
