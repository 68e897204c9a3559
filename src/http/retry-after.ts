import type { ServerResponse } from 'node:http'
import type { ErrorCode } from '../domain/errors'

/** Seconds for `Retry-After`, by error code (RFC 9110 §10.2.3). */
export const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  request_in_flight: 1,
  rate_limited: 1,
  unavailable: 2,
}

/** Seconds for `Retry-After` if earlier operations keep the server busy. They finish sooner than a store recovers. */
export const busySeconds = 1

/** Sets `Retry-After` if the error code has a time for it. */
export function setRetryAfter(response: ServerResponse, code: ErrorCode): void {
  const seconds = retryAfterSeconds[code]
  if (seconds !== undefined) response.setHeader('Retry-After', seconds)
}
