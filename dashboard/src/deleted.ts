import {
  createIdempotencyKey,
  isApiError,
  type NewSession,
  type RequestOptions,
} from '../../packages/client/src/index.js'
import type { Row } from './change-rows'
import { client } from './graphql/client'
import { contentsQuery } from './graphql/documents'
import { caller } from './sign-in/caller'
import { Store } from './store'
import type { Result } from './types'

/** What a session consists of, apart from its history and its links. */
export interface Contents {
  mentorId: string
  organisationId: string | null
  externalId: string | null
  result: Pick<Result, 'inputs'> | null
}

export const readContents = async (id: string, options: RequestOptions): Promise<Contents | null> =>
  (await client.request<{ session: Contents | null }>(contentsQuery, { id }, options)).session

export interface DeletedRow {
  /** Rows that were deleted together have the same. */
  deletion: string
  at: number
  row: Row
  /** Starts the session anew. */
  start: NewSession
  /** Makes sure that it is started anew only once. */
  idempotencyKey: string
}

/** Maximum number of deleted rows that can be started anew. Older ones are dropped. */
export const maxDeleted = 1_000

/** Rows that the user deleted in this tab, newest last, until the user signs out. Only this tab has them. */
export const deletedRows = new Store<readonly DeletedRow[]>([])

/** Begins the names of the user's rows in the storage. */
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

/** Returns the rows of the latest deletion. */
export const latestDeletion = (rows: readonly DeletedRow[]): DeletedRow[] =>
  rows.filter(({ deletion }) => deletion === rows.at(-1)?.deletion)

function remember(deleted: DeletedRow): void {
  deletedRows.set([...deletedRows.value, deleted])
  forgetDeleted(deletedRows.value.slice(0, -maxDeleted).map(({ row }) => row.id))
  try {
    sessionStorage.setItem(prefix() + deleted.row.id, JSON.stringify(deleted))
  } catch {
    // Storage may be full or denied. Then a reload forgets the row.
  }
}

/** Forgets deleted rows, which then can't be started anew. */
export function forgetDeleted(ids: readonly string[]): void {
  if (ids.length === 0) return
  const forgotten = new Set(ids)
  deletedRows.set(deletedRows.value.filter(({ row }) => !forgotten.has(row.id)))
  try {
    for (const id of ids) sessionStorage.removeItem(prefix() + id)
  } catch {
    // The storage is denied, so nothing is there.
  }
}

/** Returns a function that deletes sessions, in the versions of their rows. They can be started anew together. */
export function newDeletion(): (row: Row, options?: RequestOptions) => Promise<void> {
  const deletion = createIdempotencyKey()
  return async (row, options = {}) => {
    const { id, version } = row
    const contents = await readContents(id, options)
    try {
      await client.closeSession({ id, version }, options)
    } catch (error) {
      // Somebody else has already deleted it.
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
