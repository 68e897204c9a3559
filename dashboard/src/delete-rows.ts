import { isApiError } from '../../packages/client/src/index.js'
import { forEachConcurrently } from './concurrency'
import { client } from './graphql/client'
import type { ListRow } from './live/list'

/** Rows that were not deleted, with the reason. `changed` rows have a newer version than the user saw. */
export type NotDeleted = { row: ListRow } & ({ why: 'changed' | 'stopped' } | { why: 'refused'; message: string })

interface Progress {
  /** Called after each row. */
  settled(row: ListRow, outcome: NotDeleted | null): void
  /** Called when a request waits for the server. */
  waits(): void
}

/**
 * Deletes sessions, each only in the version of its row. A few requests run at once, and one that is refused does not
 * end the others. While the server does not answer, they wait, until `signal` stops all that were not sent.
 */
export async function deleteRows(
  rows: readonly ListRow[],
  signal: AbortSignal,
  { settled, waits }: Progress,
): Promise<void> {
  await forEachConcurrently(
    rows,
    () => true,
    async row => settled(row, await deleteRow(row, signal, waits)),
  )
}

async function deleteRow(row: ListRow, signal: AbortSignal, onRetry: () => void): Promise<NotDeleted | null> {
  if (signal.aborted) return { row, why: 'stopped' }
  try {
    const { id, version } = row
    await client.closeSession({ id, version }, { maxAttempts: Number.POSITIVE_INFINITY, signal, onRetry })
    return null
  } catch (error) {
    // Somebody else has already deleted it, or the response to the first attempt was lost.
    if (isApiError(error, 'SESSION_NOT_FOUND')) return null
    if (isApiError(error, 'VERSION_MISMATCH')) return { row, why: 'changed' }
    if (signal.aborted) return { row, why: 'stopped' }
    return { row, why: 'refused', message: (error as Error).message }
  }
}
