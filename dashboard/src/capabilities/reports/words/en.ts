import type { Grammar } from '../../../words/grammar'

/** English texts for sharing a report. All other catalogues have the same shape. */
export const shareReportEn = ({ counted }: Grammar) => ({
  open: 'Share this report',
  what: 'Anyone with the link can see your title, the organisation, the totals and the figures by month, but no mentor’s name and no single calculation. The figures stay as they are now.',
  months: (range: string) => `The report covers these months: ${range}.`,
  lastMonths: (range: string) =>
    `No months are chosen, so the report covers the last 12: ${range}. Its totals are for these months only.`,
  wholeProgramme: 'The whole programme',
  title: 'Title',
  titleHint: 'Everyone with the link can read it',
  /** Title of a report about one mentor. The shared page names no mentor. */
  oneMentor: 'One mentor',
  expires: 'The link works for',
  days: (count: number) => (count === 365 ? '1 year' : counted(count, { one: 'day', other: 'days' })),
  submit: 'Share report',
  done: 'Report shared.',
  link: 'Link to the shared report',
  visibleUntil: (until: string) => `Anyone with this link can see the report until ${until}.`,
  noStatus: 'A report that is filtered by status can’t be shared. Remove that filter in the list.',
  noOrganisation:
    'A report on calculations without an organisation can’t be shared. Remove that filter in the list, or choose an organisation.',
  /** Texts for reports in the list of shared items. */
  shared: {
    kind: 'Report',
    linkUnknown:
      'An earlier version made this report, and its link is not stored. If you lost it, revoke it here and share a new report.',
    revoke: <T>(name: T) => [
      'The link to the report ',
      name,
      ' will stop working for everyone who has it. You can’t undo this, but you can share a new report.',
    ],
  },
})
