import type { SessionEvent, SessionState } from './schema.js'

/** One invalid value of a request. */
export interface InputError {
  /** What is wrong with the value. */
  detail: string
  /** Where it is: a JSON Pointer relative to the input, or one that starts with an argument's name. */
  pointer?: string
}

/** Details of an error code that reports invalid values. */
export interface InputErrors {
  errors: InputError[]
}

/** Details of an error code that has none. */
export type NoDetails = Record<never, never>

/** The details that come with each error code. A newer server may send other codes. */
export interface ErrorDetails {
  /** There is no session with this id, or the caller may not see it. */
  SESSION_NOT_FOUND: NoDetails
  /** There is no share link with this token. */
  SHARE_NOT_FOUND: NoDetails
  /** The share link was revoked, or has expired. */
  SHARE_GONE: NoDetails
  /** There is no webhook endpoint with this id, or the caller may not see it. */
  WEBHOOK_ENDPOINT_NOT_FOUND: NoDetails
  /** There are `limit` already, the maximum. */
  LIMIT_REACHED: { limit: number }
  /** The webhook endpoint is paused or disabled. */
  ENDPOINT_INACTIVE: NoDetails
  /** The session's state does not allow this event. */
  EVENT_REFUSED: { currentState: SessionState; event: SessionEvent; allowedEvents: SessionEvent[] }
  /** The session has changed since the version that the change is based on. */
  VERSION_MISMATCH: { currentVersion: number }
  /** The session holds `limit` transitions, its maximum. */
  SESSION_FULL: { limit: number }
  /** The inputs have invalid values. */
  VALIDATION_FAILED: InputErrors
  /** The request has invalid values, or misses some. */
  BAD_USER_INPUT: InputErrors
  /** The cursor is not one of this server, or not for this order. */
  INVALID_CURSOR: InputErrors
  /** The idempotency key was used for another request. */
  IDEMPOTENCY_KEY_REUSED: NoDetails
  /** The server needs a token, or refuses this one. */
  UNAUTHENTICATED: NoDetails
  /** The caller's role or scope does not allow this. */
  FORBIDDEN: NoDetails
  /** The body is larger than `limit` bytes. */
  PAYLOAD_TOO_LARGE: { limit: number }
  /** Something went wrong on the server. Its log says what. */
  INTERNAL: NoDetails
  /** The server cannot respond for now. The client retries, and throws ConnectionError after the last attempt. */
  UNAVAILABLE: NoDetails
  /** There were too many requests. The client retries, as for UNAVAILABLE. */
  RATE_LIMITED: NoDetails
  /** The server is still working on a request with this idempotency key. The client retries, as for UNAVAILABLE. */
  REQUEST_IN_FLIGHT: NoDetails
  /** A document of your own has a syntax error. */
  GRAPHQL_PARSE_FAILED: NoDetails
  /** A document of your own does not match the schema, or costs too much. */
  GRAPHQL_VALIDATION_FAILED: NoDetails
  /** A document of your own has no operation, or several. */
  OPERATION_RESOLUTION_FAILURE: NoDetails
}

/** Code of an ApiError. */
export type ErrorCode = keyof ErrorDetails

/** Messages by code that replace the server's own, for example in the user's language. */
export type ErrorMessages = { [C in ErrorCode]?: (details: ErrorDetails[C]) => string }

/** The server refused the request. It would refuse the same request again. */
export class ApiError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ApiError'

  constructor(
    message: string,
    /** Says why. It does not change between versions of the server; `message` may. */
    readonly code: C,
    /** What comes with the code, such as `currentVersion`. */
    readonly details: ErrorDetails[C],
  ) {
    super(message)
  }
}

/** Narrows a thrown value: `if (isApiError(error, 'VERSION_MISMATCH')) error.details.currentVersion`. */
export const isApiError = <C extends ErrorCode>(error: unknown, code: C): error is ApiError<C> =>
  error instanceof ApiError && error.code === code

/** The server was unreachable, or could not respond for now. A change may or may not have taken effect. */
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

/** The client was closed with `close()`. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError'

  constructor() {
    super('This client is closed. Create a new SessionsClient.')
  }
}

/** An error in a GraphQL response. */
export interface GraphQLError {
  message: string
  extensions?: { code?: string; [detail: string]: unknown }
}

const temporaryCodes: string[] = ['UNAVAILABLE', 'RATE_LIMITED', 'REQUEST_IN_FLIGHT'] satisfies ErrorCode[]

/** Returns whether the first error is temporary, so that a retry may succeed. */
export const isTemporary = ([first]: readonly GraphQLError[]): boolean =>
  temporaryCodes.includes(first?.extensions?.code ?? '')

/** Returns the first error of a response as an ApiError, with the message for its code. */
export function apiErrorOf([first]: readonly GraphQLError[], messages: ErrorMessages = {}): ApiError {
  const { code = 'INTERNAL', ...details } = first?.extensions ?? {}
  const message = messages[code as ErrorCode] as ((details: object) => string) | undefined
  const text = message?.(details) ?? first?.message ?? code
  return new ApiError(text, code as ErrorCode, details as ErrorDetails[ErrorCode])
}
