import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { names } from './accept'
import { publicPath } from './base-path'
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
const viewPath = /^\/(sessions\/[^/]+)?$/

/**
 * The web pages, as `vite build` left them in `folder`: the dashboard at `/` and `/sessions/…` and GraphiQL at `/graphql`,
 * for those who ask for HTML, and their hashed assets. Answers what is its own, and says whether it did.
 */
export function pagesDoor(folder: string): (request: IncomingMessage, response: ServerResponse) => boolean {
  const assets = new Map([
    ...assetsOf(join(folder, 'dashboard/assets'), '/assets/'),
    ...assetsOf(join(folder, 'graphiql/assets'), '/graphiql/assets/'),
  ])
  const dashboard = pageOf(join(folder, 'dashboard/index.html'), '/', dashboardPolicy)
  const graphiql = pageOf(join(folder, 'graphiql/index.html'), '/graphiql/', graphiqlPolicy)

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const [path = '', query] = (request.url ?? '').split('?', 2)
    const page = pageAt(path, query)
    const answer = assets.get(path) ?? (page && names(request, 'text/html') ? page : undefined)
    answer?.(request, response)
    return answer !== undefined
  }

  function pageAt(path: string, query: string | undefined): RequestListener | undefined {
    if (viewPath.test(path)) return dashboard
    // A query or a hash of one in the URL is asked of the API, whatever asks.
    return path === '/graphql' && !query ? graphiql : undefined
  }
}

/** A page whose own files stand at a path. */
const pageOf = (file: string, path: string, policy: string): RequestListener =>
  fixed(() => (existsSync(file) ? readFileSync(file, 'utf8').replaceAll('"./', `"${publicPath(path)}`) : unbuiltPage), {
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': policy,
    'Content-Type': 'text/html; charset=utf-8',
    'Referrer-Policy': 'no-referrer',
    Vary: 'Accept, Accept-Encoding',
  })

function assetsOf(folder: string, prefix: string): [string, RequestListener][] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.flatMap(name => {
    const type = contentTypes[extname(name)]
    if (type === undefined) return []
    const headers = { 'Cache-Control': 'public, max-age=31536000, immutable', 'Content-Type': type }
    return [[prefix + name, fixed(() => readFileSync(join(folder, name)), headers)] as [string, RequestListener]]
  })
}
