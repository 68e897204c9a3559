import type { Grammar } from '../../../words/grammar'

/** English text of the comparison view. The text catalogues in other languages have the same structure. */
export const compareEn = ({ number }: Grammar) => ({
  heading: 'Compare calculations',
  lead: 'Below each number, you see its difference from the first calculation.',
  tooFew: (least: number, most: number) =>
    `Select ${number(least)} to ${number(most)} calculations in the list to compare them.`,
  numbers: 'Numbers',
  result: 'Result',
  range: 'With the lowest and highest value per hour',
  withLowest: (output: string) => `${output}, lowest`,
  withHighest: (output: string) => `${output}, highest`,
  makeFirst: 'Compare with this one',
  makeFirstOf: (name: string) => `Compare with this one: ${name}`,
  remove: (name: string) => `Remove ${name}`,
  deleted: 'This calculation was deleted.',
  noResult: 'This calculation has no result yet.',
  /**
   * A difference from the first calculation, for screen readers. `percent` is null if the first calculation's value is
   * 0.
   */
  more: (amount: string, percent: string | null) => `${amount} more${percent ? ` (${percent})` : ''}`,
  less: (amount: string, percent: string | null) => `${amount} less${percent ? ` (${percent})` : ''}`,
  points: (difference: string) => `${difference} percentage points`,
  same: 'the same',
  changed: (name: string) => `${name} has a new result.`,
})
