import type {
  AllGroupsOptions,
  AllSessionsOptions,
  ChangeOptions,
  ClientOptions,
  FilterOptions,
  FollowOptions,
  FollowSessionsOptions,
  FollowSummaryOptions,
  ListGroupsOptions,
  ListSessionsOptions,
  NewSession,
  PageOptions,
  RequestOptions,
  ShareOptions,
  TrendOptions,
} from './options.js'
import type { FeedFilter, SessionFilter } from './schema.js'

/** Every name of an interface. */
type Names<Options> = Record<keyof Options, true>

const filterMembers: Names<SessionFilter & FeedFilter> = {
  mentorId: true,
  organisationId: true,
  withoutOrganisation: true,
  state: true,
  months: true,
  events: true,
}

const request: Names<RequestOptions> = { signal: true, maxAttempts: true, onRetry: true }
const change: Names<ChangeOptions> = { ...request, idempotencyKey: true }
const filter: Names<FilterOptions> = { ...request, filter: true }
const page: Names<PageOptions> = { first: true, after: true }
const allSessions: Names<AllSessionsOptions> = { ...filter, orderBy: true }
const allGroups: Names<AllGroupsOptions> = { ...filter, search: true, orderBy: true }
const listGroups: Names<ListGroupsOptions> = { ...allGroups, ...page }
const follow: Names<FollowOptions> = { signal: true }

/** The options of each call. */
const optionNames = {
  'new SessionsClient': {
    url: true,
    token: true,
    webSocketImpl: true,
    timeoutMs: true,
    keepAliveMs: true,
    errorMessages: true,
    connectionErrorMessage: true,
  } satisfies Names<ClientOptions>,
  followSessions: { ...follow, filter: true, resume: true } satisfies Names<FollowSessionsOptions>,
  followSession: follow,
  followSummary: { ...follow, filter: true } satisfies Names<FollowSummaryOptions>,
  'startSession(session)': { mentorId: true, organisationId: true } satisfies Names<NewSession>,
  startSession: change,
  calculate: change,
  dispatchEvent: change,
  share: { ...change, expiresInDays: true } satisfies Names<ShareOptions>,
  revokeShare: change,
  closeSession: request,
  eraseMentor: request,
  getSession: request,
  listSessions: { ...allSessions, ...page } satisfies Names<ListSessionsOptions>,
  allSessions,
  countSessions: filter,
  listResults: request,
  listShares: request,
  getSharedResult: request,
  preview: request,
  getSummary: filter,
  getTrend: { ...filter, last: true } satisfies Names<TrendOptions>,
  listMentors: listGroups,
  allMentors: allGroups,
  listOrganisations: listGroups,
  allOrganisations: allGroups,
  request,
  useSessions: { filter: true },
  useSummary: { filter: true },
} satisfies Record<string, Partial<Record<string, true>>>

/** A call that takes options. */
export type Call = keyof typeof optionNames

/** Throws TypeError if a call has an option that it does not know. The message says where the option belongs. */
export function checkOptions(call: Call, options: object): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(optionNames[call], name)) continue
    throw new TypeError(`\`${call}\` has no option \`${name}\`. ${placeOf(name, call)}`)
  }
}

/** Returns a sentence that says where an option belongs. */
function placeOf(name: string, call: Call): string {
  if (Object.hasOwn(filterMembers, name) && Object.hasOwn(optionNames[call], 'filter')) {
    return `Put it into \`filter\`: { filter: { ${name}: … } }.`
  }
  const places = Object.entries(optionNames).filter(([, names]) => Object.hasOwn(names, name))
  if (places.length > 0) return `It is an option of ${listed(places.map(([place]) => place))}.`
  return `Its options are ${listed(Object.keys(optionNames[call]))}.`
}

const listed = (names: string[]): string => names.map(name => `\`${name}\``).join(', ')
