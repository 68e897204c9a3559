import { monthAfter } from '../../src/domain/months'
import { parseMonth } from './dates'
import { type BoundedRange, presetRanges } from './months'
import type { Period } from './types'

export const quickPeriods = ['thisMonth', 'lastMonth', 'thisFinancialYear', 'lastFinancialYear'] as const
export type QuickPeriod = (typeof quickPeriods)[number]

/** Returns all days of a range of months. */
const daysOf = ({ from, to }: BoundedRange): Period => {
  const afterLast = new Date(`${monthAfter(to, 1)}-01`)
  return { from: `${from}-01`, to: new Date(afterLast.getTime() - 1).toISOString().slice(0, '2026-03-31'.length) }
}

/** Returns the period of each quick choice. `yearStart` is the first month of a financial year, from 1 to 12. */
export function quickPeriodsIn(month: string, yearStart: number): Record<QuickPeriod, Period> {
  const last = monthAfter(month, -1)
  const { thisMonth, thisFinancialYear, lastFinancialYear } = presetRanges(month, yearStart)
  return {
    thisMonth: daysOf(thisMonth),
    lastMonth: daysOf({ from: last, to: last }),
    thisFinancialYear: daysOf(thisFinancialYear),
    lastFinancialYear: daysOf(lastFinancialYear),
  }
}

const yearsPattern = /(?<!\d)((?:19|20)\d{2})\s?[/–-]\s?((?:19|20)?\d{2})(?!\d)/gu
const monthPattern =
  /(?<![\p{L}\d])(?:\p{L}+\.?[ -]|\d{1,2}[/.-])(?:19|20)\d{2}(?!\d)|(?<!\d)(?:19|20)\d{2}-\d{1,2}(?!\d)/gu
const yearPattern = /(?<!\d)(?:19|20)\d{2}(?!\d)/u

/**
 * Returns the period that a calculation's name contains: a financial year such as 2025/26, a month such as March 2026,
 * or a calendar year. Returns null if the name contains no year. `yearStart` is the first month of a financial year.
 */
export function periodInName(name: string, yearStart: number, locale: string): Period | null {
  for (const [, first = '', second = ''] of name.matchAll(yearsPattern)) {
    const isNext = (Number(first) + 1) % 100 === Number(second.slice(-2)) && yearStart > 1
    const from = `${first}-${String(yearStart).padStart(2, '0')}`
    if (isNext) return daysOf({ from, to: monthAfter(from, 11) })
  }
  for (const [text] of name.matchAll(monthPattern)) {
    const month = parseMonth(text, false, locale)
    if (month) return month
  }
  const [year] = yearPattern.exec(name) ?? []
  return year ? daysOf({ from: `${year}-01`, to: `${year}-12` }) : null
}
