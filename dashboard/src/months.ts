import { type MonthRange, monthAfter, monthAt } from '../../src/domain/months'

export type { MonthRange } from '../../src/domain/months'

/** A range of months with both a first and a last month. */
export type BoundedRange = Required<MonthRange>

/** Returns the current month in UTC, such as `2026-04`. */
export const currentMonth = (): string => monthAt(new Date().toISOString())

/** Returns the range of `count` months that ends with `month`. */
export const lastMonths = (count: number, month: string): BoundedRange => ({
  from: monthAfter(month, 1 - count),
  to: month,
})

export const presets = [
  'thisMonth',
  'last12',
  'thisYear',
  'lastYear',
  'thisFinancialYear',
  'lastFinancialYear',
] as const
export type Preset = (typeof presets)[number]

export const isFinancial = (preset: Preset): boolean => preset.endsWith('FinancialYear')

/**
 * Returns the range of months that each preset selects. `yearStart` is the first month of a financial year, from 1 to
 * 12.
 */
export function presetRanges(month: string, yearStart: number): Record<Preset, BoundedRange> {
  const year = (start: number, yearsAgo: number): BoundedRange => {
    const monthsSince = (Number(month.slice(5)) - start + 12) % 12
    const from = monthAfter(month, -monthsSince - 12 * yearsAgo)
    return { from, to: monthAfter(from, 11) }
  }
  return {
    thisMonth: { from: month, to: month },
    last12: lastMonths(12, month),
    thisYear: year(1, 0),
    lastYear: year(1, 1),
    thisFinancialYear: year(yearStart, 0),
    lastFinancialYear: year(yearStart, 1),
  }
}

export const isSameRange = (a: MonthRange | undefined, b: MonthRange | undefined): boolean =>
  a?.from === b?.from && a?.to === b?.to
