import type { SessionEvent, SessionState } from './schema.js'

/** One fault of a request. `pointer` is a JSON Pointer relative to the input, or starts with an argument's name. */
export interface Fault {
  detail: string
  pointer?: string
}

interface Faults {
  errors: Fault[]
}

type NoFacts = Record<never, never>

/** The facts that come with each error code. A newer server may send other codes. */
export interface ErrorFacts {
  SESSION_NOT_FOUND: NoFacts
  SHARE_NOT_FOUND: NoFacts
  SHARE_GONE: NoFacts
  WEBHOOK_ENDPOINT_NOT_FOUND: NoFacts
  /** There are `limit` already, the maximum. */
  LIMIT_REACHED: { limit: number }
  /** The webhook endpoint is paused or disabled. */
  ENDPOINT_INACTIVE: NoFacts
  /** The session's state does not allow this event. */
  EVENT_REFUSED: { currentState: SessionState; event: SessionEvent; allowedEvents: SessionEvent[] }
  /** The session has changed since the version that the change is based on. */
  VERSION_MISMATCH: { currentVersion: number }
  /** The session holds `limit` transitions, its maximum. */
  SESSION_FULL: { limit: number }
  VALIDATION_FAILED: Faults
  BAD_USER_INPUT: Faults
  INVALID_CURSOR: Faults
  IDEMPOTENCY_KEY_REUSED: NoFacts
  UNAUTHENTICATED: NoFacts
  FORBIDDEN: NoFacts
  /** The body is larger than `limit` bytes. */
  PAYLOAD_TOO_LARGE: { limit: number }
  INTERNAL: NoFacts
  /** This and the next two are temporary: the client retries, and throws ConnectionError after the last attempt. */
  UNAVAILABLE: NoFacts
  RATE_LIMITED: NoFacts
  REQUEST_IN_FLIGHT: NoFacts
  /** This and the next two come from documents of your own. */
  GRAPHQL_PARSE_FAILED: NoFacts
  GRAPHQL_VALIDATION_FAILED: NoFacts
  OPERATION_RESOLUTION_FAILURE: NoFacts
}

/** Code of an ApiError. */
export type ErrorCode = keyof ErrorFacts

/** Messages by code that replace the server's own, for example in the user's language. */
export type ErrorMessages = { [C in ErrorCode]?: (facts: ErrorFacts[C]) => string }

/** The server refused the request. It would refuse the same request again. */
export class ApiError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ApiError'

  constructor(
    message: string,
    readonly code: C,
    readonly facts: ErrorFacts[C],
  ) {
    super(message)
  }
}

/** Narrows a thrown value: `if (isApiError(error, 'VERSION_MISMATCH')) error.facts.currentVersion`. */
export const isApiError = <C extends ErrorCode>(error: unknown, code: C): error is ApiError<C> =>
  error instanceof ApiError && error.code === code

/** The server was unreachable, or could not respond for now. The request may or may not have taken effect. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'

  constructor(
    message = 'The server is unreachable or temporarily unavailable.',
    options: { cause?: unknown } = {},
    /** Delay that the server asked for before a retry, in ms. 0 if it asked for none. */
    readonly retryAfterMs = 0,
  ) {
    super(message, options)
  }
}

/** An error in a GraphQL response. */
export interface GraphQLError {
  message: string
  extensions?: { code?: string; [fact: string]: unknown }
}

const temporaryCodes: string[] = ['UNAVAILABLE', 'RATE_LIMITED', 'REQUEST_IN_FLIGHT'] satisfies ErrorCode[]

/** Returns whether the first error is temporary, so that a retry may succeed. */
export const isTemporary = ([first]: readonly GraphQLError[]): boolean =>
  temporaryCodes.includes(first?.extensions?.code ?? '')

/** Returns the first error of a response as an ApiError, with the message for its code. */
export function apiErrorOf([first]: readonly GraphQLError[], messages: ErrorMessages = {}): ApiError {
  const { code = 'INTERNAL', ...facts } = first?.extensions ?? {}
  const message = messages[code as ErrorCode] as ((facts: object) => string) | undefined
  return new ApiError(message?.(facts) ?? first?.message ?? code, code as ErrorCode, facts as ErrorFacts[ErrorCode])
}
