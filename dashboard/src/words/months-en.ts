import type { Preset } from '../months'
import type { Grammar } from './grammar'

/** English text about ranges of months. The text catalogues in other languages have the same structure. */
export const monthsEn = ({ number, counted }: Grammar) => {
  const forms = { one: 'result', other: 'results' }
  const results = (count: number): string => counted(count, forms)
  const inRange = (first: string | null, last: string | null): string => {
    if (first === null) return `up to ${last}`
    if (last === null) return `from ${first} on`
    return first === last ? `in ${first}` : `from ${first} to ${last}`
  }
  return {
    label: 'Months',
    all: 'All months',
    presets: {
      thisMonth: 'This month',
      last12: 'Last 12 months',
      thisYear: 'This calendar year',
      lastYear: 'Last calendar year',
      thisFinancialYear: 'This financial year',
      lastFinancialYear: 'Last financial year',
    } satisfies Record<Preset, string>,
    other: 'Other months',
    from: 'From',
    to: 'To',
    any: 'Any',
    tooMany: (most: number) => `Choose at most ${number(most)} months. Start later or end earlier.`,
    /** Text for a range that has only a first month. `until` is the text for a range that has only a last month. */
    since: (first: string) => `from ${first}`,
    until: (last: string) => `up to ${last}`,
    /**
     * Heading for the calculations with a result in a range of months. At least one of `first` and `last` is not null.
     */
    withResult: (isFiltered: boolean, first: string | null, last: string | null) =>
      `${isFiltered ? 'Filtered calculations' : 'Calculations'} with a result ${inRange(first, last)}`,
    counts: {
      allMonths: (shown: string) => `The totals cover all months. The monthly figures cover the last 12: ${shown}.`,
      inCurrency: (count: number, total: number, currency: string) =>
        `${number(count)} of ${results(total)} ${count === 1 ? 'is' : 'are'} in ${currency}.`,
      withoutCurrency: (count: number, total: number) =>
        `${number(count)} of ${results(total)} ${count === 1 ? 'has' : 'have'} no currency.`,
      withoutResult: (count: number) =>
        `${counted(count, { one: 'calculation has', other: 'calculations have' })} no result yet.`,
      rowsIn: (currency: string) =>
        `Amounts and numbers of results cover ${currency} only. The number of calculations covers all currencies.`,
      rowsWithoutCurrency:
        'Amounts and numbers of results cover only results without a currency. The number of calculations covers all currencies.',
      ofAll: (count: number, total: number) => `${number(count)} of ${number(total)}`,
    },
    noResults: 'No results in these months.',
  }
}
