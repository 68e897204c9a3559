import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

/** Nothing but what this server serves, and no string becomes markup or script (Trusted Types). */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const unbuilt =
  '<!doctype html><title>Not built</title><p>The dashboard is not built yet: run <code>npm run build</code>.'

/** The paths of the page's views. */
const view = /^\/(sessions\/[^/]+)?$/

const encodings = { br: promisify(brotliCompress), gzip: promisify(gzip) }

interface File {
  type: string
  etag: string
  /** The bytes as they are sent in each encoding, made when first asked for. */
  encoded: Map<string, Promise<Buffer>>
}

/**
 * The web page, as `vite build` left it in `folder`: `/` and `/sessions/…` for those who ask for HTML, and its hashed
 * assets. Answers what is its own, and says whether it did.
 */
export function dashboardDoor(folder: string): (request: IncomingMessage, response: ServerResponse) => boolean {
  const files = filesOf(folder)
  const page = files.get('index.html') ?? fileOf('.html', Buffer.from(unbuilt))

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const [path = ''] = (request.url ?? '').split('?', 1)
    const asset = path.startsWith('/assets/') ? files.get(path.slice(1)) : undefined
    if (asset) {
      send(request, response, asset, { 'Cache-Control': 'public, max-age=31536000, immutable' })
      return true
    }
    if (!view.test(path) || !/\btext\/html\b/i.test(request.headers.accept ?? '')) return false
    const headers = {
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': contentSecurityPolicy,
      'Referrer-Policy': 'no-referrer',
      Vary: 'Accept, Accept-Encoding',
    }
    send(request, response, page, headers)
    return true
  }
}

function filesOf(folder: string): Map<string, File> {
  if (!existsSync(folder)) return new Map()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => name.replaceAll('\\', '/'))
  return new Map(
    names
      .filter(name => types[extname(name)])
      .map(name => [name, fileOf(extname(name), readFileSync(join(folder, name)))]),
  )
}

function fileOf(extension: string, bytes: Buffer): File {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  return {
    type: types[extension] ?? 'application/octet-stream',
    etag,
    encoded: new Map([['identity', Promise.resolve(bytes)]]),
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: File,
  headers: Record<string, string>,
): Promise<void> {
  const encoding = encodingOf(request)
  // One tag an encoding: the bytes differ (RFC 9110 §8.8.3.3).
  const etag = file.etag.replace(/"$/, `-${encoding}"`)
  for (const [name, value] of Object.entries({ Vary: 'Accept-Encoding', ...headers })) response.setHeader(name, value)
  response.setHeader('ETag', etag)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  if (request.headers['if-none-match']?.split(/\s*,\s*/).some(tag => tag.replace(/^W\//, '') === etag)) {
    response.statusCode = 304
    response.end()
    return
  }
  const bytes = await encoded(file, encoding)
  response.setHeader('Content-Type', file.type)
  response.setHeader('Content-Length', bytes.length)
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

type Encoding = keyof typeof encodings | 'identity'

function encodingOf({ headers }: IncomingMessage): Encoding {
  const accepted = String(headers['accept-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .filter(coding => !/;\s*q=0(\.0*)?\s*$/.test(coding))
    .map(coding => coding.split(';', 1)[0]?.trim())
  return (['br', 'gzip'] as const).find(coding => accepted.includes(coding)) ?? 'identity'
}

function encoded({ encoded }: File, encoding: Encoding): Promise<Buffer> {
  let bytes = encoded.get(encoding)
  if (!bytes) {
    const plain = encoded.get('identity') as Promise<Buffer>
    bytes = encoding === 'identity' ? plain : plain.then(encodings[encoding])
    encoded.set(encoding, bytes)
  }
  return bytes
}
