import type { Grammar, Phrase } from '../../../words/grammar'

/** English texts of the reports. All other catalogues have the same shape. */
export const reportEn = ({ number, counted }: Grammar) => {
  const results = (count: number): string => counted(count, { one: 'result', other: 'results' })
  return {
    title: (of: string) => `${of} – report`,
    programme: 'The whole programme',
    noOrganisation: 'No organisation',
    /** Subject of the report. At least one of the arguments is not null. */
    of: <T>(mentor: T | null, organisation: T | null): Phrase<T> =>
      mentor === null
        ? ['Organisation ', organisation as T]
        : ['Mentor ', mentor, ...(organisation === null ? [] : [' at ', organisation])],
    above: 'Reports that include this one',
    back: 'Back to the list',
    totals: 'Totals by currency',
    totalsOf: (count: number) => `From ${results(count)}. Amounts in different currencies are never added together.`,
    byMonth: 'Value and cost by month',
    inMonths: (count: number, total: number) =>
      `${number(count)} of ${total === 1 ? '' : 'the '}${results(total)} in this currency ${count === 1 ? 'is' : 'are'} in these months. A result counts in the month in which its period ends or, if it has none, in which it was calculated.`,
    costsMore: 'Cost is higher than value',
    asTable: 'Show as a table',
    noResults: 'no results',
    nothing: 'No results yet. They appear here as soon as there are some.',
    month: 'Month',
    results: 'Results',
    held: 'Sessions',
    organisations: 'Organisations',
    mentors: 'Mentors',
    more: 'Show more',
  }
}
