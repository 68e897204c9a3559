import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { pathOf, publicPath } from './base-path'
import { compressedAsset, type Encoding } from './compression'
import { acceptsExplicitly, preferredEncoding, prefersHtml } from './content-negotiation'
import { matchesWeakly, tagsIn } from './etags'
import { addLoggedRoute } from './logged-path'
import { parameterIn } from './view-paths'

/** Serves content that does not change while the process runs. The first request creates and compresses it. */
export function staticAsset(content: () => Buffer | string, headers: Record<string, string>): RequestListener {
  const asset = new StaticAsset(content, headers)
  return (request, response) => void asset.send(request, response).catch(() => response.destroy())
}

class StaticAsset {
  #plain: Buffer | undefined
  #hash = ''
  readonly #encoded = new Map<Encoding | 'identity', Promise<Buffer>>()

  constructor(
    readonly content: () => Buffer | string,
    readonly headers: Record<string, string>,
  ) {}

  async send(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = preferredEncoding(request, ['br', 'gzip'])
    const bytes = await this.#bytesIn(encoding)
    // A strong ETag identifies one sequence of bytes (RFC 9110 §8.8.3.3), so each encoding has its own ETag.
    const etag = `"${this.#hash}-${encoding}"`
    const { Vary = 'Accept-Encoding', ...rest } = this.headers
    for (const [name, value] of Object.entries({ ...rest, ETag: etag })) response.setHeader(name, value)
    // Append to the `Vary` header, because the CORS middleware may already have added `Origin`.
    response.appendHeader('Vary', Vary)
    if (isCurrent(request, etag)) {
      response.removeHeader('Content-Type')
      response.writeHead(304).end()
      return
    }
    response.setHeader('Content-Length', bytes.length)
    if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
    response.end(bytes)
  }

  #bytesIn(encoding: Encoding | 'identity'): Promise<Buffer> {
    if (!this.#plain) {
      this.#plain = Buffer.from(this.content())
      this.#hash = createHash('sha256').update(this.#plain).digest('base64url').slice(0, 22)
    }
    const bytes = this.#encoded.get(encoding) ?? compressedAsset(this.#plain, encoding)
    this.#encoded.set(encoding, bytes)
    return bytes
  }
}

/** A malformed `If-None-Match` header is treated as missing. */
function isCurrent({ headers }: IncomingMessage, etag: string): boolean {
  const tags = tagsIn(headers['if-none-match'] ?? '')
  return tags !== undefined && matchesWeakly(tags, etag)
}

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
}

const unbuiltPage =
  '<!doctype html><title>Not built</title><p>This page is not built yet: run <code>npm run build</code>.'

export interface Pages {
  /** Output folder of `vite build`, which contains the pages and their hashed assets. */
  folder: string
  /** Paths of the dashboard's views, in which `:name` is a variable segment. */
  viewPaths: readonly string[]
  /** Settings that the dashboard reads from `<meta>` elements, by name. Settings with an empty value are omitted. */
  settings?: Record<string, string>
  /** Origin to which the dashboard is allowed to connect, in addition to this server. */
  connectsTo?: string | undefined
}

/** Serves a page only if the request accepts HTML. The handler returns whether it responded to the request. */
export function pagesHandler({
  folder,
  viewPaths,
  settings = {},
  connectsTo,
}: Pages): (request: IncomingMessage, response: ServerResponse) => boolean {
  const assets = new Map([
    ...assetsOf(join(folder, 'dashboard/assets'), '/assets/'),
    ...assetsOf(join(folder, 'graphiql/assets'), '/graphiql/assets/'),
  ])
  for (const path of [...viewPaths, ...assets.keys()]) addLoggedRoute(path)
  const withSettings = (page: string): string => Object.entries(settings).reduce(withMeta, page)
  const dashboard = pageOf(join(folder, 'dashboard/index.html'), '/', dashboardPolicy(connectsTo), withSettings)
  const graphiql = pageOf(join(folder, 'graphiql/index.html'), '/graphiql/', graphiqlPolicy)

  const pageAt = (request: IncomingMessage, path: string, query: string | undefined): RequestListener | undefined => {
    // `/` and `/graphql` also serve JSON, so they send a page only if `Accept` names HTML explicitly. All other paths
    // of dashboard views serve only pages.
    if (viewPaths.some(view => parameterIn(path, view) !== undefined)) {
      const isPage = path === '/' ? acceptsExplicitly(request, 'text/html') : prefersHtml(request)
      return isPage ? dashboard : undefined
    }
    // A request for `/graphql` with a query string is a GraphQL query, even if `Accept` names HTML.
    return pathOf(path) === '/graphql' && !query && acceptsExplicitly(request, 'text/html') ? graphiql : undefined
  }

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const [path = '', query] = (request.url ?? '').split('?', 2)
    const listener = assets.get(path) ?? pageAt(request, path, query)
    listener?.(request, response)
    return listener !== undefined
  }
}

/** Returns a listener that serves a page, with the page's relative URLs resolved against `path`. */
const pageOf = (file: string, path: string, policy: string, edit = (page: string) => page): RequestListener =>
  staticAsset(
    () => (existsSync(file) ? edit(readFileSync(file, 'utf8').replaceAll('"./', `"${publicPath(path)}`)) : unbuiltPage),
    {
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy,
      'Content-Type': 'text/html; charset=utf-8',
      'Referrer-Policy': 'no-referrer',
      Vary: 'Accept, Accept-Encoding',
    },
  )

/** Adds a setting to the page as a `<meta>` element, which saves the page a request. */
function withMeta(page: string, [name, content]: [string, string]): string {
  if (content === '') return page
  const text = content.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return page.replace('</head>', () => `  <meta name="${name}" content="${text}" />\n  </head>`)
}

function assetsOf(folder: string, prefix: string): [string, RequestListener][] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.flatMap(name => {
    const type = contentTypes[extname(name)]
    if (type === undefined) return []
    const headers = { 'Cache-Control': 'public, max-age=31536000, immutable', 'Content-Type': type }
    return [[prefix + name, staticAsset(() => readFileSync(join(folder, name)), headers)] as [string, RequestListener]]
  })
}

const self = "'self'"
const none = "'none'"

const contentSecurityPolicy = (sources: Record<string, string>, more: Record<string, string> = {}): string =>
  Object.entries({
    'default-src': none,
    ...sources,
    'base-uri': none,
    'form-action': none,
    'frame-ancestors': none,
    ...more,
  })
    .map(([directive, values]) => `${directive} ${values}`)
    .join('; ')

/** Resources come only from this server, and a string can't become markup or script (Trusted Types). */
export const dashboardPolicy = (connectsTo?: string): string =>
  contentSecurityPolicy(
    {
      'script-src': self,
      'style-src': self,
      'img-src': self,
      'connect-src': connectsTo ? `${self} ${connectsTo}` : self,
    },
    { 'require-trusted-types-for': "'script'", 'trusted-types': none },
  )

/** GraphiQL's editor injects styles and starts web workers. */
export const graphiqlPolicy = contentSecurityPolicy({
  'script-src': self,
  'style-src': `${self} 'unsafe-inline'`,
  'img-src': `${self} data:`,
  'font-src': `${self} data:`,
  'connect-src': self,
  'worker-src': self,
})

/** Allows data URLs, because the page's style sheet embeds icons as data URLs. */
export const docsPolicy = contentSecurityPolicy({
  'script-src': self,
  'style-src': self,
  'img-src': `${self} data:`,
  'connect-src': self,
})

/** For a self-contained page without scripts. The policy allows the page's inline style sheet by its hash. */
export const plainPolicy = (style: string): string =>
  contentSecurityPolicy({ 'style-src': `'sha256-${createHash('sha256').update(style).digest('base64')}'` })
