import { originForm, pathOf, withoutBasePath } from './base-path'

/** Node that represents one path segment in the tree of all routes. */
class RouteSegment {
  readonly literals = new Map<string, RouteSegment>()
  parameter: RouteSegment | undefined

  constructor(
    /** Whether this path parameter is an id, which the log shows if it has the format of this server's ids. */
    readonly isId = false,
  ) {}

  /** Returns the node for the next segment of a route's path, creating the node if it is missing. */
  below(segment: string): RouteSegment {
    if (segment.startsWith(':')) {
      this.parameter ??= new RouteSegment(segment === ':session_id' || segment === ':result_id')
      return this.parameter
    }
    const node = this.literals.get(segment) ?? new RouteSegment()
    this.literals.set(segment, node)
    return node
  }
}

/**
 * Root of the tree of all routes. The route tree is module state, because logging and tracing also need it for requests
 * that no route serves.
 */
const routes = new RouteSegment()

const segmentsOf = (path: string): string[] => path.split('/').slice(path === '/' ? 2 : 1)

/** Adds a route whose path is shown in the log. Path parameters begin with a colon. */
export function addLoggedRoute(path: string): void {
  let node = routes
  for (const segment of segmentsOf(path)) node = node.below(segment)
}

/** Matches a session id or result id in the format that this server generates. */
const ownId = /^(?:session|calc)_[\da-f]{8}$/

/**
 * Returns the path of a request target in the form that the log shows. The log shows the route's fixed segments and the
 * ids of sessions and results. Any other path segment becomes `…`, because it may be a name or a token.
 */
export function loggedPath(target: string): string {
  let logged = ''
  let node = routes
  for (const segment of segmentsOf(pathOf(withoutBasePath(originForm(target))))) {
    const literal = node.literals.get(segment)
    const next = literal ?? node.parameter
    if (!next) return `${logged}/…`
    logged += literal || (next.isId && ownId.test(segment)) ? `/${segment}` : '/…'
    node = next
  }
  return logged || '/'
}
