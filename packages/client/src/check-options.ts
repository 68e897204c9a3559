import { capabilityOptions } from './capabilities/options.js'
import { filter, follow, type Names, page, request } from './option-names.js'
import type {
  AllSessionsOptions,
  ChangeOptions,
  ClientOptions,
  FollowSessionsOptions,
  ListSessionsOptions,
  ListSharedLinksOptions,
  ListTransitionsOptions,
  NewSession,
  ShareOptions,
} from './options.js'
import type { FeedFilter, ReassignInput, SessionFilter } from './schema.js'

const filterMembers: Names<SessionFilter & FeedFilter> = {
  mentorId: true,
  organisationId: true,
  withoutOrganisation: true,
  externalId: true,
  state: true,
  months: true,
  events: true,
}

const change: Names<ChangeOptions> = { ...request, idempotencyKey: true }
const allSessions: Names<AllSessionsOptions> = { ...filter, orderBy: true }

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
  'startSession(session)': {
    mentorId: true,
    organisationId: true,
    externalId: true,
    inputs: true,
  } satisfies Names<NewSession>,
  startSession: change,
  calculate: change,
  dispatchEvent: change,
  'reassign(owner)': { mentorId: true, organisationId: true } satisfies Names<ReassignInput>,
  reassign: change,
  share: { ...change, expiresInDays: true, showOrganisation: true } satisfies Names<ShareOptions>,
  revokeShare: change,
  closeSession: request,
  eraseMentor: request,
  getSession: request,
  listSessions: { ...allSessions, ...page } satisfies Names<ListSessionsOptions>,
  allSessions,
  countSessions: filter,
  listResults: request,
  listShares: request,
  listTransitions: { ...request, first: true, after: true } satisfies Names<ListTransitionsOptions>,
  listSharedLinks: { ...filter, ...page } satisfies Names<ListSharedLinksOptions>,
  allSharedLinks: filter,
  getSharedResult: request,
  preview: request,
  request,
  useSessions: { filter: true },
  ...capabilityOptions,
} satisfies Record<string, Partial<Record<string, true>>>

/** Name of a call that has options. */
export type Call = keyof typeof optionNames

/**
 * Throws TypeError if `options` contains a name that is not an option of the call. The error message says where the
 * unknown option belongs, or lists the known options.
 */
export const checkOptions = (call: Call, options: object): void => checkNames(call, options, optionNames[call])

/**
 * Does the same check as `checkOptions`, for a function that another entry point exports. `names` contains the names of
 * the function's options.
 */
export function checkNames(call: string, options: object, names: Partial<Record<string, true>>): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue
    throw new TypeError(`\`${call}\` has no option \`${name}\`. ${hintFor(name, names)}`)
  }
}

/** Returns the part of the error message that says where an option belongs. */
function hintFor(name: string, names: Partial<Record<string, true>>): string {
  if (Object.hasOwn(filterMembers, name) && Object.hasOwn(names, 'filter')) {
    return `Put it into \`filter\`: { filter: { ${name}: … } }.`
  }
  const calls = Object.entries(optionNames).filter(([, names]) => Object.hasOwn(names, name))
  if (calls.length > 0) return `This option belongs to ${listed(calls.map(([call]) => call))}.`
  return `The known options are ${listed(Object.keys(names))}.`
}

const listed = (names: string[]): string => names.map(name => `\`${name}\``).join(', ')
