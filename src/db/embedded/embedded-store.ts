import type Database from 'better-sqlite3'
import { methodsOf, type Store } from '../store'
import { Erasure, Pruning } from './deletion'
import { Exports } from './export'
import { EmbeddedFile } from './file'
import { EmbeddedLists } from './lists'
import { EmbeddedLog } from './log'
import { EmbeddedReports } from './reports'
import { EmbeddedSessions } from './sessions'
import { EmbeddedTotals } from './totals'
import { EmbeddedViews } from './views'
import { EmbeddedWebhooks } from './webhooks'

/**
 * Stores the sessions in one SQLite file, which only this process uses. The writes of one turn of the event loop share
 * a transaction. With `synchronous = FULL`, an acknowledged write survives a power failure.
 */
export interface EmbeddedStore extends Store {
  readonly db: Database.Database
}

/**
 * Opens the file (see EmbeddedFile). Throws StartupError if that fails. Keeps the log of commits for `keepDays` days.
 * With `byAge`, maintains the index that `idleSessions` needs.
 */
export function openEmbeddedStore(path: string, { keepDays = 7, byAge = false } = {}): EmbeddedStore {
  const file = new EmbeddedFile(path, byAge)
  const log = new EmbeddedLog(file)
  const exports = new Exports(file)
  const pruning = new Pruning(file, keepDays, error => log.failed(error, 'pruning the data file'))
  const sessions = new EmbeddedSessions(file, exports)
  const webhooks = new EmbeddedWebhooks(file)
  const reports = new EmbeddedReports(file)
  file.onCommit = () => log.deliver()
  return {
    db: file.db,
    identity: file.identity,
    secret: file.secret,
    ...methodsOf(sessions, 'add', 'save', 'close', 'read', 'withResult', 'snapshot', 'idempotencyRecord'),
    ...methodsOf(sessions, 'transitions', 'results', 'result', 'shares', 'latestShare', 'shared'),
    ...methodsOf(new EmbeddedLists(file, sessions), 'list', 'sorted', 'count', 'sharedLinks', 'idleSessions'),
    ...methodsOf(new EmbeddedTotals(file, log), 'contributions', 'totals', 'calculations'),
    ...methodsOf(exports, 'export'),
    ...methodsOf(new Erasure(file, log, webhooks, reports), 'eraseMentor'),
    ...methodsOf(log, 'follow', 'history'),
    ...methodsOf(webhooks, 'addEndpoint', 'readEndpoint', 'listEndpoints', 'saveEndpoint', 'deleteEndpoint'),
    ...methodsOf(webhooks, 'leaseEndpoints', 'releaseEndpoints', 'saveDelivery', 'listAttempts'),
    ...methodsOf(reports, 'addReport', 'readReport', 'sharedReport', 'listReports'),
    ...methodsOf(reports, 'endReport', 'deleteReport', 'pruneReports'),
    ...methodsOf(new EmbeddedViews(file), 'addViews', 'readViews'),
    ...methodsOf(file, 'backup', 'ping'),
    async end() {
      file.flush()
      log.end()
      pruning.end()
      file.close()
    },
  }
}
