import type { Grammar, Phrase } from './grammar'

/** English text of the dialogs that change rows. The text catalogues in other languages have the same structure. */
export const changeRowsEn = ({ number, counted }: Grammar) => {
  const calculations = (count: number): string => counted(count, { one: 'calculation', other: 'calculations' })
  const changing = {
    nothingLeft: 'Nothing is left to change',
    progress: 'Progress of the changes',
    running: (count: number) => `Changing ${calculations(count)}…`,
    waits: 'We can’t reach the server. We’ll continue as soon as it’s back.',
    done: (count: number) => `${calculations(count)} changed.`,
    changed: 'Not changed, because someone else changed them in the meantime. Check them, then try again:',
    refused: (reason: string) => `Not changed: ${reason}`,
    stopped: 'Not changed, because you stopped:',
  }
  return {
    unlisted: (count: number) =>
      `${count === 1 ? 'The calculation is' : 'The calculations are'} no longer in the list. Someone deleted or changed ${count === 1 ? 'it' : 'them'}.`,
    more: (count: number) => `and ${number(count)} more`,
    progressOf: (settled: number, total: number) => `${number(settled)} of ${number(total)}`,
    stop: 'Stop',
    close: 'Close',
    deletion: {
      heading: (count: number) => (count === 1 ? 'Delete this calculation?' : `Delete ${calculations(count)}?`),
      removes: (count: number, withResult: number) =>
        `${count === 1 ? 'The calculation' : 'The calculations'} will be deleted for everyone, with all results and share links. ${
          withResult === 0
            ? count === 1
              ? 'It has no current result'
              : 'None of them has a current result'
            : withResult === count
              ? count === 1
                ? 'It has a current result'
                : 'All of them have a current result'
              : `${number(withResult)} of them ${withResult === 1 ? 'has' : 'have'} a current result`
        }. “Undo” starts ${count === 1 ? 'it' : 'them'} again with the same numbers, but without links and history.`,
      nothingLeft: 'Nothing is left to delete',
      keep: (count: number): string => (count === 1 ? 'Keep it' : 'Keep them'),
      progress: 'Progress of the deletion',
      running: (count: number) => `Deleting ${calculations(count)}…`,
      waits: 'We can’t reach the server. We’ll continue as soon as it’s back.',
      done: (count: number) => `${calculations(count)} deleted.`,
      changed: 'Not deleted, because someone changed them in the meantime. Check them, then try again:',
      refused: (reason: string) => `Not deleted: ${reason}`,
      stopped: 'Not deleted, because you stopped:',
    },
    reassign: {
      heading: (count: number) => `Change mentor or organisation${count === 1 ? '' : ` of ${calculations(count)}`}`,
      several: 'several',
      keepHint: 'Leave this empty to keep them as they are',
      organisationHint: 'Leave this empty for no organisation',
      remove: 'No organisation',
      changes: (count: number, total: number) =>
        count === 0
          ? 'Nothing changes yet.'
          : `${count === total ? calculations(count) : `${number(count)} of ${calculations(total)}`} will change:`,
      fromTo: {
        mentorId: <T>(from: T, to: T): Phrase<T> => ['Mentor: from ', from, ' to ', to],
        organisationId: <T>(from: T, to: T): Phrase<T> => ['Organisation: from ', from, ' to ', to],
      },
      /** A mentor or an organisation, followed by its number of calculations. */
      withCount: <T>(name: T, count: number): Phrase<T> => [name, ` (${number(count)})`],
      noOrganisation: 'no organisation',
      nothing: 'Enter another mentor or another organisation.',
      submit: (count: number) => (count === 0 ? 'Change' : `Change ${calculations(count)}`),
      ...changing,
      mentorFull: (limit: number) => `The mentor has ${calculations(limit)} already, which is the maximum.`,
    },
    details: {
      ...changing,
      heading: (count: number) =>
        count === 1 ? 'Set currency, period or source' : `Set currency, period or source of ${calculations(count)}`,
      what: 'Fields that you leave empty stay unchanged. Amounts are not converted to another currency.',
      changes: (count: number, total: number) =>
        count === total
          ? `${calculations(count)} will change.`
          : `${number(count)} of ${calculations(total)} will change.`,
      withoutResult: 'Not changed, because they have no result yet:',
      noResult: 'It has no result any more.',
      nothing: 'Enter a currency, a period or a source.',
      submit: (count: number) => (count === 0 ? 'Set' : `Set for ${calculations(count)}`),
    },
    undo: {
      heading: (count: number) =>
        count === 1 ? 'Start this calculation again?' : `Start ${calculations(count)} again?`,
      what: (count: number) =>
        `${count === 1 ? 'Its latest numbers, name, period, source and external ID are restored' : 'Their latest numbers, names, periods, sources and external IDs are restored'}. Share links, older results, history and IDs are lost.`,
      submit: 'Start again',
      nothingLeft: 'Nothing is left to undo',
      progress: 'Progress of the restart',
      running: (count: number) => `Starting ${calculations(count)} again…`,
      waits: 'We can’t reach the server. We’ll continue as soon as it’s back.',
      done: (count: number) => `${calculations(count)} started again.`,
      changed: 'Not started:',
      refused: (reason: string) => `Not started: ${reason}`,
      stopped: 'Not started, because you stopped:',
    },
  }
}
