import type { Collection, Db, Document, MongoClient } from 'mongodb'
import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import { addLimited } from '../../db/embedded/limited-rows'
import type { MongoConnection } from '../../db/mongo/connection'
import { NumberedCollection, type Numbers } from '../../db/mongo/numbered'
import { reachStore, retryRead, runWrite } from '../../db/mongo/operations'
import type { Timestamp } from '../../domain/timestamp'
import { type DeleteOutcome, type KeyStore, keyLimits, type ListedKey, type StoredKey } from './model'

interface KeyDocument extends ListedKey {
  _id: string
  numbers: Numbers
}

const collection = 'service_keys'
const listedParts = { key: 1, last_used_at: 1 } as const
const listedOf = ({ key, last_used_at }: ListedKey): ListedKey => ({ key, last_used_at })

export class MongoKeys implements KeyStore {
  readonly #client: MongoClient
  readonly #db: Db
  readonly #numbered: NumberedCollection
  readonly #keys: Collection<KeyDocument>

  constructor({ client, db }: MongoConnection) {
    this.#client = client
    this.#db = db
    this.#numbered = new NumberedCollection(db, {
      name: collection,
      organisation: 'key.organisation_id',
      limits: keyLimits,
      indexes: {},
    })
    this.#keys = db.collection(collection)
  }

  addKey(key: StoredKey, begin?: () => void): Promise<number | undefined> {
    return this.#numbered.add(key.organisation_id, { _id: key.key_id, key, last_used_at: null }, begin)
  }

  async readKey(key_id: string): Promise<ListedKey | null> {
    const options = { projection: listedParts }
    const found = await retryRead(signal => this.#keys.findOne({ _id: key_id }, { ...options, signal }))
    return found && listedOf(found)
  }

  async listKeys(): Promise<ListedKey[]> {
    const options = { projection: listedParts, sort: { 'key.created_at': -1, _id: -1 } } as const
    const found = await retryRead(signal => this.#keys.find({}, { ...options, signal }).toArray())
    return found.map(listedOf)
  }

  async saveKey(key: StoredKey): Promise<boolean> {
    const query = { _id: key.key_id, 'key.revision': key.revision - 1 }
    return (await this.#update(query, { $set: { key } })) > 0
  }

  async deleteKey(key_id: string, keepAdminOn?: string): Promise<DeleteOutcome> {
    const toDelete = { delete: collection, deletes: [{ q: { _id: key_id }, limit: 1 }] }
    if (keepAdminOn === undefined) return (await runWrite(this.#db, toDelete)) > 0 ? 'deleted' : 'unknown'
    const isValid = { $or: [{ 'key.expires': null }, { 'key.expires': { $gte: keepAdminOn } }] }
    const q = { _id: { $ne: key_id }, 'key.role': 'admin', ...isValid }
    // Changes the other key, because MongoDB detects a conflict between two transactions only if both write the same
    // document. Otherwise, two transactions could each delete the key that the other relies on.
    const toKeep = { update: collection, updates: [{ q, u: { $inc: { times_kept: 1 } } }] }
    const work = (signal: AbortSignal) =>
      this.#client.withSession(session =>
        session.withTransaction(async (): Promise<DeleteOutcome> => {
          const { n: others } = await this.#db.command(toKeep, { session, signal })
          if (others === 0) return 'last_admin'
          const { n } = await this.#db.command(toDelete, { session, signal })
          return n > 0 ? 'deleted' : 'unknown'
        }),
      )
    return reachStore(work, undefined, 'store_write')
  }

  async recordUse(key_ids: string[], hour: Timestamp): Promise<void> {
    // MongoDB orders null before all text, but `$lt` compares only values of the same type.
    const isOlder = { $or: [{ last_used_at: null }, { last_used_at: { $lt: hour } }] }
    await this.#update({ _id: { $in: key_ids }, ...isOlder }, { $set: { last_used_at: hour } })
  }

  #update(q: Document, u: Document): Promise<number> {
    return runWrite(this.#db, { update: collection, updates: [{ q, u, multi: true }] })
  }

  /** Revokes the mentor's keys. */
  async eraseMentor(mentor_id: string): Promise<void> {
    await runWrite(this.#db, { delete: collection, deletes: [{ q: { 'key.mentor_id': mentor_id }, limit: 0 }] })
  }
}

interface Row {
  body: string
  last_used_at: Timestamp | null
}

const listedOfRow = ({ body, last_used_at }: Row): ListedKey => ({ key: JSON.parse(body), last_used_at })

export class EmbeddedKeys implements KeyStore {
  readonly #file: EmbeddedFile

  constructor({ file }: EmbeddedCore) {
    this.#file = file
    file.db.exec(`CREATE TABLE IF NOT EXISTS service_keys (
      key_id TEXT PRIMARY KEY, created_at TEXT NOT NULL, organisation_id TEXT, mentor_id TEXT,
      revision INTEGER NOT NULL, body TEXT NOT NULL, last_used_at TEXT
    ) STRICT`)
  }

  async addKey(key: StoredKey, begin?: () => void): Promise<number | undefined> {
    const { key_id, created_at, organisation_id, mentor_id, revision } = key
    const add = (): void => {
      const values = [key_id, created_at, organisation_id, mentor_id, revision, JSON.stringify(key)]
      this.#file.run('INSERT INTO service_keys VALUES (?, ?, ?, ?, ?, ?, NULL)', ...values)
    }
    return addLimited(this.#file, { rows: 'service_keys', limits: keyLimits, organisation_id, begin }, add)
  }

  async readKey(key_id: string): Promise<ListedKey | null> {
    const row = this.#file.get<Row>('SELECT body, last_used_at FROM service_keys WHERE key_id = ?', key_id)
    return row ? listedOfRow(row) : null
  }

  async listKeys(): Promise<ListedKey[]> {
    const sql = 'SELECT body, last_used_at FROM service_keys ORDER BY created_at DESC, key_id DESC'
    return this.#file.all<Row>(sql).map(listedOfRow)
  }

  saveKey(key: StoredKey): Promise<boolean> {
    const { key_id, revision } = key
    const sql = 'UPDATE service_keys SET body = ?, revision = ? WHERE key_id = ? AND revision = ?'
    return this.#file.commit(() => this.#file.run(sql, JSON.stringify(key), revision, key_id, revision - 1) > 0)
  }

  deleteKey(key_id: string, keepAdminOn?: string): Promise<DeleteOutcome> {
    const others = `SELECT 1 FROM service_keys WHERE key_id != ? AND body ->> 'role' = 'admin'
      AND (body ->> 'expires' IS NULL OR body ->> 'expires' >= ?)`
    return this.#file.commit(() => {
      if (keepAdminOn !== undefined && !this.#file.get(others, key_id, keepAdminOn)) return 'last_admin'
      return this.#file.run('DELETE FROM service_keys WHERE key_id = ?', key_id) > 0 ? 'deleted' : 'unknown'
    })
  }

  async recordUse(key_ids: string[], hour: Timestamp): Promise<void> {
    const sql =
      'UPDATE service_keys SET last_used_at = ? WHERE key_id = ? AND (last_used_at IS NULL OR last_used_at < ?)'
    await this.#file.commit(() => {
      for (const key_id of key_ids) this.#file.run(sql, hour, key_id, hour)
    })
  }

  /** Revokes the mentor's keys. */
  async eraseMentor(mentor_id: string): Promise<void> {
    await this.#file.commit(() => this.#file.run('DELETE FROM service_keys WHERE mentor_id = ?', mentor_id))
  }
}
