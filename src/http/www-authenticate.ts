import type { ServerResponse } from 'node:http'
import { type DomainError, TokenFault } from '../domain/errors'

/**
 * Sets `WWW-Authenticate` on an unauthenticated response, with the fault of the token if one was sent (RFC 6750 §3).
 */
export function setChallenge(response: ServerResponse, { code, cause }: DomainError): void {
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', challengeOf(cause))
}

const challengeOf = (fault: unknown): string =>
  fault instanceof TokenFault
    ? `Bearer error=${quoted(fault.error)}, error_description=${quoted(fault.message)}`
    : 'Bearer'

/** Returns a quoted string (RFC 9110 §5.6.4). */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
