import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database, { type Statement } from 'better-sqlite3'
import { recordBlocking } from '../../concurrency/event-loop-stalls'
import { batched } from '../../concurrency/probe'
import { runLater } from '../../concurrency/scheduler'
import { StartupError, unavailable } from '../../domain/errors'
import type { BackupFile } from '../store'
import { prepareTables, requireLayout } from './layout'

/** An error caused by a full or failing disk becomes the DomainError `unavailable`. */
function asUnavailable(error: unknown): unknown {
  if (!/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(String((error as NodeJS.ErrnoException).code))) return error
  return unavailable(error)
}

/** Runs `work`. Throws the DomainError `unavailable` if the disk is full or fails. */
function onDisk<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asUnavailable(error)
  }
}

function inodeAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && `${stats.dev} ${stats.ino}`
}

/**
 * Only this process's user has access. Does not use mkdir's option `recursive`, with which Node.js 22 and 24 loop
 * endlessly if the system reports an existing parent as missing, as in /proc.
 */
function createFolder(path: string): void {
  if (existsSync(path)) return
  const above = dirname(path)
  if (above !== path) createFolder(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Ignore the error if another process has created the folder meanwhile.
    if (!existsSync(path)) throw error
  }
}

/** Returns a message that says why the file can't be opened and how to fix the problem. */
function refusalOf(path: string, { code, syscall, message }: NodeJS.ErrnoException): string {
  const fails = `${path} cannot be opened for writing (${message})`
  if (code === 'SQLITE_BUSY') return `${path} is in use by another process: stop it, or set DATA_FILE to another file.`
  if (code === 'SQLITE_NOTADB') return `${path} is not an SQLite database: keep it, and set DATA_FILE to another file.`
  if (code === 'SQLITE_FULL' || code === 'ENOSPC')
    return `${fails}: free some space, or set DATA_FILE to a file on another disk.`
  if (code === 'EISDIR') return `${path} is a folder: set DATA_FILE to a file in it.`
  if (syscall === 'mkdir' || code === 'ENOTDIR')
    return `${fails}: set DATA_FILE to a file in a folder that exists or can be created.`
  return `${fails}: set DATA_FILE to a writable file.`
}

const startupErrorOf = (path: string, error: unknown): StartupError =>
  error instanceof StartupError ? error : new StartupError(refusalOf(path, error as NodeJS.ErrnoException))

interface PendingWrite {
  write(): unknown
  resolve(outcome: unknown): void
  reject(error: unknown): void
}

/** Only this process uses the file. All writes in the same event-loop turn share a transaction. */
export class EmbeddedFile {
  readonly db: Database.Database
  /** Positions from other files' logs are invalid in this log. */
  readonly identity: string
  /** Key that signs cursors (see `Store.secret`). */
  readonly secret: Uint8Array
  /** Called whenever a batch of writes has become durable. */
  onCommit: () => void = () => {}
  readonly #statements = new Map<string, Statement>()
  /** Uses a savepoint inside a transaction. Created only once, because creating one takes longer than a write. */
  readonly #atomically: <T>(work: () => T) => T
  /** Device and inode of each open file, by path. */
  readonly #inodes: Map<string, string | undefined>
  #pending: PendingWrite[] = []
  #backup: Promise<BackupFile> | undefined

  /**
   * Opens the file. If the file or its folder is missing, creates it, readable only by this process's user. Throws
   * StartupError if another process uses the file, or if the file can't be opened for writing.
   */
  constructor(readonly path: string) {
    let db: Database.Database | undefined
    try {
      createFolder(dirname(path))
      // Create the database file here, because SQLite gives the write-ahead log the same file mode as the database
      // file.
      closeSync(openSync(path, 'a', 0o600))
      db = new Database(path, { timeout: 0 })
      // In exclusive locking mode, the process locks the file at its first write, and holds the lock until the process
      // ends or crashes.
      db.pragma('locking_mode = EXCLUSIVE')
      requireLayout(db, path)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('foreign_keys = ON')
      // Overwrite deleted content, so that erased data cannot be recovered from the file.
      db.pragma('secure_delete = ON')
      prepareTables(db)
    } catch (error) {
      db?.close()
      throw startupErrorOf(path, error)
    }
    this.db = db
    this.#atomically = db.transaction(<T>(work: () => T) => work()) as <T>(work: () => T) => T
    const { id, secret } = db.prepare('SELECT id, secret FROM identity').get() as { id: string; secret: Buffer }
    this.identity = id
    this.secret = secret
    this.#inodes = new Map([path, `${path}-wal`].map(name => [name, inodeAt(name)]))
  }

  /** Runs `work` in one transaction. If it fails, closes the file and throws StartupError. */
  prepare<T>(work: () => T): T {
    try {
      return this.#atomically(work)
    } catch (error) {
      this.db.close()
      throw startupErrorOf(this.path, error)
    }
  }

  /** Implements `Store.ping`. */
  async ping(): Promise<void> {
    this.#requireInPlace()
    this.get('SELECT 1 FROM identity')
  }

  /**
   * Throws `unavailable` if the file was removed or replaced. Without this check, SQLite would continue to write to the
   * removed file, and its writes would be lost when the process ends.
   */
  #requireInPlace(): void {
    for (const [path, inode] of this.#inodes) {
      if (inodeAt(path) !== inode) throw unavailable(new Error(`${path} was removed or replaced`))
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

  #run<T>(sql: string, work: () => T): T {
    return recordBlocking(sql, () => onDisk(work))
  }

  /** Runs a statement and returns the number of changed rows. */
  run(sql: string, ...values: unknown[]): number {
    return this.#run(sql, () => this.#prepared(sql).run(...values).changes)
  }

  get<T>(sql: string, ...values: unknown[]): T | undefined {
    return this.#run(sql, () => this.#prepared(sql).get(...values) as T | undefined)
  }

  all<T>(sql: string, ...values: unknown[]): T[] {
    return this.#run(sql, () => this.#prepared(sql).all(...values) as T[])
  }

  value<T>(sql: string, ...values: unknown[]): T | undefined {
    const read = (): unknown =>
      this.#prepared(sql)
        .pluck()
        .get(...values)
    return this.#run(sql, read) as T | undefined
  }

  /** Runs a query and returns all rows, with integers as bigints. */
  allWithBigints<T>(sql: string, ...values: unknown[]): T[] {
    const read = (): unknown[] =>
      this.#prepared(sql)
        .safeIntegers()
        .all(...values)
    return this.#run(sql, read) as T[]
  }

  /**
   * Queues `write` for the transaction at the end of this event-loop turn. All writes in the same turn share one
   * transaction, and so one flush to disk. Resolves with the return value of `write` once the write is durable.
   */
  commit<T>(write: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const first = this.#pending.push({ write, resolve, reject }) === 1
      if (first) setImmediate(() => recordBlocking('batch of writes', () => this.flush()))
    })
  }

  flush(): void {
    const pending = this.#pending
    this.#pending = []
    if (pending.length === 0) return
    let settlements: (() => void)[]
    try {
      this.#requireInPlace()
      settlements = batched('writes', pending.length, () => onDisk(() => this.#writeAll(pending)))
    } catch (error) {
      for (const { reject } of pending) reject(asUnavailable(error))
      return
    }
    for (const settle of settlements) settle()
    this.onCommit()
  }

  /** Returns functions that settle the writes' promises. Call them once the transaction is durable. */
  #writeAll(pending: PendingWrite[]): (() => void)[] {
    try {
      return this.#atomically(() =>
        pending.map(({ write, resolve }) => {
          const outcome = write()
          return () => resolve(outcome)
        }),
      )
    } catch {
      // Use savepoints only after a write has failed, because in a savepoint SQLite copies each page that a write
      // changes.
      return this.#atomically(() => pending.map(one => this.#writeInSavepoint(one)))
    }
  }

  /** Runs a write, and rolls back only this write if it fails. Returns a function that settles the write's promise. */
  #writeInSavepoint({ write, resolve, reject }: PendingWrite): () => void {
    try {
      const outcome = this.#atomically(write)
      return () => resolve(outcome)
    } catch (error) {
      // A disk error may have rolled back the whole transaction: https://sqlite.org/lang_transaction.html
      if (!this.db.inTransaction) throw error
      return () => reject(asUnavailable(error))
    }
  }

  /** Yields to the event loop. Throws `unavailable` if the file was closed before the event loop resumed the caller. */
  async yieldNow(): Promise<void> {
    await new Promise<void>(runLater)
    if (!this.db.open) throw unavailable(new Error('the store is closed'))
  }

  /** Moves the content of the write-ahead log to the database file. */
  checkpoint(): void {
    onDisk(() => this.db.pragma('wal_checkpoint(TRUNCATE)'))
  }

  /** Implements `Store.backup`. Concurrent calls share one backup copy. */
  backup(): Promise<BackupFile> {
    this.#backup ??= this.#copy().finally(() => {
      this.#backup = undefined
    })
    return this.#backup
  }

  /**
   * Copies the file, a few pages per event-loop turn, while reads and writes continue. The copy contains the file's
   * state at the time the copying ends. A complete copy replaces the previous one in the same folder.
   */
  async #copy(): Promise<BackupFile> {
    const file = `${this.path}.backup`
    const part = `${file}.part`
    rmSync(part, { force: true })
    // Create the file before SQLite writes to it, because SQLite keeps an existing file's mode.
    closeSync(openSync(part, 'wx', 0o600))
    try {
      await this.db.backup(part)
      renameSync(part, file)
    } catch (error) {
      rmSync(part, { force: true })
      throw error
    }
    return { file, bytes: statSync(file).size }
  }

  close(): void {
    this.db.close()
  }
}
