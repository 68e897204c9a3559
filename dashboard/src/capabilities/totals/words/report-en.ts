import type { Grammar, Phrase } from '../../../words/grammar'

/** English text of the report view. The text catalogues in other languages have the same structure. */
export const reportEn = ({ number, counted }: Grammar) => {
  const results = (count: number): string => counted(count, { one: 'result', other: 'results' })
  return {
    title: (of: string) => `${of} – report`,
    programme: 'The whole programme',
    noOrganisation: 'No organisation',
    /** Subject of the report. At least one of `mentor` and `organisation` is not null. */
    of: <T>(mentor: T | null, organisation: T | null): Phrase<T> =>
      mentor === null
        ? ['Organisation ', organisation as T]
        : ['Mentor ', mentor, ...(organisation === null ? [] : [' at ', organisation])],
    above: 'Reports that include this one',
    totals: 'Totals by currency',
    totalsOf: (count: number) => `From ${results(count)}. Amounts in different currencies are never added together.`,
    byMonth: 'Value and cost by month',
    inMonths: (count: number, total: number) =>
      `${number(count)} of the ${results(total)} in this currency ${count === 1 ? 'is' : 'are'} in these months.`,
    monthOf:
      'A result counts in the month in which its period ends. A result without a period counts in the month in which it was calculated.',
    /**
     * Says how many results belong to months before or after the displayed months. At least one of `earlier` and
     * `later` is not 0.
     */
    otherMonths: (earlier: number, later: number, isLeftOut: boolean) => {
      const counts = [
        ...(earlier > 0 ? [`${results(earlier)} from earlier months`] : []),
        ...(later > 0 ? [`${results(later)} from later months`] : []),
      ]
      const verb = earlier + later === 1 ? 'is' : 'are'
      return `${counts.join(' and ')} ${verb} ${isLeftOut ? 'not included' : 'in the totals, but not in the monthly figures'}.`
    },
    /** Sums up the report in one sentence. `spent` is a phrase for the value per unit of money spent, or null. */
    inWords: (hours: string, value: string, cost: string, spent: string | null) =>
      `${hours} hours of mentoring were worth ${value} and cost ${cost}${spent === null ? '' : `: ${spent}`}.`,
    againstYearBefore: 'Compared with the same months a year earlier',
    figure: 'Figure',
    percentage: 'Percentage',
    onlyNow: (currencies: string) => `A year earlier, there were no results in these currencies: ${currencies}.`,
    total: 'Total',
    startedOn: (date: string) => `Started on ${date}`,
    orderBy: 'Order by',
    reverse: 'Reverse order',
    costsMore: 'Cost is higher than value',
    asTable: 'Show as a table',
    hideTable: 'Hide the table',
    noResults: 'no results',
    nothing: 'No results yet.',
    month: 'Month',
    results: 'Results',
    held: 'Sessions',
    organisations: 'Organisations',
    severalOrganisations: (count: number) => `${number(count)} organisations`,
    mentors: 'Mentors',
    more: 'Show more',
  }
}
