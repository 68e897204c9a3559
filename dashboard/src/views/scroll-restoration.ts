import { navigateOnClick, previousRoute, sessionRoute } from '../router'

/** The list row whose link the user clicked to open a session. */
interface OpenedRow {
  id: string
  address: string
  /** The row's distance in pixels from the top of the window. */
  top: number
  rows: number
}

let openedRow: OpenedRow | null = null

const address = (): string => location.pathname + location.search

/**
 * Returns a click handler that opens a session and records its row. When the user returns to the list, the row is
 * scrolled back into view.
 */
export const openSession = (id: string) => (event: MouseEvent) => {
  const row = (event.currentTarget as Element).closest('[role="row"], tr')
  const rows = row?.parentElement?.childElementCount ?? 0
  openedRow = { id, address: address(), top: row?.getBoundingClientRect().top ?? 0, rows }
  // Do not let the browser restore the scroll position, because the row may have moved by the time the user returns.
  history.scrollRestoration = 'manual'
  navigateOnClick(sessionRoute(id))(event)
  history.scrollRestoration = 'auto'
}

/** Forgets the recorded row immediately, because the user has just closed its session. */
export const forgetOpenedRow = (): void => {
  openedRow = null
}

/** Returns the recorded row if the user has just returned from the row's session to the page that contains the row. */
export const rowToRestore = (): OpenedRow | null =>
  openedRow && openedRow.id === previousRoute?.id && openedRow.address === address() ? openedRow : null

/** Height in pixels of the sticky table header. */
const headHeight = 40

/**
 * Scrolls a row to its previous position in the window, or to the nearest position where it is in view, and focuses the
 * row's link.
 */
export function restoreScroll(row: Element, { top }: OpenedRow): void {
  const now = row.getBoundingClientRect()
  const then = Math.max(headHeight, Math.min(top, innerHeight - now.height))
  scrollBy({ top: now.top - then, behavior: 'instant' })
  row.querySelector('a')?.focus({ preventScroll: true })
}
