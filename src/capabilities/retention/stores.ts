import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { MongoConnection } from '../../db/mongo/connection'
import type { SessionDocument } from '../../db/mongo/documents'
import { retryRead } from '../../db/mongo/operations'
import { restingStates, type Snapshot } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'

/** The id and version of a session that has not changed for some time. */
export type IdleSession = Pick<Snapshot, 'session_id' | 'version'>

/**
 * Finds sessions by the time of their last change. This needs an index, which every write has to update. The index exists
 * only if `SESSION_DAYS` is set.
 */
export interface IdleSessions {
  /** Returns up to `limit` sessions that have not changed since `before`, least recently changed first. */
  idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]>
}

declare module '../../db/store' {
  interface StoreParts {
    retention: IdleSessions
  }
}

const byLastChange = { updated_at: 1 } as const

export class MongoIdleSessions implements IdleSessions {
  readonly #sessions

  constructor(
    { db }: MongoConnection,
    readonly isUsed: boolean,
  ) {
    this.#sessions = db.collection<SessionDocument>('sessions')
  }

  async prepare(): Promise<void> {
    if (this.isUsed) await this.#sessions.createIndex(byLastChange)
  }

  /** The hint makes MongoDB refuse the query if the index is missing: a scan would take too long. */
  async idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]> {
    const query = { updated_at: { $lt: new Date(before) }, state: { $in: [...restingStates] } }
    const options = { projection: { version: 1 }, hint: byLastChange, sort: byLastChange, limit }
    const documents = await retryRead(signal => this.#sessions.find(query, { ...options, signal }).toArray())
    return documents.map(({ _id, version }) => ({ session_id: _id, version }))
  }
}

export class EmbeddedIdleSessions implements IdleSessions {
  readonly #file

  constructor({ file }: EmbeddedCore, isUsed: boolean) {
    this.#file = file
    file.db.exec(isUsed ? 'CREATE INDEX IF NOT EXISTS by_age ON sessions (updated_at)' : 'DROP INDEX IF EXISTS by_age')
  }

  async idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]> {
    const sql =
      'SELECT session_id, version FROM sessions INDEXED BY by_age WHERE updated_at < ? ORDER BY updated_at LIMIT ?'
    return this.#file.all<IdleSession>(sql, before, limit)
  }
}
