import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import cors from 'cors'
import type { Logger } from 'pino'
import type { EventLoopStalls } from '../concurrency/event-loop-stalls'
import { DomainError } from '../domain/errors'
import { originForm, withoutBasePath } from './base-path'
import { loggedPath } from './logged-path'
import { hasValidHost } from './server'

interface PreparedListener {
  listener: RequestListener
  refuse: (url: string, response: ServerResponse, error: DomainError) => void
  /** Origins whose pages are allowed to use the API. */
  origins: string[]
  log: Logger
  stalls: EventLoopStalls
}

export function prepareRequests({ listener, refuse, origins, log, stalls }: PreparedListener): RequestListener {
  const setCorsHeaders = crossOrigin(origins)
  return (request, response) => {
    const originalUrl = originForm(request.url)
    request.url = withoutBasePath(originalUrl)
    // Express also stores the original request target in `originalUrl`.
    Object.assign(request, { originalUrl })
    logRequests(response, log, stalls)
    setCorsHeaders(request, response)
    if (hasValidHost(request)) return listener(request, response)
    const errors = [{ detail: 'must appear exactly once, with a host name', header: 'Host' }]
    refuse(originalUrl, response, new DomainError('invalid_request', { errors }))
  }
}

/** Digests of the callers' subjects (`sub`) for the request log, by response. */
const subjects = new WeakMap<ServerResponse, string>()

export function setLoggedSubject(response: ServerResponse, digest: string | undefined): void {
  if (digest !== undefined) subjects.set(response, digest)
}

/** A request's log line never contains a body, a query string or a share token. */
export function logRequests(response: ServerResponse, log: Logger, stalls: EventLoopStalls): void {
  const { req: request } = response
  const started = performance.now()
  const given = request.headers['x-request-id']
  const request_id = typeof given === 'string' && /^[\w.:~+/=-]{1,128}$/.test(given) ? given : randomUUID()
  response.setHeader('X-Request-Id', request_id)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  const path = loggedPath(request.url ?? '')
  const endStall = stalls.begin(`${request.method} ${path}`)
  whenClosed(response, isWhole => {
    endStall()
    const ms = Math.round((performance.now() - started) * 10) / 10
    const { method } = request
    const { statusCode: status } = response
    const aborted = isWhole ? {} : { aborted: true }
    const subject = subjects.get(response)
    log.info({ request_id, subject, method, path, status, ...aborted, ms }, 'request')
  })
}

/** Passes whether the whole response was sent. Runs before OpenTelemetry's HTTP instrumentation ends the span. */
export function whenClosed(response: ServerResponse, work: (isWhole: boolean) => void): void {
  const { req: request } = response
  let isSent = false
  // Node also emits `finish` when the connection is destroyed.
  response.prependOnceListener('finish', () => {
    isSent = !request.socket.destroyed
  })
  response.prependOnceListener('close', () => work(isSent && !request.errored))
}

const exposedHeaders = [
  'Allow',
  'Content-Disposition',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Session-Closed',
  'Session-Version',
  'WWW-Authenticate',
  'X-Request-Id',
].join(',')

function crossOrigin(origins: string[]): (request: IncomingMessage, response: ServerResponse) => void {
  const setHeaders = cors({
    // `Access-Control-Allow-Origin` can contain only one origin, so it repeats the request's `Origin` header if that
    // origin is allowed.
    origin: origins.includes('*') ? '*' : origins,
    exposedHeaders,
    maxAge: 86_400,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    // Each resource handles OPTIONS itself, and sets its own `Allow` header.
    preflightContinue: true,
  })
  return (request, response) => setHeaders(request, response, () => {})
}

/** A request without an `Origin` header is allowed, because it does not come from another site's page. */
export type AllowsOrigin = (request: IncomingMessage) => boolean

/** Allows web pages from these origins (`*` for all), and this server's own pages. */
export const originsAllowed =
  (origins: string[]): AllowsOrigin =>
  ({ headers: { origin, host = '' } }) =>
    origin === undefined || origins.includes('*') || origins.includes(origin) || hostOf(origin) === host.toLowerCase()

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)
