import type { Snapshot, Transition } from './session'
import { addMs, hourMs, type Timestamp } from './timestamp'

/** Idempotency record: the stored first response to a request with an idempotency key, to be replayed. */
export interface IdempotencyRecord {
  key: string
  /** Digest of the request. It distinguishes a repeat from a different request with the same key. */
  request: string
  at: Timestamp
  session: Snapshot
  transitions: Transition[]
}

/** A session stores the records of its last 100 keys, each for 24 hours. */
export const maxIdempotencyRecords = 100
export const idempotencyHours = 24
/** The same rule in words, for descriptions. */
export const idempotencyLifetime = `${idempotencyHours} hours, or until the same session has had ${maxIdempotencyRecords} further requests with other keys`

/** Returns the latest time whose records have expired at `now`. */
export const idempotencyExpiry = (now: Timestamp): Timestamp => addMs(now, -idempotencyHours * hourMs)
