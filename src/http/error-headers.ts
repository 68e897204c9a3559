import type { ServerResponse } from 'node:http'
import { type DomainError, errorRow, TokenFault } from '../domain/errors'

/** Seconds for `Retry-After` while earlier operations keep the server busy. A store takes longer to recover. */
export const busySeconds = 1

/**
 * Sets the headers of an error response: `Retry-After` if its code has a time for it, and `WWW-Authenticate` if the
 * code is unauthenticated. The challenge includes the fault of the token if one was sent (RFC 6750 §3).
 */
export function setErrorHeaders(response: ServerResponse, { code, cause }: Pick<DomainError, 'code' | 'cause'>): void {
  const seconds = errorRow(code).retryAfter
  if (seconds !== undefined) response.setHeader('Retry-After', seconds)
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', challengeOf(cause, metadataUrls.get(response)))
}

/** URL of the protected resource's metadata, by response. */
const metadataUrls = new WeakMap<ServerResponse, string>()

/** Adds the URL of the resource's metadata to the response, in case it becomes a challenge (RFC 9728 §5.1). */
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

/** Returns a quoted string (RFC 9110 §5.6.4). */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
