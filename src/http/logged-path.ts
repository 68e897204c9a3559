import { originForm, pathOf, withoutBasePath } from './base-path'

class RouteSegment {
  readonly literals = new Map<string, RouteSegment>()
  parameter: RouteSegment | undefined

  constructor(
    /** Whether this path parameter is an id, which the log shows if it has the format of this server's ids. */
    readonly isId = false,
  ) {}

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

/** Module state, because logging and tracing also need the routes for requests that no route serves. */
const routes = new RouteSegment()

const segmentsOf = (path: string): string[] => path.split('/').slice(path === '/' ? 2 : 1)

export function addLoggedRoute(path: string): void {
  let node = routes
  for (const segment of segmentsOf(path)) node = node.below(segment)
}

const ownId = /^(?:session|calc)_[\da-f]{8}$/

/** A segment that is neither fixed nor the id of a session or result becomes `…`: it may be a name or a token. */
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
