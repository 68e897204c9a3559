import type { IncomingMessage } from 'node:http'

/**
 * Joins repeated `Authorization` headers with commas (RFC 9110 §5.3), so that authentication can refuse them. Reads
 * `rawHeaders`, because `request.headers` contains only the first `Authorization` header.
 */
export function authorizationOf({ headers, rawHeaders }: IncomingMessage): string | undefined {
  if (headers.authorization === undefined) return undefined
  let combined: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length !== 'authorization'.length || name.toLowerCase() !== 'authorization') continue
    const value = rawHeaders[i + 1] ?? ''
    combined = combined === undefined ? value : `${combined}, ${value}`
  }
  return combined
}
