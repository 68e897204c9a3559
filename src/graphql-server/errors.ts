import type { ApolloServerPlugin } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { DomainError, type ErrorCode, type Facts, type Fault, messageOf } from '../domain/errors'
import type { Context } from '../resolvers/context'
import { camel, constant } from '../resolvers/names'
import { probe } from '../telemetry/probe'

/** Translates a fault to GraphQL: a parameter becomes an argument, a header a member of the input. */
function translated({ detail, pointer, parameter, header }: Fault): Fault {
  if (pointer !== undefined) return { detail, pointer: camel(pointer) }
  if (parameter !== undefined) return { detail, pointer: `/${camel(parameter)}` }
  return header === undefined ? { detail } : { detail, pointer: `/${camel(header.toLowerCase().replaceAll('-', '_'))}` }
}

/** Translations of an error's facts to GraphQL: camelCase pointers, and enum values for events and states. */
const translations: { [member: string]: (value: never) => unknown } = {
  errors: (faults: Fault[]) => faults.map(translated),
  event: constant,
  current_state: constant,
  allowed_events: (events: string[]) => events.map(constant),
}

function facts(error: DomainError): Record<string, unknown> {
  const members = Object.entries(error.facts)
  return Object.fromEntries(
    members.map(([name, value]) => [name, (translations[name] ?? (same => same))(value as never)]),
  )
}

/** Returns an error as the client sees it, and counts it in the metrics. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const shown = shownOf(formatted, thrown)
  probe?.refused('graphql', String(shown.extensions?.code))
  return shown
}

/** Returns an error as the client sees it: GraphQL's own error, a domain error with its code and facts, or INTERNAL. */
export function shownOf(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const refusal = refusalOf(thrown)
  if (refusal) return { ...formatted, extensions: { ...formatted.extensions, code: refusal } }
  const original = originalOf(thrown)
  const error = original instanceof DomainError ? original : new DomainError('internal')
  // GraphQL has no query parameters: an argument that the schema accepts but the domain refuses is VALIDATION_FAILED.
  const code: ErrorCode = error.code === 'invalid_query' ? 'validation_failed' : error.code
  const stated = facts(error)
  const extensions = Object.fromEntries(Object.entries(stated).map(([name, value]) => [camel(name), value]))
  return {
    message: error.ownMessage ?? messageOf(code, stated as unknown as Facts[typeof code]),
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: { code: constant(code), ...extensions },
  }
}

/** Removes "Did you mean …" from a message, which would reveal names of the schema. */
export const withoutSuggestion = ({ message, ...error }: GraphQLFormattedError): GraphQLFormattedError => ({
  message: message.split(' Did you mean ', 1)[0] ?? '',
  ...error,
})

/** Wraps a thrown value in a GraphQLError. */
export const graphqlErrorOf = (thrown: unknown): GraphQLError =>
  thrown instanceof GraphQLError ? thrown : new GraphQLError('', { originalError: thrown as Error })

/**
 * Returns the cause of a thrown value. If GraphQL refuses a variable or an argument, its own error is the cause, not
 * the error that a scalar threw.
 */
function originalOf(thrown: unknown): unknown {
  if (!(thrown instanceof GraphQLError)) return thrown
  const { originalError } = thrown
  if (originalError instanceof DomainError) return originalError
  return originalError && !thrown.nodes && !(originalError instanceof GraphQLError)
    ? originalError
    : unwrapResolverError(thrown)
}

/** Returns Apollo's code if GraphQL itself refuses the request (syntax, validation, coercion), otherwise undefined. */
function refusalOf(thrown: unknown): string | undefined {
  const error = originalOf(thrown)
  if (!(error instanceof GraphQLError)) return undefined
  const { code } = error.extensions
  if (typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') return code
  // An error about a variable or an argument has nodes of the document. A serialisation error has none.
  if (error.nodes) return 'BAD_USER_INPUT'
  return (thrown as GraphQLError).path ? undefined : 'OPERATION_RESOLUTION_FAILURE'
}

/** Logs an error with the request id if the client does not see its cause. Call it once for each error. */
export function logUnexpected(log: Logger, request_id: string, thrown: unknown): void {
  const error = originalOf(thrown)
  if (error instanceof DomainError) {
    if (error.code === 'unavailable') log.warn({ request_id, err: error.cause ?? error }, 'unavailable')
  } else if (!refusalOf(thrown)) log.error({ request_id, err: error }, 'internal error')
}

export const errorLog = (log: Logger): ApolloServerPlugin<Context> => ({
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue }) {
        for (const error of errors) logUnexpected(log, contextValue.request_id, error)
      },
    }
  },
})
