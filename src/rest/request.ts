import express, { type Request, type Response } from 'express'
import { DomainError } from '../domain/errors'
import { printableText } from '../domain/text'
import { isWeak, matchesWeakly, opaque, tagsOf } from '../http/etags'
import { isInUtf8, isJson, parseJson } from '../http/json'
import type { Conditions } from '../sessions/sessions'

/** Largest body in bytes, after decoding. */
export const restBodyBytes = 16 * 1024

const rawBody = express.raw({ type: () => true, limit: restBodyBytes })

/** Reads a JSON body into `request.body`. Refuses another media type or charset before it reads anything. */
export async function readBody(request: Request, response: Response): Promise<void> {
  const type = request.headers['content-type']
  if (!isJson(type) || !isInUtf8(type)) {
    response.setHeader('Accept-Post', 'application/json')
    response.setHeader('Accept', 'application/json')
    throw new DomainError('unsupported_media_type')
  }
  await new Promise<void>((resolve, reject) => {
    rawBody(request, response, (error?: { type?: string }) => {
      if (error?.type === 'encoding.unsupported') response.setHeader('Accept-Encoding', 'gzip, deflate, br')
      if (error) reject(error)
      else resolve()
    })
  })
}

/** Parses the bytes that `readBody` read. */
export const parsedBody = ({ body }: Request): unknown => parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0))

/** Longest id or token in a path, in characters. Real ones are much shorter. */
const pathIdLength = 512

const notFoundCodes = {
  session_id: 'session_not_found',
  result_id: 'result_not_found',
  token: 'share_not_found',
  mentor_id: 'route_not_found',
} as const

/** Returns a parameter of the path. Throws the not-found error of that parameter if the value is too long. */
export function parameter(request: Request, name: keyof typeof notFoundCodes): string {
  const value = String(request.params[name])
  if (value.length > pathIdLength) throw new DomainError(notFoundCodes[name])
  return value
}

/** Returns the media type that the request prefers. Throws not_acceptable if it accepts none (RFC 9110 §12.5.1). */
export function accepting(request: Request, first: string, ...others: string[]): string {
  const { accept = '*/*' } = request.headers
  if (accept === '*/*') return first
  const accepted = request.accepts([first, ...others])
  if (accepted) return accepted
  throw notAcceptable(
    accept,
    [first, ...others].map(type => mediaTypes[type] ?? type),
  )
}

/** Creates a `not_acceptable` error that lists the available media types. */
export const notAcceptable = (accept: string, available: string[]): DomainError<'not_acceptable'> =>
  new DomainError('not_acceptable').withMessage(
    `Not available as ${printableText(accept, acceptCharacters)}. Available: ${available.join(', ')}.`,
  )

/** Creates a `method_not_allowed` error that lists the allowed methods. */
export const methodNotAllowed = (method: string, allowed: string[]): DomainError<'method_not_allowed'> =>
  new DomainError('method_not_allowed').withMessage(
    `\`${method}\` is not allowed here. Allowed: ${allowed.join(', ')}.`,
  )

/** Media types of the names that Express takes. */
const mediaTypes: Record<string, string> = {
  json: 'application/json',
  html: 'text/html',
  csv: 'text/csv',
  js: 'text/javascript',
  css: 'text/css',
}

/** Maximum characters of an `Accept` header that an error repeats. */
const acceptCharacters = 100

/**
 * Explains a mismatch of an If-Match that contains weak tags: weak tags never match (RFC 9110 §13.1.1). The plain error
 * would say to read the session again, which does not help.
 */
export function mismatchOf(request: Request, error: DomainError<'version_mismatch'>): DomainError {
  const tags = tagsOf(request, 'If-Match')
  if (!Array.isArray(tags) || !tags.some(isWeak)) return error
  const detail =
    'has a weak tag, which never matches. If a proxy weakens tags, send the Session-Version as a strong tag such as "3", or use expectedVersion in GraphQL'
  return new DomainError('version_mismatch', { ...error.facts, errors: [{ detail, header: 'If-Match' }] })
}

/** Returns the versions that tags name. A weak tag names none, nor does a tag that this server did not issue. */
const versionsOf = (tags: string[]): number[] =>
  tags.flatMap(tag => /^"([1-9]\d{0,8})"$/.exec(tag)?.[1] ?? []).map(Number)

/** Returns the strong entity tag of a version. */
export const etag = (version: number): string => `"${version}"`

/** Returns the weak entity tag of a version, for content with several encodings (RFC 9110 §8.8.3.3). */
export const weakEtag = (version: number): string => `W/${etag(version)}`

/** Returns whether the client already has the content with this tag (RFC 9110 §13.1.2). */
export function isKnown(request: Request, tag: string): boolean {
  const known = tagsOf(request, 'If-None-Match')
  return known !== undefined && matchesWeakly(known, tag)
}

/** Sends the content with this tag, or 304 if the client already has it. */
export async function sendTagged(
  request: Request,
  response: Response,
  tag: string,
  send: () => void | Promise<void>,
): Promise<void> {
  const known = isKnown(request, tag)
  response.setHeader('ETag', tag)
  if (known) response.status(304).end()
  else await send()
}

/** Returns the conditions, the idempotency key and the client of a change, from the request's headers. */
export function conditionsOf(request: Request, response: Response): Conditions {
  const expected = tagsOf(request, 'If-Match')
  const excluded = tagsOf(request, 'If-None-Match')
  return {
    // If-Match compares strongly, If-None-Match weakly (RFC 9110 §13.1).
    expected_versions: Array.isArray(expected) ? versionsOf(expected) : undefined,
    excluded_versions: Array.isArray(excluded) ? versionsOf(excluded.map(opaque)) : excluded,
    idempotency_key: idempotencyKey(request),
    ...clientOf(request, response),
  }
}

/** Returns the request id, and a function that returns whether the client still waits for the response. */
export const clientOf = (request: Request, response: Response): Pick<Conditions, 'request_id' | 'wanted'> => ({
  request_id: String(response.getHeader('X-Request-Id')),
  wanted: () => !request.socket.destroyed,
})

const quotedKey = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/
const bareKey = /^[\x21\x23-\x7e]*$/

/** Returns the idempotency key, written as a structured string (RFC 8941 §3.3.3) or bare. */
function idempotencyKey(request: Request): string | undefined {
  const value = request.get('Idempotency-Key')
  if (value === undefined) return undefined
  const quoted = quotedKey.exec(value)?.[1]
  if (quoted !== undefined) return quoted.replace(/\\(["\\])/g, '$1')
  if (bareKey.test(value)) return value
  const detail = 'must be a quoted string, or visible ASCII characters without quotes'
  throw new DomainError('invalid_request', { errors: [{ detail, header: 'Idempotency-Key' }] })
}
