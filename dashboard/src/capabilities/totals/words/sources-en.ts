import type { Grammar } from '../../../words/grammar'

/** English texts of the sources in a report. All other catalogues have the same shape. */
export const sourcesEn = ({ number, counted }: Grammar) => ({
  heading: 'Where the values per hour come from',
  source: 'Source',
  values: 'Values per hour',
  none: 'No source stated',
  range: (low: string, high: string, count: number) => `${low} to ${high} (${number(count)} values)`,
  newest: (read: number, total: number) =>
    `From the newest ${number(read)} of ${counted(total, { one: 'calculation', other: 'calculations' })}.`,
})
