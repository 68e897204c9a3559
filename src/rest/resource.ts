import type { Express, Request, Response } from 'express'
import { tagsOf } from '../http/etags'
import { setLoggedSubject } from '../http/middleware'
import type { Callers, UseCases } from '../use-cases'
import { accepting, methodNotAllowed, readBody } from './request'

export type Method = 'get' | 'post' | 'put' | 'delete'
/** Responds to a request with its caller's use cases. `type` is the type of the resource that the request prefers. */
export type Handler = (request: Request, response: Response, useCases: UseCases, type: string) => void | Promise<void>

/**
 * Wraps a handler that ignores a malformed If-None-Match, so that the request is refused, as on all other resources.
 */
export const tagged =
  (handler: Handler): Handler =>
  (request, response, ...more) => {
    tagsOf(request, 'If-None-Match')
    return handler(request, response, ...more)
  }

/**
 * Cache-Control of content that a client may store but must revalidate each time. Content that has been deleted or has
 * left the caller's scope is then not found.
 */
export const validated = 'private, no-cache'

/** Cache-Control of content that is the same for all callers while the process lives. */
export const forAll = 'public, max-age=300'

/** Media types of resources that are also streams. */
export const streamedTypes: [string, ...string[]] = ['json', 'text/event-stream']

export interface Resource {
  methods: Partial<Record<Method, Handler>>
  /** Media types of responses to GET. Other methods respond with JSON. */
  types?: [string, ...string[]]
  /** A public operation: it requires no token. */
  isOpen?: boolean
  /** Cache-Control of responses to GET (RFC 9111 §5.2.2); `no-store` if missing. */
  cached?: string
  /** Throws if the caller may not change the resource. It runs before the body is read. */
  requireChange?: (request: Request, useCases: UseCases) => Promise<void>
}

export type AddResource = (path: string | string[], resource: Resource) => void

/**
 * Adds resources to an application: their methods, HEAD with GET, OPTIONS, and 405 for all other methods. The last two
 * have `Allow` (RFC 9110 §10.2.1).
 */
export const resourcesOf =
  (app: Express, callers: Callers): AddResource =>
  (path, { methods, types = ['json'], isOpen, cached = 'no-store', requireChange }) => {
    const allow = Object.keys(methods).flatMap(method => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    const allowed = [...allow, 'OPTIONS'].join(', ')
    const route = app.route(path)
    for (const [method, handler] of Object.entries(methods) as [Method, Handler][]) {
      route[method](async (request, response) => {
        const useCases = isOpen ? callers.anyone : await callers.of(request.headers.authorization)
        setLoggedSubject(response, useCases.caller.digest)
        if (method !== 'get') await requireChange?.(request, useCases)
        if (method === 'post' || method === 'put') await readBody(request, response)
        if (method === 'get' && types.length > 1) response.vary('Accept')
        const type = method === 'get' ? accepting(request, ...types) : accepting(request, 'json')
        response.setHeader('Cache-Control', method === 'get' ? cached : 'no-store')
        await handler(request, response, useCases, type)
      })
    }
    route.all((request, response) => {
      response.setHeader('Allow', allowed)
      if (request.method !== 'OPTIONS') throw methodNotAllowed(request.method, allow)
      response.status(204).end()
    })
  }
