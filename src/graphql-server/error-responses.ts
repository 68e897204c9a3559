import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { DomainError } from '../domain/errors'
import { setErrorHeaders, statuses } from '../http/statuses'
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
    setErrorHeaders(response, error)
    sendError(response, statuses[error.code], message, String(extensions?.code), extensions)
  }

/** Message of the error for a document in which `operationName` selects no operation. */
export const unknownOperation = 'Name one of the operations of the document in `operationName`.'

/** Message of the error for several operations in one request. */
export const batchMessage =
  'Batches are not supported. Send each operation in its own request, or select several fields in one operation.'

/** Refuses a method other than GET and POST. */
export function refuseMethod({ method }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Allow', 'GET, POST, OPTIONS')
  sendError(response, 405, `\`${method}\` is not allowed here. Allowed: GET, POST.`, 'METHOD_NOT_ALLOWED')
}

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
