import type { ApolloServerPlugin } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { DomainError, type ErrorCode, type Facts, type Fault, sentenceOf } from '../domain/errors'
import { probe } from '../probe'
import type { Context } from './context'
import { camel, constant } from './names'

/** Where a fault of the domain lies in GraphQL's terms: a parameter is an argument, a header is an input's member. */
function translated({ detail, pointer, parameter, header }: Fault): Fault {
  if (pointer !== undefined) return { detail, pointer: camel(pointer) }
  if (parameter !== undefined) return { detail, pointer: `/${camel(parameter)}` }
  return header === undefined ? { detail } : { detail, pointer: `/${camel(header.toLowerCase().replaceAll('-', '_'))}` }
}

/** The facts under this door's names: camelCase members, events and states as enum values. */
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

/** An error of an answer, as its client sees it. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const shown = shownOf(formatted, thrown)
  probe?.refused('graphql', String(shown.extensions?.code))
  return shown
}

/** What a client sees of an error: a code of the closed set with its facts, GraphQL's own refusal, or INTERNAL. */
export function shownOf(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const refusal = refusalOf(thrown)
  if (refusal) return { ...formatted, extensions: { ...formatted.extensions, code: refusal } }
  const original = originalOf(thrown)
  const error = original instanceof DomainError ? original : new DomainError('internal')
  // What the schema cannot refuse of an argument is a fault of the content here: GraphQL has no query parameters.
  const code: ErrorCode = error.code === 'invalid_query' ? 'validation_failed' : error.code
  const stated = facts(error)
  const extensions = Object.fromEntries(Object.entries(stated).map(([name, value]) => [camel(name), value]))
  return {
    message: sentenceOf(code, stated as unknown as Facts[typeof code]),
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: { code: constant(code), ...extensions },
  }
}

/** An error that tells nothing of the schema but what was asked of it. */
export const withoutSuggestion = ({ message, ...error }: GraphQLFormattedError): GraphQLFormattedError => ({
  message: message.split(' Did you mean ', 1)[0] ?? '',
  ...error,
})

/** What was thrown, as an error of an answer. */
export const graphqlErrorOf = (thrown: unknown): GraphQLError =>
  thrown instanceof GraphQLError ? thrown : new GraphQLError('', { originalError: thrown as Error })

/** What went wrong. Of a variable or an argument GraphQL says that itself, whatever a scalar threw. */
function originalOf(thrown: unknown): unknown {
  if (!(thrown instanceof GraphQLError)) return thrown
  const { originalError } = thrown
  if (originalError instanceof DomainError) return originalError
  return originalError && !thrown.nodes && !(originalError instanceof GraphQLError)
    ? originalError
    : unwrapResolverError(thrown)
}

/** Apollo's code of what GraphQL itself refuses of a request (syntax, validation, coercion); undefined for other errors. */
function refusalOf(thrown: unknown): string | undefined {
  const error = originalOf(thrown)
  if (!(error instanceof GraphQLError)) return undefined
  const { code } = error.extensions
  if (typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') return code
  // What is wrong with a variable or an argument points into the document; a value that cannot be serialised does not.
  if (error.nodes) return 'BAD_USER_INPUT'
  return (thrown as GraphQLError).path ? undefined : 'OPERATION_RESOLUTION_FAILURE'
}

/** Logs an error that no client is shown, once, under the request id. */
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
