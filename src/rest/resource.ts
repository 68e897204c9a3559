import type { Express, Request, RequestHandler, Response } from 'express'
import { DomainError } from '../domain/errors'
import { tagsOf } from '../http/etags'
import { accepting, jsonBody } from './request'

export type Method = 'get' | 'post' | 'put' | 'delete'
/** Answers a request, with the one of its types that the request accepts best. */
export type Handler = (request: Request, response: Response, type: string) => void | Promise<void>

/** A handler that looks at If-None-Match itself: one that is malformed is refused here, as everywhere. */
export const tagged =
  (handler: Handler): Handler =>
  (request, response, type) => {
    tagsOf(request, 'If-None-Match')
    return handler(request, response, type)
  }

/** What the resources that are also streams are served as. */
export const streamedTypes: [string, ...string[]] = ['json', 'text/event-stream']

/** One resource: its methods, HEAD with GET, OPTIONS, and 405 for the rest, each with Allow (RFC 9110 §10.2.1). */
export function resource(
  app: Express,
  path: string | string[],
  methods: Partial<Record<Method, Handler>>,
  /** Of what is read; what a change answers is JSON. */
  types: [string, ...string[]] = ['json'],
): void {
  const allow = Object.keys(methods).flatMap(method => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  const allowed = [...allow, 'OPTIONS'].join(', ')
  const route = app.route(path)
  for (const [method, handler] of Object.entries(methods) as [Method, Handler][]) {
    const body: RequestHandler[] = method === 'post' || method === 'put' ? [jsonBody] : []
    route[method](...body, async (request, response) => {
      const type = method === 'get' ? accepting(request, ...types) : accepting(request, 'json')
      if (method === 'get') response.setHeader('Cache-Control', 'no-cache')
      await handler(request, response, type)
    })
  }
  route.all((request, response) => {
    response.setHeader('Allow', allowed)
    if (request.method !== 'OPTIONS') throw new DomainError('method_not_allowed')
    response.status(204).end()
  })
}
