import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Logger } from 'pino'
import { DomainError, validQuery } from '../domain/errors'
import { type Snapshot, sharePath } from '../domain/session'
import type { Feed } from '../feed/feed'
import type { Admit } from '../rate'
import type { Filter, Sessions } from '../sessions'
import type { EventStreams } from '../sse'
import { descriptions } from './description/served'
import { docs } from './docs'
import { eventRoutes } from './events'
import { problemHandler, problems } from './problem'
import { problemPages } from './problem-pages'
import { accepting, conditionsOf, etag, jsonBody, parsedBody, strong, tagsOf } from './request'
import { sessionsPath as base, calculationsPath, feedPath, listQuery } from './resources'
import { sendJson } from './send'
import { formatsOf, sendNoShare, sendSharedResult } from './shared-page'

const streamed = ['json', 'text/event-stream']

type Method = 'get' | 'post' | 'put' | 'delete'
type Handler = (request: Request, response: Response) => void | Promise<void>

/** The seven members of the contract, in the contract's order. */
function sessionBody({
  session_id,
  mentor_id,
  state,
  last_event,
  result_id,
  created_at,
  updated_at,
}: Snapshot): object {
  return { session_id, mentor_id, state, last_event, result_id, created_at, updated_at }
}

function sendSession(response: Response, status: number, session: Snapshot): void {
  response.setHeader('Session-Version', session.version)
  sendJson(response, status, sessionBody(session))
}

/** The REST contract and what stands around it, as one Express application. */
export function restDoor(
  sessions: Sessions,
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
  app.use(async (request, _response, next) => {
    await admit(request)
    next()
  })

  // The contract lists every endpoint with the base path repeated: both spellings are one router.
  const router = sessionsRouter(sessions, eventsOf.ofSession)
  app.use(base + base, router)
  app.use(base, router)

  resource(app, calculationsPath, {
    post: (request, response) => sendJson(response, 200, sessions.calculate(parsedBody(request))),
  })
  resource(app, feedPath, { get: eventsOf.ofAll }, streamed)
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
          const shared = await sessions.sharedResult(parameter(request, 'token'))
          if (page) sendSharedResult(response, shared, formatsOf(request))
          else sendJson(response, 200, shared)
        } catch (error) {
          if (!page || !(error instanceof DomainError) || !/^share_(gone|not_found)$/.test(error.code)) throw error
          sendNoShare(response, problems[(error as DomainError).code].status, error)
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
  resource(app, '/healthz', { get: (_request, response) => sendJson(response, 200, { status: 'ok' }) })
  resource(app, '/readyz', {
    async get(_request, response) {
      const failure = await sessions.store.ping().then(
        () => undefined,
        (error: unknown) => error,
      )
      if (failure) log.warn({ request_id: response.getHeader('X-Request-Id'), err: failure }, 'not ready')
      if (failure) response.setHeader('Retry-After', '2')
      sendJson(
        response,
        failure ? 503 : 200,
        failure ? { status: 'unavailable', failing: ['store'] } : { status: 'ok' },
      )
    },
  })
  app.use(() => {
    throw new DomainError('route_not_found')
  })
  app.use(problemHandler(log))
  return app
}

function sessionsRouter(sessions: Sessions, events: Handler): Router {
  const router = Router({ caseSensitive: true })

  resource(router, '/', {
    async get(request, response) {
      const { page, limit, ...selected } = validQuery(listQuery, request.query)
      const filter = selected as Filter
      const offset = (page - 1) * limit
      const [total, data] = await Promise.all([sessions.count(filter), sessions.list(filter, { offset, limit })])
      response.setHeader('Link', pageLinks({ limit, ...selected }, page, Math.max(1, Math.ceil(total / limit))))
      sendJson(response, 200, { data: data.map(sessionBody), pagination: { page, limit, total } })
    },
    async post(request, response) {
      const { session, replayed } = await sessions.start(parsedBody(request), conditionsOf(request, response))
      if (replayed) response.setHeader('Idempotency-Replayed', 'true')
      response.setHeader('Location', `${base}/${encodeURIComponent(session.session_id)}`)
      response.setHeader('ETag', etag(session.version))
      sendSession(response, 201, session)
    },
  })

  resource(router, '/:session_id', {
    async get(request, response) {
      const session = await sessions.get(parameter(request, 'session_id'))
      const current = etag(session.version)
      const match = tagsOf(request, 'If-Match')
      const known = tagsOf(request, 'If-None-Match')
      if (Array.isArray(match) && !match.includes(current)) {
        throw new DomainError('version_mismatch', { current_version: session.version })
      }
      response.setHeader('ETag', current)
      if (known === '*' || known?.map(strong).includes(current)) {
        response.setHeader('Session-Version', session.version)
        response.status(304).end()
        return
      }
      sendSession(response, 200, session)
    },
    async put(request, response) {
      const body = parsedBody(request)
      const id = parameter(request, 'session_id')
      const { session, replayed } = await sessions.dispatch(id, body, conditionsOf(request, response))
      if (replayed) response.setHeader('Idempotency-Replayed', 'true')
      sendSession(response, 200, session)
    },
    async delete(request, response) {
      const session_id = parameter(request, 'session_id')
      await sessions.close(session_id, conditionsOf(request, response))
      sendJson(response, 200, { deleted: true, session_id })
    },
  })

  resource(router, '/:session_id/events', { get: events }, streamed)
  resource(router, '/:session_id/results', {
    async get(request, response) {
      const session_id = parameter(request, 'session_id')
      await sessions.get(session_id)
      sendJson(response, 200, { data: await sessions.results(session_id) })
    },
  })
  resource(router, '/:session_id/results/:result_id', {
    async get(request, response) {
      const result_id = parameter(request, 'result_id')
      sendJson(response, 200, await sessions.result(parameter(request, 'session_id'), result_id))
    },
  })
  resource(router, '/:session_id/share', {
    async get(request, response) {
      const share = sessions.liveShare(await sessions.get(parameter(request, 'session_id')))
      if (!share) throw new DomainError('share_not_found')
      const { token, result_id, expires_at } = share
      sendJson(response, 200, { path: sharePath(share), token, result_id, expires_at })
    },
  })
  return router
}

/** A handler that looks at If-None-Match itself: one that is malformed is refused here, as everywhere. */
const tagged =
  (handler: Handler): Handler =>
  (request, response) => {
    tagsOf(request, 'If-None-Match')
    return handler(request, response)
  }

const parameter = (request: Request, name: string): string => String(request.params[name])

/** One resource: its methods, HEAD with GET, OPTIONS, and 405 for the rest, each with Allow (RFC 9110 §10.2.1). */
function resource(router: Router, path: string, methods: Partial<Record<Method, Handler>>, types = ['json']): void {
  const allow = Object.keys(methods).flatMap(method => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  const allowed = [...allow, 'OPTIONS'].join(', ')
  const route = router.route(path)
  for (const [method, handler] of Object.entries(methods) as [Method, Handler][]) {
    const body: RequestHandler[] = method === 'post' || method === 'put' ? [jsonBody] : []
    route[method](...body, async (request, response) => {
      accepting(request, ...types)
      if (method === 'get') response.setHeader('Cache-Control', 'no-cache')
      await handler(request, response)
    })
  }
  route.all((request, response) => {
    response.setHeader('Allow', allowed)
    if (request.method !== 'OPTIONS') throw new DomainError('method_not_allowed')
    response.status(204).end()
  })
}

/** First, previous, next and last page (RFC 8288), with the request's own limit and filters. */
function pageLinks(query: Record<string, string | number | undefined>, page: number, last: number): string {
  const stated = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) stated.set(name, String(value))
  const link = (to: number, rel: string): string => `<${base}?page=${to}&${stated}>; rel="${rel}"`
  const links = [link(1, 'first')]
  if (page > 1) links.push(link(Math.min(page - 1, last), 'prev'))
  if (page < last) links.push(link(page + 1, 'next'))
  return [...links, link(last, 'last')].join(', ')
}
