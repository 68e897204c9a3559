import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from '../http/base-path'

const graphqlPaths = ['/graphql', '/graphql/stream']

/** Returns the route template of a request: `page` for web pages and their assets, `unmatched` if there is no route. */
export function routeOf(request: IncomingMessage, { statusCode }: ServerResponse): string {
  // Express sets the route on the request itself.
  const { route, url = '' } = request as IncomingMessage & { route?: { path: string | string[] } }
  if (route) return [route.path].flat()[0] ?? ''
  const path = pathOf(url)
  if (graphqlPaths.includes(path)) return path
  return statusCode < 400 ? 'page' : 'unmatched'
}
