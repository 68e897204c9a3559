import type { Express, Request, Response } from 'express'
import { DomainError } from '../domain/errors'
import { tagsOf } from '../http/etags'
import { nameSubject } from '../http/observe'
import type { Callers, UseCases } from '../use-cases'
import { accepting, readBody } from './request'

export type Method = 'get' | 'post' | 'put' | 'delete'
/** Answers a request of a caller, with the one of its types that the request accepts best. */
export type Handler = (request: Request, response: Response, useCases: UseCases, type: string) => void | Promise<void>

/** A handler that looks at If-None-Match itself: one that is malformed is refused here, as everywhere. */
export const tagged =
  (handler: Handler): Handler =>
  (request, response, ...more) => {
    tagsOf(request, 'If-None-Match')
    return handler(request, response, ...more)
  }

/**
 * What a client may keep, and asks about each time: what was closed meanwhile, or is no longer for him to see, he is told is
 * not there.
 */
export const validated = 'private, no-cache'

/** What is the same for all, as long as the process lives. */
export const forAll = 'public, max-age=300'

/** What the resources that are also streams are served as. */
export const streamedTypes: [string, ...string[]] = ['json', 'text/event-stream']

export interface Resource {
  methods: Partial<Record<Method, Handler>>
  /** Of what is read; what a change answers is JSON. */
  types?: [string, ...string[]]
  /** Open to all, whoever asks. */
  isOpen?: boolean
  /** How an answer to a read may be kept (RFC 9111 §5.2.2); not at all where it isn't stated. */
  cached?: string
  /** Refuses who may not change what the path names: before a body is read. */
  requireChange?: (request: Request, useCases: UseCases) => Promise<void>
}

export type AddResource = (path: string | string[], resource: Resource) => void

/** Adds resources to an application: their methods, HEAD with GET, OPTIONS, and 405 for the rest, each with Allow (RFC 9110 §10.2.1). */
export const resourcesOf =
  (app: Express, callers: Callers): AddResource =>
  (path, { methods, types = ['json'], isOpen, cached = 'no-store', requireChange }) => {
    const allow = Object.keys(methods).flatMap(method => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    const allowed = [...allow, 'OPTIONS'].join(', ')
    const route = app.route(path)
    for (const [method, handler] of Object.entries(methods) as [Method, Handler][]) {
      route[method](async (request, response) => {
        const useCases = isOpen ? callers.anyone : await callers.of(request.headers.authorization)
        nameSubject(response, useCases.caller.digest)
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
      if (request.method !== 'OPTIONS') throw new DomainError('method_not_allowed')
      response.status(204).end()
    })
  }
