import type { RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { DomainError } from '../domain/errors'
import type { Stalls } from '../time/stalls'
import { fromBase } from './base-path'
import { crossOrigin } from './cross-origin'
import { observe } from './observe'
import { namesItsHost } from './server'

/** Answers what was asked at a URL with why it is refused. */
type Refuse = (url: string, response: ServerResponse, error: DomainError) => void

/** What every request meets before the doors: an id and a line in the log, headers for pages of other origins, a look at its host. */
export function entrance(
  doors: RequestListener,
  refuse: Refuse,
  origins: string[],
  log: Logger,
  stalls: Stalls,
): RequestListener {
  const tellPages = crossOrigin(origins)
  return (request, response) => {
    const asked = originForm(request.url)
    request.url = fromBase(asked)
    // By this name Express keeps what was asked for.
    Object.assign(request, { originalUrl: asked })
    observe(request, response, log, stalls)
    tellPages(request, response)
    if (namesItsHost(request)) return doors(request, response)
    const errors = [{ detail: 'must be stated once, as a host', header: 'Host' }]
    refuse(asked, response, new DomainError('invalid_request', { errors }))
  }
}

/** A request target in absolute form names the same resource (RFC 9112 §3.2.2). */
const originForm = (target = '/'): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/')
