import express from 'express'
import type { Logger } from 'pino'
import { DomainError, validQuery } from '../domain/errors'
import { sendCompressedJson } from '../http/compression'
import { acceptsExplicitly, prefersHtml } from '../http/content-negotiation'
import type { EventStreams } from '../http/event-stream'
import { sendJson } from '../http/json'
import type { CheckRateLimit } from '../http/rate-limit'
import { setErrorHeaders, statuses } from '../http/statuses'
import type { Filter } from '../sessions/session-reads'
import type { Callers } from '../use-cases'
import { callerBody, sharedBody, summaryBody } from './bodies'
import { nameFile, sendCsvOf } from './csv'
import { descriptionHandlers } from './description/handlers'
import { eventRoutes } from './events'
import { docs } from './pages/docs'
import { languageOf } from './pages/language'
import { problemPages } from './pages/problem-pages'
import { sendNoPage, sendNoShare, sendSharedResult } from './pages/shared-page'
import { calculationsPath, callerPath, feedPath, mentorsPath, summariesPath } from './paths'
import { problemHandler } from './problem'
import { sharedQuery, summaryQuery } from './query-parameters'
import { clientOf, parameter, parsedBody } from './request'
import { type AddResource, forAll, type Handler, resourcesOf, streamedTypes, tagged } from './resource'
import { sessionRoutes } from './session-routes'

/** Returns the Express application with the REST contract, health checks, descriptions and pages. */
export function restHandler(
  callers: Callers,
  events: EventStreams,
  admit: CheckRateLimit,
  log: Logger,
  issuer?: string,
): express.Express {
  const descriptions = descriptionHandlers(issuer)
  const eventsOf = eventRoutes(events, log)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('case sensitive routing', true)
  app.use((request, _response, next) => {
    if (!ofHealth.test(request.path)) admit(request)
    next()
  })
  const resource = resourcesOf(app, callers)
  sessionRoutes(resource, eventsOf.ofSession)
  resource(callerPath, {
    methods: { get: (_request, response, { caller }) => sendJson(response, 200, callerBody(caller)) },
  })
  resource(calculationsPath, {
    methods: {
      post: (request, response, { sessions }) => sendJson(response, 200, sessions.calculate(parsedBody(request))),
    },
  })
  resource(summariesPath, {
    methods: {
      async get(request, response, { totals }) {
        const filter = validQuery(summaryQuery, request.query) as Filter
        await sendCompressedJson(response, JSON.stringify(summaryBody(await totals.summary(filter))))
      },
    },
  })
  resource(`${mentorsPath}/:mentor_id`, {
    requireChange: async (_request, { erasure }) => erasure.requireAdmin(),
    methods: {
      async delete(request, response, { erasure }) {
        sendJson(response, 200, await erasure.erase(parameter(request, 'mentor_id'), clientOf(request, response)))
      },
    },
  })
  healthRoutes(resource, log)
  resource(feedPath, { methods: { get: eventsOf.ofAll }, types: streamedTypes })
  resource('/shared/:token', {
    isOpen: true,
    types: ['html', 'json', 'csv'],
    methods: {
      async get(request, response, { reads }, type) {
        response.setHeader('Referrer-Policy', 'no-referrer')
        response.setHeader('X-Robots-Tag', 'noindex')
        const language = languageOf(request)
        const { format } = validQuery(sharedQuery, request.query)
        try {
          const shared = await reads.sharedResult(parameter(request, 'token'))
          if (format) nameFile(response, shared, format)
          const as = format ?? type
          if (as === 'html') sendSharedResult(response, shared, language)
          else if (as === 'csv') sendCsvOf(response, shared)
          else sendJson(response, 200, sharedBody(shared))
        } catch (error) {
          // A browser that follows a link to a file gets a page.
          const isRead = type === 'html' && (format === undefined || acceptsExplicitly(request, 'text/html'))
          const isNoShare = error instanceof DomainError && /^share_(gone|not_found)$/.test(error.code)
          if (!isRead || !isNoShare) throw error
          sendNoShare(response, (error as DomainError).code, language)
        }
      },
    },
  })
  resource('/', { isOpen: true, cached: 'no-cache', methods: { get: tagged(descriptions.links) } })
  const open = (path: string, get: Handler, ...types: [string, ...string[]]): void =>
    resource(path, { isOpen: true, types, cached: forAll, methods: { get } })
  open('/openapi.json', tagged(descriptions.openapi), 'json')
  open('/asyncapi.json', tagged(descriptions.asyncapi), 'json')
  open('/docs', tagged(docs.page), 'html')
  open('/docs/:file', tagged(docs.file), 'js', 'css')
  open('/problems', problemPages.all, 'json', 'html')
  open('/problems/:code', problemPages.one, 'json', 'html')
  app.use((request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || ofInterfaces.test(request.path)) throw new DomainError('route_not_found')
    response.vary('Accept')
    if (!prefersHtml(request)) throw new DomainError('route_not_found')
    response.setHeader('Cache-Control', 'no-store')
    sendNoPage(response, languageOf(request))
  })
  app.use(problemHandler(log))
  return app
}

/** Clients of these paths are programs: an unknown path is a problem document whatever `Accept` says. */
const ofInterfaces = /^\/(?:api|graphql)(?:\/|$)/i

const ofHealth = /^\/(?:healthz|readyz)\/?$/

/** Adds the checks of liveness and readiness. They are never rate-limited. */
function healthRoutes(resource: AddResource, log: Logger): void {
  resource('/healthz', {
    isOpen: true,
    methods: { get: (_request, response) => sendJson(response, 200, { status: 'ok' }) },
  })
  resource('/readyz', {
    isOpen: true,
    methods: {
      async get(_request, response, { reads, feed: { feed } }) {
        const refuse = (more = {}): void => {
          setErrorHeaders(response, { code: 'unavailable' })
          sendJson(response, statuses.unavailable, { status: 'unavailable', failing: ['store'], ...more })
        }
        if (!feed.hasLog) return refuse({ reason: 'The store has not been available since the server started.' })
        const failure = await reads.store.ping().then(
          () => undefined,
          (error: unknown) => error,
        )
        if (!failure) return sendJson(response, 200, { status: 'ok' })
        log.warn({ request_id: response.getHeader('X-Request-Id'), err: failure }, 'not ready')
        refuse()
      },
    },
  })
}
