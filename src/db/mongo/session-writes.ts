import { randomUUID } from 'node:crypto'
import type { Collection, Db, Document } from 'mongodb'
import { changingMembers, type IdempotencyRecord, idempotencyExpiry, idempotencyHours } from '../../domain/session'
import { hourMs } from '../../domain/timestamp'
import type { Write } from '../store'
import { BatchedWrites, type MongoWrite, majority } from './batched-writes'
import { commitDocument, dated, documentOf, recordsOf, type SessionDocument, writtenBy } from './documents'
import { reachStore } from './errors'

const purgeTimeoutMs = 2_000

/**
 * Writes sessions. Each method keeps the promise of the method of Store with the same name. A change is one atomic
 * update of one document, which compares the version, with majority concern.
 */
export class MongoSessionWrites {
  readonly #writes: BatchedWrites

  constructor(
    readonly db: Db,
    sessions: Collection<SessionDocument>,
  ) {
    this.#writes = new BatchedWrites(db, sessions)
  }

  async add(write: Write): Promise<boolean> {
    const { idempotency, wanted = always } = write
    const id = newWriteId()
    const { _id, ...document } = documentOf(write, id)
    const insert = () =>
      this.#writes.apply({ id, filter: { _id }, update: { $setOnInsert: document }, upsert: true, wanted })
    return (await insert()) || (idempotency !== undefined && (await this.#free(idempotency)) && insert())
  }

  /**
   * Removes a start's key from its session if that start was at least a day before `at`. Returns whether there was one.
   */
  async #free({ key, at }: IdempotencyRecord): Promise<boolean> {
    const q = { 'start.key': key, 'start.at': { $lte: new Date(idempotencyExpiry(at)) } }
    const updates = [{ q, u: { $unset: { start: 1 } } }]
    const command = { update: 'sessions', updates, writeConcern: majority }
    const { n } = await reachStore(signal => this.db.command(command, { signal }))
    return n > 0
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    return this.#compareAndSet(write, readVersion, {})
  }

  async close(write: Write, readVersion: number): Promise<boolean> {
    // After the update the session is closed. If its purge fails, the TTL index deletes it later.
    const purge_at = new Date(Date.now() + idempotencyHours * hourMs)
    if (!(await this.#compareAndSet(write, readVersion, { purge_at }))) return false
    await this.#purge(write.session.session_id).catch(() => {})
    return true
  }

  #compareAndSet(write: Write, readVersion: number, more: Partial<SessionDocument>): Promise<boolean> {
    const { session, changes, idempotency, wanted = always } = write
    const id = newWriteId()
    const results = changes.flatMap(change => change.result ?? [])
    const shares = changes.flatMap(change => change.share ?? [])
    const filter: MongoWrite['filter'] = { _id: session.session_id, version: readVersion }
    const $set: Document = {}
    const $push: Document = {}
    if (changes.length > 0) {
      for (const name of changingMembers) $set[name] = session[name]
      const updated_at = new Date(session.updated_at)
      const commit = commitDocument(write)
      Object.assign($set, { updated_at, last_inputs: session.last_inputs, commit, ...more })
      $push.transitions = { $each: writtenBy(id, commit) }
    }
    if (shares.length > 0) $push.shares = { $each: shares.map(share => dated(share, 'expires_at')) }
    else if (changes.some(change => change.revokesShares)) $set['shares.$[].revoked'] = true
    if (results.length > 0) {
      filter['results.result_id'] = { $nin: results.map(result => result.result_id) }
      $push.results = { $each: results.map(result => dated(result, 'computed_at')) }
    }
    if (idempotency) {
      filter.$expr = { $eq: [{ $size: recordsOf(idempotency.key, idempotencyExpiry(idempotency.at)) }, 0] }
      $push.keys = { $each: [{ ...dated(idempotency, 'at'), write: id }] }
    }
    const update = { ...(changes.length > 0 && { $set }), $push }
    return this.#writes.apply({ id, filter, update, wanted })
  }

  /** Deletes a closed session. If it has a start key, keeps only the data that a repeat of the start needs. */
  async #purge(_id: string): Promise<void> {
    const all = { q: { _id, state: 'closed', start: { $exists: false } }, limit: 1 }
    const purge = { delete: 'sessions', deletes: [all], writeConcern: majority }
    const { n } = await reachStore(signal => this.db.command(purge, { signal }), purgeTimeoutMs)
    if (n > 0) return
    const purge_at = { $add: ['$start.at', idempotencyHours * hourMs] }
    const none = { transitions: { $slice: ['$transitions', 1] }, results: [], shares: [], keys: [], last_inputs: null }
    const shrink = {
      update: 'sessions',
      updates: [{ q: { _id, state: 'closed' }, u: [{ $set: { ...none, purge_at } }] }],
      writeConcern: majority,
    }
    await reachStore(signal => this.db.command(shrink, { signal }), purgeTimeoutMs)
  }

  /** See Store.forget. Does not change the log. */
  async forget(mentor_id: string): Promise<void> {
    const closed = { q: { mentor_id, state: 'closed' }, limit: 0 }
    const command = { delete: 'sessions', deletes: [closed], writeConcern: majority }
    await reachStore(signal => this.db.command(command, { signal }))
  }
}

const always = (): boolean => true

/** Returns 62 random bits: the end of a UUID. */
const newWriteId = (): string => randomUUID().slice(19)
