import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from '../http/base-path'

const graphqlPaths = ['/graphql', '/graphql/stream']

/** The template that a request was routed by; `page` for those of browsers and their assets, `unmatched` where there is none. */
export function routeOf(request: IncomingMessage, { statusCode }: ServerResponse): string {
  // Express says so on the request itself.
  const { route, url = '' } = request as IncomingMessage & { route?: { path: string | string[] } }
  if (route) return [route.path].flat()[0] ?? ''
  const path = pathOf(url)
  if (graphqlPaths.includes(path)) return path
  return statusCode < 400 ? 'page' : 'unmatched'
}
