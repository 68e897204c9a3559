import type { Grammar } from './grammar'

/** English text about the selected rows of the list. The text catalogues in other languages have the same structure. */
export const selectedEn = ({ number, counted }: Grammar) => ({
  select: (name: string) => `Select ${name}`,
  selectAll: 'Select all loaded calculations',
  all: 'All',
  label: 'Selected calculations',
  count: (count: number) => `${number(count)} selected`,
  full: (most: number) => `You can select up to ${number(most)} calculations.`,
  exportable: (most: number) => `You can export up to ${number(most)} calculations at once.`,
  clear: 'Clear selection',
  delete: 'Delete',
  details: 'Set details',
  deleted: {
    label: 'Deleted calculations',
    count: (count: number) => `${counted(count, { one: 'calculation', other: 'calculations' })} deleted`,
    undo: 'Undo',
    hide: 'Hide',
  },
})
