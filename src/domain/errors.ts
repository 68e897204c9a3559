import { type ZodError, type ZodType, z } from 'zod'
import { coreErrors, type ErrorRow, type FactsOf, type Fault } from './error-table'
import { nearestName } from './nearest-name'

export { type Fault, faultSchema } from './error-table'

/** A capability adds its codes by declaration merging. */
export interface Facts extends FactsOf<typeof coreErrors> {}
export type ErrorCode = keyof Facts

/** Module state, because code throughout the server throws errors, and each error looks up its row here. */
const table: Record<string, ErrorRow> = { ...coreErrors }

/** Call `addErrors` at the top level of a module: the codes must be complete before the server starts. */
export function addErrors<Rows extends object>(rows: Rows): Rows {
  Object.assign(table, rows)
  return rows
}

export const errorRow = (code: ErrorCode): ErrorRow => table[code] as ErrorRow

/** Returns all error codes in the order in which API descriptions list them: by HTTP status. */
export const errorCodes = (): ErrorCode[] =>
  (Object.keys(table) as ErrorCode[]).sort((a, b) => errorRow(a).status - errorRow(b).status)

export const messageOf = <C extends ErrorCode>(code: C, facts: Facts[C]): string => errorRow(code).message(facts)

/** REST and GraphQL each translate a DomainError into a response. */
export class DomainError<C extends ErrorCode = ErrorCode> extends Error {
  readonly facts: Facts[C]
  #ownMessage: string | undefined

  constructor(
    readonly code: C,
    ...[facts]: Record<string, never> extends Facts[C] ? [facts?: Facts[C]] : [facts: Facts[C]]
  ) {
    super(messageOf(code, (facts ?? {}) as Facts[C]))
    this.name = 'DomainError'
    this.facts = (facts ?? {}) as Facts[C]
  }

  /** Replaces the default message, which is built from the facts. Returns the error itself. */
  withMessage(message: string): this {
    this.message = message
    this.#ownMessage = message
    return this
  }

  get ownMessage(): string | undefined {
    return this.#ownMessage
  }
}

export const isDomainError = <C extends ErrorCode>(error: unknown, code: C): error is DomainError<C> =>
  error instanceof DomainError && error.code === code

/** The cause is logged, but not sent to the client. */
export function unavailable(cause: unknown): DomainError {
  const error = new DomainError('unavailable')
  error.cause = cause
  return error
}

/** Reason why a bearer token is invalid, with an error code from RFC 6750 §3.1. */
export class TokenFault extends Error {
  constructor(
    readonly error: 'invalid_request' | 'invalid_token',
    description: string,
  ) {
    super(description)
  }
}

export const tokenExpired = 'The token has expired.'

/** `fault` says why the bearer token is invalid. Omit `fault` if the request has no token. */
export function unauthenticated(fault?: TokenFault): DomainError {
  const error = new DomainError('unauthenticated')
  error.cause = fault
  return fault ? error.withMessage(fault.message) : error
}

const escaped = (segment: PropertyKey): string => String(segment).replaceAll('~', '~0').replaceAll('/', '~1')

/** Converts a path of field names to a JSON Pointer (RFC 6901). */
export const pointer = (path: readonly PropertyKey[]): string => path.map(segment => `/${escaped(segment)}`).join('')

/** For a number that a double can't represent. Every schema refuses it: it is too large and not an integer. */
export const unreadableNumber = 2 ** 52 - 0.5

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is required'
    if (issue.expected === 'int') return 'must be a whole number'
    return `must be ${issue.expected === 'boolean' ? 'true or false' : article(issue.expected)}`
  }
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  if (issue.code === 'too_big') {
    return issue.input === unreadableNumber
      ? 'has too many digits to be read exactly'
      : `must be at most ${issue.maximum}`
  }
  if (issue.code === 'invalid_value') {
    if (issue.input === undefined) return 'is required'
    return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`
  }
  return issue.message
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)

/** JSON Pointers start at `base`. Returns only the first fault per JSON Pointer. */
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

/** Parses `value`. Throws validation_failed, which lists all errors with JSON Pointers that start at `base`. */
export function valid<S extends ZodType>(schema: S, value: unknown, base: PropertyKey[] = []): z.output<S> {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return parsed.data
  throw new DomainError('validation_failed', { errors: faultsOf(parsed.error, base) })
}

/**
 * Parses query parameters. Throws invalid_query, which lists the errors in all parameters. If the schema is strict,
 * unknown parameters are refused, and the error suggests the most similar known name.
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

/** The error message is a single line that gives the reason and a remedy. */
export class StartupError extends Error {}

export const gapReasonSchema = z.enum(['expired', 'unknown'])
export type GapReason = z.infer<typeof gapReasonSchema>

/** The log no longer has the events after a position (`expired`), or never issued the position (`unknown`). */
export class HistoryGone extends Error {
  constructor(readonly reason: GapReason) {
    super(`the history is gone: ${reason}`)
  }
}
