import type { Grammar } from '../../../words/grammar'

/** English text for sharing a report. The text catalogues in other languages have the same structure. */
export const shareReportEn = ({ counted }: Grammar) => ({
  open: 'Share this report',
  what: 'Anyone with the link can see your title, the organisation, the totals and the monthly figures, but no mentors’ names and no individual calculations. The figures stay as they are now.',
  months: (range: string) => `The report covers these months: ${range}.`,
  bothTotals: 'Totals on this page, and in the shared report',
  lastMonths: (range: string) =>
    `No months are chosen, so the report covers the last 12 months: ${range}. Its totals are for these months only.`,
  wholeProgramme: 'The whole programme',
  title: 'Title',
  titleHint: 'Everyone with the link can read it',
  /** Replaces the mentor's name in a report title, because the shared page does not name the mentor. */
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
  /** Text for reports in the list of shared items. */
  shared: {
    kind: 'Report',
    linkUnknown:
      'This report was shared with an earlier version, which didn’t store its link. If you’ve lost the link, revoke it here and share a new report.',
    revoke: <T>(name: T) => [
      'The link to the report ',
      name,
      ' will stop working for everyone who has it. You can’t undo this, but you can share a new report.',
    ],
  },
})
