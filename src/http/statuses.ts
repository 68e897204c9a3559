import type { ServerResponse } from 'node:http'
import { type DomainError, type ErrorCode, TokenFault } from '../domain/errors'

/** HTTP status of each error code (RFC 9110 §15). */
export const statuses: Record<ErrorCode, number> = {
  invalid_json: 400,
  invalid_query: 400,
  invalid_cursor: 400,
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  route_not_found: 404,
  session_not_found: 404,
  result_not_found: 404,
  share_not_found: 404,
  webhook_endpoint_not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  event_refused: 409,
  session_full: 409,
  limit_reached: 409,
  endpoint_inactive: 409,
  request_in_flight: 409,
  share_gone: 410,
  cursor_expired: 410,
  version_mismatch: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  idempotency_key_reused: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
}

/** Seconds for `Retry-After`, by error code (RFC 9110 §10.2.3). */
export const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  request_in_flight: 1,
  rate_limited: 1,
  unavailable: 2,
}

/** Seconds for `Retry-After` if earlier operations keep the server busy. They finish sooner than a store recovers. */
export const busySeconds = 1

/**
 * Sets the headers of an error response: `Retry-After` if its code has a time for it, and `WWW-Authenticate` if it is
 * unauthenticated, with the fault of the token if one was sent (RFC 6750 §3).
 */
export function setErrorHeaders(response: ServerResponse, { code, cause }: Pick<DomainError, 'code' | 'cause'>): void {
  const seconds = retryAfterSeconds[code]
  if (seconds !== undefined) response.setHeader('Retry-After', seconds)
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', challengeOf(cause, metadataUrls.get(response)))
}

/** URL of the metadata of the protected resource. */
const metadataUrls = new WeakMap<ServerResponse, string>()

/** Adds the URL of the resource's metadata to the challenge of the response, if it becomes one (RFC 9728 §5.1). */
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
