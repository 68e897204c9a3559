import type { ServerResponse } from 'node:http'
import { type DomainError, errorRow, TokenFault } from '../domain/errors'

/** `Retry-After` in seconds while the server is busy. It is larger for a store, which takes longer to recover. */
export const busySeconds = 1

/** If the client sent a token, `WWW-Authenticate` says what is wrong with the token (RFC 6750 §3). */
export function setErrorHeaders(response: ServerResponse, { code, cause }: Pick<DomainError, 'code' | 'cause'>): void {
  const seconds = errorRow(code).retryAfter
  if (seconds !== undefined) response.setHeader('Retry-After', seconds)
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', challengeOf(cause, metadataUrls.get(response)))
}

const metadataUrls = new WeakMap<ServerResponse, string>()

/** If authentication fails, the response's `WWW-Authenticate` header contains this URL (RFC 9728 §5.1). */
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

/** Converts a text to a quoted string for a header value (RFC 9110 §5.6.4). */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
