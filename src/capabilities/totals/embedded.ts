import { randomUUID } from 'node:crypto'
import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import type { EmbeddedLog } from '../../db/embedded/log'
import type { ResultContribution } from '../../domain/contribution'
import type { RestingState } from '../../domain/session'
import type { CheckpointHeader } from './checkpoint'
import type { BegunCheckpoint, ContributionPage, SessionContribution, SessionTotals, StoredCheckpoint } from './store'

const contributionsSql = `SELECT session_id, mentor_id, organisation_id, state, calculations,
  currency, month, held, minutes, cost, value FROM sessions WHERE session_id > ? ORDER BY session_id LIMIT ?`

// A checkpoint without a header is incomplete.
const checkpointsSql = `
  CREATE TABLE IF NOT EXISTS totals_checkpoints (id TEXT PRIMARY KEY, header TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS totals_chunks (
    id TEXT NOT NULL, number INTEGER NOT NULL, chunk BLOB NOT NULL, PRIMARY KEY (id, number)
  ) STRICT;
`

export class EmbeddedTotals implements SessionTotals {
  readonly #file: EmbeddedFile
  readonly #log: EmbeddedLog

  constructor({ file, log }: EmbeddedCore) {
    this.#file = file
    this.#log = log
    // Versions before 2.0.0 created this index.
    file.db.exec('DROP INDEX IF EXISTS results_by_age')
    file.db.exec(checkpointsSql)
  }

  async contributions(after: string, limit: number): Promise<ContributionPage> {
    const position = this.#log.now()
    const rows = this.#file.all<ContributionRow>(contributionsSql, after, limit)
    const next = rows.length === limit ? (rows.at(-1)?.session_id ?? null) : null
    return { sessions: rows.map(sessionContributionOf), next, position, reached: position }
  }

  async readCheckpoint(): Promise<StoredCheckpoint | null> {
    const sql = 'SELECT id, header FROM totals_checkpoints WHERE header IS NOT NULL'
    const row = this.#file.get<{ id: string; header: string }>(sql)
    const header = row && parsed(row.header)
    return header ? { id: row.id, header } : null
  }

  async readChunk(id: string, number: number): Promise<Uint8Array | null> {
    const sql = 'SELECT chunk FROM totals_chunks WHERE id = ? AND number = ?'
    return this.#file.value<Uint8Array>(sql, id, number) ?? null
  }

  /** Begins a checkpoint, after dropping incomplete checkpoints that a crash has left behind. */
  async beginCheckpoint(): Promise<BegunCheckpoint> {
    const id = randomUUID()
    await this.#file.commit(() => {
      this.#file.run('DELETE FROM totals_checkpoints WHERE header IS NULL')
      this.#file.run('INSERT INTO totals_checkpoints VALUES (?, NULL)', id)
    })
    await this.#dropChunks()
    return { id, erased: this.#log.now() }
  }

  addChunk(id: string, number: number, chunk: Uint8Array): Promise<boolean> {
    const sql = `INSERT INTO totals_chunks SELECT id, ?, ? FROM totals_checkpoints WHERE id = ?`
    return this.#file.commit(() => this.#file.run(sql, number, chunk, id) > 0)
  }

  async completeCheckpoint(id: string, header: CheckpointHeader): Promise<boolean> {
    const isCompleted = await this.#file.commit(() => {
      const sql = 'UPDATE totals_checkpoints SET header = ? WHERE id = ?'
      if (this.#file.run(sql, JSON.stringify(header), id) === 0) return false
      this.#file.run('DELETE FROM totals_checkpoints WHERE id <> ?', id)
      return true
    })
    await this.#dropChunks()
    return isCompleted
  }

  async dropCheckpoints(id?: string): Promise<void> {
    const where = id === undefined ? '' : 'WHERE id = ?'
    const sql = `DELETE FROM totals_checkpoints ${where}`
    await this.#file.commit(() => this.#file.run(sql, ...(id === undefined ? [] : [id])))
    await this.#dropChunks()
  }

  /**
   * Deletes the chunks of dropped checkpoints one at a time, and yields to the event loop in between. Each chunk takes
   * time to delete, because SQLite overwrites the deleted data.
   */
  async #dropChunks(): Promise<void> {
    const sql = `DELETE FROM totals_chunks WHERE rowid =
      (SELECT rowid FROM totals_chunks WHERE id NOT IN (SELECT id FROM totals_checkpoints) LIMIT 1)`
    while (await this.#file.commit(() => this.#file.run(sql) > 0)) await this.#file.yieldNow()
  }

  /** Drops all checkpoints, because each of them contains the ids of all mentors. */
  async eraseMentor(): Promise<void> {
    await this.dropCheckpoints()
  }
}

/**
 * Parses a checkpoint's header. Returns null if the header's text is damaged. A checkpoint with a damaged header is
 * treated as missing.
 */
function parsed(header: string): CheckpointHeader | null {
  try {
    return JSON.parse(header)
  } catch {
    return null
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
