import type { RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { EventLoopStalls } from '../concurrency/event-loop-stalls'
import { DomainError } from '../domain/errors'
import { withoutBasePath } from './base-path'
import { crossOrigin } from './cors'
import { logRequests } from './request-log'
import { hasValidHost } from './server'

/** Responds to a request for this URL with an error. */
type Refuse = (url: string, response: ServerResponse, error: DomainError) => void

/**
 * Applies to every request, before REST and GraphQL: a request id, a log line, CORS headers and the check of `Host`.
 */
export function prepareRequests(
  doors: RequestListener,
  refuse: Refuse,
  origins: string[],
  log: Logger,
  stalls: EventLoopStalls,
): RequestListener {
  const tellPages = crossOrigin(origins)
  return (request, response) => {
    const asked = originForm(request.url)
    request.url = withoutBasePath(asked)
    // Express keeps the original target under this name.
    Object.assign(request, { originalUrl: asked })
    logRequests(request, response, log, stalls)
    tellPages(request, response)
    if (hasValidHost(request)) return doors(request, response)
    const errors = [{ detail: 'must appear exactly lazily, with a host name', header: 'Host' }]
    refuse(asked, response, new DomainError('invalid_request', { errors }))
  }
}

/** Converts a request target in absolute form, which names the same resource, to origin form (RFC 9112 §3.2.2). */
const originForm = (target = '/'): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/')
