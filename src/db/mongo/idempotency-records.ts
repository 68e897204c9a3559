import type { Collection, Db } from 'mongodb'
import { type IdempotencyRecord, idempotencyExpiry, maxIdempotencyRecords } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import {
  type Dated,
  idempotencyRecordOf,
  recordsOf,
  type SessionDocument,
  startedOf,
  startFields,
  type Written,
} from './documents'
import { reachStore, retryRead } from './errors'

/** The number of idempotency records in a session's document at which all but the latest `maxIdempotencyRecords` are removed. */
const answersHeld = 2 * maxIdempotencyRecords

/**
 * Finds idempotency records. The record of a start is derived from the session that it started. All other records are
 * in their session's document.
 */
export class IdempotencyRecords {
  constructor(
    readonly db: Db,
    readonly sessions: Collection<SessionDocument>,
  ) {}

  /** See Store.idempotencyRecord. */
  find(session_id: string | null, key: string, now: Timestamp): Promise<IdempotencyRecord | null> {
    return session_id === null ? this.#ofStart(key, now) : this.#ofSession(session_id, key, now)
  }

  async #ofStart(key: string, now: Timestamp): Promise<IdempotencyRecord | null> {
    const started = { 'start.key': key, 'start.at': { $gt: new Date(idempotencyExpiry(now)) } }
    const found = await retryRead(signal => this.sessions.findOne(started, { projection: startFields, signal }))
    return found && startedOf(found)
  }

  async #ofSession(session_id: string, key: string, now: Timestamp): Promise<IdempotencyRecord | null> {
    const projection = { _id: 0, answers: recordsOf(key, idempotencyExpiry(now)), held: { $size: '$keys' } }
    const found = await retryRead(
      signal =>
        this.sessions.findOne(
          { _id: session_id, state: { $ne: 'closed' } },
          { projection, signal },
        ) as unknown as Promise<{ answers: (Dated<IdempotencyRecord, 'at'> & Written)[]; held: number } | null>,
    )
    if (found && found.held >= answersHeld) await this.#forgetKeys(session_id)
    const [answer] = found?.answers ?? []
    return answer ? idempotencyRecordOf(answer) : null
  }

  /**
   * Removes old records once in a hundred keys only, because a push with `$slice` writes the whole array into the
   * oplog.
   */
  async #forgetKeys(session_id: string): Promise<void> {
    const q = { _id: session_id, [`keys.${answersHeld - 1}`]: { $exists: true } }
    const u = { $push: { keys: { $each: [], $slice: -maxIdempotencyRecords } } }
    const command = { update: 'sessions', updates: [{ q, u }] }
    await reachStore(signal => this.db.command(command, { signal })).catch(() => {})
  }
}
