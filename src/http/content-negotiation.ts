import type { IncomingMessage } from 'node:http'
import Negotiator from 'negotiator'

/** Whether the `Accept` header names this media type explicitly (RFC 9110 §12.5.1), not by a wildcard. */
export const acceptsExplicitly = (request: IncomingMessage, type: string): boolean =>
  new Negotiator(request).mediaTypes().some(accepted => accepted.toLowerCase() === type)

/** Media range from an `Accept` header, in lower case, with its parameters. */
interface Range {
  type: string
  parameters: Map<string, string>
}

/** Returns the media ranges of the `Accept` header in order of preference. */
export function acceptedRanges(request: IncomingMessage): Range[] {
  const written = (request.headers.accept ?? '').split(',').map(rangeOf)
  return new Negotiator(request).mediaTypes().flatMap(accepted => {
    const type = accepted.toLowerCase()
    return written.find(range => range.type === type) ?? []
  })
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.toLowerCase().split(';')
  const unquoted = (value: string): string => value.replace(/^"|"$/g, '')
  const entries = parameters.map((parameter): [string, string] => {
    const [name = '', value = ''] = parameter.split('=', 2)
    return [name.trim(), unquoted(value.trim())]
  })
  return { type: type.trim(), parameters: new Map(entries) }
}

/** If the request prefers several types equally, returns the first. Returns undefined if it accepts none. */
export function preferredType<T extends string>(
  request: IncomingMessage,
  available: readonly [T, ...T[]],
): T | undefined {
  const { accept } = request.headers
  return !accept || accept === '*/*' ? available[0] : new Negotiator(request).mediaTypes(available)[0]
}

export const prefersHtml = (request: IncomingMessage): boolean =>
  preferredType(request, ['text/html', 'application/json', 'application/problem+json']) === 'text/html'

/**
 * If the request prefers several encodings equally, returns the first of them. If it accepts none, returns `identity`,
 * even if the request excludes `identity` (RFC 9110 §12.5.3).
 */
export function preferredEncoding<T extends string>(request: IncomingMessage, available: T[]): T | 'identity' {
  if (!request.headers['accept-encoding']) return 'identity'
  const encodings = [...available, 'identity' as const]
  return new Negotiator(request).encoding<T | 'identity'>(encodings, { preferred: available }) ?? 'identity'
}
