import type { IncomingMessage } from 'node:http'
import { DomainError } from '../domain/errors'
import { isInUtf8, isJson, maxNesting, parseJson } from './json'

/**
 * Parses the body of a POST with the media type JSON; otherwise, or if the body is empty, returns undefined. Throws
 * payload_too_large for more than `limit` bytes, invalid_json, and unsupported_media_type for another charset than
 * UTF-8 or a content encoding.
 */
export async function bodyOf(request: IncomingMessage, limit: number): Promise<unknown> {
  const bytes = await bodyBytes(request, limit)
  const { method, headers } = request
  const type = headers['content-type']
  if (method !== 'POST' || !isJson(type) || bytes.length === 0) return undefined
  const encoding = headers['content-encoding'] ?? 'identity'
  if (!isInUtf8(type)) throw new DomainError('unsupported_media_type')
  if (encoding.toLowerCase() !== 'identity')
    throw new DomainError('unsupported_media_type').withMessage('Send the body without `Content-Encoding`.')
  return parseJson(bytes, maxNesting)
}

/**
 * Reads a body. A body over the limit is read to its end before it is refused, because a client that is still sending
 * does not read the response.
 */
function bodyBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
    })
    request.on('end', () => {
      if (size > limit) reject(new DomainError('payload_too_large', { limit }))
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    })
    request.on('error', reject)
    request.on(
      'close',
      () => request.complete || reject(new Error('the client closed the connection before the end of the body')),
    )
  })
}

/** Returns a function that starts the work on its first call. Every call returns the same promise. */
export function lazily<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => {
    done ??= work()
    return done
  }
}
