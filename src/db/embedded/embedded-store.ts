// This folder contains the embedded store, which uses one SQLite file and serves one process. The store contains no
// business rules: it only compares session versions.

import type Database from 'better-sqlite3'
import type { Store, StorePart, StoreParts } from '../store'
import { Erasure, Pruning } from './deletion'
import { Exports } from './export'
import { EmbeddedFile } from './file'
import { EmbeddedLists } from './lists'
import { EmbeddedLog } from './log'
import { EmbeddedSessions } from './sessions'
import { EmbeddedViews } from './views'

/**
 * Stores sessions in one SQLite file that only this process uses. All writes in the same event-loop turn share a
 * transaction. With `synchronous = FULL`, an acknowledged write survives a power failure.
 */
export interface EmbeddedStore extends Store {
  readonly db: Database.Database
}

/** The components of the embedded store that capabilities use. */
export interface EmbeddedCore {
  file: EmbeddedFile
  log: EmbeddedLog
}

export interface EmbeddedOptions {
  /** Log retention time in days. */
  keepDays?: number
  parts?: Record<string, (core: EmbeddedCore) => StorePart>
}

/** Throws StartupError if the file can't be opened. */
export function openEmbeddedStore(path: string, { keepDays = 7, parts = {} }: EmbeddedOptions = {}): EmbeddedStore {
  const file = new EmbeddedFile(path)
  const log = new EmbeddedLog(file)
  const makeParts = () => Object.fromEntries(Object.entries(parts).map(([name, make]) => [name, make({ file, log })]))
  const added = file.prepare(makeParts)
  const exports = new Exports(file)
  const pruning = new Pruning(file, keepDays, error => log.failed(error, 'pruning the data file'))
  const sessions = new EmbeddedSessions(file, exports, Object.values(added))
  const erasure = new Erasure(file, log, Object.values(added))
  file.onCommit = () => log.deliver()
  return {
    ...(added as unknown as StoreParts),
    db: file.db,
    identity: file.identity,
    secret: file.secret,
    sessions,
    lists: new EmbeddedLists(file, sessions),
    log,
    views: new EmbeddedViews(file),
    export: (filter, signal) => exports.export(filter, signal),
    eraseMentor: (mentor_id, signal) => erasure.eraseMentor(mentor_id, signal),
    backup: () => file.backup(),
    ping: () => file.ping(),
    async end() {
      file.flush()
      log.end()
      pruning.end()
      file.close()
    },
  }
}
