import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { preferredEncoding } from './content-negotiation'
import { matchesWeakly, tagsIn } from './etags'

// A higher quality would take many seconds for megabytes of script.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }

const encodings = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, brotliOptions) as Promise<Buffer>,
  gzip: (bytes: Buffer) => promisify(gzip)(bytes) as Promise<Buffer>,
}

type Encoding = keyof typeof encodings | 'identity'

/**
 * Serves a static asset: content that does not change while the process lives. Creates it on the first request,
 * compresses it if the client accepts that, and sends an ETag by which clients and caches validate their copy.
 */
export function staticAsset(content: () => Buffer | string, headers: Record<string, string>): RequestListener {
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
    const encoding = preferredEncoding(request, ['br', 'gzip'])
    const bytes = await bytesIn(encoding)
    // A strong tag identifies one sequence of bytes (RFC 9110 §8.8.3.3), so each encoding has its own tag.
    const etag = `"${hash}-${encoding}"`
    const { Vary = 'Accept-Encoding', ...rest } = headers
    const all = { ...rest, ETag: etag }
    for (const [name, value] of Object.entries(all)) response.setHeader(name, value)
    // Appended, because CORS may already have added `Origin`.
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

/** Returns whether the client already has the content. A malformed header counts as missing. */
function knows({ headers }: IncomingMessage, etag: string): boolean {
  const tags = tagsIn(headers['if-none-match'] ?? '')
  return tags !== undefined && matchesWeakly(tags, etag)
}
