import { followLink, left } from '../route'

/** The row from which a calculation was opened. */
interface OpenedRow {
  id: string
  /** At which address it stands. */
  address: string
  /** So many pixels below the top of the window. */
  top: number
  /** Rows that the table had. */
  rows: number
}

let opened: OpenedRow | null = null

const address = (): string => location.pathname + location.search

/** Opens a calculation from its row, to come back to. */
export const openRow = (id: string) => (event: MouseEvent) => {
  const row = (event.currentTarget as Element).closest('[role="row"], tr')
  const rows = row?.parentElement?.childElementCount ?? 0
  opened = { id, address: address(), top: row?.getBoundingClientRect().top ?? 0, rows }
  // The row may stand elsewhere by then: the browser is not to scroll to where it was.
  history.scrollRestoration = 'manual'
  followLink({ session: id })(event)
  history.scrollRestoration = 'auto'
}

/** A calculation that is closed has no row to come back to, even while the feed has not said so. */
export const forgetRow = (): void => {
  opened = null
}

/** The row that its reader has just come back to from the calculation, if he has. */
export const rowComeBackTo = (): OpenedRow | null =>
  opened && opened.id === left?.session && opened.address === address() ? opened : null

/** What stands above rows in the window, in pixels. */
const headHeight = 40

/** Brings a row to where it was in the window, or where it is seen, and the focus to its link. */
export function comeBackTo(row: Element, { top }: OpenedRow): void {
  const now = row.getBoundingClientRect()
  const then = Math.max(headHeight, Math.min(top, innerHeight - now.height))
  scrollBy({ top: now.top - then, behavior: 'instant' })
  row.querySelector('a')?.focus({ preventScroll: true })
}
