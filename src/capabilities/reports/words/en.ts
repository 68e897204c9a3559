// This folder contains the report page's text, one file per language.

import type { Around } from '../../../rest/pages/words/en'

/** Additions to the text that all pages share. Translations have the same type as this object. */
export const reportEn = {
  title: 'Report on a mentoring programme',
  description: 'A shared report: what a mentoring programme cost in these months, and what its mentors’ time is worth.',
  allOrganisations: 'All organisations',
  months: (from: string, to: string) => `${from} to ${to}`,
  sums: 'Totals',
  sumsIn: (currency: string) => `Totals in ${currency}`,
  counted: 'What was counted',
  mentors: 'Number of mentors',
  results: 'Number of results',
  nothing: 'There are no results in these months.',
  changesFrom: (range: string) => `Compared with ${range}.`,
  changesToDate: (range: string, before: string) => `Changes to date: ${range}, compared with ${before}.`,
  noneOver: 'No comparison with a year earlier, because these months were not over.',
  nothingBefore: (range: string) => `This report has no results for ${range} to compare with.`,
  otherCurrencies: 'Net benefit in other currencies',
  ofRatio: (ratio: string) => `ratio ${ratio}`,
  trend: 'Month by month',
  trendIn: (currency: string) => `Month by month, in ${currency}`,
  picture: (from: string, to: string) =>
    `Value of mentors’ time and programme cost for each month from ${from} to ${to}. The table has the numbers.`,
  month: 'Month',
  total: 'Total',
  monthOf:
    'A result counts in the month in which its period ends. Without a period, it counts in the month in which it was calculated.',
  made: <T>(at: T, until: T): Around<T> => [
    'Created on ',
    at,
    '. Later changes are not in this report. This link works until ',
    until,
    '.',
  ],
  noReportKind: 'Shared report',
  withdrawn: {
    heading: 'This report is no longer shared',
    lead: 'The link was revoked or has expired. Ask the person who sent it for a new one.',
  },
  mistyped: {
    heading: 'There is no report at this link',
    lead: 'Check that you copied the whole link, or ask the person who sent it for a new one.',
  },
}

export type ReportWords = typeof reportEn
