import type { ErrorCode } from '../../../src/domain/errors'
import { picture, undefinedBecause } from '../../../src/rest/pages/words/en'
import type { SessionEvent, SessionState, TransitionEvent } from '../types'
import type { Grammar, Phrase } from './grammar'
import { importEn } from './import-en'
import { reportEn } from './report-en'

/** Facts that a refusal may have beside its code. */
export interface RefusalFacts {
  limit?: number
  currentVersion?: number
  allowedEvents?: SessionEvent[]
}

/** English texts of the dashboard. Every other catalogue has the same shape. */
export const en = (grammar: Grammar) => {
  const { number, counted, either } = grammar
  const actions: Record<SessionEvent, string> = {
    CALCULATE_REQUESTED: 'Save result',
    SHARE_REQUESTED: 'Share result',
    SHARE_REVOKE_REQUESTED: 'Revoke share',
    RESET_REQUESTED: 'Reset',
    RETRY_REQUESTED: 'Retry',
  }
  const results = { one: 'result', other: 'results' }
  const calculations = { one: 'calculation', other: 'calculations' }
  const events = { one: 'event', other: 'events' }
  return {
    direction: 'ltr',
    page: {
      name: 'Mentoring benefit',
      title: (name: string) => `${name} – Mentoring benefit`,
      skip: 'Skip to the content',
      footer:
        'Value is what the mentors’ hours would have cost to buy; amounts without a currency are in each organisation’s own.',
      developers: <T>(rest: T, graphql: T): Phrase<T> => ['For developers: ', rest, ' and ', graphql, '.'],
    },
    states: {
      INITIAL: 'New',
      LOADING: 'Calculating',
      LOADED: 'Calculated',
      ERROR: 'Failed',
      CLOSED: 'Closed',
    } satisfies Record<SessionState, string>,
    events: {
      SESSION_STARTED: 'Started',
      CALCULATE_REQUESTED: 'Result requested',
      SHARE_REQUESTED: 'Shared',
      SHARE_REVOKE_REQUESTED: 'Share revoked',
      RESET_REQUESTED: 'Reset',
      RETRY_REQUESTED: 'Retried',
      SESSION_CLOSED: 'Closed',
    } satisfies Record<TransitionEvent, string>,
    /** Why an output is missing. */
    undefinedBecause,
    notKnown: 'not known',
    mentor: 'Mentor',
    organisation: 'Organisation',
    state: 'State',
    netBenefit: 'Net benefit',
    timeValue: 'Time value',
    programmeCost: 'Programme cost',
    cancel: 'Cancel',
    none: 'none',
    showAll: (count: number) => `Show all ${number(count)}`,
    /** Value for each unit of money spent. */
    spent: <T>(ratio: T, one: string): Phrase<T> => [ratio, ' for every ', one, ' spent'],
    picture,
    welcome: {
      heading: 'What does mentoring give back for what it costs?',
      lead: 'Enter four numbers about a mentoring programme. This page sets its cost against what the mentors’ hours would have cost to buy, live on every screen that is open.',
      tryExample: 'Try an example',
      nothingYet: 'There are no calculations yet: they show here as soon as somebody starts one.',
      startStep: <T>(bold: (text: string) => T): Phrase<T> => [
        bold('Start a calculation'),
        ' for a mentor and, if you like, an organisation.',
      ],
      numbersStep: <T>(bold: (text: string) => T): Phrase<T> => [
        bold('Enter the numbers'),
        ': sessions, minutes, cost of a session, value of an hour.',
      ],
      shareStep: <T>(bold: (text: string) => T): Phrase<T> => [
        bold('Share the result'),
        ' by a link that shows nobody’s name and can be revoked.',
      ],
      secondWindow: 'Open this page in a second window and watch both follow.',
      developers: <T>(rest: T, graphql: T, docs: T): Phrase<T> => [
        'Developers: the same is at ',
        rest,
        ' and ',
        graphql,
        '; see ',
        docs,
        '.',
      ],
      forExample: 'For example',
      example: (sessions: number, minutes: number, cost: string, hour: string) =>
        `${counted(sessions, { one: 'session', other: 'sessions' })} of ${counted(minutes, { one: 'minute', other: 'minutes' })} cost ${cost} each. Paid help would cost ${hour} an hour.`,
    },
    start: {
      open: 'Start a calculation',
      what: 'A calculation holds one programme’s numbers and the results computed from them.',
      mentorHint: 'The id of whoever leads the sessions, as your own system has it.',
      mentorIsYou: 'You.',
      organisationHint: 'Optional. Whose programme it is.',
      organisationIsYours: 'Yours.',
      submit: 'Start calculation',
      done: 'Calculation started.',
    },
    import: importEn(grammar),
    report: reportEn(grammar),
    figures: {
      label: 'Figures',
      of: (count: number, withoutCurrency: boolean) =>
        `of ${counted(count, results)}${withoutCurrency ? ' without a currency' : ''}`,
      results: (count: number, withoutCurrency: boolean) =>
        `${counted(count, results)}${withoutCurrency ? ' without a currency' : ''}`,
      otherCurrencies: 'Other currencies',
      noCurrency: 'no currency',
      ratio: (ratio: string) => `ratio ${ratio}`,
      calculations: 'Calculations',
      aMinute: 'Results a minute',
      at: <T>(count: T, time: string): Phrase<T> => [count, ' at ', time],
      inLastMinutes: <T>(count: T, minutes: number): Phrase<T> => [
        count,
        ` in the last ${counted(minutes, { one: 'minute', other: 'minutes' })}`,
      ],
      minutes: (minutes: number, total: number, most: number) =>
        `Results in each of the last ${number(minutes)} minutes: ${number(total)} in all, ${number(most)} at most in a minute.`,
    },
    list: {
      all: 'All calculations',
      any: 'Any',
      clear: 'Clear the filters',
      count: (total: number) => counted(total, calculations),
      columns: {
        calculation: 'Calculation',
        period: 'Period',
        hours: 'Hours',
        cost: 'Cost',
        value: 'Value',
        ratio: 'Ratio',
        updated: 'Updated',
      },
      standings: {
        INITIAL: 'No result yet',
        LOADING: 'Calculating',
        LOADED: 'With a result',
        ERROR: 'Failed',
      } satisfies Record<Exclude<SessionState, 'CLOSED'>, string>,
      shared: 'Shared',
      isNew: 'new',
      isChanged: 'changed',
      search: {
        label: 'Find',
        hint: 'Mentor, organisation or id',
        found: (count: number) => counted(count, { one: 'suggestion', other: 'suggestions' }),
        open: <T>(id: T): Phrase<T> => ['Open ', id],
        nothing: (text: string) => `Nobody’s name begins with “${text}”.`,
      },
      filters: 'Filters',
      without: (filter: string) => `Remove the filter ${filter}`,
      sortedBy: 'Sorted by',
      started: 'Started',
      ascending: 'ascending',
      descending: 'descending',
      reverse: 'Reverse the order',
      amountsIn: 'Amounts in',
      exportCsv: 'Export CSV',
      fileTooLarge:
        'The file is too large to pass through this page. Filter it, or ask whoever runs the server for it.',
      print: 'Print',
      readingToPrint: 'All calculations are read first.',
      readSoFar: (count: number) => `${number(count)} read…`,
      nothingFound: 'No calculation matches this filter.',
      nothing: 'No calculations.',
      reading: 'Reading the calculations…',
      full: (most: number, total: number) =>
        `Of ${counted(total, calculations)} no more than ${number(most)} are listed. Filter by mentor or organisation to see the others.`,
    },
    connection: {
      offline: 'Offline',
      connecting: 'Connecting',
      live: 'Live',
      reconnecting: 'Reconnecting',
      now: 'now',
      nothingMissed: 'nothing was missed',
      reread: 'read again after a gap',
      caughtUp: (count: number) => `caught up after ${counted(count, events)}`,
      what: 'This page follows what happens to all calculations, and what they come to, over one connection. When that breaks it goes on where it was, so that nothing is missed.',
      events: 'Events since opened',
      lastEvent: 'Last event',
      noneYet: 'none yet',
      resumed: 'Resumed where it was',
      rereads: 'Read again after a gap',
      cursor: 'Place in the log',
      times: (count: number) => `${number(count)}×`,
      saidLost: 'Connection lost, reconnecting.',
      saidNothingMissed: 'Reconnected, nothing was missed.',
      saidCaughtUp: (count: number) => `Reconnected, caught up after ${counted(count, events)}.`,
      saidReread: 'Some events could no longer be had: all calculations were read again.',
    },
    session: {
      back: 'All calculations',
      heading: 'Calculation',
      none: 'There is no such calculation',
      facts: <T>(mentor: T, organisation: T | null, started: string): Phrase<T> => [
        'Mentor ',
        mentor,
        ...(organisation === null ? [] : [' at ', organisation]),
        `, started ${started}`,
      ],
    },
    actions,
    done: {
      CALCULATE_REQUESTED: 'Result saved.',
      SHARE_REQUESTED: 'Result shared.',
      SHARE_REVOKE_REQUESTED: 'Share link revoked.',
      RESET_REQUESTED: 'Calculation reset.',
      RETRY_REQUESTED: 'Calculation repeated.',
    } satisfies Record<SessionEvent, string>,
    /** Result of an accepted event that changed nothing. */
    unchanged: {
      CALCULATE_REQUESTED: 'These numbers are saved already.',
      SHARE_REQUESTED: 'This result is shared already: the link is below.',
      SHARE_REVOKE_REQUESTED: 'There was no live share link to revoke.',
      RESET_REQUESTED: 'There was nothing to reset.',
      RETRY_REQUESTED: 'There was nothing to retry.',
    } satisfies Record<SessionEvent, string>,
    close: {
      open: 'Close calculation',
      heading: 'Close this calculation?',
      what: 'Its results and share links are deleted for good.',
      keep: 'Keep it',
      done: 'Calculation closed.',
      closed: 'This calculation is closed: its results and share links are gone.',
    },
    reset: {
      heading: 'Reset this calculation?',
      what: 'This ends for everybody:',
      numbersStay: 'Your numbers stay in the form.',
    },
    /** Consequences of a reset or close. */
    ends: {
      result: <T>(net: T): Phrase<T> => ['the result, a net benefit of ', net],
      links: (count: number) =>
        count === 0
          ? 'no share link'
          : `${counted(count, { one: 'share link', other: 'share links' })}: whoever has one sees nothing any more`,
    },
    /** Somebody else changed the numbers that the user is editing. */
    conflict: {
      heading: 'Changed elsewhere meanwhile',
      you: 'You, in another window,',
      saved: <T>(who: T | null, at: string | null): Phrase<T> => [
        who ?? 'Somebody else',
        ` saved other numbers${at === null ? '' : ` (${at})`}. Yours are not saved yet.`,
      ],
      reset: <T>(who: T | null, at: string | null): Phrase<T> => [
        who ?? 'Somebody else',
        ` reset this calculation${at === null ? '' : ` (${at})`}. Your numbers are not saved yet.`,
      ],
      field: 'Field',
      theirs: 'Saved',
      mine: 'Yours',
      keepMine: 'Keep mine',
      useTheirs: 'Use theirs',
      clear: 'Clear the form',
      announced: 'This calculation was changed elsewhere. Choose which numbers to keep.',
      meanwhile: 'The calculation has changed since you opened this: look at it again.',
    },
    calculator: {
      heading: 'Calculator',
      sessions: 'Sessions held',
      avgMinutes: 'Mean length',
      costPerSession: 'Cost of a session',
      costPerHour: 'Value of an hour',
      sessionsHint: (most: number) => `A whole number up to ${number(most)}`,
      avgMinutesHint: (most: number) => `Minutes, up to ${number(most)}`,
      costPerSessionHint: 'What the organisation spends on one',
      costPerHourHint: 'What paid help would cost',
      stated: 'Label, currency, period',
      optional: 'optional',
      label: 'What was valued',
      labelHint: 'Shown with the result',
      labelExample: 'Spring 2026, Year 9 reading',
      currency: 'Currency',
      currencyHint: 'Of the amounts, by its code',
      from: 'First day',
      fromHint: 'When the sessions began',
      to: 'Last day',
      toHint: 'When they ended',
      calculate: 'Calculate',
      undo: 'Undo changes',
      fillExample: 'Fill in an example',
      waits: 'The server cannot be reached. Your result is saved as soon as it is back.',
      stopWaiting: 'Do not save',
      failed: 'The server could not compute this. “Retry” repeats it.',
    },
    didYouMean: (number: string) => `Did you mean ${number}?`,
    understood: (number: string) => `Understood as ${number}`,
    /** Faults of a field. */
    faults: {
      required: (field: string) => `${field} is required.`,
      atLeastZero: (field: string) => `${field} must be at least 0.`,
      atMost: (field: string, most: number) => `${field} must be at most ${number(most)}.`,
      noNumber: (field: string, example: string) => `${field} must be a number such as ${example}.`,
      writtenElsewhere: (field: string) => `${field} is not written as numbers are here.`,
      otherCurrency: (field: string, currency: string) => `${field} must be in ${currency}, as stated below.`,
      whole: (field: string) => `${field} must be a whole number.`,
      decimals: (field: string, most: number) =>
        `${field} must have at most ${counted(most, { one: 'decimal', other: 'decimals' })}.`,
      length: (field: string, most: number) =>
        `${field} must have 1 to ${counted(most, { one: 'character', other: 'characters' })}.`,
      unprintable: (field: string) => `${field} must have no control characters.`,
      currency: 'Currency must be a code such as GBP.',
      lastDay: 'Last day must not be before the first day.',
      day: (field: string) => `${field} must be a date.`,
      other: (field: string) => `${field} is not taken as it is.`,
    },
    result: {
      heading: 'Result',
      whatIf: 'What if',
      notSaved: 'not saved',
      empty: 'Nothing is computed yet. Fill in the four numbers: what they give shows here while you type.',
      amountsIn: (currency: string) => `amounts in ${currency}`,
      noRatio: <T>(reason: T): Phrase<T> => ['No ratio: ', reason],
      noneBecause: (reason: string) => `none: ${reason}`,
      totalHours: 'Hours given',
      roiPercent: 'Return on cost',
      costPerHourDelivered: 'Cost of an hour given',
      valuePerSession: 'Value of a session',
      netPerSession: 'Net benefit of a session',
      breakEvenMinutes: 'Break-even length',
      /** Caveat of the result: the server's text, or the catalogue's own text for a known method. */
      caveat: (said: string, _method: string) => said,
      method: <T>(method: T): Phrase<T> => ['Method ', method, '.'],
      saidWhatIf: (net: string) => `What if: net benefit ${net}.`,
      saidOther: (net: string) => `The result was changed elsewhere: net benefit ${net}.`,
    },
    share: {
      heading: 'Share links',
      notShared: 'This result is not shared.',
      makes: '“Share result” makes a link to it.',
      nothing: 'There is no result to share yet.',
      current: 'The current result',
      former: 'An older result',
      computed: (at: string) => `computed ${at}`,
      link: 'Link to the shared result',
      formerLink: (of: string) => `Link to an older result: ${of}`,
      copy: 'Copy',
      copied: 'Copied',
      saidCopied: 'Link copied.',
      selected: 'The link is selected: copy it with your keyboard or its menu.',
      whoever: (until: string) => `Whoever has it sees this result and nobody’s name, until ${until}.`,
      open: 'Open the page',
      revoke: (count: number) => (count === 1 ? 'Revoke link' : `Revoke all ${number(count)} links`),
      sure: (count: number) => (count === 1 ? 'Revoke this link?' : `Revoke all ${number(count)} links?`),
      revokes: (count: number) =>
        `Whoever has ${count === 1 ? 'it' : 'one of them'} sees the result no more. Links of a calculation are revoked together; a new one can be made at any time.`,
    },
    older: {
      heading: 'Older results',
      older: 'Older',
      current: 'Current',
      take: 'Use these numbers again',
      otherCurrency: 'The amounts are in other currencies: they are not subtracted.',
    },
    timeline: {
      heading: 'History',
      by: <T>(who: T): Phrase<T> => ['by ', who],
      /** A transition made elsewhere, for screen readers. */
      said: (event: string, by: string | null) => `${event}${by === null ? ' elsewhere' : ` by ${by}`}.`,
    },
    account: {
      account: 'Account',
      nameless: 'somebody without a name',
      signedInAs: 'Signed in as',
      signedInWith: <T>(who: T, host: string): Phrase<T> => ['Signed in as ', who, ` with ${host}.`],
      sees: <T>(may: 'read' | 'change', mentor: T | null, organisation: T | null): Phrase<T> => [
        may === 'read' ? 'You see ' : 'You see and change ',
        ...(mentor === null ? ['all calculations'] : ['the calculations of mentor ', mentor]),
        ...(organisation === null ? [] : [' of ', organisation]),
        '.',
      ],
      signOut: 'Sign out',
      ended: 'Your sign-in has ended. What you have typed is kept.',
      signInAgain: 'Sign in again',
    },
    signIn: {
      entering: (host: string) => `Signing you in with ${host}…`,
      otherAccount: 'Use another account',
      notLetIn: 'This account is not let in',
      notSignedIn: 'You are not signed in',
      askOperator: 'Whoever runs this server can see to it.',
      tryAgain: 'Try again',
      heading: 'Sign in to see your calculations',
      lead: (host: string) =>
        `What mentoring programmes cost, against what their mentors’ hours are worth. Your account is that of ${host}.`,
      signIn: 'Sign in',
      impossible: 'This page cannot sign you in',
      noClient: <T>(host: string, setting: T): Phrase<T> => [
        `This server asks for tokens of ${host}, and has no client there for this page: whoever runs it can name one in `,
        setting,
        '.',
      ],
      withToken: <T>(docs: T): Phrase<T> => ['REST and GraphQL are served to whoever has a token: see ', docs, '.'],
      noRole: 'Your account has no role here.',
      tokenRefused: (host: string) => `This server does not take the token of ${host}.`,
      needsHttps: 'Signing in needs https: open this page by its https address.',
      noEndpoint: (host: string) => `${host} has no place to sign in at.`,
      refused: (host: string, said: string) => `${host} refused the sign-in: ${said}`,
      otherSubject: (host: string) => `${host} answered for somebody else.`,
      noIdToken: 'There is no other ID token.',
      badAnswer: (host: string, said: string) => `The answer of ${host} was not one to this sign-in: ${said}.`,
      unreachable: (host: string, page: string) =>
        `${host}, where you sign in, cannot be reached from this page. It may be down, or not know ${page}.`,
    },
    unreachable: 'The server cannot be reached right now. Nothing was changed as far as we know; try again shortly.',
    refused: 'The server refused this.',
    /** Refusals by code. */
    refusals: {
      SESSION_NOT_FOUND: () => 'No calculation has this id. It may have been closed.',
      RESULT_NOT_FOUND: () => 'This result is gone.',
      EVENT_REFUSED: ({ allowedEvents = [] }) =>
        allowedEvents.length === 0
          ? 'The calculation was changed meanwhile, and takes no changes now.'
          : `The calculation was changed meanwhile. What can be done now: ${either(allowedEvents.map(event => `“${actions[event]}”`))}.`,
      SESSION_FULL: ({ limit = 0 }) =>
        `A calculation holds ${counted(limit, { one: 'change', other: 'changes' })}, and this one has no room for more. It can still be read and closed.`,
      VERSION_MISMATCH: ({ currentVersion = 0 }) =>
        `The calculation was changed meanwhile: its version is ${number(currentVersion)}.`,
      REQUEST_IN_FLIGHT: () => 'The same request is being served. Try again in a moment.',
      IDEMPOTENCY_KEY_REUSED: () => 'The request was mistaken for another one. Try again.',
      CURSOR_EXPIRED: () => 'What happened meanwhile is no longer kept. Load this page again.',
      INVALID_CURSOR: () => 'This page has lost its place in the log. Load it again.',
      VALIDATION_FAILED: () => 'The server does not take this as it is. Check what you have entered.',
      BAD_USER_INPUT: () => 'The server does not take this as it is. Check what you have entered.',
      PAYLOAD_TOO_LARGE: ({ limit = 0 }) =>
        `That is more than the server takes at once: ${counted(limit, { one: 'byte', other: 'bytes' })}.`,
      UNAUTHENTICATED: () => 'You are not signed in any more.',
      FORBIDDEN: () => 'Your role may not do this.',
      RATE_LIMITED: () => 'That was too much at once. Try again in a moment.',
      UNAVAILABLE: () => 'The server cannot answer right now. Try again in a moment.',
      INTERNAL: () => 'Something went wrong on the server. Whoever runs it finds it in the log.',
    } satisfies Refusals,
  }
}

type RefusalCode = Uppercase<ErrorCode> | 'BAD_USER_INPUT'
type Refusals = Partial<Record<RefusalCode, (facts: RefusalFacts) => string>>
