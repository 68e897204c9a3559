import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { names } from '../http/accept'
import type { Admit } from '../http/addresses'
import { bodyOf, once } from '../http/body'
import { nameSubject } from '../http/observe'
import type { Callers } from '../use-cases'
import { type Documents, parametersOf } from './documents'
import { eventFraming } from './framings'
import { graphqlBodyBytes } from './limits'
import { useCasesOf } from './open'
import { batchRefusal, refuse, refuseUnexpected } from './refuse'
import type { ServeStream } from './streaming'

/** Serves GraphQL over Server-Sent Events only, by GET and POST, with one connection per operation. */
export function sseDoor(documents: Documents, serve: ServeStream, callers: Callers, admit: Admit, log: Logger) {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method } = request
    response.setHeader('Cache-Control', 'no-store')
    if (method === 'OPTIONS') {
      response.writeHead(204, { Allow: 'GET, POST, OPTIONS' }).end()
      return
    }
    admit(request)
    if (method !== 'GET' && method !== 'POST') {
      response.setHeader('Allow', 'GET, POST, OPTIONS')
      return refuse(response, 405, 'Only GET and POST are served here.', 'METHOD_NOT_ALLOWED')
    }
    const posted = once(() => bodyOf(request, graphqlBodyBytes))
    const read = () => parametersOf(request, posted)
    const useCases = await useCasesOf(callers, documents, request.headers.authorization, read)
    nameSubject(response, useCases.caller.digest)
    if (!names(request, 'text/event-stream')) {
      return refuse(response, 406, 'Only text/event-stream is served here.', 'NOT_ACCEPTABLE')
    }
    const parameters = await read()
    if (!parameters) {
      const isBatch = method === 'POST' && Array.isArray(await posted())
      return refuse(response, 400, isBatch ? batchRefusal : 'There is no GraphQL query in the request.', 'BAD_REQUEST')
    }
    return serve(request, response, useCases, parameters, eventFraming)
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const request_id = String(response.getHeader('X-Request-Id'))
    answer(request, response).catch(refuseUnexpected(request, response, log, request_id))
  }
}
