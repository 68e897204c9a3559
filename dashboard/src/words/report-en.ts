import type { Grammar, Phrase } from './grammar'

/** English texts of the reports. Every other catalogue has the same shape. */
export const reportEn = ({ number, counted }: Grammar) => {
  const results = (count: number): string => counted(count, { one: 'result', other: 'results' })
  return {
    open: 'Report',
    title: (of: string) => `${of} – report`,
    programme: 'The whole programme',
    noOrganisation: 'No organisation',
    /** Subject of the report. At least one of the arguments is not null. */
    of: <T>(mentor: T | null, organisation: T | null): Phrase<T> =>
      mentor === null
        ? ['Organisation ', organisation as T]
        : ['Mentor ', mentor, ...(organisation === null ? [] : [' at ', organisation])],
    above: 'Reports above this one',
    back: 'These calculations',
    asOf: (time: string) => `As of ${time}`,
    last: 'Months shown',
    lastMonths: (count: number) => `The last ${number(count)}`,
    totals: 'Totals by currency',
    totalsOf: (count: number) => `Of all ${results(count)}. Amounts in different currencies are never added up.`,
    byMonth: 'Value and cost by month',
    inMonths: (count: number, total: number) =>
      `${number(count)} of ${results(total)} fall into these months: a result counts in the month in which its period ends, or in which it was computed.`,
    chart: (months: string, withResults: number, count: number) =>
      `Value and cost by month, ${months}: ${number(withResults)} of ${counted(count, { one: 'month', other: 'months' })} have results. The table after it has the figures.`,
    costsMore: 'Costs more than it is worth',
    asTable: 'The same as a table',
    noResults: 'no results',
    nothing: 'There is no result yet: once there is one, what it comes to stands here.',
    month: 'Month',
    results: 'Results',
    held: 'Sessions held',
    organisations: 'Organisations',
    mentors: 'Mentors',
    shown: (shown: number, total: number) => `${number(shown)} of ${number(total)} are shown.`,
    more: 'Show more',
  }
}
