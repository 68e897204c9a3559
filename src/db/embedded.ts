import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database, { type Statement } from 'better-sqlite3'
import { CannotStart, DomainError } from '../domain/errors'
import { type KeptAnswer, keptAnswers, keptSince } from '../domain/kept'
import {
  commitOf,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  type Timestamp,
  type Transition,
} from '../domain/session'
import type { Totals } from '../domain/summary'
import { EmbeddedLog } from './embedded-log'
import type { Entry, Filter, Follower, Page, Position, Store, Write } from './store'

// A row of `commits` never changes, and its position only grows: AUTOINCREMENT gives none twice, pruned or not.
const schema = `
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    session_id TEXT PRIMARY KEY, mentor_id TEXT NOT NULL, organisation_id TEXT, state TEXT NOT NULL, last_event TEXT,
    result_id TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, version INTEGER NOT NULL, last_inputs TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS newest ON sessions (created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_mentor ON sessions (mentor_id, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_organisation ON sessions (organisation_id, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_state ON sessions (state, created_at, session_id);
  CREATE TABLE IF NOT EXISTS transitions (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, sequence INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (session_id, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS results (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, result_id TEXT NOT NULL, sequence INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (session_id, result_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS results_by_age ON results (json_extract(body, '$.computed_at'));
  CREATE TABLE IF NOT EXISTS shares (
    token TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, sequence INTEGER NOT NULL,
    result_id TEXT NOT NULL, expires_at TEXT NOT NULL, revoked INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS shares_of_session ON shares (session_id, sequence);
  CREATE TABLE IF NOT EXISTS keys (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, key TEXT NOT NULL, at TEXT NOT NULL,
    body TEXT NOT NULL, place INTEGER PRIMARY KEY AUTOINCREMENT, UNIQUE (session_id, key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS starts (key TEXT PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS starts_by_age ON starts (at);
  CREATE TABLE IF NOT EXISTS commits (position INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, body TEXT NOT NULL) STRICT;
`

const snapshotColumns =
  'session_id, mentor_id, organisation_id, state, last_event, result_id, created_at, updated_at, version'

/** A disk that is full or fails is the store out of reach; anything else is what it is. */
function reaching(error: unknown): unknown {
  if (!/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(String((error as NodeJS.ErrnoException).code))) return error
  const unavailable = new DomainError('unavailable')
  unavailable.cause = error
  return unavailable
}

interface Pending {
  write(): boolean
  resolve(done: boolean): void
  reject(error: unknown): void
}

/**
 * Sessions in one SQLite file, held by one process. The writes of one turn of the event loop share a transaction, and
 * with `synchronous = FULL` an answered one survives a power cut.
 */
export class EmbeddedStore implements Store {
  readonly db: Database.Database
  /** Names this file's history: positions of another file's mean nothing here. */
  readonly identity: string
  readonly #log: EmbeddedLog
  readonly #statements = new Map<string, Statement>()
  #pending: Pending[] = []

  private constructor(db: Database.Database, keepDays: number) {
    this.db = db
    db.exec(schema)
    db.prepare('INSERT INTO identity SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)').run(
      randomBytes(8).toString('hex'),
    )
    this.#log = new EmbeddedLog(db, keepDays)
    this.identity = db.prepare('SELECT id FROM identity').pluck().get() as string
  }

  /** Opens the file, making it and its folder where they are missing; refuses one that another process holds. The log
   * of commits is kept for `keepDays`. */
  static open(file: string, keepDays = 7): EmbeddedStore {
    let db: Database.Database | undefined
    try {
      mkdirSync(dirname(file), { recursive: true })
      db = new Database(file, { timeout: 0 })
      // Exclusive locking keeps the lock that the first write takes until the process ends, however it ends.
      db.pragma('locking_mode = EXCLUSIVE')
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('foreign_keys = ON')
      return new EmbeddedStore(db, keepDays)
    } catch (error) {
      db?.close()
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'SQLITE_BUSY') {
        throw new CannotStart(`${file} is in use by another process: stop that one, or set DATA_FILE to another file.`)
      }
      throw new CannotStart(`${file} cannot be opened and written (${message}): set DATA_FILE to a file that can.`)
    }
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #run(sql: string, ...values: unknown[]): number {
    return this.#prepared(sql).run(...values).changes
  }

  #get<T>(sql: string, ...values: unknown[]): T | undefined {
    return this.#prepared(sql).get(...values) as T | undefined
  }

  #all<T>(sql: string, ...values: unknown[]): T[] {
    return this.#prepared(sql).all(...values) as T[]
  }

  /** Runs `write` in the transaction that the next turn commits: one flush to the disk for all that came in this one. */
  #commit(write: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ write, resolve, reject }) === 1) setImmediate(() => this.#flush())
    })
  }

  #flush(): void {
    const pending = this.#pending
    this.#pending = []
    if (pending.length === 0) return
    const outcomes: (() => void)[] = []
    try {
      this.db.transaction(() => {
        for (const { write, resolve, reject } of pending) {
          try {
            const done = this.db.transaction(write)()
            outcomes.push(() => resolve(done))
          } catch (error) {
            outcomes.push(() => reject(reaching(error)))
          }
        }
      })()
    } catch (error) {
      for (const { reject } of pending) reject(reaching(error))
      return
    }
    for (const settle of outcomes) settle()
    this.#log.tell()
  }

  add(write: Write): Promise<boolean> {
    return this.#commit(() => {
      const { session, kept } = write
      if (this.#get('SELECT 1 FROM sessions WHERE session_id = ?', session.session_id)) return false
      if (kept) {
        this.#run('DELETE FROM starts WHERE at <= ?', keptSince(kept.at))
        const sql = 'INSERT INTO starts (key, at, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
        if (this.#run(sql, kept.key, kept.at, JSON.stringify(kept)) === 0) return false
      }
      const { mentor_id, organisation_id, created_at } = session
      this.#run(
        `INSERT INTO sessions (session_id, mentor_id, organisation_id, created_at, state, updated_at, version)
         VALUES (?, ?, ?, ?, '', '', 0)`,
        session.session_id,
        mentor_id,
        organisation_id,
        created_at,
      )
      this.#append(write)
      return true
    })
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    return this.#commit(() => {
      if (!this.#mayWrite(write, readVersion)) return false
      this.#append(write)
      this.#keep(write)
      return true
    })
  }

  close(write: Write, readVersion: number): Promise<boolean> {
    return this.#commit(() => {
      if (!this.#mayWrite(write, readVersion)) return false
      this.#record(write)
      this.#run('DELETE FROM sessions WHERE session_id = ?', write.session.session_id)
      return true
    })
  }

  #mayWrite({ session, changes, kept }: Write, readVersion: number): boolean {
    const { session_id } = session
    const version = this.#prepared('SELECT version FROM sessions WHERE session_id = ?').pluck().get(session_id)
    if (version !== readVersion) return false
    if (kept && this.#kept(session_id, kept.key, kept.at)) return false
    const taken = 'SELECT 1 FROM results WHERE session_id = ? AND result_id = ?'
    return !changes.some(({ result }) => result && this.#get(taken, session_id, result.result_id))
  }

  #append({ session, changes }: Write): void {
    if (changes.length === 0) return
    const { session_id, state, last_event, result_id, updated_at, version, last_inputs } = session
    this.#run(
      `UPDATE sessions SET state = ?, last_event = ?, result_id = ?, updated_at = ?, version = ?, last_inputs = ?
       WHERE session_id = ?`,
      state,
      last_event,
      result_id,
      updated_at,
      version,
      last_inputs && JSON.stringify(last_inputs),
      session_id,
    )
    for (const { transition, result, share, revokesShares } of changes) {
      const { sequence } = transition
      this.#run('INSERT INTO transitions VALUES (?, ?, ?)', session_id, sequence, JSON.stringify(transition))
      if (result) {
        this.#run(
          'INSERT INTO results VALUES (?, ?, ?, ?)',
          session_id,
          result.result_id,
          sequence,
          JSON.stringify(result),
        )
      }
      if (revokesShares) this.#run('UPDATE shares SET revoked = 1 WHERE session_id = ?', session_id)
      if (share) {
        const { token, result_id, expires_at } = share
        this.#run('INSERT INTO shares VALUES (?, ?, ?, ?, ?, 0)', token, session_id, sequence, result_id, expires_at)
      }
    }
    this.#record({ session, changes })
  }

  #record({ session, changes }: Write): void {
    const commit = JSON.stringify(commitOf(session, changes))
    this.#run('INSERT INTO commits (at, body) VALUES (?, ?)', session.updated_at, commit)
  }

  #keep({ session, kept }: Write): void {
    if (!kept) return
    const { session_id } = session
    this.#run('DELETE FROM keys WHERE session_id = ? AND key = ?', session_id, kept.key)
    const body = JSON.stringify(kept)
    this.#run('INSERT INTO keys (session_id, key, at, body) VALUES (?, ?, ?, ?)', session_id, kept.key, kept.at, body)
    this.#run(
      `DELETE FROM keys WHERE session_id = ? AND place <=
       (SELECT place FROM keys WHERE session_id = ? ORDER BY place DESC LIMIT 1 OFFSET ${keptAnswers})`,
      session_id,
      session_id,
    )
  }

  async read(session_id: string): Promise<Session | null> {
    const row = this.#get<Snapshot & { last_inputs: string | null }>(
      `SELECT ${snapshotColumns}, last_inputs FROM sessions WHERE session_id = ?`,
      session_id,
    )
    if (!row) return null
    const result = row.result_id && this.#result(session_id, row.result_id)
    const shares = this.#all<Share>(
      'SELECT token, result_id, expires_at, revoked FROM shares WHERE session_id = ? ORDER BY sequence',
      session_id,
    )
    return {
      ...row,
      result: result || null,
      last_inputs: row.last_inputs === null ? null : JSON.parse(row.last_inputs),
      shares: shares.map(share => ({ ...share, revoked: Boolean(share.revoked) })),
    }
  }

  #result(session_id: string, result_id: string): Result | undefined {
    const sql = 'SELECT body FROM results WHERE session_id = ? AND result_id = ?'
    const row = this.#get<{ body: string }>(sql, session_id, result_id)
    return row && JSON.parse(row.body)
  }

  async kept(session_id: string | null, key: string, now: Timestamp): Promise<KeptAnswer | null> {
    return this.#kept(session_id, key, now)
  }

  #kept(session_id: string | null, key: string, now: Timestamp): KeptAnswer | null {
    const since = keptSince(now)
    const row =
      session_id === null
        ? this.#get<{ body: string }>('SELECT body FROM starts WHERE key = ? AND at > ?', key, since)
        : this.#get<{ body: string }>(
            'SELECT body FROM keys WHERE session_id = ? AND key = ? AND at > ?',
            session_id,
            key,
            since,
          )
    return row ? JSON.parse(row.body) : null
  }

  async list(filter: Filter, page: Page): Promise<Snapshot[]> {
    const { where, values } = selection(filter)
    const after = 'after' in page ? page.after : undefined
    if (after) where.push('(created_at, session_id) < (?, ?)')
    return this.#all<Snapshot>(
      `SELECT ${snapshotColumns} FROM sessions ${conditions(where)}
       ORDER BY created_at DESC, session_id DESC LIMIT ? OFFSET ?`,
      ...values,
      ...(after ? [after.created_at, after.session_id] : []),
      page.limit,
      'offset' in page ? page.offset : 0,
    )
  }

  async count(filter: Filter): Promise<number> {
    const { where, values } = selection(filter)
    return this.#prepared(`SELECT count(*) FROM sessions ${conditions(where)}`)
      .pluck()
      .get(...values) as number
  }

  async totals(filter: Filter, since: Timestamp): Promise<Totals> {
    const { where, values } = selection(filter)
    const states = this.#all<Totals['states'][number]>(
      `SELECT state, count(*) AS count FROM sessions ${conditions(where)} GROUP BY state`,
      ...values,
    )
    const [sums] = this.#prepared(
      `SELECT count(*) AS results, ${summed('cost')}, ${summed('value')} FROM
       (SELECT ${amount('programme_cost')} AS cost, ${amount('time_value')} AS value
        FROM sessions CROSS JOIN results USING (session_id, result_id) ${conditions(where)})`,
    )
      .safeIntegers()
      .all(...values) as { [column: string]: bigint }[]
    const { results = 0n, cost_whole = 0n, cost_cents = 0n, value_whole = 0n, value_cents = 0n } = sums ?? {}
    const minutes = this.#all<Totals['minutes'][number]>(
      `SELECT substr(${computedAt}, 1, 16) AS minute, count(*) AS count
       FROM results CROSS JOIN sessions USING (session_id) ${conditions([`${computedAt} >= ?`, ...where.map(plus)])}
       GROUP BY minute`,
      since,
      ...values,
    )
    return {
      states,
      results: Number(results),
      programme_cost: { whole: cost_whole, cents: cost_cents },
      time_value: { whole: value_whole, cents: value_cents },
      minutes,
    }
  }

  async transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    if (!this.#get('SELECT 1 FROM sessions WHERE session_id = ?', session_id)) return null
    return this.#bodies(
      'SELECT body FROM transitions WHERE session_id = ? AND sequence > ? ORDER BY sequence LIMIT ?',
      session_id,
      after,
      limit,
    )
  }

  async results(session_id: string): Promise<Result[]> {
    return this.#bodies('SELECT body FROM results WHERE session_id = ? ORDER BY sequence DESC', session_id)
  }

  #bodies<T>(sql: string, ...values: unknown[]): T[] {
    return this.#all<{ body: string }>(sql, ...values).map(row => JSON.parse(row.body))
  }

  async shared(token: string): Promise<{ share: Share; result: Result } | null> {
    const row = this.#get<Share & { session_id: string }>(
      'SELECT session_id, token, result_id, expires_at, revoked FROM shares WHERE token = ?',
      token,
    )
    const result = row && this.#result(row.session_id, row.result_id)
    if (!row || !result) return null
    const { session_id: _, ...share } = row
    return { share: { ...share, revoked: Boolean(share.revoked) }, result }
  }

  follow(follower: Follower): Promise<void> {
    return this.#log.follow(follower)
  }

  history(after: Position, limit: number): Promise<{ entries: Entry[]; next: Position }> {
    return this.#log.history(after, limit)
  }

  async ping(): Promise<void> {
    this.#get('SELECT 1')
  }

  async end(): Promise<void> {
    this.#flush()
    this.#log.end()
    this.db.close()
  }
}

const conditions = (where: string[]): string => (where.length > 0 ? `WHERE ${where.join(' AND ')}` : '')

const computedAt = "json_extract(results.body, '$.computed_at')"
const amount = (name: string): string => `json_extract(results.body, '$.outputs.${name}')`

// An amount is split into its whole part and its cents before anything is multiplied or added: each is exact then.
const summed = (name: string): string =>
  `coalesce(sum(CAST(${name} AS INTEGER)), 0) AS ${name}_whole,
   coalesce(sum(CAST(round((${name} - CAST(${name} AS INTEGER)) * 100) AS INTEGER)), 0) AS ${name}_cents`

const plus = (condition: string): string => (condition.startsWith('+') ? condition : `+${condition}`)

function selection(filter: Filter): { where: string[]; values: string[] } {
  const where: string[] = []
  const values: string[] = []
  for (const column of ['mentor_id', 'organisation_id', 'state'] as const) {
    if (filter[column] === undefined) continue
    // The + keeps a further column from choosing the index: all sessions of a state are far more than a mentor's.
    where.push(where.length === 0 ? `${column} = ?` : `+${column} = ?`)
    values.push(filter[column])
  }
  return { where, values }
}
