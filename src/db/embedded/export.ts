import type { Filter } from '../../domain/list-query'
import { ownerMatches } from '../../domain/owner'
import { type Owner, type Session, withoutHistory } from '../../domain/session'
import type { ExportedSession } from '../store'
import { upcastResult } from '../upcasting'
import type { EmbeddedFile } from './file'
import { snapshotColumns } from './layout'
import {
  allOf,
  entriesPerStep,
  everything,
  filterConditions,
  rowsPerStep,
  scanOf,
  whereClause,
  withoutIndex,
} from './stepwise-reads'

/** Sessions that an export reads per step. A step blocks the event loop for one to two milliseconds. */
const sessionsPerStep = 100
/** Memory in KiB for the session copies of an export. Others are stored in a temporary file. */
const cacheKb = 4_000

const columns = `${snapshotColumns}, month, body`
const joined = 'LEFT JOIN main.results USING (session_id, result_id)'
const isUnread = '(created_at, session_id) < (?, ?)'
const isInStep = '(created_at, session_id) >= (?, ?)'

type Row = Omit<ExportedSession, 'result'> & { body: string | null }

/** Position of a session in the export's order. */
type Place = [created_at: string, session_id: string]

interface Export {
  /**
   * Name of the attached database. The table `images` in this database contains each session that was changed during
   * the export, in its state before the first change.
   */
  name: string
  filter: Filter
  /** Position of the last session that the export has read. Sessions with smaller positions have not been read yet. */
  last: Place
  failure?: unknown
}

/**
 * Exports sessions by copy-on-write, in steps between which other reads and writes run. Before a write changes a
 * session, each running export that has not read the session yet stores a copy of it. The copies are deleted when the
 * export ends. If there is no space for a session copy, the export fails, but the write succeeds.
 *
 * A statement that stays open for the whole export would also read a snapshot, but it would block all other work on its
 * SQLite connection. A second connection is not possible, because the first connection locks the file exclusively.
 */
export class Exports {
  readonly #running = new Map<string, Export>()
  readonly #file: EmbeddedFile

  constructor(file: EmbeddedFile) {
    this.#file = file
  }

  /**
   * Call `keepCopies` before each write, in the write's transaction. For a new session, the copy records that the
   * session did not exist. `former` is the owner before the write, if the write changes the owner.
   */
  keepCopies({ session_id, created_at, mentor_id, organisation_id }: Session, former?: Owner): void {
    const owner = { mentor_id, organisation_id }
    for (const running of this.#running.values()) {
      const { filter } = running
      const isSelected = ownerMatches(filter, owner) || (former && ownerMatches(filter, former))
      if (running.failure || !isSelected) continue
      try {
        this.#file.run(
          `INSERT OR IGNORE INTO ${running.name}.images SELECT ${columns} FROM (SELECT ? AS created_at, ? AS session_id)
           LEFT JOIN main.sessions USING (created_at, session_id) ${joined} WHERE ${isUnread}`,
          created_at,
          session_id,
          ...running.last,
        )
      } catch (error) {
        // If copying fails, fail the export and not the write, unless the disk error has already rolled back the whole
        // transaction.
        running.failure = error
        if (!this.#file.db.inTransaction) throw error
      }
    }
  }

  async *export(filter: Filter, signal: AbortSignal): AsyncGenerator<ExportedSession[]> {
    const running = this.#begin(filter)
    try {
      for (let more = true; more; ) {
        await this.#file.yieldNow()
        signal.throwIfAborted()
        if (running.failure) throw running.failure
        const end = this.#endOfStep(running)
        const rows = this.#next(running, end)
        const last = rows.at(-1)
        const isFull = rows.length === sessionsPerStep
        if (isFull && last) running.last = [last.created_at, last.session_id]
        else if (end) running.last = end
        more = isFull || end !== undefined
        if (rows.length > 0) yield rows.map(exportedOf)
      }
    } finally {
      this.#running.delete(running.name)
      if (this.#file.db.open) this.#file.db.exec(`DETACH ${running.name}`)
    }
  }

  #begin(filter: Filter): Export {
    let n = 0
    while (this.#running.has(`export_${n}`)) n++
    const name = `export_${n}`
    // A database with an empty name is a temporary file that SQLite deletes when the database is detached:
    // https://sqlite.org/inmemorydb.html#temp_db
    this.#file.db.exec(`
      ATTACH '' AS ${name};
      PRAGMA ${name}.cache_size = -${cacheKb};
      PRAGMA ${name}.synchronous = OFF;
      CREATE TABLE ${name}.images AS SELECT ${columns} FROM main.sessions ${joined} LIMIT 0;
      CREATE UNIQUE INDEX ${name}.places ON images (created_at, session_id);
    `)
    const running: Export = { name, filter, last: ['~', ''] }
    this.#running.set(name, running)
    return running
  }

  /** This bound keeps steps short when few sessions match the filter. Undefined if the step needs no bound. */
  #endOfStep({ filter, last }: Export): Place | undefined {
    const { ranges, rest, isIndexOnly } = scanOf(filter)
    if (rest.where.length === 0) return undefined
    const [{ index, fixed }] = ranges
    const end = this.#file.get<{ created_at: string; session_id: string }>(
      `SELECT created_at, session_id FROM main.sessions INDEXED BY ${index} ${whereClause([...fixed.where, isUnread])}
       ORDER BY created_at DESC, session_id DESC LIMIT 1 OFFSET ?`,
      ...fixed.values,
      ...last,
      (isIndexOnly ? entriesPerStep : rowsPerStep) - 1,
    )
    return end && [end.created_at, end.session_id]
  }

  #next({ name, filter, last }: Export, end: Place | undefined): Row[] {
    const { ranges, rest } = scanOf(filter)
    const [{ fixed }] = ranges
    const selected = { where: rest.where.map(withoutIndex), values: rest.values }
    const step = allOf({ where: [isUnread], values: last }, end ? { where: [isInStep], values: end } : everything)
    const { where, values } = allOf(fixed, selected, step)
    const image = `SELECT 1 FROM ${name}.images AS image
      WHERE image.created_at = sessions.created_at AND image.session_id = sessions.session_id`
    // A row of `images` without a state means that the session did not exist when the export started.
    const images = allOf({ where: ['state IS NOT NULL'], values: [] }, filterConditions(filter), step)
    return this.#file.all<Row>(
      `SELECT ${columns} FROM main.sessions ${joined} ${whereClause([...where, `NOT EXISTS (${image})`])}
       UNION ALL SELECT ${columns} FROM ${name}.images ${whereClause(images.where)}
       ORDER BY created_at DESC, session_id DESC LIMIT ${sessionsPerStep}`,
      ...values,
      ...images.values,
    )
  }
}

// Do not use object spread here: in V8 11.3, it left garbage that only a full garbage collection freed (300 MB for a
// million sessions).
const exportedOf = (row: Row): ExportedSession =>
  Object.assign(withoutHistory(row), { result: row.body === null ? null : upcastResult(JSON.parse(row.body)) })
