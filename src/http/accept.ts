import type { IncomingMessage } from 'node:http'
import Negotiator from 'negotiator'

/** Whether a request names a media type among those it accepts (RFC 9110 §12.5.1). A wildcard names none. */
export const names = (request: IncomingMessage, type: string): boolean =>
  new Negotiator(request).mediaTypes().some(accepted => accepted.toLowerCase() === type)

/** A media range that a request accepts, in small letters, with its parameters. */
interface Range {
  type: string
  parameters: Map<string, string>
}

/** The media ranges that a request accepts, what it likes best first. */
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

/** The type that a request accepts best, the first of those it accepts alike; undefined where it accepts none. */
export function acceptedType<T extends string>(
  request: IncomingMessage,
  available: readonly [T, ...T[]],
): T | undefined {
  const { accept } = request.headers
  return !accept || accept === '*/*' ? available[0] : new Negotiator(request).mediaTypes(available)[0]
}

/** Whether a request is answered with a page where there is one: it is, unless JSON or something else is asked for. */
export const takesPage = (request: IncomingMessage): boolean =>
  acceptedType(request, ['text/html', 'application/json', 'application/problem+json']) === 'text/html'

/**
 * The encoding that a request accepts best, the first of those it accepts alike. Where it accepts none, not even
 * `identity`, the content is sent as it is (RFC 9110 §12.5.3).
 */
export function encodingOf<T extends string>(request: IncomingMessage, available: T[]): T | 'identity' {
  if (!request.headers['accept-encoding']) return 'identity'
  const encodings = [...available, 'identity' as const]
  return new Negotiator(request).encoding<T | 'identity'>(encodings, { preferred: available }) ?? 'identity'
}
