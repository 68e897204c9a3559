import type { IncomingMessage } from 'node:http'
import { DomainError } from '../domain/errors'
import { isInUtf8, isJson, maxNesting, parseJson } from './json'

/**
 * What the body of a POST says, if it says that it is JSON. Throws payload_too_large where it has more bytes than the
 * limit, invalid_json where it is none, and unsupported_media_type where it is in another charset than UTF-8 or encoded.
 */
export async function bodyOf(request: IncomingMessage, limit: number): Promise<unknown> {
  const bytes = await bodyBytes(request, limit)
  const { method, headers } = request
  const type = headers['content-type']
  if (method !== 'POST' || !isJson(type) || bytes.length === 0) return undefined
  const encoding = headers['content-encoding'] ?? 'identity'
  if (!isInUtf8(type) || encoding.toLowerCase() !== 'identity') throw new DomainError('unsupported_media_type')
  return parseJson(bytes, maxNesting)
}

/** A body that is too large is refused once all of it is read: who sends does not listen. */
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
    request.on('close', () => request.complete || reject(new Error('the request was broken off')))
  })
}

/** The work, done when it is first asked for. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => {
    done ??= work()
    return done
  }
}
