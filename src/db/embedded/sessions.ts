import { commitOf } from '../../domain/commit'
import { type IdempotencyRecord, idempotencyExpiry, maxIdempotencyRecords } from '../../domain/idempotency-record'
import { resultSortFieldsOf } from '../../domain/order'
import {
  changingMembers,
  contributionOf,
  type FormerOwner,
  hidesOrganisation,
  initialInternals,
  internalMembers,
  type Owner,
  type Result,
  reassignmentIn,
  type Session,
  type SessionInternals,
  type Share,
  type Snapshot,
  type StoredTransition,
  snapshotMembers,
  type Transition,
  withOwners,
} from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import type { ExportedSession, SessionStore, ShareWithResult, StorePart, Write } from '../store'
import { upcastResult } from '../upcasting'
import type { Exports } from './export'
import type { EmbeddedFile } from './file'
import { type AddedColumn, addedColumnNames, organisationOrNone, snapshotColumns } from './layout'

const insertSql = `INSERT INTO sessions (${snapshotColumns}, ${addedColumnNames.join(', ')})
  VALUES (${[...snapshotMembers, ...addedColumnNames].map(() => '?').join(', ')})`
const updateSql = `UPDATE sessions SET ${[...changingMembers, ...addedColumnNames].map(name => `${name} = ?`).join(', ')}
  WHERE session_id = ?`
const reassignSql = 'UPDATE sessions SET mentor_id = ?, organisation_id = ? WHERE session_id = ?'
/** The idempotency records of a reassigned session must not retain the former mentor. */
const ownerInRecord = "json_set(body, '$.session.mentor_id', ?, '$.session.organisation_id', ?)"
const reassignKeysSql = `UPDATE keys SET body = ${ownerInRecord} WHERE session_id = ?`
const reassignStartSql = `UPDATE starts SET body = ${ownerInRecord}
  WHERE json_extract(body, '$.session.session_id') = ?`
const formerOwnersSql = `SELECT mentor_id, organisation_id, until FROM former_owners WHERE session_id = ? ORDER BY until`
const ownerSql = 'SELECT mentor_id, organisation_id FROM sessions WHERE session_id = ?'
const existsSql = 'SELECT 1 FROM sessions WHERE session_id = ?'
const readSql = `SELECT ${snapshotColumns}, ${internalMembers.join(', ')}, calculations,
    (SELECT json_group_array(result_id ORDER BY sequence) FROM results WHERE session_id = sessions.session_id)
      AS result_ids
  FROM sessions WHERE session_id = ?`
const noOrganisation = Buffer.alloc(0)
const byExternalIdSql = `SELECT ${snapshotColumns} FROM sessions
  WHERE external_id = ? AND ${organisationOrNone} = ?`
const snapshotSql = `SELECT ${snapshotColumns} FROM sessions WHERE session_id = ?`
const shareColumns = 'token, shares.result_id, expires_at, days, show_organisation, revoked'
const allSharesSql = `SELECT ${shareColumns} FROM shares WHERE session_id = ? ORDER BY sequence`
const sharesSql = `SELECT ${shareColumns} FROM shares WHERE session_id = ? AND revoked = 0 ORDER BY sequence`
const latestShareSql = `SELECT ${shareColumns}
  FROM (SELECT * FROM shares WHERE session_id = ? ORDER BY sequence DESC LIMIT 1) AS shares
  JOIN sessions USING (session_id, result_id)`
const sharedSql = `SELECT session_id, organisation_id, ${shareColumns} FROM shares JOIN sessions USING (session_id)
  WHERE token = ?`
const shareSql = `SELECT ${shareColumns} FROM shares WHERE token = ?`
const newerResultSql = `SELECT 1 FROM results WHERE session_id = ? AND sequence >
  (SELECT sequence FROM results WHERE session_id = ? AND result_id = ?) LIMIT 1`

/** Adds or replaces a share link. A replaced link keeps its original sequence number. */
const saveShareSql = `INSERT INTO shares
    (token, session_id, sequence, result_id, expires_at, days, show_organisation, revoked)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at, days = excluded.days,
    show_organisation = excluded.show_organisation, revoked = excluded.revoked`

/** Overwrites a record with the same key if it has expired, but has not been pruned yet. */
const insertStartSql = `INSERT INTO starts (key, at, body) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body WHERE at <= ?`
const deleteOldKeysSql = `DELETE FROM keys WHERE session_id = ? AND place <=
  (SELECT place FROM keys WHERE session_id = ? ORDER BY place DESC LIMIT 1 OFFSET ${maxIdempotencyRecords})`

/** Key in `starts` for a request that closed a session. The records in `starts` outlive their sessions. */
const closingKey = (session_id: string, key: string): string => JSON.stringify(['close', session_id, key])

interface SessionRow extends Snapshot, Record<keyof SessionInternals, string | null> {
  calculations: string
  result_ids: string
}

export class EmbeddedSessions implements SessionStore {
  readonly #file: EmbeddedFile
  readonly #exports: Exports

  constructor(
    file: EmbeddedFile,
    exports: Exports,
    /** The capabilities' parts of the store. */
    readonly parts: readonly StorePart[],
  ) {
    this.#file = file
    this.#exports = exports
  }

  add(write: Write): Promise<boolean> {
    return this.#file.commit(() => {
      write.begin?.()
      const { session, idempotency } = write
      if (this.#file.get(existsSql, session.session_id) || this.#byExternalId(session)) return false
      if (idempotency && !this.#insertStart(idempotency)) return false
      this.#exports.keepCopies(session)
      this.#file.run(insertSql, ...snapshotMembers.map(name => session[name]), ...addedValues(session))
      this.#setFields(write)
      this.#insertChanges(write)
      this.#insertCommit(write)
      return true
    })
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    return this.#file.commit(() => {
      write.begin?.()
      if (!this.#mayWrite(write, readVersion)) return false
      const { session, changes } = write
      if (changes.length > 0) {
        const changed = changingMembers.map(name => session[name])
        this.#exports.keepCopies(session, reassignmentIn(changes)?.from)
        this.#file.run(updateSql, ...changed, ...addedValues(session), session.session_id)
        this.#setFields(write)
        this.#reassign(write)
        this.#insertChanges(write)
        this.#insertCommit(write)
      }
      this.#insertKey(write)
      return true
    })
  }

  close(write: Write, readVersion: number): Promise<boolean> {
    return this.#file.commit(() => {
      write.begin?.()
      if (!this.#mayWrite(write, readVersion)) return false
      this.#insertCommit(write)
      this.#exports.keepCopies(write.session)
      const { session_id } = write.session
      this.#file.run('DELETE FROM sessions WHERE session_id = ?', session_id)
      if (write.idempotency)
        this.#insertStart({
          ...write.idempotency,
          key: closingKey(session_id, write.idempotency.key),
          transitions: [],
        })
      return true
    })
  }

  /** Stores the fields that capabilities add to the session, if they differ from the stored fields. */
  #setFields(write: Write): void {
    for (const part of this.parts) {
      for (const [name, field] of Object.entries(part.fields?.(write) ?? {})) {
        const value = JSON.stringify(field) ?? null
        const sql = `UPDATE sessions SET ${name} = ? WHERE session_id = ? AND ${name} IS NOT ?`
        this.#file.run(sql, value, write.session.session_id, value)
      }
    }
  }

  /**
   * Stores a session's new owner. Call this method after `keepCopies`. The owner is stored by a separate statement, so
   * that all other writes leave the indexes by owner untouched.
   */
  #reassign({ session, changes }: Write): void {
    const { session_id } = session
    for (const { reassignment, transition } of changes) {
      if (!reassignment) continue
      const { from, to } = reassignment
      const values = [to.mentor_id, to.organisation_id, session_id]
      this.#file.run(reassignSql, ...values)
      this.#file.run(reassignKeysSql, ...values)
      this.#file.run(reassignStartSql, ...values)
      const former = [session_id, transition.sequence, from.mentor_id, from.organisation_id]
      this.#file.run('INSERT INTO former_owners VALUES (?, ?, ?, ?)', ...former)
    }
  }

  /** Whether the stored version is the one that was read, and neither the key nor the external id is taken. */
  #mayWrite({ session, changes, idempotency }: Write, readVersion: number): boolean {
    const { session_id } = session
    const version = this.#file.value('SELECT version FROM sessions WHERE session_id = ?', session_id)
    if (version !== readVersion) return false
    if (reassignmentIn(changes) && (this.#byExternalId(session)?.session_id ?? session_id) !== session_id) return false
    return !idempotency || !this.#idempotencyRecord(session_id, idempotency.key, idempotency.at)
  }

  #insertChanges({ session: { session_id }, changes }: Write): void {
    for (const change of changes) {
      const { transition, result, share, revokesShares } = change
      const { sequence } = transition
      this.#file.run('INSERT INTO transitions VALUES (?, ?, ?)', session_id, sequence, JSON.stringify(transition))
      if (result) {
        const { result_id, computed_at } = result
        const sql = 'INSERT INTO results (session_id, result_id, sequence, computed_at, body) VALUES (?, ?, ?, ?, ?)'
        this.#file.run(sql, session_id, result_id, sequence, computed_at, JSON.stringify(result))
      }
      if (hidesOrganisation(change))
        this.#file.run('UPDATE shares SET show_organisation = 0 WHERE session_id = ?', session_id)
      if (revokesShares) this.#file.run('UPDATE shares SET revoked = 1 WHERE session_id = ?', session_id)
      if (share) {
        const { token, result_id, expires_at, days, show_organisation, revoked } = share
        const flags = [Number(show_organisation), Number(revoked)]
        this.#file.run(saveShareSql, token, session_id, sequence, result_id, expires_at, days, ...flags)
      }
    }
  }

  #insertCommit({ session, changes, before }: Write): void {
    const commit = JSON.stringify(commitOf(session, changes, before))
    this.#file.run('INSERT INTO commits (at, body) VALUES (?, ?)', session.updated_at, commit)
  }

  #insertStart(record: IdempotencyRecord): boolean {
    const { key, at } = record
    return this.#file.run(insertStartSql, key, at, JSON.stringify(record), idempotencyExpiry(at)) > 0
  }

  #insertKey({ session: { session_id }, idempotency }: Write): void {
    if (!idempotency) return
    const { key, at } = idempotency
    this.#file.run('DELETE FROM keys WHERE session_id = ? AND key = ?', session_id, key)
    const sql = 'INSERT INTO keys (session_id, key, at, body) VALUES (?, ?, ?, ?)'
    this.#file.run(sql, session_id, key, at, JSON.stringify(idempotency))
    this.#file.run(deleteOldKeysSql, session_id, session_id)
  }

  async byExternalId(organisation_id: string | null, external_id: string): Promise<Snapshot | null> {
    return this.#byExternalId({ organisation_id, external_id })
  }

  #byExternalId({ organisation_id, external_id }: Pick<Snapshot, 'organisation_id' | 'external_id'>): Snapshot | null {
    if (external_id === null) return null
    return this.#file.get<Snapshot>(byExternalIdSql, external_id, organisation_id ?? noOrganisation) ?? null
  }

  async read(session_id: string): Promise<Session | null> {
    const row = this.#file.get<SessionRow>(readSql, session_id)
    if (!row) return null
    return {
      ...row,
      result: row.result_id === null ? null : this.#result(session_id, row.result_id),
      result_ids: JSON.parse(row.result_ids),
      ...internalsOf(row),
      shares: this.#file.all<ShareRow>(allSharesSql, session_id).map(shareOf),
      calculations: JSON.parse(row.calculations),
    }
  }

  async withResult(session_id: string): Promise<ExportedSession | null> {
    const snapshot = this.#file.get<Snapshot>(snapshotSql, session_id)
    if (!snapshot) return null
    const { result_id } = snapshot
    return { ...snapshot, result: result_id === null ? null : this.#result(session_id, result_id) }
  }

  async snapshot(session_id: string): Promise<Snapshot | null> {
    return this.#file.get<Snapshot>(snapshotSql, session_id) ?? null
  }

  async idempotencyRecord(session_id: string | null, key: string, now: Timestamp): Promise<IdempotencyRecord | null> {
    const record = this.#idempotencyRecord(session_id, key, now)
    if (record || session_id === null || this.#file.get(existsSql, session_id)) return record
    const closing = this.#idempotencyRecord(null, closingKey(session_id, key), now)
    return closing && { ...closing, key }
  }

  #idempotencyRecord(session_id: string | null, key: string, now: Timestamp): IdempotencyRecord | null {
    const since = idempotencyExpiry(now)
    if (session_id === null) return this.#body('SELECT body FROM starts WHERE key = ? AND at > ?', key, since)
    const sql = 'SELECT body FROM keys WHERE session_id = ? AND key = ? AND at > ?'
    return this.#body(sql, session_id, key, since)
  }

  async transitions(session_id: string, after: number, limit: number): Promise<StoredTransition[] | null> {
    const owner = this.#file.get<Owner>(ownerSql, session_id)
    if (!owner) return null
    const sql = 'SELECT body FROM transitions WHERE session_id = ? AND sequence > ? ORDER BY sequence LIMIT ?'
    const transitions = this.#bodies<Transition>(sql, session_id, after, limit)
    return withOwners(transitions, owner, this.#file.all<FormerOwner>(formerOwnersSql, session_id))
  }

  async results(session_id: string): Promise<Result[]> {
    const sql = 'SELECT body FROM results WHERE session_id = ? ORDER BY sequence DESC'
    return this.#bodies<Result>(sql, session_id).map(upcastResult)
  }

  async result(session_id: string, result_id: string): Promise<Result | null> {
    return this.#result(session_id, result_id)
  }

  #result(session_id: string, result_id: string): Result | null {
    const sql = 'SELECT body FROM results WHERE session_id = ? AND result_id = ?'
    const stored = this.#body<Result>(sql, session_id, result_id)
    return stored && upcastResult(stored)
  }

  #body<T>(sql: string, ...values: unknown[]): T | null {
    const body = this.#file.value<string>(sql, ...values)
    return body === undefined ? null : JSON.parse(body)
  }

  #bodies<T>(sql: string, ...values: unknown[]): T[] {
    return this.#file.all<{ body: string }>(sql, ...values).map(({ body }) => JSON.parse(body))
  }

  async shares(session_id: string): Promise<Share[]> {
    return this.#file.all<ShareRow>(sharesSql, session_id).map(shareOf)
  }

  async latestShare(session_id: string): Promise<Share | null> {
    const row = this.#file.get<ShareRow>(latestShareSql, session_id)
    return row ? shareOf(row) : null
  }

  share(token: string): Share | null {
    const row = this.#file.get<ShareRow>(shareSql, token)
    return row ? shareOf(row) : null
  }

  async shared(token: string): Promise<ShareWithResult | null> {
    const row = this.#file.get<ShareRow & Pick<Session, 'session_id' | 'organisation_id'>>(sharedSql, token)
    if (!row) return null
    const { session_id, organisation_id, ...share } = row
    const result = this.#result(session_id, share.result_id)
    if (!result) return null
    const superseded = this.#file.get(newerResultSql, session_id, session_id, share.result_id) !== undefined
    return { share: shareOf(share), result, organisation_id, superseded }
  }
}

interface ShareRow extends Omit<Share, 'show_organisation' | 'revoked'> {
  show_organisation: number
  revoked: number
}

const shareOf = (row: ShareRow): Share => ({
  ...row,
  show_organisation: Boolean(row.show_organisation),
  revoked: Boolean(row.revoked),
})

/** A field that an older program version did not store gets its initial value. */
const internalsOf = (row: SessionRow): SessionInternals =>
  Object.fromEntries(
    internalMembers.map(name => [name, row[name] === null ? initialInternals[name] : JSON.parse(row[name])]),
  ) as unknown as SessionInternals

const internalValues = (session: Session): Record<keyof SessionInternals, string> =>
  Object.fromEntries(internalMembers.map(name => [name, JSON.stringify(session[name])])) as Record<
    keyof SessionInternals,
    string
  >

/** Returns the values of the session columns that are not part of the snapshot. */
function addedValues(session: Session): unknown[] {
  const contribution = contributionOf(session)?.result
  const sorting = session.result && resultSortFieldsOf(session.result)
  const values: Record<AddedColumn, string | number | null | undefined> = {
    ...internalValues(session),
    calculations: JSON.stringify(session.calculations),
    currency: contribution?.currency,
    month: contribution?.month,
    held: contribution?.held,
    minutes: contribution?.minutes,
    cost: contribution?.cost,
    value: contribution?.value,
    label: sorting?.label,
    period_to: sorting?.period_to,
    ratio: sorting?.benefit_cost_ratio,
  }
  return addedColumnNames.map(name => values[name])
}
