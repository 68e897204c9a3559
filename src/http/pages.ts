import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { pathOf, publicPath } from './base-path'
import { acceptsExplicitly, prefersHtml } from './content-negotiation'
import { dashboardPolicy, graphiqlPolicy } from './policies'
import { staticAsset } from './static-asset'

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
}

const unbuiltPage =
  '<!doctype html><title>Not built</title><p>This page is not built yet: run <code>npm run build</code>.'

/** The paths of the dashboard's views. */
const viewPath = /^\/(sessions\/[^/]+|import|report|sign-in)?$/

/** How the dashboard signs in its users, if the server requires tokens. */
export interface SignIn {
  AUTH_ISSUER?: string | undefined
  AUTH_AUDIENCE?: string | undefined
  AUTH_CLIENT_ID?: string | undefined
  AUTH_PARAMETERS?: string | undefined
}

/**
 * Serves the web pages that `vite build` wrote to `folder`, and their hashed assets: the dashboard at `/`,
 * `/sessions/…`, `/import`, `/report` and `/sign-in`, and GraphiQL at `/graphql`, if the request asks for HTML. Returns
 * whether it responded to the request.
 */
export function pagesHandler(
  folder: string,
  signIn: SignIn = {},
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const assets = new Map([
    ...assetsOf(join(folder, 'dashboard/assets'), '/assets/'),
    ...assetsOf(join(folder, 'graphiql/assets'), '/graphiql/assets/'),
  ])
  const { AUTH_ISSUER: issuer, AUTH_CLIENT_ID: client } = signIn
  const policy = dashboardPolicy(issuer && client ? new URL(issuer).origin : undefined)
  const dashboard = pageOf(join(folder, 'dashboard/index.html'), '/', policy, page => tellingOf(page, signIn))
  const graphiql = pageOf(join(folder, 'graphiql/index.html'), '/graphiql/', graphiqlPolicy)

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const [path = '', query] = (request.url ?? '').split('?', 2)
    const page = pageAt(path, query)
    // `/` and `/graphql` also serve JSON, so a page is sent only if `Accept` names HTML. The other views are only
    // pages.
    const takes =
      page === dashboard && path !== '/'
        ? prefersHtml
        : (asked: IncomingMessage) => acceptsExplicitly(asked, 'text/html')
    const answer = assets.get(path) ?? (page && takes(request) ? page : undefined)
    answer?.(request, response)
    return answer !== undefined
  }

  function pageAt(path: string, query: string | undefined): RequestListener | undefined {
    if (viewPath.test(path)) return dashboard
    // A URL with a query string is a GraphQL request (a document or its hash), whatever its `Accept` header says.
    return pathOf(path) === '/graphql' && !query ? graphiql : undefined
  }
}

/** Serves a page with its own files below `path`. */
const pageOf = (file: string, path: string, policy: string, told = (page: string) => page): RequestListener =>
  staticAsset(
    () => (existsSync(file) ? told(readFileSync(file, 'utf8').replaceAll('"./', `"${publicPath(path)}`)) : unbuiltPage),
    {
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy,
      'Content-Type': 'text/html; charset=utf-8',
      'Referrer-Policy': 'no-referrer',
      Vary: 'Accept, Accept-Encoding',
    },
  )

/** Writes the sign-in settings into the head of the page, so that the page needs no request for them. */
function tellingOf(page: string, { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_CLIENT_ID, AUTH_PARAMETERS }: SignIn): string {
  if (!AUTH_ISSUER) return page
  const told = {
    issuer: AUTH_ISSUER,
    client_id: AUTH_CLIENT_ID,
    parameters: Object.fromEntries(new URLSearchParams(AUTH_PARAMETERS)),
    // The audience of an ID token is its client (OpenID Connect Core 1.0 §2), so this server accepts one only if
    // `AUTH_AUDIENCE` is that client.
    takesIdToken: AUTH_AUDIENCE === AUTH_CLIENT_ID,
  }
  const text = JSON.stringify(told).replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return page.replace('<meta name="sign-in" content=""', () => `<meta name="sign-in" content="${text}"`)
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
