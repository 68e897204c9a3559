import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { names, takesPage } from './accept'
import { pathOf, publicPath } from './base-path'
import { fixed } from './fixed'
import { dashboardPolicy, graphiqlPolicy } from './policies'

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

/** With whom the dashboard signs its users in, where tokens are asked for. */
export interface SignIn {
  AUTH_ISSUER?: string | undefined
  AUTH_AUDIENCE?: string | undefined
  AUTH_CLIENT_ID?: string | undefined
  AUTH_PARAMETERS?: string | undefined
}

/**
 * The web pages, as `vite build` left them in `folder`: the dashboard at `/`, `/sessions/…`, `/import` and `/report` and GraphiQL at `/graphql`,
 * for those who ask for HTML, and their hashed assets. Answers what is its own, and says whether it did.
 */
export function pagesDoor(
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
    // The root and GraphQL have something else to say to those who name no page; what is at a view's path is a page.
    const takes = page === dashboard && path !== '/' ? takesPage : (asked: IncomingMessage) => names(asked, 'text/html')
    const answer = assets.get(path) ?? (page && takes(request) ? page : undefined)
    answer?.(request, response)
    return answer !== undefined
  }

  function pageAt(path: string, query: string | undefined): RequestListener | undefined {
    if (viewPath.test(path)) return dashboard
    // A query or a hash of one in the URL is asked of the API, whatever asks.
    return pathOf(path) === '/graphql' && !query ? graphiql : undefined
  }
}

/** A page whose own files stand at a path. */
const pageOf = (file: string, path: string, policy: string, told = (page: string) => page): RequestListener =>
  fixed(
    () => (existsSync(file) ? told(readFileSync(file, 'utf8').replaceAll('"./', `"${publicPath(path)}`)) : unbuiltPage),
    {
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy,
      'Content-Type': 'text/html; charset=utf-8',
      'Referrer-Policy': 'no-referrer',
      Vary: 'Accept, Accept-Encoding',
    },
  )

/** The page with what it needs to know of its server in its head: it asks nobody for it. */
function tellingOf(page: string, { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_CLIENT_ID, AUTH_PARAMETERS }: SignIn): string {
  if (!AUTH_ISSUER) return page
  const told = {
    issuer: AUTH_ISSUER,
    client_id: AUTH_CLIENT_ID,
    parameters: Object.fromEntries(new URLSearchParams(AUTH_PARAMETERS)),
    // An ID token is for its client (OpenID Connect Core 1.0 §2), and so is what this server takes.
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
    return [[prefix + name, fixed(() => readFileSync(join(folder, name)), headers)] as [string, RequestListener]]
  })
}
