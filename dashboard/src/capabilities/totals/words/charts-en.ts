import type { Grammar } from '../../../words/grammar'

/** English text of the monthly charts. The text catalogues in other languages have the same structure. */
export const chartsEn = ({ number, counted }: Grammar) => ({
  chart: 'Chart',
  menu: 'Chart options',
  valueAndCost: 'Value and cost',
  soFar: 'Running total',
  compared: 'Compared with a year earlier',
  cumulative: 'Running total of value and cost',
  yearBefore: 'Value compared with a year earlier',
  hours: 'Hours of mentoring by month',
  /** Text alternative for a chart, for screen readers. */
  label: (title: string, months: string, withResults: number, count: number) =>
    `${title}, ${months}: ${number(withResults)} of ${counted(count, { one: 'month', other: 'months' })} ${withResults === 1 ? 'has' : 'have'} results. Choose “Show as a table” to see the figures.`,
  onlyIn: (currency: string | null) =>
    currency === null ? 'only results without a currency' : `only results in ${currency}`,
  nothing: 'No results in these months.',
  nothingBefore: 'There are no results in the same months a year earlier.',
  before: 'A year earlier',
  difference: 'Difference',
  savePng: 'Save as PNG',
  saveSvg: 'Save as SVG',
  source: (name: string, date: string) => `Source: ${name}, ${date}`,
})
