import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { encodingOf } from './accept'
import { matchesWeakly, tagsIn } from './etags'

// Beyond this quality, megabytes of script would take many seconds.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }

const encodings = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, brotliOptions) as Promise<Buffer>,
  gzip: (bytes: Buffer) => promisify(gzip)(bytes) as Promise<Buffer>,
}

type Encoding = keyof typeof encodings | 'identity'

/**
 * Answers with a content that stays the same while the process lives, made when it is first asked for, and compressed
 * where the client takes that. What a client or cache has of it is validated by its tag.
 */
export function fixed(content: () => Buffer | string, headers: Record<string, string>): RequestListener {
  let plain: Buffer | undefined
  let hash = ''
  const encoded = new Map<Encoding, Promise<Buffer>>()

  const bytesIn = (encoding: Encoding): Promise<Buffer> => {
    if (!plain) {
      plain = Buffer.from(content())
      hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
    }
    const bytes =
      encoded.get(encoding) ?? (encoding === 'identity' ? Promise.resolve(plain) : encodings[encoding](plain))
    encoded.set(encoding, bytes)
    return bytes
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = encodingOf(request, ['br', 'gzip'])
    const bytes = await bytesIn(encoding)
    // A strong tag names one sequence of bytes (RFC 9110 §8.8.3.3): each encoding has its own.
    const etag = `"${hash}-${encoding}"`
    const { Vary = 'Accept-Encoding', ...rest } = headers
    const all = { ...rest, ETag: etag }
    for (const [name, value] of Object.entries(all)) response.setHeader(name, value)
    // What else the answer varies by, a page's origin, stands there already.
    response.appendHeader('Vary', Vary)
    if (knows(request, etag)) {
      response.removeHeader('Content-Type')
      response.writeHead(304).end()
      return
    }
    response.setHeader('Content-Length', bytes.length)
    if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
    response.end(bytes)
  }

  return (request, response) => void answer(request, response).catch(() => response.destroy())
}

/** Whether the client has the content; a field that is malformed is as if it were missing. */
function knows({ headers }: IncomingMessage, etag: string): boolean {
  const tags = tagsIn(headers['if-none-match'] ?? '')
  return tags !== undefined && matchesWeakly(tags, etag)
}
