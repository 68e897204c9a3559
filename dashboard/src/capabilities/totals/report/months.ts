import { amountOf, hundredthsOf } from '../../../../../src/domain/change'
import type { Amounts, Month } from '../types'

/** A month of the charts, with its totals in one currency. */
export interface MonthOfChart {
  month: string
  sums: Amounts | undefined
  /**
   * Cumulative totals up to this month. Undefined for future months after the last result, and for all months if there
   * are no results.
   */
  soFar: Pick<Amounts, 'timeValue' | 'programmeCost' | 'netBenefit'> | undefined
  before: Amounts | undefined
}

/** Returns the chart data of each month. `before` contains the known months of the year before. */
export function monthsOfChart(
  months: Month[],
  before: Month[],
  currency: string | null,
  today: string,
): MonthOfChart[] {
  const sumsIn = (of: Month | undefined) => of?.amounts.find(of => of.currency === currency)
  const sums = months.map(sumsIn)
  const earlier = new Map(before.map(of => [of.month, of]))
  const isEmpty = sums.every(of => of === undefined)
  const isToCome = ({ month }: Month, i: number): boolean =>
    month > today && sums.slice(i).every(later => later === undefined)
  let [value, cost] = [0n, 0n]
  return months.map((month, i) => {
    value += hundredthsOf(sums[i]?.timeValue ?? 0)
    cost += hundredthsOf(sums[i]?.programmeCost ?? 0)
    const soFar = {
      timeValue: amountOf(value),
      programmeCost: amountOf(cost),
      netBenefit: amountOf(value - cost),
    }
    return {
      month: month.month,
      sums: sums[i],
      soFar: isEmpty || isToCome(month, i) ? undefined : soFar,
      before: sumsIn(earlier.get(yearBefore(month.month))),
    }
  })
}

export const yearBefore = (month: string): string =>
  `${String(Number(month.slice(0, 4)) - 1).padStart(4, '0')}${month.slice(4)}`
