import { basePath } from './base-path'
import { formatRoute, newestFirst, parseRoute, type Route, type ViewRoute } from './route'
import { Store } from './store'

/** Path of the sign-in page, to which the issuer redirects the user after sign-in. */
export const signInPath = `${basePath}/sign-in`

/**
 * The table of views, as set by `openAddress`. The table of views is a module variable, because a page has only one
 * address.
 */
let views: readonly ViewRoute[] = []

export const route = new Store<Route>({ path: '/', filter: {}, order: newestFirst })

export let previousRoute: Route | null = null

const followAddress = (): void => setRoute(parseRoute(views, location.pathname.slice(basePath.length), location.search))

/** Opens the view that the page's address specifies, now and whenever the address changes. */
export function openAddress(table: readonly ViewRoute[]): void {
  views = table
  followAddress()
  previousRoute = null
  addEventListener('popstate', followAddress)
}

function setRoute(to: Route): void {
  previousRoute = route.value
  route.set(to)
}

/** Returns a route with the current filter and order. If no path is given, the route leads to the list of sessions. */
const nextRoute = (to: Partial<Route>): Route => {
  const { filter, order } = route.value
  return { path: '/', filter, order, ...to }
}

/** Returns the address of another route. Keeps the current filter and order unless `to` replaces them. */
export const hrefOf = (to: Partial<Route>): string => `${basePath}${formatRoute(views, nextRoute(to))}`

export function navigate(to: Partial<Route>): void {
  const address = hrefOf(to)
  if (address !== location.pathname + location.search) history.pushState(null, '', address)
  setRoute(nextRoute(to))
}

/** Returns a click handler that opens a link within the page, unless the user asks for a new tab or window. */
export const navigateOnClick =
  (to: Partial<Route>) =>
  (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }

export const sessionRoute = (id: string): Partial<Route> => ({ path: '/sessions/:session_id', id })
