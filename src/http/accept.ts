import type { IncomingMessage } from 'node:http'
import Negotiator from 'negotiator'

/** Whether a request names a media type among those it accepts (RFC 9110 §12.5.1). A wildcard names none. */
export const names = (request: IncomingMessage, type: string): boolean =>
  new Negotiator(request).mediaTypes().some(accepted => accepted.toLowerCase() === type)

/** The type that a request accepts best, the first of those it accepts alike; undefined where it accepts none. */
export function acceptedType<T extends string>(
  request: IncomingMessage,
  available: readonly [T, ...T[]],
): T | undefined {
  const { accept } = request.headers
  return !accept || accept === '*/*' ? available[0] : new Negotiator(request).mediaTypes(available)[0]
}

/**
 * The encoding that a request accepts best, the first of those it accepts alike. Where it accepts none, not even
 * `identity`, the content is sent as it is (RFC 9110 §12.5.3).
 */
export const encodingOf = <T extends string>(request: IncomingMessage, available: T[]): T | 'identity' =>
  new Negotiator(request).encoding<T | 'identity'>([...available, 'identity'], { preferred: available }) ?? 'identity'
