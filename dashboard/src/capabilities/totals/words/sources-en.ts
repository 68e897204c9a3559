import type { Grammar } from '../../../words/grammar'

/**
 * English text for the sources of the values per hour in a report. The text catalogues in other languages have the same
 * structure.
 */
export const sourcesEn = ({ number, counted }: Grammar) => ({
  heading: 'Where the values per hour come from',
  source: 'Source',
  values: 'Values per hour',
  none: 'No source stated',
  range: (low: string, high: string, count: number) => `${low} to ${high} (${number(count)} values)`,
  newest: (read: number, total: number) =>
    `From the newest ${number(read)} of ${counted(total, { one: 'calculation', other: 'calculations' })}.`,
})
