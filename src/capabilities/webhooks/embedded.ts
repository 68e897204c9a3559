import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import { addLimited } from '../../db/embedded/limited-rows'
import { mentorDigest } from '../../db/mentor-digest'
import {
  attemptsRecorded,
  endpointLimits,
  type HeldSession,
  type StoredDelivery,
  type StoredEndpoint,
  type WebhookAttempt,
  type WebhookEndpoint,
} from './model'
import type { DeliverySave, WebhookStore } from './store'

const tablesSql = `
  CREATE TABLE IF NOT EXISTS webhook_endpoints (
    endpoint_id TEXT PRIMARY KEY, created_at TEXT NOT NULL, organisation_id TEXT, mentor_id TEXT,
    revision INTEGER NOT NULL, body TEXT NOT NULL, delivery TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS webhook_held (
    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE, session_id TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (endpoint_id, session_id)
  ) STRICT;
  -- The column "mentor" contains a digest of the id.
  CREATE TABLE IF NOT EXISTS webhook_attempts (
    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE, number INTEGER NOT NULL,
    mentor TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (endpoint_id, number)
  ) STRICT;
`

/** The tables of version 1.2 were WITHOUT ROWID, with an index of attempts by mentor: each save changed many pages. */
function convertTables(db: EmbeddedFile['db']): void {
  const sql =
    "SELECT name FROM sqlite_schema WHERE name IN ('webhook_held', 'webhook_attempts') AND sql LIKE '%WITHOUT ROWID'"
  const names = db.prepare(sql).pluck().all()
  // One transaction, so that a crash in between loses no rows.
  db.transaction(() => {
    for (const name of names) db.exec(`ALTER TABLE ${name} RENAME TO former_${name}`)
    db.exec(tablesSql)
    for (const name of names) db.exec(`INSERT INTO ${name} SELECT * FROM former_${name}; DROP TABLE former_${name}`)
  })()
}

interface Row {
  body: string
  delivery: string
}

const storedEndpointOf = ({ body, delivery }: Row): StoredEndpoint => ({
  endpoint: JSON.parse(body),
  delivery: JSON.parse(delivery),
})

const parsed = <T>({ body }: Pick<Row, 'body'>): T => JSON.parse(body)

/** This process holds all leases, because no other process uses the data file. */
export class EmbeddedWebhooks implements WebhookStore {
  readonly #file: EmbeddedFile

  constructor({ file }: EmbeddedCore) {
    this.#file = file
    convertTables(file.db)
  }

  async addEndpoint({ endpoint, delivery }: StoredEndpoint, begin?: () => void): Promise<number | undefined> {
    const { endpoint_id, created_at, organisation_id, mentor_id, revision } = endpoint
    const add = (): void => {
      const sql = 'INSERT INTO webhook_endpoints VALUES (?, ?, ?, ?, ?, ?, ?)'
      const values = [endpoint_id, created_at, organisation_id, mentor_id, revision]
      this.#file.run(sql, ...values, JSON.stringify(endpoint), JSON.stringify(delivery))
    }
    const row = { rows: 'webhook_endpoints', limits: endpointLimits, organisation_id, begin }
    return addLimited(this.#file, row, add)
  }

  async readEndpoint(endpoint_id: string): Promise<StoredEndpoint | null> {
    const row = this.#file.get<Row>('SELECT body, delivery FROM webhook_endpoints WHERE endpoint_id = ?', endpoint_id)
    return row ? storedEndpointOf(row) : null
  }

  async readDelivery(endpoint_id: string): Promise<StoredDelivery | null> {
    const stored = await this.readEndpoint(endpoint_id)
    const sql = 'SELECT body FROM webhook_held WHERE endpoint_id = ?'
    return stored && { ...stored, held: this.#file.all<Pick<Row, 'body'>>(sql, endpoint_id).map(parsed<HeldSession>) }
  }

  async listEndpoints(organisation_id?: string): Promise<StoredEndpoint[]> {
    const where = organisation_id === undefined ? '' : 'WHERE organisation_id = ?'
    const sql = `SELECT body, delivery FROM webhook_endpoints ${where} ORDER BY created_at DESC, endpoint_id DESC`
    return this.#file.all<Row>(sql, ...(organisation_id === undefined ? [] : [organisation_id])).map(storedEndpointOf)
  }

  saveEndpoint(endpoint: WebhookEndpoint): Promise<boolean> {
    const { endpoint_id, revision } = endpoint
    const sql = 'UPDATE webhook_endpoints SET body = ?, revision = ? WHERE endpoint_id = ? AND revision = ?'
    return this.#file.commit(
      () => this.#file.run(sql, JSON.stringify(endpoint), revision, endpoint_id, revision - 1) > 0,
    )
  }

  deleteEndpoint(endpoint_id: string): Promise<boolean> {
    const sql = 'DELETE FROM webhook_endpoints WHERE endpoint_id = ?'
    return this.#file.commit(() => this.#file.run(sql, endpoint_id) > 0)
  }

  async leaseEndpoints(): Promise<{ endpoints: WebhookEndpoint[]; surplus: number }> {
    const rows = this.#file.all<Pick<Row, 'body'>>('SELECT body FROM webhook_endpoints')
    return { endpoints: rows.map(parsed<WebhookEndpoint>), surplus: 0 }
  }

  async releaseEndpoints(): Promise<void> {}

  saveDelivery(_holder: string, endpoint_id: string, { state, held, attempts }: DeliverySave): Promise<boolean> {
    return this.#file.commit(() => {
      const sql = 'UPDATE webhook_endpoints SET delivery = ? WHERE endpoint_id = ?'
      if (this.#file.run(sql, JSON.stringify(state), endpoint_id) === 0) return false
      this.#saveHeld(endpoint_id, held)
      for (const { number, mentor_id, position: _, ...attempt } of attempts) {
        const digest = mentorDigest(this.#file, mentor_id)
        const insert = 'INSERT OR REPLACE INTO webhook_attempts VALUES (?, ?, ?, ?)'
        this.#file.run(insert, endpoint_id, number, digest, JSON.stringify(attempt))
      }
      const prune = 'DELETE FROM webhook_attempts WHERE endpoint_id = ? AND number <= ?'
      if (attempts.length > 0) this.#file.run(prune, endpoint_id, state.attempts - attemptsRecorded)
      return true
    })
  }

  #saveHeld(endpoint_id: string, { changed, ended }: DeliverySave['held']): void {
    for (const session_id of ended)
      this.#file.run('DELETE FROM webhook_held WHERE endpoint_id = ? AND session_id = ?', endpoint_id, session_id)
    const save = 'INSERT INTO webhook_held VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body'
    for (const one of changed) this.#file.run(save, endpoint_id, one.session_id, JSON.stringify(one))
  }

  async listAttempts(endpoint_id: string, limit: number): Promise<WebhookAttempt[]> {
    const sql = 'SELECT body FROM webhook_attempts WHERE endpoint_id = ? ORDER BY number DESC LIMIT ?'
    return this.#file.all<Pick<Row, 'body'>>(sql, endpoint_id, limit).map(parsed<WebhookAttempt>)
  }

  /** Also deletes the recorded attempts to deliver messages about the mentor's sessions. */
  async eraseMentor(mentor_id: string): Promise<void> {
    const mentor = mentorDigest(this.#file, mentor_id)
    await this.#file.commit(() => this.#file.run('DELETE FROM webhook_endpoints WHERE mentor_id = ?', mentor_id))
    const endpoints = this.#file.all<{ endpoint_id: string }>('SELECT endpoint_id FROM webhook_endpoints')
    const sql = 'DELETE FROM webhook_attempts WHERE endpoint_id = ? AND mentor = ?'
    // A commit for each endpoint, so that an event-loop turn reads only one endpoint's attempts.
    for (const { endpoint_id } of endpoints) await this.#file.commit(() => this.#file.run(sql, endpoint_id, mentor))
  }
}
