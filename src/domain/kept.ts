import type { Snapshot, Transition } from './session'
import { addMs, hourMs, type Timestamp } from './timestamp'

/** Idempotency record: the first response to a request under an idempotency key, stored to be replayed. */
export interface KeptAnswer {
  key: string
  /** Digest of the request. It tells a repeat from another request under the same key. */
  request: string
  at: Timestamp
  session: Snapshot
  transitions: Transition[]
}

/** A session stores the records of its last 100 keys, each for 24 hours. */
export const keptAnswers = 100
export const keptHours = 24

/** Returns the expiry limit: at `now`, records of this time or earlier have expired. */
export const keptSince = (now: Timestamp): Timestamp => addMs(now, -keptHours * hourMs)
