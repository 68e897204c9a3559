import type { Notation } from './notation'
import type { Row } from './rows'

/**
 * Session storage keys of an import. Each row has its own key, so that editing a row rewrites only the storage entry of
 * that row.
 */
const importKey = 'import'
const rowKey = (id: number): string => `${importKey} ${id}`

/** Layout version of the stored import. A stored import with another layout version is discarded. */
const layout = 4

interface StoredImport {
  /** The user who stored the import, or null without authentication. */
  by: string | null
  id: string
  notation: Notation
  includesDuplicates: boolean
  includesExisting: boolean
  includesAsides: boolean
  isUndoInterrupted: boolean
}

/** Stores an import without its rows. Throws if the browser's storage is full. */
export const saveImport = (stored: StoredImport, rowIds: number[]): void =>
  sessionStorage.setItem(importKey, JSON.stringify({ ...stored, rowIds, layout }))
export const saveRow = (row: Row): void => sessionStorage.setItem(rowKey(row.id), JSON.stringify(row))

export function deleteImport(): void {
  for (const key of Object.keys(sessionStorage))
    if (key === importKey || key.startsWith(`${importKey} `)) sessionStorage.removeItem(key)
}

/**
 * Returns the import that this user stored in this tab. Deletes a stored import that belongs to another user or has
 * another layout version.
 */
export function loadImport(of: string | null): (Omit<StoredImport, 'by'> & { rows: Row[] }) | null {
  const stored = read<StoredImport & { rowIds: number[]; layout: number }>(importKey)
  if (!stored || stored.by !== of || stored.layout !== layout) {
    deleteImport()
    return null
  }
  const { by, rowIds, layout: _, ...more } = stored
  return { ...more, rows: rowIds.flatMap(id => read<Row>(rowKey(id)) ?? []) }
}

const read = <T>(key: string): T | null => JSON.parse(sessionStorage.getItem(key) ?? 'null') as T | null
