import type { Row } from './rows'
import type { Writing } from './writing'

/**
 * Storage of an import, so that it survives a reload. It is in this tab only. Each row has its own key, so that a
 * change writes little.
 */
const name = 'import'
const rowName = (id: number): string => `${name} ${id}`

interface Head {
  /** User that stored the import. Null if nobody is signed in. */
  by: string | null
  writing: Writing
  ids: number[]
}

/** Throws if the browser has no room for it. */
export const keepHead = (head: Head): void => sessionStorage.setItem(name, JSON.stringify(head))
export const keepRow = (row: Row): void => sessionStorage.setItem(rowName(row.id), JSON.stringify(row))

export function forget(): void {
  for (const key of Object.keys(sessionStorage))
    if (key === name || key.startsWith(`${name} `)) sessionStorage.removeItem(key)
}

/** Returns the import that the same user stored in this tab. Deletes an import of another user. */
export function kept(by: string | null): { writing: Writing; rows: Row[] } | null {
  const head = read<Head>(name)
  if (!head || head.by !== by) {
    forget()
    return null
  }
  return { writing: head.writing, rows: head.ids.flatMap(id => read<Row>(rowName(id)) ?? []) }
}

const read = <T>(key: string): T | null => JSON.parse(sessionStorage.getItem(key) ?? 'null') as T | null
