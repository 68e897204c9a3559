import type { ServerResponse } from 'node:http'
import {
  BREAK,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLInputType,
  type GraphQLLeafType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  type VariableDefinitionNode,
  type VariableNode,
  visit,
} from 'graphql'
import type { Logger } from 'pino'
import { type ZodType, z } from 'zod'
import { probe } from '../concurrency/probe'
import { DomainError, type ErrorCode, errorRow, type Fault, faultsOf, pointer } from '../domain/errors'
import { type GraphqlErrorCode, graphqlErrors } from '../domain/graphql-errors'
import { preferredType } from '../http/content-negotiation'
import { setErrorHeaders } from '../http/error-headers'
import { jsonType } from '../http/json'
import { translatedError } from '../resolvers/translated-error'

export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const shown = shownError(formatted, thrown)
  probe?.refused('graphql', String(shown.extensions?.code))
  return shown
}

/** Returns GraphQL's own error, a domain error with code and facts, or INTERNAL. */
export function shownError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const ownCode = graphqlCode(thrown)
  if (ownCode) return { ...formatted, extensions: { ...formatted.extensions, code: ownCode } }
  const cause = causeOf(thrown)
  const error = cause instanceof DomainError ? cause : new DomainError('internal')
  const { message, code, facts } = translatedError(error)
  return {
    message,
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: { code, ...facts },
  }
}

/** Formats the result's errors, and logs unexpected errors. */
export function formattedResult(result: Executed, log: Logger, request_id: string): FormattedExecutionResult {
  if (!result.errors) return result as FormattedExecutionResult
  for (const error of result.errors) logUnexpected(log, request_id, error)
  return { ...result, errors: result.errors.map(error => formatError(error.toJSON(), error)) }
}

type Executed = Omit<ExecutionResult, 'errors'> & { errors?: readonly GraphQLError[] | undefined }

export const graphqlErrorOf = (thrown: unknown): GraphQLError =>
  thrown instanceof GraphQLError ? thrown : new GraphQLError('', { originalError: thrown as Error })

/** If GraphQL refuses a variable or argument, its own error is the cause, not the error that a scalar threw. */
function causeOf(thrown: unknown): unknown {
  if (!(thrown instanceof GraphQLError)) return thrown
  const { originalError } = thrown
  if (originalError instanceof DomainError) return originalError
  if (!originalError) return thrown
  return thrown.path || !(thrown.nodes || originalError instanceof GraphQLError) ? originalError : thrown
}

/** Returns Apollo Server's error code if GraphQL itself refuses the request: a syntax, validation or coercion error. */
function graphqlCode(thrown: unknown): string | undefined {
  const error = causeOf(thrown)
  if (!(error instanceof GraphQLError)) return undefined
  const { code } = error.extensions
  if (typeof code === 'string' && Object.hasOwn(graphqlErrors, code.toLowerCase())) return code
  // Errors about variables or arguments refer to document nodes, whereas errors during serialisation do not.
  if (error.nodes) return 'BAD_USER_INPUT'
  return (thrown as GraphQLError).path ? undefined : 'OPERATION_RESOLUTION_FAILURE'
}

/** Logs nothing if the client sees the error's cause. Call `logUnexpected` only once per error. */
export function logUnexpected(log: Logger, request_id: string, thrown: unknown): void {
  const error = causeOf(thrown)
  if (error instanceof DomainError) {
    if (error.code === 'unavailable') log.warn({ request_id, err: error.cause ?? error }, 'unavailable')
  } else if (!graphqlCode(thrown)) log.error({ request_id, err: error }, 'internal error')
}

/**
 * Sends a domain error or one of GraphQL's own errors to the client. For any other error, logs the error and sends
 * INTERNAL. Destroys the response if its headers were already sent.
 */
export const errorHandler =
  (response: ServerResponse, log: Logger) =>
  (thrown: unknown): void => {
    const { req: request } = response
    if (request.destroyed && !request.complete) return
    const request_id = requestId(response)
    if (response.headersSent) {
      logUnexpected(log, request_id, thrown)
      return void response.destroy()
    }
    const type = preferredType(request, answerTypes) ?? jsonType
    const result = formattedResult({ errors: [graphqlErrorOf(thrown)] }, log, request_id)
    if (thrown instanceof DomainError) setErrorHeaders(response, thrown)
    if (!request.complete) response.setHeader('Connection', 'close')
    response.writeHead(statusOf(result, type), { 'Content-Type': type })
    response.end(JSON.stringify(result))
  }

export const requestId = (response: ServerResponse): string => String(response.getHeader('X-Request-Id'))

export const graphqlType = 'application/graphql-response+json; charset=utf-8'
/** Media types of GraphQL responses, in order of preference. */
export const answerTypes = [jsonType, graphqlType] as const

/** For an invalid document, variable or hash. An application/json response with one of these has status 200. */
const documentRefusals = new Set<string>([
  'graphql_parse_failed',
  'graphql_validation_failed',
  'bad_user_input',
  'persisted_query_not_found',
])

/** HTTP status of a response with both data and errors. Node.js has no reason phrase for this status code. */
export const partialSuccess = 294

/**
 * Returns the HTTP status of a result (decision 0009,
 * https://http-spec.graphql.org/September2026/#sec-Status-Codes). An application/json response has status 200 if it
 * contains both data and errors, or if the document, a variable or the persisted query's hash was refused.
 */
export function statusOf({ data, errors }: FormattedExecutionResult, type: (typeof answerTypes)[number]): number {
  const isJson = type === jsonType
  if (!errors) return 200
  if (data !== undefined) return isJson ? 200 : partialSuccess
  const code = String(errors[0]?.extensions?.code).toLowerCase()
  if (!Object.hasOwn(graphqlErrors, code)) return errorRow(code as ErrorCode).status
  if (isJson) return documentRefusals.has(code) ? 200 : 400
  return graphqlErrors[code as GraphqlErrorCode].status
}

const coercionCode = 'BAD_USER_INPUT'

/**
 * Adds `extensions.errors` to GraphQL's errors about variables. Each entry of `extensions.errors` has a detail and a
 * JSON Pointer, as in VALIDATION_FAILED. With `hideSuggestions`, the detail does not list an enum's values.
 */
export function addVariableFaults(errors: readonly GraphQLError[] | undefined, args: ExecutionArgs): void {
  const faults = new Map<VariableDefinitionNode, Iterator<Fault, undefined>>()
  for (const { nodes: [node] = [], extensions } of errors ?? []) {
    if ((extensions.code ?? coercionCode) !== coercionCode) continue
    if (node?.kind === Kind.VARIABLE) {
      extensions.errors = [
        { detail: 'is required', pointer: pointer(pathOfVariable(args.document, use => use === node)) },
      ]
    }
    if (node?.kind !== Kind.VARIABLE_DEFINITION) continue
    const ofVariable = faults.get(node) ?? faultsOfVariable(node, args)
    faults.set(node, ofVariable)
    const fault = ofVariable.next().value
    if (fault) extensions.errors = [args.hideSuggestions ? withoutValues(fault) : fault]
  }
}

const withoutValues = ({ detail, ...location }: Fault): Fault => ({
  detail: detail.replace(/^must be one of .*/, 'is not an allowed value'),
  ...location,
})

function faultsOfVariable(
  definition: VariableDefinitionNode,
  { schema, document, variableValues }: ExecutionArgs,
): Iterator<Fault, undefined> {
  const variables = variableValues ?? {}
  const { value: name } = definition.variable.name
  const type = typeFromAST(schema, definition.type) as GraphQLInputType
  const definitions = document.definitions.filter(
    part =>
      part.kind === Kind.FRAGMENT_DEFINITION ||
      ('variableDefinitions' in part && part.variableDefinitions?.includes(definition)),
  )
  const path = pathOfVariable({ ...document, definitions }, ({ name: { value } }) => value === name)
  return faultsIn(type, Object.hasOwn(variables, name) ? variables[name] : undefined, path)
}

/** Returns the names of the argument and of the input's fields. An argument `input` or `inputs` is omitted. */
function pathOfVariable(document: DocumentNode, isUse: (variable: VariableNode) => boolean): string[] {
  let path: string[] = []
  visit(document, {
    Variable(node, _key, parent, _path, ancestors) {
      const around = [...ancestors, parent].flatMap(one => (one && 'kind' in one ? [one] : []))
      if (around.at(-1)?.kind === Kind.VARIABLE_DEFINITION || !isUse(node)) return undefined
      path = around.flatMap(one => (one.kind === Kind.ARGUMENT || one.kind === Kind.OBJECT_FIELD ? one.name.value : []))
      return BREAK
    },
  })
  const [argument, ...members] = path
  return argument === 'input' || argument === 'inputs' ? members : path
}

/** Yields one fault for each GraphQL error about a variable's value, in the order of the GraphQL errors. */
function* faultsIn(type: GraphQLInputType, value: unknown, path: PropertyKey[]): Generator<Fault, undefined> {
  const nullable = getNullableType(type)
  const fault = (detail: string): Fault => ({ detail, pointer: pointer(path) })
  if (value === undefined && isNonNullType(type)) yield fault('is required')
  if (value === undefined || (value === null && !isNonNullType(type))) return
  if (isListType(nullable)) {
    for (const [index, item] of [value].flat().entries()) yield* faultsIn(nullable.ofType, item, [...path, index])
  } else if (isLeafType(nullable)) {
    if (!accepts(nullable, value)) yield fault(detailOf(nullable, value))
  } else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield fault('must be an object')
  } else {
    const members = nullable.getFields()
    for (const { name, type, defaultValue } of Object.values(members)) {
      const member = (value as Record<string, unknown>)[name]
      if (member !== undefined || defaultValue === undefined) yield* faultsIn(type, member, [...path, name])
    }
    for (const name of Object.keys(value)) {
      if (!members[name]) yield { detail: 'is not a known member', pointer: pointer([...path, name]) }
    }
  }
}

function accepts(type: GraphQLLeafType, value: unknown): boolean {
  try {
    return type.parseValue(value) !== undefined
  } catch {
    return false
  }
}

const scalarSchemas: Record<string, ZodType> = {
  Boolean: z.boolean(),
  Date: z.string(),
  Float: z.number(),
  ID: z.string(),
  Int: z.int32(),
  String: z.string(),
}

/** Describes an invalid value in the same words as the domain's validation. */
function detailOf(type: GraphQLLeafType, value: unknown): string {
  const schema = isEnumType(type) ? z.enum(type.getValues().map(({ name }) => name)) : scalarSchemas[type.name]
  const { error } = schema?.safeParse(value, { reportInput: true }) ?? {}
  return (error && faultsOf(error)[0]?.detail) ?? 'is not valid'
}
