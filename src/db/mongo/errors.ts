import { setTimeout as wait } from 'node:timers/promises'
import { type AbstractCursor, BSON, MongoServerError } from 'mongodb'
import { DomainError, HistoryGone, unavailable } from '../../domain/errors'

/** How long an operation may take: longer than an election, and shorter than a request (deadline.ts), which does more. */
export const operationTimeoutMs = 18_000

/**
 * The failures that say nothing about the request, only about reaching the store. The driver throws plain Errors among
 * them when a primary dies, so all but what the server refused and what our own code got wrong is such a failure.
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

// https://github.com/mongodb/specifications: NotWritablePrimary and ShutdownInProgress errors, MaxTimeMSExpired, WriteConcernFailed,
// SnapshotTooOld, SnapshotUnavailable, and CursorNotFound, which is said of a cursor from before a server's restart.
const transientCodes = new Set([43, 50, 64, 91, 189, 239, 246, 10107, 11600, 11602, 13435, 13436])

/** How long one attempt is waited for where another may do what it did. */
export const attemptTimeoutMs = 5_000
const attemptRetryMs = 100

/**
 * Does the work, for `ms` at most; a failure to reach MongoDB is DomainError unavailable. Every command takes the signal:
 * the driver waits for ever on a connection that closes between two of its steps, and the signal alone ends that.
 */
export async function reaching<T>(work: (signal: AbortSignal) => Promise<T>, ms = operationTimeoutMs): Promise<T> {
  const abandon = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = unavailable(new Error(`MongoDB gave no answer within ${ms} ms`))
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

/** Reads what is a matter of milliseconds, on another connection where one gives no answer. */
export async function reading<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const until = performance.now() + operationTimeoutMs
  for (;;) {
    const left = until - performance.now()
    try {
      return await reaching(work, Math.min(attemptTimeoutMs, left))
    } catch (error) {
      const again = error instanceof DomainError && error.code === 'unavailable' && left > attemptTimeoutMs
      if (!again) throw error
      await wait(attemptRetryMs)
    }
  }
}

/** What a cursor finds, batch by batch, within `ms` for all of it, each as `reaching`. Where nobody reads on, it is let go. */
export async function* streaming<T>(
  open: (signal: AbortSignal) => AbstractCursor<T>,
  ms = operationTimeoutMs,
): AsyncGenerator<NonNullable<T>[]> {
  const until = performance.now() + ms
  const abandon = new AbortController()
  const cursor = open(abandon.signal)
  try {
    const leftMs = (): number => Math.min(operationTimeoutMs, until - performance.now())
    while (await reaching(() => cursor.hasNext(), leftMs())) yield cursor.readBufferedDocuments()
  } finally {
    abandon.abort()
  }
}
