import { pathOf, type Route, routeOf } from './address'
import { basePath } from './base-path'
import { Store } from './store'

/** Where users are signed in, and where the issuer of their tokens sends them back to. */
export const signInPath = `${basePath}/sign-in`

const read = (): Route => routeOf(location.pathname.slice(basePath.length), location.search)

/** What the address says. */
export const route = new Store<Route>(read())
addEventListener('popstate', () => show(read()))

/** What the address said before. */
export let left: Route | null = null

function show(to: Route): void {
  left = route.value
  route.set(to)
}

/** Of another view nothing is left in the next address. */
const next = (to: Partial<Route>): Route => ({ ...route.value, view: undefined, report: undefined, ...to })

/** The address of this page with another session, view, filter, order or choices of a report. */
export const addressOf = (to: Partial<Route>): string => `${basePath}${pathOf(next(to))}`

export function go(to: Partial<Route>): void {
  const address = addressOf(to)
  if (address !== location.pathname + location.search) history.pushState(null, '', address)
  show(next(to))
}

/** Follows a link within the page, unless the reader asks for another tab or window. */
export const followLink =
  (to: Partial<Route>) =>
  (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
