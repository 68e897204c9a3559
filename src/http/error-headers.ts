import type { ServerResponse } from 'node:http'
import { type DomainError, errorRow, TokenFault } from '../domain/errors'

/**
 * Seconds for `Retry-After` while the server is busy with earlier operations. An unavailable store has a longer time,
 * because it takes longer to recover.
 */
export const busySeconds = 1

/**
 * Sets the headers of an error response: `Retry-After` if the error code defines a time, and `WWW-Authenticate` if the
 * code is unauthenticated. If a token was sent, the challenge states its fault (RFC 6750 §3).
 */
export function setErrorHeaders(response: ServerResponse, { code, cause }: Pick<DomainError, 'code' | 'cause'>): void {
  const seconds = errorRow(code).retryAfter
  if (seconds !== undefined) response.setHeader('Retry-After', seconds)
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', challengeOf(cause, metadataUrls.get(response)))
}

/** URL of the protected resource's metadata, by response. */
const metadataUrls = new WeakMap<ServerResponse, string>()

/**
 * Stores the URL of the resource's metadata for a response, in case the response becomes a challenge (RFC 9728 §5.1).
 */
export function setResourceMetadata(response: ServerResponse, url: string): void {
  metadataUrls.set(response, url)
}

function challengeOf(fault: unknown, metadataUrl: string | undefined): string {
  const parameters = [
    ...(fault instanceof TokenFault
      ? [`error=${quoted(fault.error)}`, `error_description=${quoted(fault.message)}`]
      : []),
    ...(metadataUrl ? [`resource_metadata=${quoted(metadataUrl)}`] : []),
  ]
  return ['Bearer', parameters.join(', ')].join(' ').trim()
}

/** Returns a text as a quoted string (RFC 9110 §5.6.4). */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
