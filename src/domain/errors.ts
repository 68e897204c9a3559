import { type ZodError, type ZodType, z } from 'zod'
import { nearestName } from './nearest-name'
import { sessionEventSchema as event, stateSchema as state } from './session'

export const faultSchema = z.object({
  detail: z.string(),
  pointer: z.string().exactOptional().describe('JSON Pointer into the body.'),
  parameter: z.string().exactOptional().describe('Name of the query parameter.'),
  header: z.string().exactOptional().describe('Name of the header.'),
})

/** One fault of a request, and its location. Without a location, it concerns the whole request. */
export type Fault = z.infer<typeof faultSchema>

const count = z.int().min(0)
const errors = z.array(faultSchema)
const noFacts = z.object({})

/** The closed set of error codes, each with the facts that its response carries. */
export const factSchemas = {
  invalid_json: z.object({ errors }),
  invalid_query: z.object({ errors }),
  invalid_cursor: z.object({ errors }),
  invalid_request: z.object({ errors }),
  unauthenticated: noFacts,
  forbidden: noFacts,
  route_not_found: noFacts,
  session_not_found: noFacts,
  result_not_found: noFacts,
  share_not_found: noFacts,
  webhook_endpoint_not_found: noFacts,
  method_not_allowed: noFacts,
  not_acceptable: noFacts,
  event_refused: z.object({ current_state: state, event, allowed_events: z.array(event) }),
  session_full: z.object({ limit: count.describe('Maximum number of transitions of a session.') }),
  limit_reached: z.object({ limit: count }),
  endpoint_inactive: noFacts,
  request_in_flight: noFacts,
  share_gone: noFacts,
  cursor_expired: noFacts,
  version_mismatch: z.object({ current_version: count, errors: errors.exactOptional() }),
  payload_too_large: z.object({ limit: count.describe('Maximum size of the body, in bytes.') }),
  unsupported_media_type: noFacts,
  validation_failed: z.object({ errors }),
  idempotency_key_reused: noFacts,
  rate_limited: noFacts,
  internal: noFacts,
  unavailable: noFacts,
}

export type ErrorCode = keyof typeof factSchemas
export type Facts = { [C in ErrorCode]: z.infer<(typeof factSchemas)[C]> }

/** All error codes, in the order in which clients see them listed. */
export const errorCodes = Object.keys(factSchemas) as ErrorCode[]

const faults = ({ errors }: { errors: Fault[] }): string =>
  errors
    .map(({ detail, pointer, parameter, header }) => {
      const place = pointer ?? parameter ?? header
      return place ? `${place} ${detail}` : `The request ${detail}`
    })
    .join('; ')
    .concat('.')

/** Error messages for people, made from the facts. */
const messages: { [C in ErrorCode]: (facts: Facts[C]) => string } = {
  invalid_json: faults,
  invalid_query: faults,
  invalid_cursor: faults,
  invalid_request: faults,
  unauthenticated: () => 'Not signed in: send a bearer token in `Authorization`.',
  forbidden: () => 'Your role does not allow this.',
  route_not_found: () => 'Nothing is served at this path. `/docs` lists all paths.',
  session_not_found: () => 'No session has this id. It was closed, or it never existed.',
  result_not_found: () => 'The session has no result with this id.',
  share_not_found: () => 'No share link has this token.',
  webhook_endpoint_not_found: () => 'No webhook endpoint has this id.',
  method_not_allowed: () => 'This method is not allowed here. `Allow` lists the methods that are.',
  not_acceptable: () => 'Not available in any media type that `Accept` names.',
  event_refused: ({ current_state, event, allowed_events }) =>
    `A session in state ${current_state} does not accept ${event}. It accepts ${allowed_events.join(', ') || 'no event'}.`,
  session_full: ({ limit }) =>
    `A session has at most ${limit} transitions, and this one has no room for the event. You can still read and close it.`,
  limit_reached: ({ limit }) => `There are ${limit} already, which is the maximum. Delete one first.`,
  endpoint_inactive: () =>
    'The webhook endpoint is paused or disabled. Change it with `paused: false` to enable it first.',
  request_in_flight: () => 'A request with this idempotency key is still in progress. Retry to get its response.',
  share_gone: () => 'This share link was revoked or has expired. Ask for a new one.',
  cursor_expired: () => 'The events after this cursor are no longer stored. Read the sessions again.',
  version_mismatch: ({ current_version, errors }) =>
    errors
      ? `${faults({ errors })} The session is at version ${current_version}.`
      : `Precondition failed: the session is at version ${current_version}. Read it again before you retry.`,
  payload_too_large: ({ limit }) => `The body is larger than the maximum of ${limit} bytes.`,
  unsupported_media_type: () => 'Send the body as application/json in UTF-8.',
  validation_failed: faults,
  idempotency_key_reused: () => 'This idempotency key was used for a different request. Use a new key.',
  rate_limited: () => 'Too many requests from this address. Try again later.',
  internal: () => 'Internal error. The server logged the cause under the request id.',
  unavailable: () => 'The server is temporarily unavailable. Try again in a few seconds.',
}

/** Returns the message for a code and its facts. */
export const messageOf = <C extends ErrorCode>(code: C, facts: Facts[C]): string => messages[code](facts)

/** Error with a code of the closed set and its facts. REST and GraphQL each translate it to their protocol. */
export class DomainError<C extends ErrorCode = ErrorCode> extends Error {
  readonly facts: Facts[C]
  #ownMessage: string | undefined

  constructor(
    readonly code: C,
    ...[facts]: Record<string, never> extends Facts[C] ? [] : [facts: Facts[C]]
  ) {
    super(messageOf(code, (facts ?? {}) as Facts[C]))
    this.name = 'DomainError'
    this.facts = (facts ?? {}) as Facts[C]
  }

  /** Replaces the message made from the facts by a more exact one. Returns the error. */
  withMessage(message: string): this {
    this.message = message
    this.#ownMessage = message
    return this
  }

  /** The message that `withMessage` set. */
  get ownMessage(): string | undefined {
    return this.#ownMessage
  }
}

/** Creates an `unavailable` error. The cause is for the log. */
export function unavailable(cause: unknown): DomainError {
  const error = new DomainError('unavailable')
  error.cause = cause
  return error
}

/** Fault of a token, with an error code of RFC 6750 §3.1. */
export class TokenFault extends Error {
  constructor(
    readonly error: 'invalid_request' | 'invalid_token',
    description: string,
  ) {
    super(description)
  }
}

/** Description of the fault of a token that has expired. */
export const tokenExpired = 'The token has expired.'

/** Creates an `unauthenticated` error. A fault says why the token is invalid. Without one, no token was sent. */
export function unauthenticated(fault?: TokenFault): DomainError {
  const error = new DomainError('unauthenticated')
  error.cause = fault
  return fault ? error.withMessage(fault.message) : error
}

const escaped = (segment: PropertyKey): string => String(segment).replaceAll('~', '~0').replaceAll('/', '~1')

/** Converts a path of member names to a JSON Pointer (RFC 6901). */
export const pointer = (path: readonly PropertyKey[]): string => path.map(segment => `/${escaped(segment)}`).join('')

/** Replaces a request's number that cannot be read exactly. Every schema refuses it: too large, and no integer. */
export const unreadableNumber = 2 ** 52 - 0.5

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is required'
    return issue.expected === 'int' ? 'must be a whole number' : `must be ${article(issue.expected)}`
  }
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  if (issue.code === 'too_big') {
    return issue.input === unreadableNumber
      ? 'has too many digits to be read exactly'
      : `must be at most ${issue.maximum}`
  }
  if (issue.code === 'invalid_value') {
    return issue.input === undefined ? 'is required' : `must be one of ${issue.values.join(', ')}`
  }
  return issue.message
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)

/** Converts zod's issues to faults, with pointers below `base`. Returns the first fault of each pointer. */
export function faultsOf(error: ZodError, base: PropertyKey[] = []): Fault[] {
  const found = error.issues.flatMap((issue): Fault[] => {
    const path = [...base, ...issue.path]
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map(key => ({ detail: 'is not a known member', pointer: pointer([...path, key]) }))
      : [{ detail: sentence(issue), pointer: pointer(path) }]
  })
  const first = new Map(found.toReversed().map(fault => [fault.pointer, fault]))
  return found.filter(fault => first.get(fault.pointer) === fault)
}

/** Parses `value`. Throws validation_failed with every fault, at its pointer below `base`. */
export function valid<S extends ZodType>(schema: S, value: unknown, base: PropertyKey[] = []): z.output<S> {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return parsed.data
  throw new DomainError('validation_failed', { errors: faultsOf(parsed.error, base) })
}

/**
 * Parses query parameters. Throws invalid_query with every fault, at its parameter. A strict schema refuses unknown
 * parameters, and the fault names the nearest known one.
 */
export function validQuery<S extends z.ZodObject>(schema: S, query: Record<string, unknown>): z.output<S> {
  const parsed = schema.safeParse(query, { reportInput: true })
  if (parsed.success) return parsed.data
  const known = Object.keys(schema.shape)
  const details = new Map<string, string>()
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys) details.set(name, unknownParameter(name, known))
      continue
    }
    const name = String(issue.path[0])
    if (!details.has(name)) details.set(name, Array.isArray(query[name]) ? 'must appear only once' : sentence(issue))
  }
  throw new DomainError('invalid_query', { errors: [...details].map(([parameter, detail]) => ({ detail, parameter })) })
}

function unknownParameter(name: string, known: string[]): string {
  if (name === '') return 'has a parameter without a name'
  if (known.length === 0) return 'is not a known parameter: this operation has no query parameters'
  const nearest = nearestName(name, known)
  return `is not a known parameter (${nearest ? `did you mean ${nearest}?` : `known: ${known.join(', ')}`})`
}

/** Thrown if the server cannot start. The message is one line: the reason, and what to do. */
export class StartupError extends Error {}

export type GapReason = 'expired' | 'unknown'

/** Thrown if the history after a position is gone (`expired`), or if the position was never issued (`unknown`). */
export class HistoryGone extends Error {
  constructor(readonly reason: GapReason) {
    super(`the history is gone: ${reason}`)
  }
}
