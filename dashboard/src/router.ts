import { basePath } from './base-path'
import { formatRoute, parseRoute, type ReportChoices, type Route } from './route'
import { Store } from './store'

/** Path of the sign-in page. The issuer redirects back to it. */
export const signInPath = `${basePath}/sign-in`

const currentRoute = (): Route => parseRoute(location.pathname.slice(basePath.length), location.search)

/** Current route, from the address. */
export const route = new Store<Route>(currentRoute())
addEventListener('popstate', () => setRoute(currentRoute()))

/** Previous route. */
export let previousRoute: Route | null = null

function setRoute(to: Route): void {
  previousRoute = route.value
  route.set(to)
}

/** Returns the current route with changes. View, endpoint, compared sessions and report are not carried over. */
const nextRoute = (to: Partial<Route>): Route => ({
  ...route.value,
  view: undefined,
  endpoint: undefined,
  compared: undefined,
  report: undefined,
  ...to,
})

/** Returns the current address with another session, view, filter, order or report. */
export const hrefOf = (to: Partial<Route>): string => `${basePath}${formatRoute(nextRoute(to))}`

export function navigate(to: Partial<Route>): void {
  const address = hrefOf(to)
  if (address !== location.pathname + location.search) history.pushState(null, '', address)
  setRoute(nextRoute(to))
}

/** Returns a click handler that opens a link within the page, unless the user asks for another tab or window. */
export const navigateOnClick =
  (to: Partial<Route>) =>
  (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }

/** Changes a choice of the open report. */
export const updateReport = (choice: ReportChoices): void =>
  navigate({ view: 'report', report: { ...route.value.report, ...choice } })
