import type { Snapshot, Transition } from './session'
import { addMs, hourMs, type Timestamp } from './timestamp'

/** The stored response to the first request with a key. Repeated requests with this key get the same response. */
export interface IdempotencyRecord {
  key: string
  /** Digest of the request, which distinguishes a repeated request from a different request with the same key. */
  request: string
  at: Timestamp
  session: Snapshot
  transitions: Transition[]
}

/** Limits on idempotency records: each session stores the records of its last 100 keys, each for 24 hours. */
export const maxIdempotencyRecords = 100
export const idempotencyHours = 24
/** The limits on idempotency records as text, for API descriptions. */
export const idempotencyLifetime = `${idempotencyHours} hours, or until the same session has had ${maxIdempotencyRecords} further requests with other keys`

/** Returns the cutoff time at `now`: idempotency records created at or before it have expired. */
export const idempotencyExpiry = (now: Timestamp): Timestamp => addMs(now, -idempotencyHours * hourMs)
