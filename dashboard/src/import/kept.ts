import type { Row } from './rows'
import type { Writing } from './writing'

/** What of an import outlives a reload of its page: in this tab, each row by itself, so that little is written when one changes. */
const name = 'import'
const rowName = (id: number): string => `${name} ${id}`

interface Head {
  /** Whose it is; null where nobody is signed in. */
  by: string | null
  writing: Writing
  ids: number[]
}

/** Throws where the browser has no room for it. */
export const keepHead = (head: Head): void => sessionStorage.setItem(name, JSON.stringify(head))
export const keepRow = (row: Row): void => sessionStorage.setItem(rowName(row.id), JSON.stringify(row))

export function forget(): void {
  for (const key of Object.keys(sessionStorage))
    if (key === name || key.startsWith(`${name} `)) sessionStorage.removeItem(key)
}

/** What was kept here by the same person. What somebody else kept is forgotten. */
export function kept(by: string | null): { writing: Writing; rows: Row[] } | null {
  const head = read<Head>(name)
  if (!head || head.by !== by) {
    forget()
    return null
  }
  return { writing: head.writing, rows: head.ids.flatMap(id => read<Row>(rowName(id)) ?? []) }
}

const read = <T>(key: string): T | null => JSON.parse(sessionStorage.getItem(key) ?? 'null') as T | null
