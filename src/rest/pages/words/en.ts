// This folder contains the text of the server-rendered web pages, one file per language. The dashboard has its own
// text.

import type { UndefinedReason } from '../../../domain/calculator'
import { methods } from '../../../domain/methods'
import type { PictureWords } from '../break-even'
import type { RatioBarWords } from '../ratio-bar'
import { caveatIn } from './caveats'

export const undefinedBecause: Record<UndefinedReason, string> = {
  no_sessions: 'no sessions were held',
  no_minutes: 'the sessions took no time',
  zero_cost: 'the sessions cost nothing',
  zero_value: 'an hour is valued at nothing',
}

export const picture: PictureWords = {
  title: 'Cost and value, by the length of a session',
  valueOfSession: 'value per session',
  costOfSession: cost => `cost per session, ${cost}`,
  breakEven: minutes => `break-even at ${minutes} minutes`,
  worth: (minutes, value) => `${minutes} minutes, worth ${value}`,
  label: (minutes, cost, value) => `A session of ${minutes} minutes costs ${cost} and is worth ${value}.`,
  equal: minutes => `Value and cost are equal at ${minutes} minutes.`,
}

export const ratioBar: RatioBarWords = {
  between: (low, high, one) => `Between ${low} and ${high} for every ${one}`,
  breakEven: one => `break-even at ${one}`,
  label: (low, high, stated, one) =>
    `From ${low} to ${high}. The stated value per hour gives ${stated}. Value and cost are equal at ${one}.`,
}

export const caveat = caveatIn({
  1: 'This values time only: it is a VIVA ratio, not a social return on investment. It doesn’t measure what changed for the people mentored, or what would have happened anyway.',
  2: methods[2].caveat,
})

/** Parts of a text, with values between them. The page inserts the values as markup. */
export type Around<T> = (string | T)[]

/** English text of the pages for trustees. Translations have the same type as this object. */
export const en = {
  title: 'Benefit of a mentoring programme',
  description: 'A shared result: what a mentoring programme cost, and what its mentors’ time is worth.',
  kind: 'Shared result of a mentoring programme',
  everyOneSpent: (one: string, gives: string) => `Every ${one} spent gives ${gives} of mentors’ time`,
  netBenefitOf: (amount: string) => `Net benefit of ${amount}`,
  lead: 'What the programme cost, compared with what it would have cost to pay someone for the mentors’ hours.',
  amountsIn: (currency: string) => `Amounts are in ${currency}.`,
  ownCurrency: 'the organisation’s own currency',
  noOrganisation: 'No organisation',
  heldFrom: <T>(from: T, to: T): Around<T> => ['The sessions were held from ', from, ' to ', to, '.'],
  superseded: 'There is a newer result. Ask the person who sent you this link for a new one.',
  statement: 'Summary',
  timeValue: 'Value of mentors’ time',
  programmeCost: 'Programme cost',
  netBenefit: 'Net benefit',
  change: 'Change',
  counted: 'The numbers',
  sessions: 'Number of sessions',
  meanLength: 'Average length',
  minutes: 'minutes',
  costOfSession: 'Cost per session',
  valueOfHour: 'Value per hour',
  valueSource: 'Source of the value per hour',
  hoursGiven: 'Hours of mentoring',
  comesTo: 'The result',
  ratio: 'Benefit-cost ratio',
  returnOnCost: 'Return on cost',
  costOfHourGiven: 'Cost per hour',
  netOfSession: 'Net benefit per session',
  breakEvenLength: 'Break-even length',
  range: 'With the lowest and the highest value per hour',
  lowest: 'Lowest',
  highest: 'Highest',
  assumptions: 'Assumptions',
  none: (reason: string) => `none: ${reason}`,
  undefinedBecause,
  picture,
  ratioBar,
  caveat,
  method: (name: string) =>
    `Method ${name}: value = number of sessions × average length in minutes × value per hour ÷ 60; cost = number of sessions × cost per session.`,
  computed: <T>(at: T, until: T): Around<T> => ['Calculated on ', at, '. This link works until ', until, '.'],
  download: 'Download:',
  noShareKind: 'Shared result',
  withdrawn: {
    heading: 'This result is no longer shared',
    lead: 'The link was revoked or has expired. Ask the person who sent it for a new one.',
  },
  mistyped: {
    heading: 'There is no result at this link',
    lead: 'Check that you copied the whole link, or ask the person who sent it for a new one.',
  },
  noPage: { heading: 'Page not found', lead: 'Check the address, or go to the calculator.' },
  home: 'Go to the calculator',
}

export type Words = typeof en
