import { formatMonthAndYear } from '../../format'
import type { MonthRange } from '../../months'
import type { Filter } from '../../route'
import { words } from '../../words'

export function listHeading({ months, ...others }: Filter): string {
  const isFiltered = Object.keys(others).length > 0
  if (months) return withResultIn(months, isFiltered)
  return isFiltered ? words.list.filtered : words.list.all
}

/** Returns a heading such as "Calculations with a result from Apr 2025 to Mar 2026". */
export function withResultIn({ from, to }: MonthRange, isFiltered = false): string {
  const [first = null, last = null] = [from, to].map(month => month && formatMonthAndYear(month))
  return words.months.withResult(isFiltered, first, last)
}
