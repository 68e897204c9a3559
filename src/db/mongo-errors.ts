import { BSON, MongoBulkWriteError, MongoServerError } from 'mongodb'
import { DomainError, HistoryGone } from '../domain/errors'

/**
 * The failures that say nothing about the request, only about reaching the store. The driver throws plain Errors among
 * them when a primary dies, so all is a failure to reach it but what the server refused and what our own code got wrong.
 */
function unreachable(error: unknown): boolean {
  // A batch that failed as a whole carries what the driver threw of its connection.
  if (error instanceof MongoBulkWriteError && error.errorResponse instanceof Error)
    return unreachable(error.errorResponse)
  if (error instanceof MongoServerError) {
    return (
      error.hasErrorLabel('RetryableWriteError') ||
      error.hasErrorLabel('TransientTransactionError') ||
      error.errorResponse?.writeConcernError !== undefined ||
      transientCodes.has(Number(error.code))
    )
  }
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof BSON.BSONError)
}

// https://github.com/mongodb/specifications: NotWritablePrimary and ShutdownInProgress errors, MaxTimeMSExpired, WriteConcernFailed.
const transientCodes = new Set([50, 64, 91, 189, 10107, 11600, 11602, 13435, 13436])

export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000

/** Does the work; a failure to reach MongoDB is DomainError unavailable. */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DomainError || error instanceof HistoryGone || !unreachable(error)) throw error
    const unavailable = new DomainError('unavailable')
    unavailable.cause = error
    throw unavailable
  }
}
