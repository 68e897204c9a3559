import type { Snapshot, Transition } from './session'
import { addMs, hourMs, type Timestamp } from './timestamp'

/** Idempotency record: the first response to a request under an idempotency key, stored to be replayed. */
export interface IdempotencyRecord {
  key: string
  /** Digest of the request. It tells a repeat from another request under the same key. */
  request: string
  at: Timestamp
  session: Snapshot
  transitions: Transition[]
}

/** A session stores the records of its last 100 keys, each for 24 hours. */
export const maxIdempotencyRecords = 100
export const idempotencyHours = 24
/** The same rule in words. */
export const idempotencyLifetime = `${idempotencyHours} hours, or until the same session has had ${maxIdempotencyRecords} further requests with other keys`

/** Returns the expiry limit: at `now`, records of this time or earlier have expired. */
export const idempotencyExpiry = (now: Timestamp): Timestamp => addMs(now, -idempotencyHours * hourMs)
