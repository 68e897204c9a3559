// This folder contains the REST interface: resources, problem documents and CSV files. The subfolders contain the
// core's resources, the OpenAPI and AsyncAPI descriptions, and the web pages. `graphql-server` serves GraphQL.

import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http'
import express, { type Express } from 'express'
import type { Logger } from 'pino'
import { DomainError } from '../domain/errors'
import { publicPath } from '../http/base-path'
import { prefersHtml } from '../http/content-negotiation'
import type { EventStreams } from '../http/event-stream'
import { jsonType } from '../http/json'
import type { Admit } from '../http/rate-limit'
import { staticAsset } from '../http/static-assets'
import type { Callers } from '../use-cases'
import { asyncapi, serversAt } from './description/asyncapi'
import { type Json, mapped } from './description/json-schemas'
import { openapi, type SignInVariables, securitySchemes } from './description/openapi'
import { linksOf } from './links'
import { sendNoPage } from './pages/shared-page'
import { problemHandler } from './problem'
import { addResource, type Resource, type ServerAddress } from './resource'
import { accessResources } from './resources/access'
import { eventResources } from './resources/events'
import { resultResources } from './resources/results'
import { serverResources } from './resources/server'
import { sessionResources } from './resources/sessions'
import { shareResources } from './resources/shares'

export interface RestPart {
  name: string
  resources?: Resource[]
}

/**
 * The most requested ones come first, because Express tries routes in order. Nested routers would be slower, because
 * Express strips the router's prefix from each path and restores it afterwards.
 */
const coreResources = [
  ...sessionResources,
  ...eventResources,
  ...resultResources,
  ...shareResources,
  ...accessResources,
]

/** Returns all resources: the core's, the capabilities', and those about the server itself. */
export function resourcesOf(parts: readonly RestPart[]): Resource[] {
  const added = parts.flatMap(({ resources = [] }) => resources)
  return [...coreResources, ...added, ...serverResources(coreResources, added)]
}

const healthPath = /^\/(?:healthz|readyz)\/?$/

/** Only programs request these paths. An unknown one gets a problem document, even if `Accept` asks for HTML. */
const programPath = /^\/(?:api|graphql)(?:\/|$)/i

export interface RestOptions {
  callers: Callers
  eventStreams: EventStreams
  admit: Admit
  log: Logger
  /** Number of proxies whose `X-Forwarded-Proto` is trusted. */
  trustedProxies: number
  /** Settings that determine whether tokens are required, and which tokens are accepted. */
  signIn?: SignInVariables
  capabilities?: readonly RestPart[]
  /** Names of the capabilities that the configuration disables. */
  off?: string[]
  /** Additional resources that the API descriptions omit. */
  more?: Resource[]
}

export function restHandler(options: RestOptions): Express {
  const {
    callers,
    eventStreams,
    admit,
    log,
    trustedProxies,
    signIn = {},
    capabilities = [],
    off = [],
    more = [],
  } = options
  const resources = resourcesOf(capabilities)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('case sensitive routing', true)
  app.set('trust proxy', trustedProxies)
  app.use((request, response, next) => {
    if (!healthPath.test(request.path)) response.locals.rate = admit(request, response)
    next()
  })
  const schemes = securitySchemes(signIn)
  const hidden = capabilities.filter(({ name }) => off.includes(name)).flatMap(({ resources = [] }) => resources)
  const listed = [...resources.filter(resource => !hidden.includes(resource)), ...more]
  const links = mapped(linksOf(listed), publicPath)
  let streams: Json | undefined
  const context = {
    callers,
    eventStreams,
    log,
    // At `/`, browsers get the dashboard, so the response depends on the `Accept` header.
    links: staticAsset(() => JSON.stringify({ links }), {
      'Content-Type': jsonType,
      Vary: 'Accept, Accept-Encoding',
    }),
    openapi: staticAsset(() => JSON.stringify(openapi(resources, schemes)), { 'Content-Type': jsonType }),
    asyncapi(address: ServerAddress) {
      streams ??= asyncapi(schemes)
      return JSON.stringify({ ...streams, servers: serversAt(address, schemes) })
    },
  }
  for (const resource of [...resources, ...more]) addResource(app, resource, context)
  app.use((request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || programPath.test(request.path)) throw new DomainError('route_not_found')
    response.vary('Accept')
    if (!prefersHtml(request)) throw new DomainError('route_not_found')
    response.setHeader('Cache-Control', 'no-store')
    sendNoPage(request, response)
  })
  app.use(problemHandler(log))
  return app
}

/**
 * Express replaces the prototype of each request and response, and the runtime is slow with objects whose prototype has
 * changed. Instances of these classes have the right prototype from the start, so Express does not replace it.
 *
 * The prototypes inherit Express's methods and then Node's. `Request` and `Response` must be classes, because the
 * runtime optimises objects with a custom prototype only if they are instances of a class.
 */
export function expressMessages(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class Request extends IncomingMessage {}
  class Response<R extends IncomingMessage> extends ServerResponse<R> {}
  app.request = Object.setPrototypeOf(Request.prototype, app.request)
  app.response = Object.setPrototypeOf(Response.prototype, app.response)
  return { IncomingMessage: Request, ServerResponse: Response }
}
