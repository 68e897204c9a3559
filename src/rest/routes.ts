import express from 'express'
import type { Logger } from 'pino'
import { DomainError, validQuery } from '../domain/errors'
import type { Feed } from '../feed/feed'
import type { Admit } from '../http/addresses'
import type { EventStreams } from '../http/event-stream'
import { sendJson } from '../http/json'
import { setRetryAfter } from '../http/retry-after'
import { statuses } from '../http/statuses'
import type { Filter, Sessions } from '../sessions/sessions'
import type { Totals } from '../totals/totals'
import { sharedBody, summaryBody } from './bodies'
import { descriptions } from './description/served'
import { eventRoutes } from './events'
import { docs } from './pages/docs'
import { problemPages } from './pages/problem-pages'
import { formatsOf, sendNoShare, sendSharedResult } from './pages/shared-page'
import { calculationsPath, feedPath, summariesPath } from './paths'
import { problemHandler } from './problem'
import { summaryQuery } from './queries'
import { accepting, parameter, parsedBody } from './request'
import { resource, streamedTypes, tagged } from './resource'
import { sessionRoutes } from './session-routes'

/** The REST contract and what stands around it, as one Express application. */
export function restDoor(
  sessions: Sessions,
  totals: Totals,
  feed: Feed,
  events: EventStreams,
  admit: Admit,
  log: Logger,
): express.Express {
  const eventsOf = eventRoutes(sessions, feed, events, log)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('case sensitive routing', true)
  app.use((request, _response, next) => {
    if (!ofHealth.test(request.path)) admit(request)
    next()
  })
  sessionRoutes(app, sessions, totals, eventsOf.ofSession)
  resource(app, calculationsPath, {
    post: (request, response) => sendJson(response, 200, sessions.calculate(parsedBody(request))),
  })
  resource(app, summariesPath, {
    async get(request, response) {
      const filter = validQuery(summaryQuery, request.query) as Filter
      sendJson(response, 200, summaryBody(await totals.summary(filter)))
    },
  })
  healthRoutes(app, sessions, log)
  resource(app, feedPath, { get: eventsOf.ofAll }, streamedTypes)
  resource(
    app,
    '/shared/:token',
    {
      async get(request, response) {
        response.setHeader('Cache-Control', 'no-store')
        response.setHeader('Referrer-Policy', 'no-referrer')
        response.setHeader('X-Robots-Tag', 'noindex')
        response.vary('Accept, Accept-Language')
        const page = accepting(request, 'json', 'html') === 'html'
        try {
          const shared = sharedBody(await sessions.sharedResult(parameter(request, 'token')))
          if (page) sendSharedResult(response, shared, formatsOf(request, shared.inputs.currency))
          else sendJson(response, 200, shared)
        } catch (error) {
          if (!page || !(error instanceof DomainError) || !/^share_(gone|not_found)$/.test(error.code)) throw error
          sendNoShare(response, statuses[(error as DomainError).code], error)
        }
      },
    },
    ['json', 'html'],
  )
  resource(app, '/openapi.json', { get: tagged(descriptions.openapi) })
  resource(app, '/asyncapi.json', { get: tagged(descriptions.asyncapi) })
  resource(app, '/docs', { get: tagged(docs.page) }, ['html'])
  resource(app, '/docs/:file', { get: tagged(docs.file) }, ['js', 'css'])
  resource(app, '/problems', { get: problemPages.all }, ['json', 'html'])
  resource(app, '/problems/:code', { get: problemPages.one }, ['json', 'html'])
  app.use(() => {
    throw new DomainError('route_not_found')
  })
  app.use(problemHandler(log))
  return app
}

const ofHealth = /^\/(?:healthz|readyz)\/?$/

/** Whether the process lives, and whether it can serve: never rate-limited. */
function healthRoutes(app: express.Express, sessions: Sessions, log: Logger): void {
  resource(app, '/healthz', { get: (_request, response) => sendJson(response, 200, { status: 'ok' }) })
  resource(app, '/readyz', {
    async get(_request, response) {
      const failure = await sessions.store.ping().then(
        () => undefined,
        (error: unknown) => error,
      )
      if (!failure) return sendJson(response, 200, { status: 'ok' })
      log.warn({ request_id: response.getHeader('X-Request-Id'), err: failure }, 'not ready')
      setRetryAfter(response, 'unavailable')
      sendJson(response, statuses.unavailable, { status: 'unavailable', failing: ['store'] })
    },
  })
}
