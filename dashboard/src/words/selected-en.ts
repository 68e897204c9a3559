import type { Grammar } from './grammar'

/** English texts for the selected rows of the list. All other catalogues have the same shape. */
export const selectedEn = ({ number, counted }: Grammar) => {
  const calculations = (count: number): string => counted(count, { one: 'calculation', other: 'calculations' })
  return {
    select: (name: string) => `Select ${name}`,
    selectAll: 'Select all that are loaded',
    all: 'All',
    label: 'Selected calculations',
    count: (count: number) => `${number(count)} selected`,
    full: (most: number) => `You can select up to ${number(most)} calculations.`,
    exportable: (most: number) => `You can export up to ${number(most)} at once.`,
    clear: 'Clear selection',
    delete: 'Delete',
    confirmHeading: (count: number) => (count === 1 ? 'Delete this calculation?' : `Delete ${calculations(count)}?`),
    removes: (count: number, withResult: number) =>
      `${count === 1 ? 'The calculation' : 'The calculations'} will be deleted for everyone, with all results and share links. ${
        withResult === 0
          ? count === 1
            ? 'It has no result now'
            : 'None of them has a result now'
          : withResult === count
            ? count === 1
              ? 'It has a result now'
              : 'All of them have a result now'
            : `${number(withResult)} of them ${withResult === 1 ? 'has' : 'have'} a result now`
      }. You can’t undo this.`,
    nothingLeft: 'Nothing is left to delete',
    unlisted: (count: number) =>
      `${count === 1 ? 'The calculation is' : 'The calculations are'} no longer in the list. Someone deleted or changed ${count === 1 ? 'it' : 'them'}.`,
    more: (count: number) => `and ${number(count)} more`,
    keep: (count: number): string => (count === 1 ? 'Keep it' : 'Keep them'),
    progress: 'Progress of deleting',
    progressOf: (settled: number, total: number) => `${number(settled)} of ${number(total)}`,
    deleting: (count: number) => `Deleting ${calculations(count)}…`,
    waits: 'We can’t reach the server. Deleting goes on as soon as it’s back.',
    stop: 'Stop',
    deleted: (count: number) => `${calculations(count)} deleted.`,
    changed: 'Not deleted, because someone changed them in the meantime. Check them, then delete them again:',
    refused: (reason: string) => `Not deleted: ${reason}`,
    stopped: 'Not deleted, because you stopped:',
    close: 'Close',
  }
}
