import { createIdempotencyKey, isApiError, type RequestOptions } from '../../packages/client/src/index.js'
import { forEachConcurrently } from './concurrency'
import type { ListedSession, Session } from './types'

/** A session as the user sees it. */
export type Row = ListedSession | Session

/** A row that was not changed, with the reason. A `changed` row has a newer version than the user saw. */
export type NotChanged = { row: Row } & ({ why: 'changed' | 'stopped' } | { why: 'refused'; message: string })

/** Changes the session of a row, in the version of the row. */
export type ChangeRow = (row: Row, options: RequestOptions & { signal: AbortSignal }) => Promise<void>

interface Progress {
  /** Called after each row. */
  settled(row: Row, outcome: NotChanged | null): void
  /** Called when a request waits for the server. */
  waits(): void
}

/**
 * Changes rows. A few requests run at once, and one that is refused does not end the others. While the server does not
 * answer, they wait, until `signal` stops all that were not sent.
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
 * Returns a function that sends a request with an idempotency key. A request that was stopped may have taken effect, so
 * the same request is sent with the same key later.
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
