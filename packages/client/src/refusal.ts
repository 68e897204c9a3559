import type { SessionEvent, SessionState } from './schema.js'

/** One thing that is wrong with a request. `pointer` is a JSON Pointer into the input, or from an argument's name on. */
export interface Fault {
  detail: string
  pointer?: string
}

interface Faults {
  errors: Fault[]
}

type Nothing = Record<never, never>

/** What the server states beside each of its codes. A newer server may have others. */
export interface Facts {
  SESSION_NOT_FOUND: Nothing
  SHARE_NOT_FOUND: Nothing
  SHARE_GONE: Nothing
  /** The session's state does not take this event. */
  EVENT_REFUSED: { currentState: SessionState; event: SessionEvent; allowedEvents: SessionEvent[] }
  /** The session has moved on since the version that the change was based on. */
  VERSION_MISMATCH: { currentVersion: number }
  /** `limit` transitions are all that a session holds. */
  SESSION_FULL: { limit: number }
  VALIDATION_FAILED: Faults
  BAD_USER_INPUT: Faults
  INVALID_CURSOR: Faults
  IDEMPOTENCY_KEY_REUSED: Nothing
  UNAUTHENTICATED: Nothing
  FORBIDDEN: Nothing
  /** A body has `limit` bytes at most. */
  PAYLOAD_TOO_LARGE: { limit: number }
  INTERNAL: Nothing
  /** These three pass: what they refuse is tried again, and is Unreachable where that took too long. */
  UNAVAILABLE: Nothing
  RATE_LIMITED: Nothing
  REQUEST_IN_FLIGHT: Nothing
  /** Of a document of one's own. */
  GRAPHQL_PARSE_FAILED: Nothing
  GRAPHQL_VALIDATION_FAILED: Nothing
  OPERATION_RESOLUTION_FAILURE: Nothing
}

export type ErrorCode = keyof Facts

/** What is said of a refusal in place of the server's own sentence, in the reader's language. */
export type Sentences = { [C in ErrorCode]?: (facts: Facts[C]) => string }

/** The server has looked at what was asked, and refuses it: asked again, it would be refused again. */
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

/** Narrows what was thrown: `if (isRefusal(error, 'VERSION_MISMATCH')) error.facts.currentVersion`. */
export const isRefusal = <C extends ErrorCode>(error: unknown, code: C): error is Refusal<C> =>
  error instanceof Refusal && error.code === code

/** The server could not be reached, or could not answer for now. Whether it did what was asked is not known. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'

  constructor(
    message: string,
    options: { cause?: unknown } = {},
    /** It said when to ask again. */
    readonly retryAfterMs = 0,
  ) {
    super(message, options)
  }
}

/** An error of an answer, as GraphQL has it. */
export interface GraphQLFault {
  message: string
  extensions?: { code?: string; [fact: string]: unknown }
}

const passing: string[] = ['UNAVAILABLE', 'RATE_LIMITED', 'REQUEST_IN_FLIGHT'] satisfies ErrorCode[]

/** The first of them says that the server may be able to a little later. */
export const isPassing = ([fault]: readonly GraphQLFault[]): boolean => passing.includes(fault?.extensions?.code ?? '')

export function refusalOf([fault]: readonly GraphQLFault[], sentences: Sentences): Refusal {
  const { code = 'INTERNAL', ...facts } = fault?.extensions ?? {}
  const sentence = sentences[code as ErrorCode] as ((facts: object) => string) | undefined
  return new Refusal(sentence?.(facts) ?? fault?.message ?? code, code as ErrorCode, facts as Facts[ErrorCode])
}
