import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { MongoConnection } from '../../db/mongo/connection'
import type { SessionDocument } from '../../db/mongo/documents'
import { retryRead, runWrite } from '../../db/mongo/operations'
import { restingStates, type Snapshot } from '../../domain/session'
import { type Timestamp, timestamp } from '../../domain/timestamp'

export type IdleSession = Pick<Snapshot, 'session_id' | 'version'>

/** The index by last change exists only if `SESSION_DAYS` is set, because every write has to update it. */
export interface RetentionStore {
  /** Returns sessions that have not changed since `before`, the one with the oldest change first. */
  idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]>

  /** Returns the time of the latest session change if no clock time is stored, and null if there are no sessions. */
  clockTime(): Promise<Timestamp | null>

  /** Stores a clock time, unless a later one is already stored. */
  keepClockTime(time: Timestamp): Promise<void>
}

declare module '../../db/store' {
  interface StoreParts {
    retention: RetentionStore
  }
}

const byLastChange = { updated_at: 1 } as const

export class MongoRetention implements RetentionStore {
  readonly #db
  readonly #sessions
  readonly #kept

  constructor(
    { db }: MongoConnection,
    readonly isUsed: boolean,
  ) {
    this.#db = db
    this.#sessions = db.collection<SessionDocument>('sessions')
    this.#kept = db.collection<{ _id: string; clock_time: Date }>('retention')
  }

  async prepare(): Promise<void> {
    if (this.isUsed) await this.#sessions.createIndex(byLastChange)
  }

  /** The `hint` makes MongoDB refuse the query if the index is missing, instead of scanning the whole collection. */
  async idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]> {
    const query = { updated_at: { $lt: new Date(before) }, state: { $in: [...restingStates] } }
    const options = { projection: { version: 1 }, hint: byLastChange, sort: byLastChange, limit }
    const documents = await retryRead(signal => this.#sessions.find(query, { ...options, signal }).toArray())
    return documents.map(({ _id, version }) => ({ session_id: _id, version }))
  }

  async clockTime(): Promise<Timestamp | null> {
    const kept = await retryRead(signal => this.#kept.findOne({ _id: 'clock' }, { signal }))
    if (kept) return timestamp(kept.clock_time)
    const options = { projection: { updated_at: 1 }, hint: byLastChange, sort: { updated_at: -1 } } as const
    const latest = await retryRead(signal => this.#sessions.findOne({}, { ...options, signal }))
    return latest && timestamp(latest.updated_at)
  }

  async keepClockTime(time: Timestamp): Promise<void> {
    const u = { $max: { clock_time: new Date(time) } }
    await runWrite(this.#db, { update: 'retention', updates: [{ q: { _id: 'clock' }, u, upsert: true }] })
  }
}

export class EmbeddedRetention implements RetentionStore {
  readonly #file

  constructor({ file }: EmbeddedCore, isUsed: boolean) {
    this.#file = file
    file.db.exec(isUsed ? 'CREATE INDEX IF NOT EXISTS by_age ON sessions (updated_at)' : 'DROP INDEX IF EXISTS by_age')
    file.db.exec(
      'CREATE TABLE IF NOT EXISTS retention (id INTEGER PRIMARY KEY CHECK (id = 1), clock_time TEXT NOT NULL)',
    )
  }

  async idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]> {
    const sql =
      'SELECT session_id, version FROM sessions INDEXED BY by_age WHERE updated_at < ? ORDER BY updated_at LIMIT ?'
    return this.#file.all<IdleSession>(sql, before, limit)
  }

  async clockTime(): Promise<Timestamp | null> {
    const sql = `SELECT coalesce(
      (SELECT clock_time FROM retention),
      (SELECT updated_at FROM sessions INDEXED BY by_age ORDER BY updated_at DESC LIMIT 1)
    )`
    return this.#file.value<Timestamp | null>(sql) ?? null
  }

  async keepClockTime(time: Timestamp): Promise<void> {
    const sql = `INSERT INTO retention VALUES (1, ?)
      ON CONFLICT (id) DO UPDATE SET clock_time = max(clock_time, excluded.clock_time)`
    await this.#file.commit(() => this.#file.run(sql, time))
  }
}
