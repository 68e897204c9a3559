import type { ErrorMessages } from '../../../packages/client/src/errors.js'
import { caveat, picture, ratioBar, undefinedBecause } from '../../../src/rest/pages/words/en'
import type { EventWithoutPayload, SessionEvent, SessionState, TransitionEvent } from '../types'
import type { Grammar, Phrase } from './grammar'
import { monthsEn } from './months-en'
import { proposalEn } from './proposal-en'
import { selectedEn } from './selected-en'
import { sharedEn } from './shared-en'
import { yearlyCostsEn } from './yearly-costs-en'

/**
 * English text of the dashboard. The text catalogues in other languages have the same type, so that the compiler finds
 * missing entries. Libraries such as i18next would add 2 to 16 kB to the page, and find missing entries only with a
 * tool or at run time.
 */
export const en = (grammar: Grammar) => {
  const { number, counted, either } = grammar
  const actions: Record<SessionEvent, string> = {
    CALCULATE_REQUESTED: 'Save result',
    SHARE_REQUESTED: 'Share result',
    SHARE_REVOKE_REQUESTED: 'Revoke share links',
    RESET_REQUESTED: 'Clear result and links',
    RETRY_REQUESTED: 'Try again',
    REASSIGN_REQUESTED: 'Change mentor or organisation',
  }
  const calculations = { one: 'calculation', other: 'calculations' }
  const changes = { one: 'change', other: 'changes' }
  return {
    direction: 'ltr',
    page: {
      name: 'Mentoring benefit',
      title: (name: string) => `${name} – Mentoring benefit`,
      asOf: (time: string) => `As of ${time}`,
      skip: 'Skip to main content',
      footer:
        'Value is what it would have cost to pay someone for the mentors’ hours. Amounts without a currency sign are in each organisation’s own currency.',
    },
    states: {
      INITIAL: 'No result yet',
      LOADING: 'Calculating',
      LOADED: 'Calculated',
      ERROR: 'Failed',
      CLOSED: 'Deleted',
    } satisfies Record<SessionState, string>,
    events: {
      SESSION_STARTED: 'Started',
      CALCULATE_REQUESTED: 'Result requested',
      SHARE_REQUESTED: 'Shared',
      SHARE_REVOKE_REQUESTED: 'Share links revoked',
      RESET_REQUESTED: 'Result and links cleared',
      RETRY_REQUESTED: 'Tried again',
      REASSIGN_REQUESTED: 'Mentor or organisation changed',
      SESSION_CLOSED: 'Deleted',
    } satisfies Record<TransitionEvent, string>,
    /** Reasons why an output can't be calculated. */
    undefinedBecause,
    notKnown: 'reason not known',
    mentor: 'Mentor',
    organisation: 'Organisation',
    state: 'Status',
    netBenefit: 'Net benefit',
    timeValue: 'Value of mentors’ time',
    programmeCost: 'Programme cost',
    labelled: (name: string, text: string) => `${name}: ${text}`,
    cancel: 'Cancel',
    none: 'none',
    showAll: (count: number) => `Show all ${number(count)}`,
    /** Value per unit of money spent. */
    spent: <T>(ratio: T, one: string): Phrase<T> => [ratio, ' for every ', one, ' spent'],
    picture,
    ratioBar,
    welcome: {
      heading: 'What is your mentoring worth?',
      lead: 'Enter four numbers about your programme. You’ll see what it costs, what you’d pay someone for the same hours, and how the two compare.',
      tryExample: 'Try an example',
      isPreview: 'Change the numbers to see what happens. Nothing is saved.',
      nothingYet: 'No calculations yet. They appear here as soon as someone starts one.',
      startStep: <T>(bold: (text: string) => T): Phrase<T> => [
        bold('Start a calculation'),
        ' for a mentor and, if you like, an organisation.',
      ],
      numbersStep: <T>(bold: (text: string) => T): Phrase<T> => [
        bold('Enter the numbers'),
        ': how many sessions, how long, what each costs and what an hour is worth.',
      ],
      shareStep: <T>(bold: (text: string) => T): Phrase<T> => [
        bold('Share the result'),
        ' with a link. It never names the mentor, and you can revoke it at any time.',
      ],
      secondWindow: 'Everyone sees changes immediately. To try it, open this page in a second window.',
      forExample: 'For example',
      example: (sessions: number, minutes: number, cost: string, hour: string) =>
        `${counted(sessions, { one: 'session', other: 'sessions' })} of ${counted(minutes, { one: 'minute', other: 'minutes' })} cost ${cost} each. You’d pay someone ${hour} an hour for this work.`,
    },
    start: {
      open: 'Start a calculation',
      what: 'A calculation contains one programme’s numbers and results.',
      mentorHint: 'The mentor’s name or ID, as in your records',
      mentorIsYou: 'This is you',
      organisationHint: 'Optional: the organisation that runs the programme',
      organisationIsYours: 'This is your organisation',
      noOrganisation: 'Your account has no organisation. Leave this empty, or ask your administrator.',
      /** Shown if an existing name differs from the entered name only in spelling. */
      exists: (name: string) => `“${name}” already exists.`,
      submit: 'Start calculation',
      done: 'Calculation started.',
    },
    proposal: proposalEn,
    months: monthsEn(grammar),
    shared: sharedEn(grammar),
    selected: selectedEn(grammar),
    yearlyCosts: yearlyCostsEn(grammar),
    list: {
      all: 'All calculations',
      filtered: 'Filtered calculations',
      any: 'Any',
      clear: 'Clear filters',
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
      stateNames: {
        INITIAL: 'No result yet',
        LOADING: 'Calculating',
        LOADED: 'With a result',
        ERROR: 'Failed',
      } satisfies Record<Exclude<SessionState, 'CLOSED'>, string>,
      isNew: 'new',
      isChanged: 'changed',
      suggestions: (count: number) => counted(count, { one: 'suggestion', other: 'suggestions' }),
      shown: (shown: number, total: number) => `Showing ${number(shown)} of ${number(total)}.`,
      filters: 'Filters',
      without: (filter: string) => `Remove filter ${filter}`,
      order: 'Sort order',
      inOrder: (field: string, descending: boolean) => `${field}, ${descending ? 'descending' : 'ascending'}`,
      started: 'Started',
      noCurrency: 'no currency',
      amountsIn: 'Amounts in',
      exportCsv: 'Export CSV',
      fileTooLarge:
        'This file is too large to export here. Filter the list first, or ask your administrator for the file.',
      print: 'Print',
      readingToPrint: 'Loading all calculations before printing.',
      readSoFar: (count: number) => `${number(count)} loaded…`,
      nothingFound: 'No calculations match these filters.',
      nothing: 'No calculations yet.',
      reading: 'Loading…',
      full: (most: number, total: number) =>
        `The list shows ${number(most)} of ${counted(total, calculations)}. Filter by mentor or organisation to see the rest.`,
    },
    connection: {
      offline: 'Offline',
      connecting: 'Connecting',
      live: 'Live',
      reconnecting: 'Reconnecting',
      now: 'now',
      nothingMissed: 'nothing missed',
      reloaded: 'reloaded after a gap',
      caughtUp: (count: number) => `caught up on ${counted(count, changes)}`,
      what: 'This page shows changes to all calculations as they happen. If the connection breaks, the page catches up automatically, so you miss nothing.',
      lastEvent: (time: string) => `Last change: ${time}`,
      announcedLost: 'Connection lost. Reconnecting.',
      announcedNothingMissed: 'Reconnected. You missed nothing.',
      announcedCaughtUp: (count: number) => `Reconnected. Caught up on ${counted(count, changes)}.`,
      announcedReload: 'Reconnected. Some changes were no longer available, so all calculations were reloaded.',
    },
    menu: {
      calculations: 'Calculations',
      open: 'Menu',
      language: 'Language',
      browserLanguage: 'Browser language',
      unsaved: 'Save or undo your changes first.',
      yearStart: 'Financial year starts in',
      developers: 'For developers',
    },
    session: {
      back: 'Back to the list',
      heading: 'Calculation',
      none: 'This calculation doesn’t exist',
      edit: 'Edit numbers',
      more: 'More',
      similar: 'Start a similar one',
      late: 'The server isn’t answering. Check your internet connection. The calculation opens automatically as soon as the server answers.',
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
      SHARE_REVOKE_REQUESTED: 'Share links revoked.',
      RESET_REQUESTED: 'Result and share links cleared.',
      RETRY_REQUESTED: 'Calculated again.',
    } satisfies Record<EventWithoutPayload | 'CALCULATE_REQUESTED', string>,
    /** Messages after an event that the server accepted but that changed nothing. */
    unchanged: {
      CALCULATE_REQUESTED: 'These numbers are already saved.',
      SHARE_REQUESTED: 'This result is already shared. Here is its link.',
      SHARE_REVOKE_REQUESTED: 'There was no share link to revoke.',
      RESET_REQUESTED: 'There was nothing to clear.',
      RETRY_REQUESTED: 'There was nothing to calculate again.',
    } satisfies Record<EventWithoutPayload | 'CALCULATE_REQUESTED', string>,
    close: {
      open: 'Delete calculation',
      heading: 'Delete this calculation?',
      what: 'All its results and share links are deleted for everyone. “Undo” in the list starts it again with the same numbers, but without links and history. Right now it has:',
      keep: 'Keep it',
      done: 'Calculation deleted.',
      closed: 'This calculation was deleted, with its results and share links.',
      gone: 'This calculation was deleted, or you no longer have access to it.',
    },
    reset: {
      heading: 'Clear the result and share links?',
      what: 'This removes for everyone:',
      numbersStay: 'Your numbers stay in the form.',
      keep: 'Keep them',
    },
    /** Describes what is removed when a calculation is cleared or deleted. */
    ends: {
      result: <T>(net: T): Phrase<T> => ['the result, a net benefit of ', net],
      links: (count: number) =>
        count === 0
          ? 'no share links'
          : `${counted(count, { one: 'share link', other: 'share links' })}, which will stop working`,
    },
    /** Shown when someone else has changed the numbers that the user is editing. */
    conflict: {
      heading: 'This changed while you were editing',
      you: 'You, in another window,',
      saved: <T>(who: T | null, at: string | null): Phrase<T> => [
        who ?? 'Someone else',
        ` saved other numbers${at === null ? '' : ` (${at})`}. Yours are not saved yet.`,
      ],
      reset: <T>(who: T | null, at: string | null): Phrase<T> => [
        who ?? 'Someone else',
        ` cleared the result and share links${at === null ? '' : ` (${at})`}. Your numbers are not saved yet.`,
      ],
      /** Shown when someone else has changed only fields that this user has not edited. */
      merged: <T>(who: T | null, at: string | null, fields: string): Phrase<T> => [
        who ?? 'Someone else',
        ` changed ${fields}${at === null ? '' : ` (${at})`}. Your changes are still here, and not saved yet.`,
      ],
      announcedMerge: (fields: string) => `Someone else changed ${fields}. Your changes are still here.`,
      field: 'Field',
      theirs: 'Saved',
      mine: 'Yours',
      keepMine: 'Keep mine',
      useTheirs: 'Use theirs',
      clear: 'Clear the form',
      announced: 'This calculation changed while you were editing. Choose which numbers to keep.',
      meanwhile: 'This calculation has just changed. Please check it again.',
    },
    calculator: {
      heading: 'Calculator',
      sessions: 'Number of sessions',
      avgMinutes: 'Average length',
      costPerSession: 'Cost per session',
      costPerHour: 'Value per hour',
      sessionsHint: (most: number) => `A whole number, up to ${number(most)}`,
      avgMinutesHint: (most: number) => `In minutes, up to ${number(most)}`,
      costPerSessionHint: 'What your organisation spends on each session',
      costPerHourHint: 'What you’d pay someone for this work',
      stated: 'Name, currency, source',
      optional: 'optional',
      label: 'Name of this calculation',
      labelHint: 'Shown with the result and on its shared page',
      labelExample: 'Spring 2026, Year 9 reading',
      currency: 'Currency',
      currencyHint: 'For example GBP',
      /** Shown if the currency was derived from the symbol beside an amount. */
      currencyOfSign: (code: string) => `${code}, from the sign beside the amount`,
      noPeriod: 'No period',
      lastMonth: 'Last month',
      otherPeriod: 'Another period',
      countsIn: (month: string) => `Counts in ${month}`,
      /** Of a saved calculation without a period. */
      countedIn: (month: string) => `Counts in ${month}, when it was calculated`,
      /** Of a calculation without a period that is not saved. */
      countsNow: (month: string) => `Without a period, it counts in ${month}, the month in which you save it`,
      periodOfName: (period: string) => `Use the period from the name: ${period}`,
      from: 'First day',
      fromHint: 'Date of the first session',
      to: 'Last day',
      toHint: 'Date of the last session',
      valueSource: 'Source of the value per hour',
      valueSourceHint: 'Where the value comes from, such as a survey',
      valueSourceExample: 'ASHE 2025, teaching assistants, median',
      low: 'Lowest value per hour',
      lowHint: 'The lowest plausible value',
      high: 'Highest value per hour',
      highHint: 'The highest plausible value',
      note: 'Assumptions',
      noteHint: 'Shown with the result and on its shared page',
      calculate: 'Calculate',
      undo: 'Undo changes',
      slow: 'Saving. The server hasn’t answered yet.',
      waits: 'We can’t reach the server. Your result will be saved as soon as it’s back.',
      stopWaiting: 'Don’t save',
      failed: 'The server couldn’t calculate this. Press “Try again”.',
    },
    didYouMean: (number: string) => `Did you mean ${number}?`,
    understood: (number: string) => `We read this as ${number}`,
    faults: {
      required: (field: string) => `${field} is required.`,
      atLeastZero: (field: string) => `${field} can’t be less than 0.`,
      /** Message for an amount in brackets, which are accounting notation for a negative amount. */
      inBrackets: (field: string) => `An amount in brackets is negative. ${field} can’t be less than 0.`,
      atMost: (field: string, most: number) => `${field} can’t be more than ${number(most)}.`,
      noNumber: (field: string, example: string) => `${field} must be a number, for example ${example}.`,
      /** Message for a number in another locale's notation. `example` shows decimals in the user's notation. */
      writtenElsewhere: (example: string) =>
        `Use a ${example.includes(',') ? 'comma' : 'full stop'} for decimals, for example ${example}.`,
      otherCurrency: (field: string, currency: string) => `${field} must be in ${currency}, the currency below.`,
      /** Message if two amounts have symbols of different currencies. */
      twoCurrencies: (field: string, sign: string, other: string) => `${field} must be in ${sign}, like ${other}.`,
      /** Message if several currencies use this symbol. */
      whichCurrency: (sign: string) => `Which currency is ${sign}? Enter its code, for example USD.`,
      whole: (field: string) => `${field} must be a whole number.`,
      decimals: (field: string, most: number) =>
        `${field} can have at most ${counted(most, { one: 'decimal place', other: 'decimal places' })}.`,
      length: (field: string, most: number) =>
        `${field} must be 1 to ${counted(most, { one: 'character', other: 'characters' })} long.`,
      unprintable: (field: string) => `${field} contains a character that can’t be shown. Please type it again.`,
      currency: 'Enter a currency code, for example GBP.',
      lastDay: 'Last day can’t be before the first day.',
      low: 'Lowest value per hour can’t be more than the value per hour.',
      high: 'Highest value per hour can’t be less than the value per hour.',
      day: (field: string) => `${field} must be a date, for example 31 March 2026.`,
      other: (field: string) => `${field} was not accepted. Please check it.`,
      /** Shown on the first submission of the form if the entered name already exists in another spelling. */
      exists: (name: string, entered: string) =>
        `“${name}” already exists. If you mean another one, press the button again to keep “${entered}”.`,
    },
    result: {
      heading: 'Result',
      whatIf: 'What if',
      notSaved: 'not saved',
      empty: 'No result yet. Enter the four numbers: the result appears here as you type.',
      amountsIn: (currency: string) => `amounts in ${currency}`,
      noRatio: <T>(reason: T): Phrase<T> => ['No ratio: ', reason],
      noneBecause: (reason: string) => `none: ${reason}`,
      /**
       * Label of the yearly costs as entered, which are shown if the rounded cost per session results in a different
       * total.
       */
      entered: 'Yearly costs entered',
      totalHours: 'Hours of mentoring',
      roiPercent: 'Return on cost',
      costPerHourDelivered: 'Cost per hour',
      valuePerSession: 'Value per session',
      netPerSession: 'Net benefit per session',
      breakEvenMinutes: 'Break-even length',
      caveat,
      method: <T>(method: T): Phrase<T> => ['Method ', method, '.'],
      announcedWhatIf: (net: string) => `What if: net benefit ${net}.`,
      announcedOther: (net: string) => `The result has changed: net benefit ${net}.`,
    },
    share: {
      live: (count: number) => counted(count, { one: 'share link', other: 'share links' }),
      lead: 'Anyone with the link can see this result, but no mentor’s name. You can revoke the link at any time.',
      create: 'Create link',
      showOrganisation: <T>(name: T): Phrase<T> => ['Show the organisation: ', name],
      shown: 'The shared page now shows the organisation.',
      hidden: 'The shared page no longer shows the organisation.',
      older: 'Links to older results',
      close: 'Close',
      computed: (at: string) => `the result of ${at}`,
      link: 'Link to the shared result',
      formerLink: (of: string) => `Link to an older result: ${of}`,
      copy: 'Copy',
      copied: 'Copied',
      announcedCopied: 'Link copied.',
      selected: 'We couldn’t copy the link. It is selected, so you can copy it yourself.',
      visibleUntil: (until: string) =>
        `Anyone with this link can see the result, but no mentor’s name, until ${until}.`,
      open: 'Open shared page',
      revoke: (count: number) =>
        count === 1 ? 'Revoke link' : count === 2 ? 'Revoke both links' : `Revoke all ${number(count)} links`,
      confirmHeading: (count: number) =>
        count === 1 ? 'Revoke this link?' : count === 2 ? 'Revoke both links?' : `Revoke all ${number(count)} links?`,
      revokes: (count: number) =>
        `${count === 1 ? 'This link' : 'These links'} will stop working. You can share the result again at any time.`,
      keep: (count: number): string => (count === 1 ? 'Keep it' : 'Keep them'),
    },
    older: {
      count: (count: number) => counted(count, { one: 'older result', other: 'older results' }),
      older: 'Older',
      current: 'Current',
      take: 'Use these numbers again',
      otherCurrency: 'Different currencies can’t be compared.',
    },
    timeline: {
      heading: 'History',
      by: <T>(who: T): Phrase<T> => ['by ', who],
      /** Tells screen readers about a transition that was made by someone else or in another window. */
      announced: (event: string, by: string | null) => `${event}${by === null ? ' in another window' : ` by ${by}`}.`,
    },
    account: {
      account: 'Account',
      nameless: 'an account without a name',
      signedInAs: 'Signed in as',
      signedInWith: <T>(who: T, host: string): Phrase<T> => ['Signed in as ', who, ` with ${host}.`],
      signedInWithKey: <T>(who: T): Phrase<T> => ['Signed in as ', who, ' with a service key.'],
      sees: <T>(may: 'read' | 'change', mentor: T | null, organisation: T | null): Phrase<T> => [
        may === 'read' ? 'You can see ' : 'You can see and change ',
        ...(mentor === null ? ['all calculations'] : ['the calculations of mentor ', mentor]),
        ...(organisation === null ? [] : [' at ', organisation]),
        '.',
      ],
      signOut: 'Sign out',
      ended: 'Your sign-in has expired. What you’ve typed is still here.',
      signInAgain: 'Sign in again',
    },
    signIn: {
      entering: (host: string) => `Signing you in with ${host}…`,
      otherAccount: 'Use another account',
      notLetIn: 'You don’t have access',
      notSignedIn: 'You’re not signed in',
      askOperator: 'Ask your administrator.',
      tryAgain: 'Try again',
      heading: 'Sign in to see your calculations',
      lead: (host: string) =>
        `See what your mentoring programmes cost and what the mentors’ time is worth. Sign in with your ${host} account.`,
      signIn: 'Sign in',
      keyLead:
        'See what your mentoring programmes cost and what the mentors’ time is worth. Sign in with a service key. Your administrator can give you one.',
      key: 'Service key',
      keyHint: 'The key stays in this tab only, until you close the tab or sign out.',
      keyRefused: 'This server doesn’t accept this key. Check that it is complete and still valid.',
      otherKey: 'This key has different permissions. Sign out first, then sign in with this key.',
      impossible: 'Sign-in isn’t set up',
      noClient: <T>(host: string, setting: T): Phrase<T> => [
        `This server accepts tokens from ${host}, but has no client ID for this page. Your administrator can set it in `,
        setting,
        '.',
      ],
      withToken: <T>(docs: T): Phrase<T> => ['If you have a token, you can use REST and GraphQL: see ', docs, '.'],
      noRole: 'Your account has no role here.',
      tokenRefused: (host: string) => `This server doesn’t accept the sign-in from ${host}.`,
      needsHttps: 'Signing in needs a secure connection. Open this page with https:// in its address.',
      noEndpoint: (host: string) => `${host} has no sign-in page. Ask your administrator.`,
      refused: (host: string, reason: string) => `${host} refused the sign-in: ${reason}`,
      otherSubject: (host: string) => `${host} signed in a different account.`,
      noIdToken: 'Your sign-in couldn’t be renewed: there was no new ID token.',
      badAnswer: (host: string, reason: string) => `The answer from ${host} doesn’t match this sign-in: ${reason}.`,
      unreachable: (host: string, page: string) =>
        `We can’t reach ${host}, where you sign in. It may be down, or this page (${page}) may not be registered there.`,
    },
    /** Shown if the server has not responded to a change for a second. */
    slow: 'The server hasn’t answered yet. We’re still trying.',
    /** Shown while a change waits until the server is reachable again. */
    waits: 'We can’t reach the server. We’ll make this change as soon as it’s back.',
    unreachable: 'We can’t reach the server right now. As far as we know, nothing was changed. Try again in a moment.',
    refused: 'The server didn’t accept this.',
    /** Messages for refused requests, keyed by error code. */
    refusals: {
      SESSION_NOT_FOUND: () => 'There is no calculation with this ID. It may have been deleted.',
      RESULT_NOT_FOUND: () => 'This result no longer exists.',
      EXTERNAL_ID_TAKEN: () => 'Another calculation of this organisation has the same external ID.',
      EVENT_REFUSED: ({ allowedEvents = [] }) =>
        allowedEvents.length === 0
          ? 'This calculation has changed and can’t be edited right now.'
          : `This calculation has changed. You can now choose ${either(allowedEvents.map(event => `“${actions[event]}”`))}.`,
      SESSION_FULL: ({ limit = 0 }) =>
        `This calculation has reached its limit of ${counted(limit, changes)}. You can still read or delete it. Start a new one for other numbers.`,
      LIMIT_REACHED: ({ limit = 0 }) =>
        `The maximum of ${number(limit)} has been reached. Delete or revoke what you no longer need.`,
      VERSION_MISMATCH: () => 'This calculation has changed. Check it and try again.',
      REQUEST_IN_FLIGHT: () => 'The server is still processing this change. Try again in a moment.',
      IDEMPOTENCY_KEY_REUSED: () => 'The server mistook this request for an earlier one. Try again.',
      CURSOR_EXPIRED: () => 'This page is too far behind to catch up. Reload it.',
      INVALID_CURSOR: () => 'This page can’t catch up. Reload it.',
      VALIDATION_FAILED: () => 'The server didn’t accept this. Check what you’ve entered.',
      BAD_USER_INPUT: () => 'The server didn’t accept this. Check what you’ve entered.',
      PAYLOAD_TOO_LARGE: ({ limit = 0 }) =>
        `That’s too much to send at once. The limit is ${counted(limit, { one: 'byte', other: 'bytes' })}.`,
      UNAUTHENTICATED: () => 'You’re no longer signed in. Sign in again.',
      FORBIDDEN: () => 'Your role doesn’t allow this. Ask your administrator.',
      RATE_LIMITED: () => 'Too many requests. Try again in a moment.',
      UNAVAILABLE: () => 'The server can’t answer right now. Try again in a moment.',
      INTERNAL: () => 'Something went wrong on the server. If it happens again, tell your administrator.',
    } satisfies ErrorMessages,
  }
}
