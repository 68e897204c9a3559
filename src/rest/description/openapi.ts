import type { z } from 'zod'
import type { ErrorCode } from '../../domain/errors'
import { publicPath } from '../../http/base-path'
import { retryAfterSeconds, statuses } from '../../http/statuses'
import { problemOf } from '../problem'
import { problemTypes } from '../problem-types'
import { examples } from './examples'
import { requestHeaders, responseHeaders } from './headers'
import type { OperationDescription, ResponseDescription } from './operation'
import { operations } from './operations'
import { type BodyName, componentSchemas, type Json, jsonSchemas, partSchemas, ref } from './schemas'
import { securitySchemes } from './security'

const description = `A session holds a benefit calculation of a mentoring programme. Clients dispatch events to it, and each
event leads to transitions. GraphQL at \`/graphql\` serves the same sessions. \`/asyncapi.json\` describes the streams.

HEAD works wherever GET does. The response to OPTIONS, and every 405, has \`Allow\`. Every error is a problem document (RFC
9457) with a code of a closed set; \`/problems\` explains them. Every response has \`X-Request-Id\`. Members and parameters
are in snake_case, times in whole seconds UTC.`

const tagDescriptions = {
  Sessions: 'Start, read, change and close sessions.',
  Results: 'Results of calculations.',
  Totals: 'Totals of sessions.',
  Shares: 'Read-only views of one result, for anyone with the link.',
  Events: 'Transitions of one session, and of all sessions.',
  Mentors: 'Erasure of mentors, for admins.',
  Access: 'The caller and its permissions.',
  Description: 'Descriptions of this server.',
  Health: 'Liveness and readiness of this server.',
}

const pathParameters: Record<string, { description: string; schema: Json; example: string }> = {
  session_id: {
    description: 'Id of the session.',
    schema: { type: 'string' },
    example: examples.calculated.session_id,
  },
  result_id: { description: 'Id of the result.', schema: { type: 'string' }, example: examples.result.result_id },
  mentor_id: {
    description: 'Id of the mentor.',
    schema: { type: 'string' },
    example: examples.calculated.mentor_id,
  },
  token: { description: 'Token of the share link.', schema: { type: 'string' }, example: examples.share.token },
  code: {
    description: 'Code of the problem.',
    schema: ref('schemas/ErrorCode'),
    example: 'event_refused',
  },
}

/**
 * Returns the OpenAPI 3.1 description of the REST interface, made from the schemas that check the requests. With an
 * issuer, it says that tokens are required.
 */
export const openapi = (issuer?: string): Json => ({
  openapi: '3.1.1',
  info: {
    title: 'Benefit-calculator sessions',
    version: '1.0.0',
    summary: 'Sessions of a benefit calculator for mentoring programmes.',
    description,
    contact: { name: 'The maintainers of benefit-sessions' },
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: publicPath('') || '/', description: 'This server.' }],
  security: issuer ? [{ token: [] }] : [],
  tags: Object.entries(tagDescriptions).map(([name, text]) => ({ name, description: text })),
  paths: Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, operationObject(path, operation, issuer)]),
      ),
    ]),
  ),
  components: {
    schemas: componentSchemas(),
    parameters: {
      ...Object.fromEntries(
        Object.entries(pathParameters).map(([name, rest]) => [name, { name, in: 'path', required: true, ...rest }]),
      ),
      ...Object.fromEntries(
        Object.entries(requestHeaders).map(([name, rest]) => [name, { name, in: 'header', required: false, ...rest }]),
      ),
    },
    headers: responseHeaders,
    ...(issuer && { securitySchemes: securitySchemes(issuer) }),
  },
})

const link = (operationId: string, parameters: Record<string, string>): Json => ({
  operationId,
  parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, member]) => [name, `$response.body#/${member}`]),
  ),
})

function operationObject(path: string, operation: OperationDescription, issuer?: string): Json {
  const { id, tag, summary, description: text, query, headers = [], takes, answers } = operation
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
  const parameters = [
    ...[...inPath, ...headers].map(name => ref(`parameters/${name}`)),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => queryParameter(name, schema as z.ZodType)),
  ]
  const refusals: ErrorCode[] = [...operation.problems, 'not_acceptable', 'rate_limited', 'internal']
  if (!operation.isOpen) refusals.push('unauthenticated', 'forbidden')
  // For a malformed path, header or body encoding.
  if (inPath.length > 0 || headers.length > 0 || takes) refusals.push('invalid_request')
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: text,
    ...(issuer && operation.isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(takes && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: ref(`schemas/${takes.body}`),
            examples: Object.fromEntries(Object.entries(takes.examples).map(([name, value]) => [name, { value }])),
          },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, success(answer)])),
      ...refused(path, refusals, operation.pages),
    },
  }
}

function queryParameter(name: string, schema: z.ZodType): Json {
  const { description: text, ...rest } = jsonSchemas({ ...partSchemas, [name]: schema }, 'draft-2020-12')[name] as Json
  return { name, in: 'query', required: !schema.safeParse(undefined).success, description: text, schema: rest }
}

function success({ description: text, body, example, also = {}, headers = [], links }: ResponseDescription): Json {
  const bodySchema = (name: BodyName): Json => ({
    schema: ref(`schemas/${name}`),
    ...(example !== undefined && { example }),
  })
  const others = Object.entries(also).map(([type, sample]) => [
    type,
    { schema: { type: 'string' }, ...(sample && { example: sample }) },
  ])
  const content = { ...(body && { 'application/json': bodySchema(body) }), ...Object.fromEntries(others) }
  return {
    description: text,
    headers: headerRefs([...headers, 'X-Request-Id']),
    ...(Object.keys(content).length > 0 && { content }),
    ...(links && {
      links: Object.fromEntries(Object.entries(links).map(([id, parameters]) => [id, link(id, parameters)])),
    }),
  }
}

const headerRefs = (names: string[]): Json => Object.fromEntries(names.map(name => [name, ref(`headers/${name}`)]))

const examplePath = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => String(pathParameters[name]?.example))

/** Returns the error responses by status, each with its possible problems. */
function refused(path: string, refusals: ErrorCode[], pages: ErrorCode[] = []): Json {
  const refusing = [...new Set(refusals.map(code => statuses[code]))].sort()
  return Object.fromEntries(
    refusing.map(status => {
      const codes = [...new Set(refusals)].filter(code => statuses[code] === status)
      return [
        status,
        {
          description: codes.map(code => `${problemTypes[code].title} (\`${code}\`).`).join(' '),
          headers: headerRefs([...codes.flatMap(refusalHeaders), 'X-Request-Id']),
          content: {
            'application/problem+json': {
              schema: ref('schemas/Problem'),
              examples: Object.fromEntries(
                codes.map(code => [
                  code,
                  { value: problemOf({ originalUrl: examplePath(path) }, problemTypes[code].example) },
                ]),
              ),
            },
            ...(codes.some(code => pages.includes(code)) && { 'text/html': { schema: { type: 'string' } } }),
          },
        },
      ]
    }),
  )
}

function refusalHeaders(code: ErrorCode): string[] {
  if (code === 'unsupported_media_type') return ['Accept', 'Accept-Post', 'Accept-Encoding']
  if (code === 'unauthenticated') return ['WWW-Authenticate']
  return retryAfterSeconds[code] ? ['Retry-After'] : []
}
