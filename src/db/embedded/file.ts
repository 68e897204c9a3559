import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database, { type Statement } from 'better-sqlite3'
import { section } from '../../concurrency/event-loop-stalls'
import { runLater } from '../../concurrency/scheduler'
import { StartupError, unavailable } from '../../domain/errors'
import { snapshotMembers } from '../../domain/session'
import { batched, probe } from '../../telemetry/probe'
import { columnOf, requireLayout } from './layout'

// Positions of `commits` only grow: AUTOINCREMENT never reuses one, even after pruning. Only an erasure changes a row.
const tablesSql = `
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    ${snapshotMembers.map(columnOf).join(', ')}, last_inputs TEXT, calculations TEXT NOT NULL DEFAULT '[]',
    -- Of the current result, for the sums over many sessions.
    currency TEXT, month TEXT, held INTEGER, minutes INTEGER, cost INTEGER, value INTEGER,
    -- Of the same, what sessions are put in order by beside those.
    label TEXT, period_to TEXT, ratio INTEGER,
    PRIMARY KEY (session_id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS newest ON sessions (created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_mentor ON sessions (mentor_id, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_mentor_and_state ON sessions (mentor_id, state, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_organisation ON sessions (organisation_id, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_organisation_and_state
    ON sessions (organisation_id, state, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_state ON sessions (state, created_at, session_id);
  -- Holds whatever sessions are put in order by; a change of a session moves none of its entries.
  CREATE INDEX IF NOT EXISTS sorting ON sessions (
    organisation_id, session_id, state, mentor_id, updated_at, label, period_to, currency, minutes, cost, value, ratio
  );
  CREATE TABLE IF NOT EXISTS transitions (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, sequence INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (session_id, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS results (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, result_id TEXT NOT NULL, sequence INTEGER NOT NULL,
    computed_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (session_id, result_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS results_by_age ON results (computed_at);
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
  CREATE INDEX IF NOT EXISTS commits_of_mentor ON commits (json_extract(body, '$.mentor_id'));
  CREATE INDEX IF NOT EXISTS commits_of_organisation ON commits (json_extract(body, '$.organisation_id'));
  CREATE TABLE IF NOT EXISTS openings (first INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
`

// An opening names one period in which the file was open, and the first commit number that was assigned in it. A file
// that was restored from a copy assigns numbers again, under another name. Openings without commits, and openings whose
// commits are all pruned, are deleted.
const openingSql = `
  DELETE FROM openings WHERE first > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'commits');
  DELETE FROM openings WHERE first < (SELECT max(first) FROM openings WHERE first < (SELECT min(position) FROM commits));
  INSERT INTO openings SELECT coalesce(max(seq), 0) + 1, lower(hex(randomblob(4)))
    FROM sqlite_sequence WHERE name = 'commits';
`

/** Creates or drops the index by age. It exists only on request, because every write of a session has to update it. */
const byAgeSql = (byAge: boolean): string =>
  byAge ? 'CREATE INDEX IF NOT EXISTS by_age ON sessions (updated_at)' : 'DROP INDEX IF EXISTS by_age'

function makeTables(db: Database.Database, path: string, byAge: boolean): void {
  db.transaction(() => {
    requireLayout(db, path)
    db.exec(tablesSql)
    db.exec(byAgeSql(byAge))
    const drawn = randomBytes(8).toString('hex')
    db.prepare('INSERT INTO identity SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)').run(drawn)
    db.exec(openingSql)
  })()
}

/** Converts an error of a full or failing disk to DomainError `unavailable`. Returns any other error unchanged. */
function asUnavailable(error: unknown): unknown {
  if (!/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(String((error as NodeJS.ErrnoException).code))) return error
  return unavailable(error)
}

/** Runs the work. Throws DomainError `unavailable` if the disk fails. */
function reaching<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asUnavailable(error)
  }
}

/** Returns the device and inode of the file at a path, or undefined if there is none. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino}`
}

interface PendingWrite {
  place: unknown
  write(): boolean
  resolve(done: boolean): void
  reject(error: unknown): void
}

/** An SQLite file that only this process uses, with its prepared statements. Writes of one turn share a transaction. */
export class EmbeddedFile {
  readonly db: Database.Database
  /** Id of this file's history. Positions of another file have no meaning here. */
  readonly identity: string
  /** Called after writes have become durable. */
  onCommit: () => void = () => {}
  readonly #statements = new Map<string, Statement>()
  /**
   * Runs the work in a transaction, or in a savepoint inside one. Created once, because creating it takes longer than a
   * write.
   */
  readonly #atomically: <T>(work: () => T) => T
  /** The device and inode of each file at the time it was opened, by path. */
  readonly #files: Map<string, string | undefined>
  #pending: PendingWrite[] = []

  /**
   * Opens the file. Creates the file and its folder if they are missing, readable by this process's user only. Throws
   * StartupError if another process holds the file, or if it can't be opened and written.
   */
  constructor(
    readonly path: string,
    byAge = false,
  ) {
    let db: Database.Database | undefined
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      // SQLite creates its write-ahead log with the mode of the file.
      closeSync(openSync(path, 'a', 0o600))
      db = new Database(path, { timeout: 0 })
      // In exclusive locking mode, the process keeps the lock of its first write until it ends, even if it crashes.
      db.pragma('locking_mode = EXCLUSIVE')
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('foreign_keys = ON')
      // Overwrites deleted content, so that erased data is gone from the file.
      db.pragma('secure_delete = ON')
      makeTables(db, path, byAge)
    } catch (error) {
      db?.close()
      if (error instanceof StartupError) throw error
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'SQLITE_BUSY') {
        throw new StartupError(`${path} is in use by another process: stop it, or set DATA_FILE to another file.`)
      }
      throw new StartupError(`${path} cannot be opened for writing (${message}): set DATA_FILE to a writable file.`)
    }
    this.db = db
    this.#atomically = db.transaction(<T>(work: () => T) => work()) as <T>(work: () => T) => T
    this.identity = db.prepare('SELECT id FROM identity').pluck().get() as string
    this.#files = new Map([path, `${path}-wal`].map(name => [name, fileAt(name)]))
  }

  /**
   * Throws `unavailable` if the file was removed or replaced. SQLite would go on with the file that it holds open, and
   * its writes there would be lost when the process ends.
   */
  requireInPlace(): void {
    for (const [path, opened] of this.#files) {
      if (fileAt(path) !== opened) throw unavailable(new Error(`${path} was removed or replaced`))
    }
  }

  prepared(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #ran<T>(sql: string, work: () => T): T {
    return section(sql, () => reaching(work))
  }

  /** Runs a statement and returns the number of changed rows. */
  run(sql: string, ...values: unknown[]): number {
    return this.#ran(sql, () => this.prepared(sql).run(...values).changes)
  }

  get<T>(sql: string, ...values: unknown[]): T | undefined {
    return this.#ran(sql, () => this.prepared(sql).get(...values) as T | undefined)
  }

  all<T>(sql: string, ...values: unknown[]): T[] {
    return this.#ran(sql, () => this.prepared(sql).all(...values) as T[])
  }

  /** Returns the first column of the first row. */
  value<T>(sql: string, ...values: unknown[]): T | undefined {
    return this.#ran(
      sql,
      () =>
        this.prepared(sql)
          .pluck()
          .get(...values) as T | undefined,
    )
  }

  /** Returns all rows, with whole numbers as bigints. */
  exact<T>(sql: string, ...values: unknown[]): T[] {
    const all = (): unknown[] =>
      this.prepared(sql)
        .safeIntegers()
        .all(...values)
    return this.#ran(sql, all) as T[]
  }

  /**
   * Runs `write` in the transaction that the next turn of the event loop commits. All writes of this turn share one
   * flush to the disk.
   */
  commit(write: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const first = this.#pending.push({ place: probe?.traceContext(), write, resolve, reject }) === 1
      if (first) setImmediate(() => section('batch of writes', () => this.flush()))
    })
  }

  flush(): void {
    const pending = this.#pending
    this.#pending = []
    if (pending.length === 0) return
    const outcomes: (() => void)[] = []
    try {
      this.requireInPlace()
      const writeAll = (): void => {
        for (const { write, resolve, reject } of pending) {
          try {
            const done = this.#atomically(write)
            outcomes.push(() => resolve(done))
          } catch (error) {
            // A failing disk may have rolled back the whole transaction:
            // https://sqlite.org/lang_transaction.html
            if (!this.db.inTransaction) throw error
            outcomes.push(() => reject(asUnavailable(error)))
          }
        }
      }
      const places = pending.map(({ place }) => place)
      batched('writes', places, () => reaching(() => this.#atomically(writeAll)))
    } catch (error) {
      for (const { reject } of pending) reject(asUnavailable(error))
      return
    }
    for (const settle of outcomes) settle()
    this.onCommit()
  }

  /** Waits until other work has had its turn. Throws `unavailable` if the file was closed meanwhile. */
  async turn(): Promise<void> {
    await new Promise<void>(runLater)
    if (!this.db.open) throw unavailable(new Error('the store is closed'))
  }

  /** Writes the write-ahead log into the file and empties it. */
  checkpoint(): void {
    reaching(() => this.db.pragma('wal_checkpoint(TRUNCATE)'))
  }

  close(): void {
    this.db.close()
  }
}
