import { originForm, pathOf, withoutBasePath } from './base-path'

/** Node of the tree of all routes. It stands for one path segment. */
class RouteSegment {
  readonly literals = new Map<string, RouteSegment>()
  parameter: RouteSegment | undefined

  constructor(
    /** Whether the log shows the value of this parameter, if the value is an id that this server made. */
    readonly isId = false,
  ) {}

  /** Returns the node for the next segment of a route's path. Creates the node if it is missing. */
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

/** Module state, because the log and the spans need the routes for requests that no route has served. */
const routes = new RouteSegment()

const segmentsOf = (path: string): string[] => path.split('/').slice(path === '/' ? 2 : 1)

/** Adds a route, so that the log shows its path. Its parameters begin with a colon. */
export function addLoggedRoute(path: string): void {
  let node = routes
  for (const segment of segmentsOf(path)) node = node.below(segment)
}

/** Matches an id of a session or a result, as this server makes it. */
const ownId = /^(?:session|calc)_[\da-f]{8}$/

/**
 * Returns the path of a request target for the log: the fixed segments of a route, and the ids of sessions and results.
 * Everything else may be a client's name or token, and becomes `…`.
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
