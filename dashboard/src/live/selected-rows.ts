import type { Filter } from '../route'
import { route } from '../router'
import { Store } from '../store'
import type { ListedSession } from '../types'
import { isSelected, type ListRow, listState } from './list'

export const maxSelected = 1_000

/**
 * Selected rows, keyed by session id, in the state last shown in the list. Changing the filter clears the selection.
 */
export const selectedRows = new Store<ReadonlyMap<string, ListRow>>(new Map())

/** Id of the row that the user last selected or deselected, at which a range selection starts. */
let rangeStart: string | null = null

/** Toggles a row's selection. If `extend` is true, selects every row from `rangeStart` to this row instead. */
export function selectRow(id: string, { extend }: { extend: boolean }): void {
  const rows = selectableRows()
  const index = rows.findIndex(row => row.id === id)
  const row = rows[index]
  if (!row) {
    // The browser has already checked the row's checkbox. Rendering again unchecks it.
    selectedRows.notify()
    return
  }
  const start = extend ? rows.findIndex(({ id }) => id === rangeStart) : -1
  if (start >= 0) {
    addRows(rows.slice(Math.min(start, index), Math.max(start, index) + 1))
    return
  }
  rangeStart = row.id
  if (selectedRows.value.has(row.id)) deselectRows([row.id])
  else addRows([row])
}

/** Selects all loaded rows, up to the maximum number of selected rows. */
export const selectLoadedRows = (): void => addRows(selectableRows())

/** Returns the loaded rows, or no rows while the list still shows the previous filter's rows. */
function selectableRows(): readonly ListRow[] {
  const { selection, rows } = listState.value
  return JSON.stringify(selection?.filter) === JSON.stringify(route.value.filter) ? rows : []
}

function addRows(rows: readonly ListRow[]): void {
  const selected = new Map(selectedRows.value)
  for (const row of rows) if (selected.size < maxSelected) selected.set(row.id, row)
  selectedRows.set(selected)
}

export function deselectRows(ids: readonly string[]): void {
  const selected = new Map(selectedRows.value)
  for (const id of ids) selected.delete(id)
  if (selected.size < selectedRows.value.size) selectedRows.set(selected)
}

export function clearSelectedRows(): void {
  rangeStart = null
  if (selectedRows.value.size > 0) selectedRows.set(new Map())
}

/**
 * Deselects a session that leaves the list. A session whose calculation is in progress stays selected until the result
 * is known.
 */
export function deselectUnlisted(session: ListedSession, filter: Filter): void {
  if (session.state !== 'LOADING' && !isSelected(filter, session)) deselectRows([session.id])
}

/** After a gap in the feed, deselects sessions that are not in the list, because they may no longer exist. */
export function deselectUnloaded(): void {
  const loaded = new Set(listState.value.rows.map(({ id }) => id))
  deselectRows([...selectedRows.value.keys()].filter(id => !loaded.has(id)))
}

let currentFilter = JSON.stringify(route.value.filter)

route.subscribe(() => {
  const filter = JSON.stringify(route.value.filter)
  if (filter !== currentFilter) clearSelectedRows()
  currentFilter = filter
})

// Keep the selected rows up to date with the list, so that a change is based on the version that the user sees.
listState.subscribe(() => {
  const selected = selectedRows.value
  if (selected.size === 0) return
  const changed = listState.value.rows.filter(row => {
    const known = selected.get(row.id)
    return known !== undefined && known.version < row.version
  })
  if (changed.length > 0) selectedRows.set(new Map([...selected, ...changed.map(row => [row.id, row] as const)]))
})
