import type Database from 'better-sqlite3'
import type { MinuteCount, ResultContribution } from '../../domain/contribution'
import { resultSortFieldsOf } from '../../domain/order'
import {
  changingMembers,
  commitOf,
  contributionOf,
  type IdempotencyRecord,
  idempotencyExpiry,
  maxIdempotencyRecords,
  type RestingState,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  snapshotMembers,
  type Transition,
} from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import type {
  BackupFile,
  CommitFilter,
  ContributionPage,
  Dimension,
  ExportedSession,
  Filter,
  History,
  IdleSession,
  ListPage,
  LogFollower,
  OtherOrder,
  Position,
  SessionContribution,
  ShareWithResult,
  SortedPage,
  SortedSessions,
  Store,
  TotalsRow,
  Write,
} from '../store'
import { backup } from './backup'
import { eraseMentor } from './erasure'
import { Exports } from './export'
import { EmbeddedFile } from './file'
import { idleSessions, list } from './list'
import { EmbeddedLog } from './log'
import { Pruning } from './pruning'
import { sorted } from './sorted'
import { calculations, count, totals } from './totals'

const snapshotColumns = snapshotMembers.join(', ')
const resultColumns = [
  'currency',
  'month',
  'held',
  'minutes',
  'cost',
  'value',
] as const satisfies (keyof ResultContribution)[]
const sortingColumns = ['label', 'period_to', 'ratio']
/** The columns of a session that are not in its snapshot. */
const otherColumns = ['last_inputs', 'calculations', ...resultColumns, ...sortingColumns]
const insertSql = `INSERT INTO sessions (${snapshotColumns}, ${otherColumns.join(', ')})
  VALUES (${[...snapshotMembers, ...otherColumns].map(() => '?').join(', ')})`
const updateSql = `UPDATE sessions SET ${[...changingMembers, ...otherColumns].map(name => `${name} = ?`).join(', ')}
  WHERE session_id = ?`
const readSql = `SELECT ${snapshotColumns}, last_inputs, calculations FROM sessions WHERE session_id = ?`
const standingsSql = `SELECT session_id, mentor_id, organisation_id, state, calculations, ${resultColumns.join(', ')}
  FROM sessions WHERE session_id > ? ORDER BY session_id LIMIT ?`
const newerSql = `SELECT 1 FROM results WHERE session_id = ? AND sequence >
  (SELECT sequence FROM results WHERE session_id = ? AND result_id = ?) LIMIT 1`
const snapshotSql = `SELECT ${snapshotColumns} FROM sessions WHERE session_id = ?`

/**
 * Stores the sessions in one SQLite file, which only this process uses. The writes of one turn of the event loop share
 * a transaction. With `synchronous = FULL`, an acknowledged write survives a power failure.
 */
export class EmbeddedStore implements Store {
  readonly db: Database.Database
  /** Id of this file's history. Positions of another file have no meaning here. */
  readonly identity: string
  readonly #file: EmbeddedFile
  readonly #log: EmbeddedLog
  readonly #pruning: Pruning
  readonly #exports: Exports
  #follower: LogFollower | undefined
  #copying: Promise<BackupFile> | undefined

  private constructor(file: EmbeddedFile, keepDays: number) {
    this.#file = file
    this.db = file.db
    this.identity = file.identity
    this.#log = new EmbeddedLog(file)
    this.#pruning = new Pruning(file, keepDays, error => this.#follower?.failed(error, 'pruning the data file'))
    this.#exports = new Exports(file)
    file.onCommit = () => this.#log.tell()
  }

  /**
   * Opens the file (see EmbeddedFile). Throws StartupError if that fails. Keeps the log of commits for `keepDays` days.
   * With `byAge`, maintains the index that `untouched` needs.
   */
  static open(path: string, { keepDays = 7, byAge = false } = {}): EmbeddedStore {
    return new EmbeddedStore(new EmbeddedFile(path, byAge), keepDays)
  }

  add(write: Write): Promise<boolean> {
    return this.#file.commit(() => {
      const { session, idempotency } = write
      if (this.#file.get('SELECT 1 FROM sessions WHERE session_id = ?', session.session_id)) return false
      if (idempotency) {
        // An expired idempotency record frees its key, even if it is not pruned yet.
        const sql = `INSERT INTO starts (key, at, body) VALUES (?, ?, ?)
          ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body WHERE at <= ?`
        if (
          this.#file.run(
            sql,
            idempotency.key,
            idempotency.at,
            JSON.stringify(idempotency),
            idempotencyExpiry(idempotency.at),
          ) === 0
        )
          return false
      }
      this.#exports.keep(session)
      this.#file.run(insertSql, ...snapshotMembers.map(name => session[name]), ...besideSnapshot(session))
      this.#append(write)
      return true
    })
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    return this.#file.commit(() => {
      if (!this.#mayWrite(write, readVersion)) return false
      if (write.changes.length > 0) {
        const { session } = write
        const changed = changingMembers.map(name => session[name])
        this.#exports.keep(session)
        this.#file.run(updateSql, ...changed, ...besideSnapshot(session), session.session_id)
        this.#append(write)
      }
      this.#keep(write)
      return true
    })
  }

  close(write: Write, readVersion: number): Promise<boolean> {
    return this.#file.commit(() => {
      if (!this.#mayWrite(write, readVersion)) return false
      this.#record(write)
      this.#exports.keep(write.session)
      this.#file.run('DELETE FROM sessions WHERE session_id = ?', write.session.session_id)
      return true
    })
  }

  #mayWrite({ session, changes, idempotency }: Write, readVersion: number): boolean {
    const { session_id } = session
    const version = this.#file.value('SELECT version FROM sessions WHERE session_id = ?', session_id)
    if (version !== readVersion) return false
    if (idempotency && this.#idempotencyRecord(session_id, idempotency.key, idempotency.at)) return false
    const taken = 'SELECT 1 FROM results WHERE session_id = ? AND result_id = ?'
    return !changes.some(({ result }) => result && this.#file.get(taken, session_id, result.result_id))
  }

  #append(write: Write): void {
    const { session, changes } = write
    const { session_id } = session
    for (const { transition, result, share, revokesShares } of changes) {
      const { sequence } = transition
      this.#file.run('INSERT INTO transitions VALUES (?, ?, ?)', session_id, sequence, JSON.stringify(transition))
      if (result) {
        this.#file.run(
          'INSERT INTO results (session_id, result_id, sequence, computed_at, body) VALUES (?, ?, ?, ?, ?)',
          session_id,
          result.result_id,
          sequence,
          result.computed_at,
          JSON.stringify(result),
        )
      }
      if (revokesShares) this.#file.run('UPDATE shares SET revoked = 1 WHERE session_id = ?', session_id)
      if (share) {
        const { token, result_id, expires_at } = share
        this.#file.run(
          'INSERT INTO shares VALUES (?, ?, ?, ?, ?, 0)',
          token,
          session_id,
          sequence,
          result_id,
          expires_at,
        )
      }
    }
    this.#record(write)
  }

  #record({ session, changes, before }: Write): void {
    const commit = JSON.stringify(commitOf(session, changes, before))
    this.#file.run('INSERT INTO commits (at, body) VALUES (?, ?)', session.updated_at, commit)
  }

  #keep({ session, idempotency }: Write): void {
    if (!idempotency) return
    const { session_id } = session
    this.#file.run('DELETE FROM keys WHERE session_id = ? AND key = ?', session_id, idempotency.key)
    const body = JSON.stringify(idempotency)
    this.#file.run(
      'INSERT INTO keys (session_id, key, at, body) VALUES (?, ?, ?, ?)',
      session_id,
      idempotency.key,
      idempotency.at,
      body,
    )
    this.#file.run(
      `DELETE FROM keys WHERE session_id = ? AND place <=
       (SELECT place FROM keys WHERE session_id = ? ORDER BY place DESC LIMIT 1 OFFSET ${maxIdempotencyRecords})`,
      session_id,
      session_id,
    )
  }

  async read(session_id: string): Promise<Session | null> {
    const row = this.#file.get<Snapshot & { last_inputs: string | null; calculations: string }>(readSql, session_id)
    if (!row) return null
    const result = row.result_id && this.#result(session_id, row.result_id)
    const shares = this.#file.all<Share>(
      'SELECT token, result_id, expires_at, revoked FROM shares WHERE session_id = ? ORDER BY sequence',
      session_id,
    )
    return {
      ...row,
      result: result || null,
      last_inputs: row.last_inputs === null ? null : JSON.parse(row.last_inputs),
      shares: shares.map(share => ({ ...share, revoked: Boolean(share.revoked) })),
      calculations: JSON.parse(row.calculations),
    }
  }

  async snapshot(session_id: string): Promise<Snapshot | null> {
    return this.#file.get<Snapshot>(snapshotSql, session_id) ?? null
  }

  #result(session_id: string, result_id: string): Result | undefined {
    const sql = 'SELECT body FROM results WHERE session_id = ? AND result_id = ?'
    const row = this.#file.get<{ body: string }>(sql, session_id, result_id)
    return row && JSON.parse(row.body)
  }

  async idempotencyRecord(session_id: string | null, key: string, now: Timestamp): Promise<IdempotencyRecord | null> {
    return this.#idempotencyRecord(session_id, key, now)
  }

  #idempotencyRecord(session_id: string | null, key: string, now: Timestamp): IdempotencyRecord | null {
    const since = idempotencyExpiry(now)
    const row =
      session_id === null
        ? this.#file.get<{ body: string }>('SELECT body FROM starts WHERE key = ? AND at > ?', key, since)
        : this.#file.get<{ body: string }>(
            'SELECT body FROM keys WHERE session_id = ? AND key = ? AND at > ?',
            session_id,
            key,
            since,
          )
    return row ? JSON.parse(row.body) : null
  }

  list(filter: Filter, page: ListPage): Promise<Snapshot[]> {
    return list(this.#file, filter, page)
  }

  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<SortedSessions> {
    return sorted(this.#file, filter, order, page)
  }

  count(filter: Filter): Promise<number> {
    return count(this.#file, filter)
  }

  async contributions(after: string, limit: number): Promise<ContributionPage> {
    const position = this.#log.now()
    const rows = this.#file.all<ContributionRow>(standingsSql, after, limit)
    const next = rows.length === limit ? (rows.at(-1)?.session_id ?? null) : null
    return { sessions: rows.map(sessionContributionOf), next, position, reached: position }
  }

  totals(filter: Filter, by: Dimension[]): AsyncGenerator<TotalsRow> {
    return totals(this.#file, filter, by)
  }

  export(filter: Filter, signal: AbortSignal): AsyncIterable<ExportedSession[]> {
    return this.#exports.read(filter, signal)
  }

  calculations(filter: Filter, since: Timestamp): Promise<MinuteCount[]> {
    return calculations(this.#file, filter, since)
  }

  async eraseMentor(mentor_id: string, goesOn: () => boolean): Promise<boolean> {
    const done = await eraseMentor(this.#file, mentor_id, goesOn)
    this.#log.forget()
    return done
  }

  async idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]> {
    return idleSessions(this.#file, before, limit)
  }

  async transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    if (!this.#file.get('SELECT 1 FROM sessions WHERE session_id = ?', session_id)) return null
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

  async result(session_id: string, result_id: string): Promise<Result | null> {
    return this.#result(session_id, result_id) ?? null
  }

  #bodies<T>(sql: string, ...values: unknown[]): T[] {
    return this.#file.all<{ body: string }>(sql, ...values).map(row => JSON.parse(row.body))
  }

  async shared(token: string): Promise<ShareWithResult | null> {
    const row = this.#file.get<Share & { session_id: string }>(
      'SELECT session_id, token, result_id, expires_at, revoked FROM shares WHERE token = ?',
      token,
    )
    const result = row && this.#result(row.session_id, row.result_id)
    if (!row || !result) return null
    const { session_id: _, ...share } = row
    const superseded = this.#file.value(newerSql, row.session_id, row.session_id, row.result_id) !== undefined
    return { share: { ...share, revoked: Boolean(share.revoked) }, result, superseded }
  }

  follow(follower: LogFollower): Promise<void> {
    this.#follower = follower
    return this.#log.follow(follower)
  }

  history(after: Position, limit: number, filter?: CommitFilter): Promise<History> {
    return this.#log.history(after, limit, filter)
  }

  backup(): Promise<BackupFile> {
    this.#copying ??= backup(this.#file).finally(() => {
      this.#copying = undefined
    })
    return this.#copying
  }

  async ping(): Promise<void> {
    this.#file.requireInPlace()
    this.#file.get('SELECT 1 FROM identity')
  }

  async end(): Promise<void> {
    this.#file.flush()
    this.#log.end()
    this.#pruning.end()
    this.#file.close()
  }
}

interface ContributionRow extends Omit<SessionContribution, 'contribution'>, Partial<ResultContribution> {
  state: RestingState
  calculations: string
}

const sessionContributionOf = ({
  session_id,
  mentor_id,
  organisation_id,
  state,
  calculations,
  ...result
}: ContributionRow): SessionContribution => ({
  session_id,
  mentor_id,
  organisation_id,
  contribution: {
    state,
    result: result.month ? (result as ResultContribution) : null,
    calculations: JSON.parse(calculations),
  },
})

/** Returns the values of `otherColumns`. */
function besideSnapshot(session: Session): unknown[] {
  const result = contributionOf(session)?.result
  const sorting = session.result && resultSortFieldsOf(session.result)
  return [
    session.last_inputs && JSON.stringify(session.last_inputs),
    JSON.stringify(session.calculations),
    ...resultColumns.map(name => result?.[name]),
    ...[sorting?.label, sorting?.period_to, sorting?.benefit_cost_ratio],
  ]
}
