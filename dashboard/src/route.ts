import { pathOf, type Route, routeOf } from './address'
import { basePath } from './base-path'
import { Store } from './store'

/** Path of the sign-in page. The issuer redirects back to it. */
export const signInPath = `${basePath}/sign-in`

const read = (): Route => routeOf(location.pathname.slice(basePath.length), location.search)

/** Current route, from the address. */
export const route = new Store<Route>(read())
addEventListener('popstate', () => show(read()))

/** Previous route. */
export let left: Route | null = null

function show(to: Route): void {
  left = route.value
  route.set(to)
}

/** Returns the current route with changes. View and report are not carried over. */
const next = (to: Partial<Route>): Route => ({ ...route.value, view: undefined, report: undefined, ...to })

/** Returns the current address with another session, view, filter, order or report. */
export const addressOf = (to: Partial<Route>): string => `${basePath}${pathOf(next(to))}`

export function go(to: Partial<Route>): void {
  const address = addressOf(to)
  if (address !== location.pathname + location.search) history.pushState(null, '', address)
  show(next(to))
}

/** Returns a click handler that opens a link within the page, unless the user asks for another tab or window. */
export const followLink =
  (to: Partial<Route>) =>
  (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
