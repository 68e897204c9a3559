import { createIdempotencyKey, isApiError, type RequestOptions } from '../../packages/client/src/index.js'
import { forEachConcurrently } from './concurrency'
import type { ListedSession, Session } from './types'

/** A session in the version that the user sees. */
export type Row = ListedSession | Session

/** A row that was not changed, and why. `changed` means that the server has a newer version than the user saw. */
export type NotChanged = { row: Row } & ({ why: 'changed' | 'stopped' } | { why: 'refused'; message: string })

/** Changes a row's session. Fails with VERSION_MISMATCH if the row does not have the session's current version. */
export type ChangeRow = (row: Row, options: RequestOptions & { signal: AbortSignal }) => Promise<void>

interface Progress {
  /** Called when a row has been processed. `outcome` is null if the row was changed. */
  settled(row: Row, outcome: NotChanged | null): void
  /** Called when a request failed temporarily and will be retried. */
  waits(): void
}

/**
 * Changes the rows with a few concurrent requests. A refused request does not affect the others. While the server is
 * unreachable, requests are retried until `signal` aborts.
 */
export async function changeRows(
  rows: readonly Row[],
  change: ChangeRow,
  signal: AbortSignal,
  { settled, waits }: Progress,
): Promise<void> {
  await forEachConcurrently(
    rows,
    () => true,
    async row => settled(row, await outcomeOf(row, change, signal, waits)),
  )
}

async function outcomeOf(
  row: Row,
  change: ChangeRow,
  signal: AbortSignal,
  onRetry: () => void,
): Promise<NotChanged | null> {
  if (signal.aborted) return { row, why: 'stopped' }
  try {
    await change(row, { maxAttempts: Number.POSITIVE_INFINITY, signal, onRetry })
    return null
  } catch (error) {
    if (isApiError(error, 'VERSION_MISMATCH')) return { row, why: 'changed' }
    if (signal.aborted) return { row, why: 'stopped' }
    return { row, why: 'refused', message: (error as Error).message }
  }
}

/**
 * Returns a function that sends a request with an idempotency key. A stopped request may have taken effect, so sending
 * the request again reuses its key.
 */
export function idempotentSender() {
  const keys = new Map<string, string>()
  return async <T>(
    request: readonly unknown[],
    signal: AbortSignal,
    send: (idempotencyKey: string) => Promise<T>,
  ): Promise<T> => {
    const name = JSON.stringify(request)
    const key = keys.get(name) ?? createIdempotencyKey()
    keys.set(name, key)
    try {
      const response = await send(key)
      keys.delete(name)
      return response
    } catch (error) {
      if (!signal.aborted) keys.delete(name)
      throw error
    }
  }
}
