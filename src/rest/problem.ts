import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler, Request } from 'express'
import type { Logger } from 'pino'
import { DomainError, type ErrorCode } from '../domain/errors'
import { mismatchOf } from './request'
import { sendJson } from './send'

/** How each code is said in HTTP (RFC 9110 §15). */
export const problems: Record<ErrorCode, { status: number; title: string }> = {
  invalid_json: { status: 400, title: 'The body is not JSON' },
  invalid_query: { status: 400, title: 'A query parameter is not valid' },
  invalid_cursor: { status: 400, title: 'The cursor is not one that was issued here' },
  invalid_request: { status: 400, title: 'The request is malformed' },
  route_not_found: { status: 404, title: 'No such resource' },
  session_not_found: { status: 404, title: 'No such session' },
  result_not_found: { status: 404, title: 'No such result' },
  share_not_found: { status: 404, title: 'No such share link' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  not_acceptable: { status: 406, title: 'Not acceptable' },
  event_refused: { status: 409, title: 'The session refuses this event' },
  session_full: { status: 409, title: 'The session is full' },
  request_in_flight: { status: 409, title: 'The same request is being served' },
  share_gone: { status: 410, title: 'The share link is gone' },
  cursor_expired: { status: 410, title: 'The events after the cursor are gone' },
  version_mismatch: { status: 412, title: 'The session has another version' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body has an unsupported media type' },
  validation_failed: { status: 422, title: 'The content is not valid' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
}

export const retryAfterSeconds: Partial<Record<ErrorCode, string>> = {
  request_in_flight: '1',
  rate_limited: '1',
  unavailable: '2',
}

/** The problem (RFC 9457) that a DomainError is. */
export function problemOf({ originalUrl }: Pick<Request, 'originalUrl'>, error: DomainError): object {
  const { code, message, facts } = error
  const { status, title } = problems[code]
  const [instance] = originalUrl.split('?', 1)
  return { type: typeOf(code), title, status, detail: message, code, instance, ...facts }
}

/** Where a code is explained. */
export const typeOf = (code: ErrorCode): string => `/problems/${code}`

export function sendProblem(originalUrl: string, response: ServerResponse, error: DomainError): void {
  const retryAfter = retryAfterSeconds[error.code]
  if (retryAfter) response.setHeader('Retry-After', retryAfter)
  response.setHeader('Cache-Control', 'no-store')
  sendJson(response, problems[error.code].status, problemOf({ originalUrl }, error), 'application/problem+json')
}

/** Express's last handler: what is no DomainError is logged under the request id and shown to nobody. */
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

/** What Express and its body reader throw is known by its type or status (https://github.com/expressjs/body-parser#errors). */
function domainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown
  const { type, status, limit } = thrown as { type?: string; status?: number; limit?: number }
  if (type === 'entity.too.large') return new DomainError('payload_too_large', { limit: limit ?? 0 })
  if (type === 'encoding.unsupported') return new DomainError('unsupported_media_type')
  if (type === 'request.size.invalid' || type === 'request.aborted')
    return malformedRequest('has a body of another length than it says')
  if (thrown instanceof URIError) return malformedRequest('has a path with malformed percent-encoding')
  if (status === 400) return malformedRequest('has a body that its Content-Encoding cannot decode')
  return new DomainError('internal')
}

const malformedRequest = (detail: string): DomainError => new DomainError('invalid_request', { errors: [{ detail }] })
