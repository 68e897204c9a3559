import type { IncomingMessage, ServerResponse } from 'node:http'
import { DomainError } from '../domain/errors'
import { printableText } from '../domain/text'
import { isInUtf8, mediaTypeOf } from './json'

// This file creates errors that have the same message and headers in all interfaces.

/** Maximum number of characters that an error message quotes from an `Accept` header. */
const acceptCharacters = 100

export const notAcceptable = (accept: string, available: string[]): DomainError<'not_acceptable'> =>
  new DomainError('not_acceptable').withMessage(
    `Not available as ${printableText(accept, acceptCharacters)}. Available: ${available.join(', ')}.`,
  )

export const methodNotAllowed = (method: string, allowed: string[]): DomainError<'method_not_allowed'> =>
  new DomainError('method_not_allowed').withMessage(
    `\`${method}\` is not allowed here. Allowed: ${allowed.join(', ')}.`,
  )

/**
 * Throws `unsupported_media_type` if the request body does not have the media type `type` or is not in UTF-8. The error
 * response names the expected media type in its `Accept` and `Accept-Post` headers (RFC 9110 §15.5.16).
 */
export function requireType({ headers }: IncomingMessage, response: ServerResponse, type = 'application/json'): void {
  const stated = headers['content-type']
  if (mediaTypeOf(stated) === type && isInUtf8(stated)) return
  response.setHeader('Accept-Post', type)
  response.setHeader('Accept', type)
  throw new DomainError('unsupported_media_type').withMessage(`Send the body as ${type} in UTF-8.`)
}

/** The response's `Accept-Encoding` header lists the supported encodings. */
export function unsupportedEncoding(
  response: ServerResponse,
  supported: string[],
): DomainError<'unsupported_media_type'> {
  response.setHeader('Accept-Encoding', supported.join(', '))
  return new DomainError('unsupported_media_type').withMessage(
    'This `Content-Encoding` is not supported. `Accept-Encoding` lists the supported encodings.',
  )
}

/** Throws `unsupported_media_type` if the request body has a content encoding. */
export function requireNoEncoding({ headers }: IncomingMessage, response: ServerResponse): void {
  const { 'content-encoding': encoding = 'identity' } = headers
  if (encoding.toLowerCase() !== 'identity') throw unsupportedEncoding(response, ['identity'])
}
