import { setTimeout as wait } from 'node:timers/promises'
import { type AbstractCursor, BSON, MongoServerError } from 'mongodb'
import { DomainError, HistoryGone, unavailable } from '../../domain/errors'

/**
 * Time limit for one operation: longer than an election, and shorter than the deadline of a request (deadline.ts),
 * which does more.
 */
export const operationTimeoutMs = 18_000

/**
 * Whether an error says only that the store can't be reached, and nothing about the request. When a primary dies, the
 * driver throws plain Errors too. So every error counts, except those that the server returned as a refusal and those
 * of our own code.
 */
export function unreachable(error: unknown): boolean {
  if (error instanceof MongoServerError) {
    return (
      error.hasErrorLabel('RetryableWriteError') ||
      error.hasErrorLabel('TransientTransactionError') ||
      error.errorResponse?.writeConcernError !== undefined ||
      transientCodes.has(Number(error.code))
    )
  }
  return !(
    error instanceof DomainError ||
    error instanceof HistoryGone ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof BSON.BSONError
  )
}

// https://github.com/mongodb/specifications: NotWritablePrimary and ShutdownInProgress errors, MaxTimeMSExpired,
// WriteConcernFailed, SnapshotTooOld, SnapshotUnavailable, and CursorNotFound (for a cursor from before a server's
// restart).
const transientCodes = new Set([43, 50, 64, 91, 189, 239, 246, 10107, 11600, 11602, 13435, 13436])

/** Time limit for one attempt of an operation that is safe to repeat. */
export const attemptTimeoutMs = 5_000
const attemptRetryMs = 100

/**
 * Runs the work for at most `ms`. A failure to reach MongoDB becomes DomainError `unavailable`. Pass the signal to
 * every command: the driver waits forever on a connection that closes between two of its steps, and only the signal
 * ends that wait.
 */
export async function reachStore<T>(work: (signal: AbortSignal) => Promise<T>, ms = operationTimeoutMs): Promise<T> {
  const abandon = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = unavailable(new Error(`no response from MongoDB within ${ms} ms`))
      abandon.abort(error)
      reject(error)
    }, ms)
  })
  try {
    return await Promise.race([work(abandon.signal), late])
  } catch (error) {
    throw unreachable(error) ? unavailable(error) : error
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Runs a read that normally takes milliseconds. If an attempt gets no response, it tries again on another connection.
 */
export async function retryRead<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const until = performance.now() + operationTimeoutMs
  for (;;) {
    const left = until - performance.now()
    try {
      return await reachStore(work, Math.min(attemptTimeoutMs, left))
    } catch (error) {
      const again = error instanceof DomainError && error.code === 'unavailable' && left > attemptTimeoutMs
      if (!again) throw error
      await wait(attemptRetryMs)
    }
  }
}

/**
 * Yields the results of a cursor batch by batch, within `ms` in total. Errors are those of `reaching`. If the consumer
 * stops, the cursor is aborted.
 */
export async function* streamFromStore<T>(
  open: (signal: AbortSignal) => AbstractCursor<T>,
  ms = operationTimeoutMs,
): AsyncGenerator<NonNullable<T>[]> {
  const until = performance.now() + ms
  const abandon = new AbortController()
  const cursor = open(abandon.signal)
  try {
    const leftMs = (): number => Math.min(operationTimeoutMs, until - performance.now())
    while (await reachStore(() => cursor.hasNext(), leftMs())) yield cursor.readBufferedDocuments()
  } finally {
    abandon.abort()
  }
}
