import { basePath } from './base-path'
import { Store } from './store'
import type { SessionState } from './types'

/** Where users are signed in, and where the issuer of their tokens sends them back to. */
export const signInPath = `${basePath}/sign-in`

/** What the address says: which session or other view is open, and which sessions the list shows. */
export interface Route {
  session: string | null
  view?: 'import' | undefined
  filter: Filter
}

export interface Filter {
  organisationId?: string
  mentorId?: string
  state?: SessionState
}

export const statesAtRest = ['INITIAL', 'LOADED', 'ERROR'] as const satisfies SessionState[]

function read(): Route {
  const path = location.pathname.slice(basePath.length)
  const [, id] = /^\/sessions\/([^/]+)$/.exec(path) ?? []
  const query = new URLSearchParams(location.search)
  const [organisationId, mentorId] = [query.get('organisation'), query.get('mentor')]
  const state = statesAtRest.find(state => state.toLowerCase() === query.get('state'))
  return {
    session: id ? decoded(id) : null,
    view: path === '/import' ? 'import' : undefined,
    filter: { ...(organisationId && { organisationId }), ...(mentorId && { mentorId }), ...(state && { state }) },
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

export const route = new Store<Route>(read())
addEventListener('popstate', () => route.set(read()))

export function addressOf({ session, view, filter }: Route): string {
  const query = new URLSearchParams()
  if (filter.organisationId) query.set('organisation', filter.organisationId)
  if (filter.mentorId) query.set('mentor', filter.mentorId)
  if (filter.state) query.set('state', filter.state.toLowerCase())
  const search = query.size > 0 ? `?${query}` : ''
  const path = session !== null ? `/sessions/${encodeURIComponent(session)}` : view ? `/${view}` : '/'
  return `${basePath}${path}${search}`
}

export function go(to: Partial<Route>, { replace = false } = {}): void {
  const next = { ...route.value, view: undefined, ...to }
  history[replace ? 'replaceState' : 'pushState'](null, '', addressOf(next))
  route.set(next)
}

/** Follows a link within the page, unless the reader asks for another tab or window. */
export const followLink =
  (to: Partial<Route>) =>
  (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
