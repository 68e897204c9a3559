import { createHash } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { DomainError, errorRow } from '../../domain/errors'
import { sendCompressedJson, varyByEncoding } from '../../http/compression'
import { setErrorHeaders } from '../../http/error-headers'
import { tagsOf } from '../../http/etags'
import { sendJson } from '../../http/json'
import { tags } from '../description/headers-and-tags'
import { component, mapped } from '../description/json-schemas'
import { linksOf } from '../links'
import { docsFiles, docsPage } from '../pages/docs'
import { explainedCodes, explanationOf, sendExplanation, sendExplanations } from '../pages/problem-pages'
import { problemSchemas } from '../problem'
import { type Handler, hostOf, type OperationDescription, pathParameter, type Resource, sendTagged } from '../resource'

// Health checks, which are never rate-limited.

const healthSchema = component('Health', z.strictObject({ status: z.literal('ok') }))
const healthy: z.infer<typeof healthSchema> = { status: 'ok' }

const notReadySchema = component(
  'NotReady',
  z.strictObject({
    status: z.literal('unavailable'),
    failing: z.array(z.literal('store')),
    reason: z
      .string()
      .exactOptional()
      .describe('Present if the store has not been available at any time since the server started.'),
  }),
)
const notReady: z.infer<typeof notReadySchema> = { status: 'unavailable', failing: ['store'] }

const readHealth: Handler = ({ response }) => sendJson(response, 200, healthy)

const readReadiness: Handler = async ({ response, useCases: { queries, feed }, context: { log } }) => {
  if (!feed.hasLog)
    return sendNotReady(response, { reason: 'The store has not been available since the server started.' })
  try {
    await queries.store.ping()
  } catch (error) {
    log.warn({ request_id: response.getHeader('X-Request-Id'), err: error }, 'not ready')
    return sendNotReady(response)
  }
  sendJson(response, 200, healthy)
}

function sendNotReady(response: Response, more: { reason?: string } = {}): void {
  setErrorHeaders(response, { code: 'unavailable' })
  sendJson(response, errorRow('unavailable').status, { ...notReady, ...more })
}

const healthResources: Resource[] = [
  {
    path: '/healthz',
    link: 'health',
    isPublic: true,
    get: {
      handler: readHealth,
      id: 'readHealth',
      tag: tags.health,
      summary: 'Check whether the process is alive',
      description: 'Does not check whether the store is available.',
      responses: { 200: { description: 'The process is alive.', body: healthSchema, example: healthy } },
      usesStore: false,
    },
  },
  {
    path: '/readyz',
    link: 'readiness',
    isPublic: true,
    get: {
      handler: readReadiness,
      id: 'readReadiness',
      tag: tags.health,
      summary: 'Check whether the server is ready',
      description: 'Checks whether the store is available.',
      responses: {
        200: { description: 'The server is ready.', body: healthSchema, example: healthy },
        503: {
          description: 'The server is not ready. `failing` names the failing part.',
          body: notReadySchema,
          example: notReady,
          headers: ['Retry-After'],
        },
      },
    },
  },
]

// Static assets: content that does not change while the process runs.

/** Returns the resource `/`, which lists the paths of all resources except those of disabled capabilities. */
function linksResource(core: readonly Resource[], added: readonly Resource[]): Resource {
  const all = linksOf([...core, ...added])
  const always = linksOf(core)
  const schema = component(
    'Links',
    z.strictObject({
      links: z
        .strictObject(mapped(all, (_, name) => (name in always ? z.string() : z.string().exactOptional())))
        .catchall(z.string()),
    }),
  )
  return {
    path: '/',
    link: false,
    isPublic: true,
    cached: 'no-cache',
    get: {
      ...asset(schema),
      handler: ({ request, response, context: { links } }) => sendAsset(request, response, links),
      id: 'readLinks',
      summary: 'List the paths of this server',
      description:
        'Programs get the list of paths, and browsers get the dashboard. A path with parameters is a URI template (RFC 6570).',
    },
  }
}

const descriptionSchema = component('Description', z.looseObject({}))

/** Like all other resources, refuses a malformed `If-None-Match` header, which `staticAsset` would ignore. */
function sendAsset(request: Request, response: Response, asset: RequestListener | undefined): void {
  tagsOf(request, 'If-None-Match')
  if (!asset) throw new DomainError('route_not_found')
  asset(request, response)
}

/** Sends the AsyncAPI description, with the host name that the client used to reach this server. */
const sendAsyncapi: Handler = async ({ request, response, context: { asyncapi } }) => {
  const text = asyncapi({ host: hostOf(request), isSecure: request.secure })
  const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  varyByEncoding(response)
  await sendTagged(response, tag, () => sendCompressedJson(response, text))
}

/** Options of public resources whose content is the same for all callers and does not change while the process runs. */
const forEveryone = { isPublic: true, cached: 'public, max-age=300' } as const

const asset = (body?: z.ZodType) =>
  ({
    tag: tags.description,
    headers: ['If-None-Match'],
    responses: {
      200: { description: 'The content.', ...(body && { body }), headers: ['ETag'] },
      304: { description: 'The content has not changed.', headers: ['ETag'] },
    },
    usesStore: false,
  }) satisfies Partial<OperationDescription>

const assetResources: Resource[] = [
  {
    ...forEveryone,
    path: '/openapi.json',
    link: 'openapi',
    get: {
      ...asset(descriptionSchema),
      handler: ({ request, response, context: { openapi } }) => sendAsset(request, response, openapi),
      id: 'readOpenapi',
      summary: 'Describe the requests and responses',
      description: 'Returns this API description, in OpenAPI 3.1.',
    },
  },
  {
    ...forEveryone,
    path: '/asyncapi.json',
    link: 'asyncapi',
    get: {
      ...asset(descriptionSchema),
      handler: sendAsyncapi,
      id: 'readAsyncapi',
      summary: 'Describe the streams',
      description: 'Describes the Server-Sent Events and the WebSocket, in AsyncAPI 3.',
    },
  },
  {
    ...forEveryone,
    path: '/docs',
    types: ['text/html'],
    get: {
      ...asset(),
      handler: ({ request, response }) => sendAsset(request, response, docsPage),
      id: 'readDocs',
      summary: 'Read the API docs and try requests',
      description: 'Returns a page that loads nothing from other hosts.',
    },
  },
  {
    ...forEveryone,
    path: '/docs/:file',
    link: false,
    types: ['text/javascript', 'text/css'],
    get: {
      isDescribed: false,
      handler: ({ request, response }) => sendAsset(request, response, docsFiles.get(String(request.params.file))),
    },
  },
]

// Explanations of problems

const listProblems: Handler = ({ response, type }) => {
  const explanations = explainedCodes().map(explanationOf)
  if (type === 'application/json') sendJson(response, 200, { data: explanations })
  else sendExplanations(response, explanations)
}

const problemCode = pathParameter('code', {
  description: 'Code of the problem.',
  example: 'event_refused',
  notFound: 'route_not_found',
  schema: () => problemSchemas().explained,
})

const readProblem: Handler = ({ request, response, type }) => {
  // Ignore case, because GraphQL sends error codes in capitals.
  const sent = problemCode(request).toLowerCase()
  const code = explainedCodes().find(code => code === sent)
  if (!code) throw new DomainError('route_not_found')
  if (type === 'application/json') sendJson(response, 200, explanationOf(code))
  else sendExplanation(response, explanationOf(code))
}

const problemResources = (): Resource[] => [
  {
    ...forEveryone,
    path: '/problems',
    types: ['application/json', 'text/html'],
    get: {
      handler: listProblems,
      id: 'listProblems',
      tag: tags.description,
      summary: 'List all problems',
      description: 'Lists every error code of this server, with an explanation.',
      responses: { 200: { description: 'All problems, with explanations.', body: problemSchemas().explanations } },
      usesStore: false,
    },
  },
  {
    ...forEveryone,
    path: '/problems/:code',
    types: ['application/json', 'text/html'],
    get: {
      handler: readProblem,
      id: 'readProblem',
      tag: tags.description,
      summary: 'Explain a problem',
      description: 'The `type` of every problem is the path of its explanation. Browsers get an HTML page.',
      responses: { 200: { description: 'The explanation of the problem.', body: problemSchemas().explanation } },
      usesStore: false,
    },
  },
]

/** `core` and `added` contain all other resources. */
export function serverResources(core: readonly Resource[], added: readonly Resource[]): Resource[] {
  const own = [...healthResources, ...assetResources, ...problemResources()]
  return [linksResource([...core, ...own], added), ...own]
}
