import type { ErrorDetails } from './schema.js'

/** Code of an ApiError. */
export type ErrorCode = keyof ErrorDetails

/** Messages by code that replace the server's own, for example in the user's language. */
export type ErrorMessages = { [C in ErrorCode]?: (details: ErrorDetails[C]) => string }

/** The server refused the request, and would refuse a repeat. */
export class ApiError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ApiError'

  constructor(
    message: string,
    /** Reason for the refusal. Unlike `message`, it does not change between versions of the server. */
    readonly code: C,
    /** Data that belongs to the code, such as `currentVersion`. */
    readonly details: ErrorDetails[C],
  ) {
    super(message)
  }
}

/** Narrows a thrown value: `if (isApiError(error, 'VERSION_MISMATCH')) error.details.currentVersion`. */
export const isApiError = <C extends ErrorCode>(error: unknown, code: C): error is ApiError<C> =>
  error instanceof ApiError && error.code === code

/** The server was unreachable or temporarily unavailable. A change may or may not have taken effect. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'

  constructor(
    message = 'The server is unreachable or temporarily unavailable.',
    options: { cause?: unknown } = {},
    /** Delay before a retry that the server requested, in ms, or 0 if it requested none. */
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

/** Whether the first error is temporary, so that a retry may succeed. */
export const isTemporary = ([first]: readonly GraphQLError[]): boolean =>
  temporaryCodes.includes(first?.extensions?.code ?? '')

/** Returns the first error of a response as an ApiError, with the message for its code. */
export function apiErrorOf([first]: readonly GraphQLError[], messages: ErrorMessages = {}): ApiError {
  const { code = 'INTERNAL', ...details } = first?.extensions ?? {}
  const message = messages[code as ErrorCode] as ((details: object) => string) | undefined
  const text = message?.(details) ?? first?.message ?? code
  return new ApiError(text, code as ErrorCode, details as ErrorDetails[ErrorCode])
}
