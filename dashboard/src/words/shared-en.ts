import type { Grammar } from './grammar'

/** English text about shared items. The text catalogues in other languages have the same structure. */
export const sharedEn = ({ number }: Grammar) => ({
  heading: 'Shared',
  what: 'Anyone with one of these links can open it. Views are counted, but nobody’s name is recorded.',
  nothing: 'Nothing is shared. To share a result, open its calculation and press “Share result”.',
  result: 'Result',
  viewed: (count: number) =>
    count === 0 ? 'Not viewed yet' : count === 1 ? 'Viewed once' : `Viewed ${number(count)} times`,
  until: (until: string) => `Works until ${until}`,
  link: (of: string) => `Link to ${of}`,
  more: 'Show more',
  revoke: {
    action: 'Revoke link',
    keep: 'Keep it',
    heading: 'Revoke this link?',
    result: <T>(name: T) => [
      'The link to ',
      name,
      ' will stop working for everyone who has it. You can share the result again at any time, with a new link.',
    ],
    done: 'Link revoked.',
  },
  expiry: {
    label: 'How long the link works',
    days: (days: number) => (days === 365 ? '1 year' : `${number(days)} days`),
    change: 'Change expiry',
    fromToday: 'From today, it works for',
    same: (until: string) =>
      `This link is already set to that number of days, so it still works until ${until}. To extend it, choose another number of days.`,
    done: (until: string) => `The link now works until ${until}.`,
  },
})
