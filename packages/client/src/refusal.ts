import type { SessionEvent, SessionState } from './schema.js'

/** One fault of a request. `pointer` is a JSON Pointer relative to the input, or starts with an argument's name. */
export interface Fault {
  detail: string
  pointer?: string
}

interface Faults {
  errors: Fault[]
}

type Nothing = Record<never, never>

/** Facts that come with each error code. A newer server may send other codes. */
export interface Facts {
  SESSION_NOT_FOUND: Nothing
  SHARE_NOT_FOUND: Nothing
  SHARE_GONE: Nothing
  /** The session's state does not allow this event. */
  EVENT_REFUSED: { currentState: SessionState; event: SessionEvent; allowedEvents: SessionEvent[] }
  /** The session has changed since the version that the change is based on. */
  VERSION_MISMATCH: { currentVersion: number }
  /** The session holds `limit` transitions, its maximum. */
  SESSION_FULL: { limit: number }
  VALIDATION_FAILED: Faults
  BAD_USER_INPUT: Faults
  INVALID_CURSOR: Faults
  IDEMPOTENCY_KEY_REUSED: Nothing
  UNAUTHENTICATED: Nothing
  FORBIDDEN: Nothing
  /** The body is larger than `limit` bytes. */
  PAYLOAD_TOO_LARGE: { limit: number }
  INTERNAL: Nothing
  /** This and the next two are temporary: the client retries, and throws Unreachable after the last attempt. */
  UNAVAILABLE: Nothing
  RATE_LIMITED: Nothing
  REQUEST_IN_FLIGHT: Nothing
  /** This and the next two come from documents of your own. */
  GRAPHQL_PARSE_FAILED: Nothing
  GRAPHQL_VALIDATION_FAILED: Nothing
  OPERATION_RESOLUTION_FAILURE: Nothing
}

export type ErrorCode = keyof Facts

/** Messages by code that replace the server's own, for example in the user's language. */
export type Sentences = { [C in ErrorCode]?: (facts: Facts[C]) => string }

/** The server refused the request. It would refuse the same request again. */
export class Refusal<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'Refusal'

  constructor(
    message: string,
    readonly code: C,
    readonly facts: Facts[C],
  ) {
    super(message)
  }
}

/** Narrows a thrown value: `if (isRefusal(error, 'VERSION_MISMATCH')) error.facts.currentVersion`. */
export const isRefusal = <C extends ErrorCode>(error: unknown, code: C): error is Refusal<C> =>
  error instanceof Refusal && error.code === code

/** The server could not be reached, or could not respond for now. The request may or may not have taken effect. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'

  constructor(
    message: string,
    options: { cause?: unknown } = {},
    /** Delay that the server asked for before a retry, in ms. 0 if it asked for none. */
    readonly retryAfterMs = 0,
  ) {
    super(message, options)
  }
}

/** An error in a GraphQL response. */
export interface GraphQLFault {
  message: string
  extensions?: { code?: string; [fact: string]: unknown }
}

const passing: string[] = ['UNAVAILABLE', 'RATE_LIMITED', 'REQUEST_IN_FLIGHT'] satisfies ErrorCode[]

/** Returns whether the first error is temporary, so that a retry may succeed. */
export const isPassing = ([fault]: readonly GraphQLFault[]): boolean => passing.includes(fault?.extensions?.code ?? '')

export function refusalOf([fault]: readonly GraphQLFault[], sentences: Sentences): Refusal {
  const { code = 'INTERNAL', ...facts } = fault?.extensions ?? {}
  const sentence = sentences[code as ErrorCode] as ((facts: object) => string) | undefined
  return new Refusal(sentence?.(facts) ?? fault?.message ?? code, code as ErrorCode, facts as Facts[ErrorCode])
}
