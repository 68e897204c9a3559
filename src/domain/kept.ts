import type { Snapshot, Transition } from './session'
import { addMs, hourMs, type Timestamp } from './timestamp'

/** The first answer to a request under an idempotency key, kept to be given again. */
export interface KeptAnswer {
  key: string
  /** A digest of the request, to tell a repeat from another request under the same key. */
  request: string
  at: Timestamp
  session: Snapshot
  transitions: Transition[]
}

/** A session keeps the answers of its last 100 keys, each for a day. */
export const keptAnswers = 100
export const keptHours = 24

/** An answer that was kept at this time or before is forgotten at `now`. */
export const keptSince = (now: Timestamp): Timestamp => addMs(now, -keptHours * hourMs)
