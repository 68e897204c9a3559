// This folder generates the OpenAPI and AsyncAPI descriptions from the resources and the schemas. Each operation's own
// description is in its resource.

import { type ErrorCode, errorCodes, errorRow } from '../../domain/errors'
import { findExample } from '../../domain/example'
import { publicPath } from '../../http/base-path'
import { version } from '../../version'
import { exampleOfError, problemOf, problemSchemas } from '../problem'
import {
  type Method,
  methodsOf,
  type OperationDescription,
  type PathParameter,
  parametersIn,
  type Resource,
  type ResponseDescription,
} from '../resource'
import { requestHeaders, responseHeaders } from './headers-and-tags'
import { type Json, jsonSchemas, mapped, opened, ref, referenced, schemaRef } from './json-schemas'

const jsonType = 'application/json'

/** `links` lists the paths of pages that are shared by link, which require no token. */
const descriptionOf = (
  links: string,
): string => `A session is a benefit calculation for a mentoring programme. Clients dispatch events to it, and each
event causes transitions. GraphQL at \`/graphql\` serves the same sessions. \`/asyncapi.json\` describes the streams.

HEAD works wherever GET does. OPTIONS responses and 405 responses have an \`Allow\` header. Every error is a problem document
(RFC 9457) with a code, and \`/problems\` explains all codes. Every response has an \`X-Request-Id\` header. Names of members
and parameters are in snake_case. Times are in UTC, in whole seconds. The server refuses unknown query parameters with
\`invalid_query\`. Only resources that require no token ignore them: ${links}, \`/problems\`, the descriptions and the health
checks.`

const text: Json = { type: 'string' }

interface DescribedOperation extends OperationDescription {
  method: Method
  path: string
  parameters: [name: string, parameter: PathParameter][]
  isPublic: boolean
  types: string[]
}

/** Omits HEAD and OPTIONS, which work in the same way for all resources. */
export function operationsOf(resources: Resource[]): DescribedOperation[] {
  const operations: DescribedOperation[] = []
  for (const resource of resources) {
    const { types = [jsonType], isPublic = false } = resource
    const [template = ''] = [resource.path].flat()
    const path = template.replace(/:(\w+)/g, '{$1}')
    for (const [method, operation] of methodsOf(resource)) {
      if ('isDescribed' in operation) continue
      operations.push({
        ...operation,
        method,
        path,
        parameters: parametersIn(template),
        isPublic,
        types: operation.types ?? (method === 'get' ? types : [operation.streams ?? jsonType]),
      })
    }
  }
  return operations
}

/** If there are security schemes, each request requires one of them. */
export function openapi(resources: Resource[], schemes: SecuritySchemes = {}): Json {
  const operations = operationsOf(resources)
  const needsToken = Object.keys(schemes).length > 0
  const links = operations.filter(({ isPublic, path }) => isPublic && path.endsWith('/{token}'))
  const queries = operations.flatMap(({ id, query }) => (query ? [[`query of ${id}`, query] as const] : []))
  problemSchemas() // registers its components before jsonSchemas reads them
  const schemas = jsonSchemas('draft-2020-12', Object.fromEntries(queries))
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const { path, method, id } = operation
    paths[path] = { ...paths[path], [method]: operationObject(operation, schemas[`query of ${id}`], needsToken) }
  }
  const parameters = {
    ...Object.fromEntries(
      operations.flatMap(({ parameters }) =>
        parameters.map(([name, { description, example, schema }]) => [
          name,
          { name, in: 'path', required: true, schema: schema ? schemaRef(schema()) : text, description, example },
        ]),
      ),
    ),

    ...mapped(requestHeaders, (description, name) => ({
      name,
      in: 'header',
      required: false,
      description,
      schema: text,
    })),
  }
  // The server refuses request members that are not described. The server's responses can have additional members.
  const requests = referenced(operations.map(requestBodyOf), schemas)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Benefit-calculator sessions',
      version,
      summary: 'Sessions of a benefit calculator for mentoring programmes.',
      description: descriptionOf(links.map(({ path }) => `\`${path}\``).join(', ')),
      contact: { name: 'The maintainers of benefit-sessions' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicPath('') || '/', description: 'This server.' }],
    security: Object.keys(schemes).map(name => ({ [name]: [] })),
    tags: [...new Set(operations.map(({ tag }) => tag))],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: mapped(referenced([paths, parameters], schemas), (schema, name) =>
        name in requests ? schema : opened(schema),
      ),
      parameters,
      headers: responseHeaders,
      ...(needsToken && { securitySchemes: schemes }),
    },
  }
}

export interface SignInVariables {
  AUTH_ISSUER?: string | undefined
  AUTH_KEYS?: string | undefined
}

export type SecuritySchemes = Partial<Record<'token' | 'serviceKey', Json>>

const inHeader =
  'in the `Authorization` header. A WebSocket client can also send it as `authorization` in the payload of `connection_init`.'

export const securitySchemes = ({ AUTH_ISSUER, AUTH_KEYS }: SignInVariables): SecuritySchemes => ({
  ...(AUTH_ISSUER && {
    token: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: `A token from ${AUTH_ISSUER}, ${inHeader}`,
    },
  }),
  ...(AUTH_KEYS && {
    serviceKey: {
      type: 'http',
      scheme: 'bearer',
      description: `A service key (\`bsk_…\`) that the operator of this server issued, ${inHeader}`,
    },
  }),
})

/** `query` is the schema of the operation's query parameters. */
function operationObject(operation: DescribedOperation, query: Json | undefined, needsToken: boolean): Json {
  const { id, tag, summary, description, parameters: inPath, headers = [], isPublic, types, responses } = operation
  const parameters = [
    ...[...inPath.map(([name]) => name), ...headers].map(name => ref(`parameters/${name}`)),
    ...queryParameters(query),
  ]
  return {
    operationId: id,
    tags: [tag.name],
    summary,
    description,
    ...(needsToken && isPublic && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...requestBodyOf(operation),
    responses: {
      ...problemResponses(operation),
      ...mapped(responses, (response, status) => responseObject(response, status === '304' ? [] : types)),
    },
  }
}

function queryParameters(schema: Json = {}): Json[] {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Json>; required?: string[] }
  return Object.entries(properties).flatMap(([name, { description, isDescribed = true, ...rest }]) => {
    if (!isDescribed) return []
    const isList = rest.type === 'array'
    return {
      name,
      in: 'query',
      required: required.includes(name),
      description,
      ...(isList && { style: 'form', explode: false }),
      schema: rest,
    }
  })
}

function requestBodyOf({ requestBody, streams }: OperationDescription): Json {
  if (!requestBody) return {}
  const { schema: stated, examples } = requestBody
  const schema = streams ? text : schemaRef(stated)
  const content = { [streams ?? jsonType]: { schema, examples: mapped(examples, value => ({ value })) } }
  return { requestBody: { required: true, content } }
}

function responseObject(response: ResponseDescription, types: string[]): Json {
  const { description, body, example, samples = {}, headers = [], links } = response
  // List JSON first, because generated clients return the type of the first schema.
  const content = types
    .toSorted((a, b) => Number(b === jsonType) - Number(a === jsonType))
    .map(type => {
      const sample = type === jsonType ? (example ?? (body && findExample(body))) : samples[type]
      const schema = type === jsonType && body ? schemaRef(body) : text
      return [type, { schema, ...(sample !== undefined && { example: sample }) }]
    })
  return {
    description,
    headers: headerRefs([...headers, 'X-Request-Id']),
    ...(content.length > 0 && { content: Object.fromEntries(content) }),
    ...(links && {
      links: mapped(links, (parameters, operationId) => ({
        operationId,
        parameters: mapped(parameters, member => `$response.body#/${member}`),
      })),
    }),
  }
}

const headerRefs = (names: (keyof typeof responseHeaders)[]): Json =>
  Object.fromEntries(names.map(name => [name, ref(`headers/${name}`)]))

/** Returns the codes derived from its description, those that it lists, and those that any request can get. */
function problemsOf(operation: DescribedOperation): ErrorCode[] {
  const { method, parameters, query, headers = [], requestBody, streams, isPublic, problems = [] } = operation
  const { usesStore = true } = operation
  const codes: ErrorCode[] = [
    ...when(requestBody, 'unsupported_media_type'),
    // A streamed operation reports these errors per line of the request body instead of in an error response.
    ...when(requestBody && !streams, 'invalid_json', 'payload_too_large', 'validation_failed'),
    ...when(headers.includes('Idempotency-Key'), 'request_in_flight', 'idempotency_key_reused'),
    ...parameters.map(([, { notFound }]) => notFound),
    ...when(headers.includes('If-Match'), 'version_mismatch'),
    ...when(query || !isPublic, 'invalid_query'),
    ...problems,
    ...when(usesStore, 'unavailable'),
    ...(['not_acceptable', 'rate_limited', 'internal'] as const),
    ...when(!isPublic, 'unauthenticated', 'forbidden'),
    ...when(method !== 'get', ...errorCodes().filter(code => errorRow(code).refusesChanges)),
    // The server returns `invalid_request` for a malformed path, header or body encoding.
    ...when(parameters.length > 0 || headers.length > 0 || requestBody, 'invalid_request'),
  ]
  return [...new Set(codes)]
}

const when = (applies: unknown, ...codes: ErrorCode[]): ErrorCode[] => (applies ? codes : [])

/** Returns an operation's error responses, keyed by status, each with its possible problems. */
function problemResponses(operation: DescribedOperation): Json {
  const byStatus = Object.groupBy(problemsOf(operation), code => errorRow(code).status)
  const { path, parameters, pages = [] } = operation
  const originalUrl = parameters.reduce((url, [name, { example }]) => url.replace(`{${name}}`, example), path)
  return mapped(byStatus as Record<string, ErrorCode[]>, codes => ({
    description: codes.map(code => `${errorRow(code).title} (\`${code}\`).`).join(' '),
    headers: headerRefs([...codes.flatMap(problemHeaders), 'X-Request-Id']),
    content: {
      'application/problem+json': {
        schema: schemaRef(problemSchemas().problem),
        examples: Object.fromEntries(
          codes.map(code => [code, { value: problemOf({ originalUrl }, exampleOfError(code)) }]),
        ),
      },
      ...(codes.some(code => pages.includes(code)) && { 'text/html': { schema: text } }),
    },
  }))
}

function problemHeaders(code: ErrorCode): (keyof typeof responseHeaders)[] {
  if (code === 'unsupported_media_type') return ['Accept', 'Accept-Post', 'Accept-Encoding']
  if (code === 'unauthenticated') return ['WWW-Authenticate']
  if (code === 'rate_limited') return ['Retry-After', 'RateLimit', 'RateLimit-Policy']
  return errorRow(code).retryAfter ? ['Retry-After'] : []
}
