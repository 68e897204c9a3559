import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler, Request } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'
import { probe } from '../concurrency/probe'
import { DomainError, type ErrorCode, errorCodes, errorRow, faultSchema } from '../domain/errors'
import type { GraphqlErrorCode } from '../domain/graphql-errors'
import { publicPath } from '../http/base-path'
import { setErrorHeaders } from '../http/error-headers'
import { isWeak, tagsOf } from '../http/etags'
import { sendJson } from '../http/json'
import { component } from './description/json-schemas'

component('Fault', faultSchema)

/** One schema with optional members, because some client generators create no type from a union of schemas. */
const schemasOfProblems = () => {
  const code = component('ErrorCode', z.enum(errorCodes()))
  const problem = component(
    'Problem',
    z.object({
      type: z.string().describe('Path of the page that explains the error code, relative to the server.'),
      title: z.string(),
      status: z.int().min(400).max(599),
      detail: z.string().describe('Human-readable message.'),
      code,
      instance: z.string().describe('Path of the request.'),
      ...Object.fromEntries(
        errorCodes()
          .flatMap(factNames)
          .map(name => [name, factSchema(name)]),
      ),
    }),
  )
  // This schema is not an enum, because the enum's constants in generated Go code would clash with the constants of
  // ErrorCode.
  const explained = component(
    'ExplainedCode',
    z.string().describe('An `ErrorCode`, or a GraphQL error code in lower case.'),
  )
  const explanation = component(
    'Explanation',
    z.strictObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      code: explained,
      when: z.string().describe('When the error occurs.'),
      remedy: z.string().describe('What to do about the error.'),
      members: z.array(z.string()).describe("Names of the problem's additional members."),
      example: z.looseObject({}),
    }),
  )
  const explanations = component('ExplanationList', z.strictObject({ data: z.array(explanation) }))
  return { problem, explained, explanation, explanations }
}
// The schemas are module state, because the API descriptions identify a component by its schema object. All callers
// must therefore use the same schema object.
let schemas: ReturnType<typeof schemasOfProblems> | undefined

/**
 * The problem schema has the members common to all problems, and optional members that only some error codes add. Call
 * this function only after all modules that add error codes have been loaded.
 */
export const problemSchemas = (): ReturnType<typeof schemasOfProblems> => {
  schemas ??= schemasOfProblems()
  return schemas
}

const factNames = (code: ErrorCode): string[] => Object.keys(errorRow(code).facts.shape)

/** All error codes with the same member name share its schema. The description lists these codes. */
function factSchema(name: string): z.ZodType {
  const codes = errorCodes().filter(code => factNames(code).includes(name))
  const schema = errorRow(codes[0] as ErrorCode).facts.shape[name] as z.ZodType
  return schema.optional().describe(`Present only with these codes: ${codes.join(', ')}.`)
}

/** Converts a DomainError to a problem document (RFC 9457). */
export function problemOf({ originalUrl }: Pick<Request, 'originalUrl'>, error: DomainError): object {
  const { code, message, facts } = error
  const { title, status } = errorRow(code)
  const [instance] = originalUrl.split('?', 1)
  return { type: typeOf(code), title, status, detail: message, code, instance, ...facts }
}

export function exampleOfError(code: ErrorCode): DomainError {
  const { example, exampleMessage } = errorRow(code)
  // TypeScript can check the facts only if it knows the error code.
  const error: DomainError = new (DomainError as new (code: ErrorCode, facts: object) => DomainError)(code, example)
  return exampleMessage === undefined ? error : error.withMessage(exampleMessage)
}

export const typeOf = (code: ErrorCode | GraphqlErrorCode): string => publicPath(`/problems/${code}`)

export function sendProblem(originalUrl: string, response: ServerResponse, error: DomainError): void {
  probe?.refused('rest', error.code)
  setErrorHeaders(response, error)
  response.setHeader('Cache-Control', 'no-store')
  sendJson(response, errorRow(error.code).status, problemOf({ originalUrl }, error), 'application/problem+json')
}

/** The response does not reveal the cause of an unexpected error. */
export const problemHandler = (log: Logger): ErrorRequestHandler =>
  function sendError(thrown: unknown, request, response, _next) {
    const error = withWeakTags(request, loggedError(thrown, log, response.getHeader('X-Request-Id')))
    if (response.headersSent) response.destroy()
    else sendProblem(request.originalUrl, response, error)
  }

/** An unexpected error becomes `internal`. Logs the cause of `internal` and `unavailable` errors. */
export function loggedError(thrown: unknown, log: Logger, request_id: unknown): DomainError {
  const error = domainError(thrown)
  if (error.code === 'internal') log.error({ request_id, err: thrown }, 'internal error')
  if (error.code === 'unavailable') log.warn({ request_id, err: error.cause ?? error }, 'unavailable')
  return error
}

/**
 * Explains a `version_mismatch` if `If-Match` contains weak ETags, which never match (RFC 9110 §13.1.1). The error
 * alone would tell the client to read the session again, which does not help.
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

/** Recognises Express's errors by type or status (https://github.com/expressjs/body-parser#errors). */
function domainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown
  const { type, status, limit } = thrown as { type?: string; status?: number; limit?: number }
  if (type === 'entity.too.large') return new DomainError('payload_too_large', { limit: limit ?? 0 })
  if (type === 'request.size.invalid' || type === 'request.aborted')
    return malformedRequest('has a body whose length is not its Content-Length')
  if (thrown instanceof URIError) return malformedRequest('has a path with malformed percent-encoding')
  if (status === 400) return malformedRequest('has a body that cannot be decoded with its Content-Encoding')
  return new DomainError('internal')
}

const malformedRequest = (detail: string): DomainError => new DomainError('invalid_request', { errors: [{ detail }] })
