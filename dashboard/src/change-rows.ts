import { createIdempotencyKey, isApiError, type RequestOptions } from '../../packages/client/src/index.js'
import { forEachConcurrently } from './concurrency'
import type { ListedSession, Session } from './types'

/** The version of a session that the user currently sees. */
export type Row = ListedSession | Session

/**
 * A row that was not changed, and the reason why. The reason `changed` means that the server has a newer version of the
 * session than the user saw.
 */
export type NotChanged = { row: Row } & ({ why: 'changed' | 'stopped' } | { why: 'refused'; message: string })

/** Changes a row's session. Throws VERSION_MISMATCH if the session has changed since the row's version. */
export type ChangeRow = (row: Row, options: RequestOptions & { signal: AbortSignal }) => Promise<void>

interface Progress {
  /** Called after each processed row. `outcome` is null if the row was changed. */
  settled(row: Row, outcome: NotChanged | null): void
  /** Called when a request has failed for a temporary reason and will be retried. */
  waits(): void
}

/**
 * Changes several rows, sending a few requests concurrently. If the server refuses a request, the other rows are still
 * changed. While the server is unreachable, requests are retried until `signal` is aborted.
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
 * Returns a function that sends a request with an idempotency key. An aborted request may have taken effect, so the
 * function reuses its idempotency key when it sends the request again.
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
