import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { acceptsExplicitly } from '../http/content-negotiation'
import { bodyOf, lazily } from '../http/json'
import { setLoggedSubject } from '../http/middleware'
import type { CheckRateLimit } from '../http/rate-limit'
import type { Callers } from '../use-cases'
import { type Documents, parametersOf } from './documents'
import { batchMessage, errorHandler, refuseMethod, sendError } from './error-responses'
import { graphqlBodyBytes } from './limits'
import { useCasesOf } from './public-operations'
import { eventFraming } from './stream-framings'
import type { ServeStream } from './streamed-responses'

/** Serves GraphQL over Server-Sent Events only, by GET and POST, with one connection per operation. */
export function graphqlSseHandler(
  documents: Documents,
  serve: ServeStream,
  callers: Callers,
  admit: CheckRateLimit,
  log: Logger,
) {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method } = request
    response.setHeader('Cache-Control', 'no-store')
    if (method === 'OPTIONS') {
      response.writeHead(204, { Allow: 'GET, POST, OPTIONS' }).end()
      return
    }
    admit(request)
    if (method !== 'GET' && method !== 'POST') return refuseMethod(request, response)
    const posted = lazily(() => bodyOf(request, graphqlBodyBytes))
    const read = () => parametersOf(request, posted)
    const useCases = await useCasesOf(callers, documents, request.headers.authorization, read)
    setLoggedSubject(response, useCases.caller.digest)
    if (!acceptsExplicitly(request, 'text/event-stream')) {
      return sendError(
        response,
        406,
        'Accept text/event-stream: no other media type is available here.',
        'NOT_ACCEPTABLE',
      )
    }
    const parameters = await read()
    if (!parameters) {
      const isBatch = method === 'POST' && Array.isArray(await posted())
      return sendError(response, 400, isBatch ? batchMessage : 'The request has no GraphQL query.', 'BAD_REQUEST')
    }
    return serve(request, response, useCases, parameters, eventFraming)
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const request_id = String(response.getHeader('X-Request-Id'))
    answer(request, response).catch(errorHandler(request, response, log, request_id))
  }
}
