import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Request, Response } from 'express'
import { strong, tagsOf } from './request'

interface Variant {
  bytes: Buffer
  tag: string
}

/**
 * Answers with a content that stays the same while the process lives, compressed where the client takes that. It is made
 * when it is first asked for. What a client or cache has of it is validated by its tag.
 */
export function fixed(type: string, content: () => string | Buffer) {
  let made: { plain: Variant; gzip: Variant } | undefined
  const make = () => {
    const bytes = Buffer.from(content())
    const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
    // A strong tag names one sequence of bytes (RFC 9110 §8.8.3.3): the compressed ones have their own.
    return { plain: { bytes, tag: `"${hash}"` }, gzip: { bytes: gzipSync(bytes), tag: `"${hash}-gzip"` } }
  }
  return (request: Request, response: Response): void => {
    made ??= make()
    const encoding = request.acceptsEncodings('gzip', 'identity') === 'gzip' ? 'gzip' : undefined
    const { bytes, tag } = encoding ? made.gzip : made.plain
    response.setHeader('Cache-Control', 'public, max-age=300')
    response.vary('Accept-Encoding')
    response.setHeader('ETag', tag)
    const known = tagsOf(request, 'If-None-Match')
    if (known === '*' || known?.map(strong).includes(tag)) {
      response.status(304).end()
      return
    }
    if (encoding) response.setHeader('Content-Encoding', encoding)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Content-Type', type)
    response.setHeader('Content-Length', bytes.length)
    response.end(bytes)
  }
}
