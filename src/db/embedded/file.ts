import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database, { type Statement } from 'better-sqlite3'
import { section } from '../../concurrency/event-loop-stalls'
import { batched } from '../../concurrency/probe'
import { runLater } from '../../concurrency/scheduler'
import { StartupError, unavailable } from '../../domain/errors'
import type { BackupFile } from '../store'
import { prepareTables, requireLayout } from './layout'

/** Converts an error of a full or failing disk to the DomainError `unavailable`. Returns other errors unchanged. */
function asUnavailable(error: unknown): unknown {
  if (!/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(String((error as NodeJS.ErrnoException).code))) return error
  return unavailable(error)
}

/** Runs the work. Throws the DomainError `unavailable` if the disk fails. */
function onDisk<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asUnavailable(error)
  }
}

/** Returns device and inode of the file at a path, or undefined if there is none. */
function inodeAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && `${stats.dev} ${stats.ino}`
}

/**
 * Creates a folder and its missing parent folders, accessible only by this process's user. Does not use `recursive`,
 * with which Node.js 22 and 24 loop endlessly if the system reports an existing parent as missing, as in /proc.
 */
function createFolder(path: string): void {
  if (existsSync(path)) return
  const above = dirname(path)
  if (above !== path) createFolder(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process may have created the folder meanwhile.
    if (!existsSync(path)) throw error
  }
}

/** Returns one sentence that says why the file can't be opened, and what to do. */
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
  write(): boolean
  resolve(isWritten: boolean): void
  reject(error: unknown): void
}

/** An SQLite file that only this process uses, with prepared statements. Writes of one turn share a transaction. */
export class EmbeddedFile {
  readonly db: Database.Database
  /** Id of this file's history. Positions from another file are invalid here. */
  readonly identity: string
  /** See Store.secret. */
  readonly secret: Uint8Array
  /** Called after writes have become durable. */
  onCommit: () => void = () => {}
  readonly #statements = new Map<string, Statement>()
  /**
   * Runs the work in a transaction, or in a savepoint inside a transaction. Created only once, because creating it
   * takes longer than a write.
   */
  readonly #atomically: <T>(work: () => T) => T
  /** Device and inode of each opened file, by path. */
  readonly #inodes: Map<string, string | undefined>
  #pending: PendingWrite[] = []
  #backup: Promise<BackupFile> | undefined

  /**
   * Opens the file. Creates the file and its folder if they are missing, readable only by this process's user. Throws
   * StartupError if another process holds the file, or if it can't be opened and written.
   */
  constructor(readonly path: string) {
    let db: Database.Database | undefined
    try {
      createFolder(dirname(path))
      // SQLite creates its write-ahead log with the mode of the file.
      closeSync(openSync(path, 'a', 0o600))
      db = new Database(path, { timeout: 0 })
      // In exclusive locking mode, the process keeps the lock of its first write until it ends, even if it crashes.
      db.pragma('locking_mode = EXCLUSIVE')
      requireLayout(db, path)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('foreign_keys = ON')
      // Overwrite deleted content, so that erased data is gone from the file.
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

  /** Creates additional tables, in one transaction. If that fails, throws StartupError and closes the file. */
  prepare<T>(work: () => T): T {
    try {
      return this.#atomically(work)
    } catch (error) {
      this.db.close()
      throw startupErrorOf(this.path, error)
    }
  }

  /** See Store.ping. */
  async ping(): Promise<void> {
    this.#requireInPlace()
    this.get('SELECT 1 FROM identity')
  }

  /**
   * Throws `unavailable` if the file was removed or replaced. SQLite would continue to write to the file that it holds
   * open, and those writes would be lost when the process ends.
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
    return section(sql, () => onDisk(work))
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

  /** Returns the first column of the first row. */
  value<T>(sql: string, ...values: unknown[]): T | undefined {
    const read = (): unknown =>
      this.#prepared(sql)
        .pluck()
        .get(...values)
    return this.#run(sql, read) as T | undefined
  }

  /** Returns all rows, with whole numbers as bigints. */
  allWithBigints<T>(sql: string, ...values: unknown[]): T[] {
    const read = (): unknown[] =>
      this.#prepared(sql)
        .safeIntegers()
        .all(...values)
    return this.#run(sql, read) as T[]
  }

  /**
   * Runs `write` in the transaction that the next turn of the event loop commits. All writes of this turn share one
   * flush to disk. Resolves with the return value of `write` once it is durable.
   */
  commit(write: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const first = this.#pending.push({ write, resolve, reject }) === 1
      if (first) setImmediate(() => section('batch of writes', () => this.flush()))
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

  /**
   * Makes all writes in one transaction. Returns functions that settle the writes, to be called once all are durable.
   */
  #writeAll(pending: PendingWrite[]): (() => void)[] {
    try {
      return this.#atomically(() =>
        pending.map(({ write, resolve }) => {
          const isWritten = write()
          return () => resolve(isWritten)
        }),
      )
    } catch {
      // Use savepoints only if a write fails, because in a savepoint SQLite copies each page that a write changes.
      return this.#atomically(() => pending.map(one => this.#writeInSavepoint(one)))
    }
  }

  /** Makes a write. If it fails, undoes only that write. Returns a function that settles it. */
  #writeInSavepoint({ write, resolve, reject }: PendingWrite): () => void {
    try {
      const isWritten = this.#atomically(write)
      return () => resolve(isWritten)
    } catch (error) {
      // A failing disk may have rolled back the whole transaction: https://sqlite.org/lang_transaction.html
      if (!this.db.inTransaction) throw error
      return () => reject(asUnavailable(error))
    }
  }

  /** Yields to other work. Throws `unavailable` if the file was closed meanwhile. */
  async turn(): Promise<void> {
    await new Promise<void>(runLater)
    if (!this.db.open) throw unavailable(new Error('the store is closed'))
  }

  /** Writes the write-ahead log into the file and empties the log. */
  checkpoint(): void {
    onDisk(() => this.db.pragma('wal_checkpoint(TRUNCATE)'))
  }

  /** See Store.backup. Concurrent calls share one copy. */
  backup(): Promise<BackupFile> {
    this.#backup ??= this.#copy().finally(() => {
      this.#backup = undefined
    })
    return this.#backup
  }

  /**
   * Copies the file, some pages per turn, while it is read and written. The copy has the file's state as of the end of
   * the copying. Once complete, it replaces the previous copy beside the file.
   */
  async #copy(): Promise<BackupFile> {
    const file = `${this.path}.backup`
    const part = `${file}.part`
    rmSync(part, { force: true })
    // SQLite keeps the mode of an existing file.
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
