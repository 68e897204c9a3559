import type { ServerResponse } from 'node:http'
import type { ErrorCode } from '../domain/errors'

/** In how many seconds to try again what was refused with these codes (RFC 9110 §10.2.3). */
export const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  request_in_flight: 1,
  rate_limited: 1,
  unavailable: 2,
}

/** In how many seconds to try again what is unavailable for the operations before it: they are done sooner than a store comes back. */
export const busySeconds = 1

/** States in an answer when to try again, where its code has a time for that. */
export function setRetryAfter(response: ServerResponse, code: ErrorCode): void {
  const seconds = retryAfterSeconds[code]
  if (seconds !== undefined) response.setHeader('Retry-After', seconds)
}
