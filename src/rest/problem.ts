import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler, Request } from 'express'
import type { Logger } from 'pino'
import { DomainError, type ErrorCode } from '../domain/errors'
import { publicPath } from '../http/base-path'
import { sendJson } from '../http/json'
import { setErrorHeaders, statuses } from '../http/statuses'
import { probe } from '../telemetry/probe'
import { problemTypes } from './problem-types'
import { mismatchOf } from './request'

/** Returns a DomainError as a problem document (RFC 9457). */
export function problemOf({ originalUrl }: Pick<Request, 'originalUrl'>, error: DomainError): object {
  const { code, message, facts } = error
  const { title } = problemTypes[code]
  const [instance] = originalUrl.split('?', 1)
  return { type: typeOf(code), title, status: statuses[code], detail: message, code, instance, ...facts }
}

/** Returns the path at which a code is explained. */
export const typeOf = (code: ErrorCode): string => publicPath(`/problems/${code}`)

export function sendProblem(originalUrl: string, response: ServerResponse, error: DomainError): void {
  probe?.refused('rest', error.code)
  setErrorHeaders(response, error)
  response.setHeader('Cache-Control', 'no-store')
  sendJson(response, statuses[error.code], problemOf({ originalUrl }, error), 'application/problem+json')
}

/**
 * Express's last handler. Any error that is not a DomainError becomes `internal`: it is logged under the request id,
 * and the response says nothing about its cause.
 */
export const problemHandler = (log: Logger): ErrorRequestHandler =>
  function answerProblem(thrown: unknown, request, response, _next) {
    const said = domainError(thrown)
    const error = isMismatch(said) ? mismatchOf(request, said) : said
    const request_id = response.getHeader('X-Request-Id')
    if (error.code === 'internal') log.error({ request_id, err: thrown }, 'internal error')
    if (error.code === 'unavailable') log.warn({ request_id, err: error.cause ?? error }, 'unavailable')
    if (response.headersSent) response.destroy()
    else sendProblem(request.originalUrl, response, error)
  }

const isMismatch = (error: DomainError): error is DomainError<'version_mismatch'> => error.code === 'version_mismatch'

/**
 * Converts an error to a DomainError. Errors of Express and its body reader are recognised by type or status
 * (https://github.com/expressjs/body-parser#errors).
 */
function domainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown
  const { type, status, limit } = thrown as { type?: string; status?: number; limit?: number }
  if (type === 'entity.too.large') return new DomainError('payload_too_large', { limit: limit ?? 0 })
  if (type === 'encoding.unsupported') {
    const message = 'This `Content-Encoding` is not supported. `Accept-Encoding` lists those that are.'
    return new DomainError('unsupported_media_type').withMessage(message)
  }
  if (type === 'request.size.invalid' || type === 'request.aborted')
    return malformedRequest('has a body whose length is not its Content-Length')
  if (thrown instanceof URIError) return malformedRequest('has a path with malformed percent-encoding')
  if (status === 400) return malformedRequest('has a body that cannot be decoded with its Content-Encoding')
  return new DomainError('internal')
}

const malformedRequest = (detail: string): DomainError => new DomainError('invalid_request', { errors: [{ detail }] })
