import {
  createIdempotencyKey,
  isApiError,
  type NewSession,
  type RequestOptions,
  type Session,
} from '../../packages/client/src/index.js'
import type { Row } from './change-rows'
import { client } from './graphql/client'
import { contentsQuery } from './graphql/documents'
import { caller } from './sign-in/caller'
import { Store } from './store'
import type { Owner, Result } from './types'

/** Contents of a session, excluding its history and share links. */
export interface Contents extends Owner, Pick<Session, 'externalId'> {
  result: Pick<Result, 'inputs'> | null
}

export const readContents = async (id: string, options: RequestOptions): Promise<Contents | null> =>
  (await client.request<{ session: Contents | null }>(contentsQuery, { id }, options)).session

export interface DeletedRow {
  /** Id shared by all rows that were deleted in the same action. */
  deletion: string
  at: number
  row: Row
  /** Request that recreates the session. */
  start: NewSession
  /** Ensures that the session is recreated only once, even if the request is repeated. */
  idempotencyKey: string
}

/** Maximum number of deleted sessions that the user can recreate. The oldest sessions are dropped first. */
export const maxDeleted = 1_000

/** Rows that the user has deleted in this tab since signing in, newest last. Other tabs don't see them. */
export const deletedRows = new Store<readonly DeletedRow[]>([])

/** Prefix of the current user's session storage keys. */
const prefix = (): string => `deleted ${JSON.stringify(caller.value.by)} `

function load(): void {
  try {
    const names = Object.keys(sessionStorage).filter(name => name.startsWith(prefix()))
    const rows = names.map(name => JSON.parse(sessionStorage.getItem(name) ?? '') as DeletedRow)
    deletedRows.set(rows.sort((a, b) => a.at - b.at))
  } catch {
    deletedRows.set([])
  }
}
load()
caller.subscribe(load)

export const latestDeletion = (rows: readonly DeletedRow[]): DeletedRow[] =>
  rows.filter(({ deletion }) => deletion === rows.at(-1)?.deletion)

function remember(deleted: DeletedRow): void {
  deletedRows.set([...deletedRows.value, deleted])
  forgetDeleted(deletedRows.value.slice(0, -maxDeleted).map(({ row }) => row.id))
  try {
    sessionStorage.setItem(prefix() + deleted.row.id, JSON.stringify(deleted))
  } catch {
    // If the browser's storage is full or inaccessible, the deleted row is lost when the page is reloaded.
  }
}

/** Forgets deleted rows, so that they can't be recreated. */
export function forgetDeleted(ids: readonly string[]): void {
  if (ids.length === 0) return
  const forgotten = new Set(ids)
  deletedRows.set(deletedRows.value.filter(({ row }) => !forgotten.has(row.id)))
  try {
    for (const id of ids) sessionStorage.removeItem(prefix() + id)
  } catch {
    // If the browser denies access to its storage, no rows were stored there.
  }
}

/**
 * Returns a function that deletes a row's session, unless the session has changed since the row's version. The
 * user can undo all deletions by the returned function at once.
 */
export function newDeletion(): (row: Row, options?: RequestOptions) => Promise<void> {
  const deletion = createIdempotencyKey()
  return async (row, options = {}) => {
    const { id, version } = row
    const contents = await readContents(id, options)
    try {
      await client.closeSession({ id, version }, options)
    } catch (error) {
      // Ignore the error if someone else has already deleted the session.
      if (!isApiError(error, 'SESSION_NOT_FOUND')) throw error
      return
    }
    if (!contents) return
    const { result, ...owner } = contents
    const start = { ...owner, inputs: result?.inputs ?? null }
    const shown = 'results' in row ? { ...row, results: [], shares: [] } : row
    remember({ deletion, at: Date.now(), row: shown, start, idempotencyKey: createIdempotencyKey() })
  }
}
