import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { DomainError } from '../domain/errors'
import { setRetryAfter } from '../http/retry-after'
import { statuses } from '../http/statuses'
import { setChallenge } from '../http/www-authenticate'
import { probe } from '../telemetry/probe'
import { logUnexpected, shownOf } from './errors'

/**
 * Returns the error handler of a request. It responds with a domain error. It logs any other error and responds with
 * INTERNAL. If the headers have been sent already, it destroys the response instead.
 */
export const errorHandler =
  (request: IncomingMessage, response: ServerResponse, log: Logger, request_id: string) =>
  (thrown: unknown): void => {
    if (request.destroyed && !request.complete) return
    logUnexpected(log, request_id, thrown)
    const error: DomainError = thrown instanceof DomainError ? thrown : new DomainError('internal')
    const { message, extensions } = shownOf({ message: '' }, error)
    if (response.headersSent) return void response.destroy()
    setRetryAfter(response, error.code)
    setChallenge(response, error)
    sendError(response, statuses[error.code], message, String(extensions?.code), extensions)
  }

/** Message of the error for several operations in one request. */
export const batchMessage =
  'Operations are not taken in batches: send each in a request of its own, or ask for several fields in one operation.'

export function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  code: string,
  facts = {},
  type = 'application/json; charset=utf-8',
): void {
  probe?.refused('graphql', code)
  if (!response.req.complete) response.setHeader('Connection', 'close')
  response.writeHead(status, { 'Content-Type': type })
  response.end(JSON.stringify({ errors: [{ message, extensions: { code, ...facts } }] }))
}
