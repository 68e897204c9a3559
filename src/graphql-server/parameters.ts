import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import { z } from 'zod'
import { isDeeper, maxNesting, withoutRounding } from '../http/json'

const jsonObject = z.custom<Record<string, unknown>>(isObject)

/**
 * Parameters of a GraphQL request over WebSocket
 * (https://http-spec.graphql.org/September2026/#sec-Request-Parameters).
 */
export const parametersSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: jsonObject.nullish(),
})

/** Parameters of a GraphQL request. `query` is absent if a persisted query's hash selects the document. */
export interface Parameters {
  query?: string | undefined
  operationName?: string | null | undefined
  variables?: Record<string, unknown> | null | undefined
  persistedQuery?: PersistedQuery | undefined
}

interface PersistedQuery {
  version?: unknown
  sha256Hash?: unknown
}

const batchMessage =
  'Batches are not supported. Send each operation in its own request, or select several fields in one operation.'

const badRequest = (message: string): GraphQLError => new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })

/**
 * Reads a request's GraphQL parameters, which are in the URL of a GET request and in the body of a POST request. Throws
 * BAD_REQUEST, in the words of Apollo Server, if they can't select an operation.
 */
export async function parametersOf(
  { method, url = '' }: IncomingMessage,
  body: () => Promise<unknown>,
): Promise<Parameters> {
  const posted = await body()
  const { extensions, ...parameters } = method === 'GET' ? ofUrl(url) : ofBody(posted)
  const persistedQuery = (extensions?.persistedQuery || undefined) as PersistedQuery | undefined
  if (!parameters.query && !persistedQuery)
    throw badRequest('GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.')
  return { ...parameters, persistedQuery }
}

interface Members extends Omit<Parameters, 'persistedQuery'> {
  extensions?: Record<string, unknown> | null | undefined
}

function ofBody(body: unknown): Members {
  if (Array.isArray(body)) throw badRequest(batchMessage)
  if (!isObject(body) || (body.query === undefined && Object.keys(body).length === 0))
    throw badRequest('The body must be a JSON object with the member `query`.')
  const { query, operationName, variables, extensions } = body
  if (query && typeof query !== 'string') throw badRequest('GraphQL queries must be strings.')
  requireObject('variables', variables)
  requireObject('extensions', extensions)
  if (operationName != null && typeof operationName !== 'string')
    throw badRequest('`operationName` in a POST body must be a string if provided.')
  return { query: typeof query === 'string' ? query : undefined, operationName, variables, extensions } as Members
}

function requireObject(name: string, value: unknown): void {
  if (value == null || isObject(value)) return
  throw badRequest(
    typeof value === 'string'
      ? `\`${name}\` in a POST body should be provided as an object, not a recursively JSON-encoded string.`
      : `\`${name}\` in a POST body must be an object if provided.`,
  )
}

function ofUrl(url: string): Members {
  const { searchParams } = new URL(url, 'http://localhost')
  const text = (name: string): string | undefined => {
    const [value, ...others] = searchParams.getAll(name)
    if (others.length > 0) throw badRequest(`The '${name}' search parameter may only be specified once.`)
    return value
  }
  const object = (name: string): Record<string, unknown> | undefined => {
    const json = text(name)
    if (json === undefined) return undefined
    let value: unknown
    try {
      value = JSON.parse(withoutRounding(json))
    } catch {
      throw badRequest(`The ${name} search parameter contains invalid JSON.`)
    }
    if (!isObject(value)) throw badRequest(`The ${name} search parameter should contain a JSON-encoded object.`)
    if (isDeeper(value, maxNesting))
      throw badRequest(`The ${name} search parameter is nested more than ${maxNesting} levels deep.`)
    return value
  }
  return {
    query: text('query'),
    operationName: text('operationName'),
    variables: object('variables'),
    extensions: object('extensions'),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
