import type { ErrorDetails } from './schema.js'

/** Code of an ApiError. */
export type ErrorCode = keyof ErrorDetails

/** Your own messages, keyed by error code. They replace the server's messages, for example to translate them. */
export type ErrorMessages = { [C in ErrorCode]?: (details: ErrorDetails[C]) => string }

/** Thrown if the server has refused a request and would refuse a retry too. */
export class ApiError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ApiError'

  constructor(
    message: string,
    /** Error code. Unlike `message`, `code` does not change between versions of the server. */
    readonly code: C,
    /** Details of the error, such as `currentVersion`. The type of the details depends on the code. */
    readonly details: ErrorDetails[C],
  ) {
    super(message)
  }
}

/** Narrows a thrown value: `if (isApiError(error, 'VERSION_MISMATCH')) error.details.currentVersion`. */
export const isApiError = <C extends ErrorCode>(error: unknown, code: C): error is ApiError<C> =>
  error instanceof ApiError && error.code === code

/**
 * Thrown if the server was unreachable or temporarily unavailable. If the request was a change, the change may or may
 * not have taken effect.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'

  constructor(
    message = 'The server is unreachable or temporarily unavailable.',
    options: { cause?: unknown } = {},
    /** Delay in ms that the server requests before a retry, or 0 if the server requests none. */
    readonly retryAfterMs = 0,
  ) {
    super(message, options)
  }
}

/** Thrown by every call to a client that was closed with `close()`. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError'

  constructor() {
    super('This client is closed. Create a new SessionsClient.')
  }
}

export interface GraphQLError {
  message: string
  extensions?: { code?: string; [detail: string]: unknown }
}

const temporaryCodes: string[] = ['UNAVAILABLE', 'RATE_LIMITED', 'REQUEST_IN_FLIGHT'] satisfies ErrorCode[]

/** Whether a response's first error is temporary, so that a retry can succeed. */
export const isTemporary = ([first]: readonly GraphQLError[]): boolean =>
  temporaryCodes.includes(first?.extensions?.code ?? '')

/**
 * Converts the first error of a response to an ApiError. Uses the custom message for the error's code, if one is set.
 */
export function apiErrorOf([first]: readonly GraphQLError[], messages: ErrorMessages = {}): ApiError {
  const { code = 'INTERNAL', ...details } = first?.extensions ?? {}
  const message = messages[code as ErrorCode] as ((details: object) => string) | undefined
  const text = message?.(details) ?? first?.message ?? code
  return new ApiError(text, code as ErrorCode, details as ErrorDetails[ErrorCode])
}
