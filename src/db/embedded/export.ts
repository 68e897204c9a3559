import { type Session, snapshotMembers, withoutHistory } from '../../domain/session'
import type { ExportedSession, Filter } from '../store'
import type { EmbeddedFile } from './file'
import { selection, whereClause } from './selection'

/** Rows that one step reads: a millisecond or two of the event loop. */
const rowsAStep = 100
/** Memory for the copies that writes make during an export, in KiB. The rest is in a temporary file. */
const cacheKb = 4_000

const columns = [...snapshotMembers, 'body'].join(', ')
const joined = 'LEFT JOIN main.results USING (session_id, result_id)'
const notPassed = '(created_at, session_id) < (?, ?)'

type Row = Omit<ExportedSession, 'result'> & { body: string | null }

interface Export {
  /** Name of the attached database. Its table `images` holds each session as it was before a write changed it. */
  name: string
  filter: Filter
  /** The last session that was read. Sessions with smaller values are still to be read. */
  passed: [created_at: string, session_id: string]
  /** The error that ends the export. */
  failure?: unknown
}

/**
 * Copy-on-write exports. An export reads many sessions as of one moment, in steps between which others read and write.
 * Before a write changes a session, each export that has not reached the session keeps a copy. The copies are deleted
 * with the export. Without an export, writes copy nothing.
 */
export class Exports {
  readonly #underWay = new Map<string, Export>()

  constructor(readonly file: EmbeddedFile) {}

  /**
   * Keeps a copy for each running export. Call it before each write, in the write's transaction. For a new session, the
   * copy records that it did not exist.
   */
  keep({ session_id, created_at, mentor_id, organisation_id }: Session): void {
    for (const one of this.#underWay.values()) {
      const { filter } = one
      const isAsked = (filter.mentor_id ?? mentor_id) === mentor_id && isOf(filter, organisation_id)
      if (one.failure || !isAsked) continue
      try {
        this.file.run(
          `INSERT OR IGNORE INTO ${one.name}.images SELECT ${columns} FROM (SELECT ? AS created_at, ? AS session_id)
           LEFT JOIN main.sessions USING (created_at, session_id) ${joined} WHERE ${notPassed}`,
          created_at,
          session_id,
          ...one.passed,
        )
      } catch (error) {
        // The export fails, not the write, unless the failing disk has rolled back the whole transaction.
        one.failure = error
        if (!this.file.db.inTransaction) throw error
      }
    }
  }

  /** See Store.export. */
  async *read(filter: Filter, signal: AbortSignal): AsyncGenerator<ExportedSession[]> {
    const one = this.#begin(filter)
    try {
      for (let more = true; more; ) {
        await this.file.turn()
        signal.throwIfAborted()
        if (one.failure) throw one.failure
        const rows = this.#next(one)
        const last = rows.at(-1)
        if (last) one.passed = [last.created_at, last.session_id]
        more = rows.length === rowsAStep
        const asked = rows.filter(({ organisation_id }) => isOf(filter, organisation_id))
        if (asked.length > 0) yield asked.map(exportedOf)
      }
    } finally {
      this.#underWay.delete(one.name)
      if (this.file.db.open) this.file.db.exec(`DETACH ${one.name}`)
    }
  }

  #begin(filter: Filter): Export {
    let n = 0
    while (this.#underWay.has(`export_${n}`)) n++
    const name = `export_${n}`
    // A database without a name is a temporary file, which SQLite deletes when it is detached:
    // https://sqlite.org/inmemorydb.html#temp_db
    this.file.db.exec(`
      ATTACH '' AS ${name};
      PRAGMA ${name}.cache_size = -${cacheKb};
      PRAGMA ${name}.synchronous = OFF;
      CREATE TABLE ${name}.images AS SELECT ${columns} FROM main.sessions ${joined} LIMIT 0;
      CREATE UNIQUE INDEX ${name}.places ON images (created_at, session_id);
    `)
    const one: Export = { name, filter, passed: ['~', ''] }
    this.#underWay.set(name, one)
    return one
  }

  #next({ name, filter, passed }: Export): Row[] {
    const { organisation_id: _, ...ofMentor } = filter
    // No index covers both. For a mentor, a step reads the sessions of all organisations, so that no step takes longer.
    // `read` then drops those of other organisations.
    const { where, values } = selection(filter.mentor_id === undefined ? filter : ofMentor)
    const image = `SELECT 1 FROM ${name}.images AS image
      WHERE image.created_at = sessions.created_at AND image.session_id = sessions.session_id`
    const [wasAsked, states] = filter.state === undefined ? ['state IS NOT NULL', []] : ['state = ?', [filter.state]]
    return this.file.all<Row>(
      `SELECT ${columns} FROM main.sessions ${joined} ${whereClause([...where, notPassed, `NOT EXISTS (${image})`])}
       UNION ALL SELECT ${columns} FROM ${name}.images ${whereClause([wasAsked, notPassed])}
       ORDER BY created_at DESC, session_id DESC LIMIT ${rowsAStep}`,
      ...values,
      ...passed,
      ...states,
      ...passed,
    )
  }
}

const isOf = (filter: Filter, organisation_id: string | null): boolean =>
  filter.organisation_id === undefined || filter.organisation_id === organisation_id

// A spread would leave garbage until a full collection (V8 11.3): 300 MB while a million sessions are read.
const exportedOf = (row: Row): ExportedSession =>
  Object.assign(withoutHistory(row), { result: row.body === null ? null : JSON.parse(row.body) })
