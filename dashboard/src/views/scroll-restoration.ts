import { navigateOnClick, previousRoute, sessionRoute } from '../router'

/** The row from which a session was opened. */
interface OpenedRow {
  id: string
  address: string
  /** Distance from the top of the window, in pixels. */
  top: number
  rows: number
}

let openedRow: OpenedRow | null = null

const address = (): string => location.pathname + location.search

/** Returns a click handler that opens a session and records its row, so that the user can come back to the row. */
export const openSession = (id: string) => (event: MouseEvent) => {
  const row = (event.currentTarget as Element).closest('[role="row"], tr')
  const rows = row?.parentElement?.childElementCount ?? 0
  openedRow = { id, address: address(), top: row?.getBoundingClientRect().top ?? 0, rows }
  // The row may have moved by then, so the browser must not restore the scroll position.
  history.scrollRestoration = 'manual'
  navigateOnClick(sessionRoute(id))(event)
  history.scrollRestoration = 'auto'
}

/** Forgets the row of a closed session, even before the feed delivers the close. */
export const forgetOpenedRow = (): void => {
  openedRow = null
}

/** Returns the row, if the user has just come back to its page from the session. */
export const rowToRestore = (): OpenedRow | null =>
  openedRow && openedRow.id === previousRoute?.id && openedRow.address === address() ? openedRow : null

/** Height of the table's header in the window, in pixels. */
const headHeight = 40

/** Scrolls a row to its previous position in the window, or to the nearest visible one, and focuses its link. */
export function restoreScroll(row: Element, { top }: OpenedRow): void {
  const now = row.getBoundingClientRect()
  const then = Math.max(headHeight, Math.min(top, innerHeight - now.height))
  scrollBy({ top: now.top - then, behavior: 'instant' })
  row.querySelector('a')?.focus({ preventScroll: true })
}
