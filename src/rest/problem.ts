import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler, Request } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'
import { probe } from '../concurrency/probe'
import { DomainError, type ErrorCode, errorCodes, factSchemas, faultSchema } from '../domain/errors'
import { publicPath } from '../http/base-path'
import { isWeak, tagsOf } from '../http/etags'
import { sendJson } from '../http/json'
import { setErrorHeaders, statuses } from '../http/statuses'
import { component } from './description/json-schemas'
import { problemTypes } from './problem-types'

export const codeSchema = component('ErrorCode', z.enum(errorCodes))
component('Fault', faultSchema)

/** Schema of any problem: the members that all have, and the optional members that some codes add. */
export const problemSchema = component(
  'Problem',
  z.object({
    type: z.string().describe('Path that explains the code, relative to the server.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().describe('Message for people.'),
    code: codeSchema,
    instance: z.string().describe('Path of the request.'),
    ...Object.fromEntries(
      errorCodes.flatMap(code => Object.keys(factSchemas[code].shape)).map(name => [name, factSchema(name)]),
    ),
  }),
)

/**
 * Returns the schema of an additional member of problems. It names the codes that have the member; they all use the
 * same schema.
 */
function factSchema(name: string): z.ZodType {
  const codes = errorCodes.filter(code => name in factSchemas[code].shape)
  const { [name]: schema } = factSchemas[codes[0] as ErrorCode].shape as Record<string, z.ZodType>
  return (schema as z.ZodType).optional().describe(`Only with these codes: ${codes.join(', ')}.`)
}

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

/** Express's last handler. The response says nothing about the cause of an unexpected error. */
export const problemHandler = (log: Logger): ErrorRequestHandler =>
  function sendError(thrown: unknown, request, response, _next) {
    const error = withWeakTags(request, loggedError(thrown, log, response.getHeader('X-Request-Id')))
    if (response.headersSent) response.destroy()
    else sendProblem(request.originalUrl, response, error)
  }

/**
 * Converts any error to a DomainError. One that is not expected becomes `internal`. Logs the cause of it, and of
 * `unavailable`, under the request id.
 */
export function loggedError(thrown: unknown, log: Logger, request_id: unknown): DomainError {
  const error = domainError(thrown)
  if (error.code === 'internal') log.error({ request_id, err: thrown }, 'internal error')
  if (error.code === 'unavailable') log.warn({ request_id, err: error.cause ?? error }, 'unavailable')
  return error
}

/**
 * Explains a version_mismatch of an If-Match that contains weak tags: weak tags never match (RFC 9110 §13.1.1). The
 * plain error would say to read the session again, which does not help.
 */
function withWeakTags(request: Request, error: DomainError): DomainError {
  if (!isMismatch(error)) return error
  const tags = tagsOf(request, 'If-Match')
  if (!Array.isArray(tags) || !tags.some(isWeak)) return error
  const detail =
    'has a weak tag, which never matches. If a proxy weakens tags, send the Session-Version as a strong tag such as "3", or use expectedVersion in GraphQL'
  return new DomainError('version_mismatch', { ...error.facts, errors: [{ detail, header: 'If-Match' }] })
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
