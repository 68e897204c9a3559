import type { UndefinedReason } from '../../../domain/calculator'
import type { PictureWords } from '../break-even'

/** Explains why an output is null. */
export const undefinedBecause: Record<UndefinedReason, string> = {
  no_sessions: 'no sessions were held',
  no_minutes: 'the sessions have no length',
  zero_cost: 'the sessions cost nothing',
  zero_value: 'an hour is valued at nothing',
}

export const picture: PictureWords = {
  title: 'Cost against value, by the length of a session',
  valueOfSession: 'value of a session',
  costOfSession: cost => `cost of a session, ${cost}`,
  breakEven: minutes => `break-even at ${minutes} minutes`,
  worth: (minutes, value) => `${minutes} minutes, worth ${value}`,
  label: (minutes, cost, value) => `A session of ${minutes} minutes costs ${cost} and is worth ${value}.`,
  equal: minutes => `Value and cost are equal at ${minutes} minutes.`,
}

/** A text that contains values to be set as markup. */
export type Around<T> = (string | T)[]

/** Texts of the pages for trustees. Its type is the type of all other languages. */
export const en = {
  title: 'Benefit of a mentoring programme',
  description:
    'A shared result of the mentoring benefit calculator: what a programme cost, and what the time of its mentors would have cost to buy.',
  kind: 'Shared result of a mentoring programme',
  everyOneSpent: (one: string, gives: string) => `Every ${one} spent gives ${gives} of mentors’ time`,
  netBenefitOf: (amount: string) => `Net benefit of ${amount}`,
  lead: 'What the programme cost, set against what the hours that its mentors gave would have cost to buy.',
  amountsIn: (currency: string) => `Amounts are in ${currency}.`,
  ownCurrency: 'the organisation’s own currency',
  heldFrom: <T>(from: T, to: T): Around<T> => ['The sessions were held from ', from, ' to ', to, '.'],
  superseded: 'A newer result has been calculated since. Ask whoever sent this link for one to the newer result.',
  statement: 'Statement',
  timeValue: 'Value of the mentors’ time',
  programmeCost: 'Cost of the programme',
  netBenefit: 'Net benefit',
  counted: 'What was counted',
  sessions: 'Sessions',
  meanLength: 'Mean length',
  minutes: 'minutes',
  costOfSession: 'Cost of a session',
  valueOfHour: 'Value of an hour',
  hoursGiven: 'Hours given',
  comesTo: 'What it comes to',
  ratio: 'Benefit-cost ratio',
  returnOnCost: 'Return on cost',
  costOfHourGiven: 'Cost of an hour given',
  netOfSession: 'Net benefit of a session',
  breakEvenLength: 'Break-even length',
  none: (reason: string) => `none: ${reason}`,
  undefinedBecause,
  picture,
  /** The caveat as the result states it, in English. */
  caveat: (stated: string) => stated,
  method: (name: string) =>
    `Method ${name}: value = sessions × minutes × value of an hour ÷ 60; cost = sessions × cost of a session.`,
  computed: <T>(at: T, until: T): Around<T> => ['Computed ', at, '. This link works until ', until, '.'],
  download: 'Download:',
  noShareKind: 'Shared result',
  withdrawn: {
    heading: 'This result is no longer shared',
    lead: 'This share link was revoked or has expired. Ask whoever sent it for a new link.',
  },
  mistyped: {
    heading: 'There is no result at this link',
    lead: 'There is no such share link. Check that the whole link was copied, or ask whoever sent it for a new one.',
  },
  noPage: { heading: 'There is no page here', lead: 'Check the address, or begin at the beginning.' },
  home: 'To the calculator',
}

export type Words = typeof en
