import type { ComponentChildren } from 'preact'
import { currencyFormats, formatFigure } from '../../../format'
import { type Column, NoValue } from '../../../views/sums-table'
import { words } from '../../../words'
import type { Amounts } from '../types'
import type { ReportOrderField } from './route'

type Sums = Pick<Amounts, 'currency' | 'totalHours' | 'programmeCost' | 'timeValue' | 'netBenefit' | 'benefitCostRatio'>

/** Returns the columns with the sums of results. A row without results has empty cells, and no 0. */
export function sumsColumns<T>(sumsOf: (row: T) => Sums | null | undefined): Column<T, ReportOrderField>[] {
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
