import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import { snapshotColumns } from '../../db/embedded/layout'
import type { Snapshot } from '../../domain/session'
import { type ImportStore, startFields } from './store'

const hasColumnSql = "SELECT 1 FROM pragma_table_info('sessions') WHERE name = 'start_digest'"
const indexSql = "CREATE INDEX IF NOT EXISTS start_digests ON sessions (start_digest) WHERE start_digest <> 'null'"
const startedWithSql = `SELECT ${snapshotColumns} FROM sessions WHERE start_digest = ? AND start_digest <> 'null'`
const eraseSql = `UPDATE sessions SET start_digest = NULL WHERE session_id IN
  (SELECT session_id FROM former_owners AS first WHERE mentor_id = ? AND NOT EXISTS
    (SELECT 1 FROM former_owners WHERE session_id = first.session_id AND until < first.until))`

/** Stores the digest in the session's row, in the column `start_digest`, as JSON. */
export class EmbeddedImports implements ImportStore {
  readonly fields = startFields
  readonly #file: EmbeddedFile

  constructor({ file }: EmbeddedCore) {
    this.#file = file
    if (!file.value(hasColumnSql)) file.db.exec('ALTER TABLE sessions ADD COLUMN start_digest TEXT')
    file.db.exec(indexSql)
  }

  async startedWith(digest: string): Promise<Snapshot | null> {
    return this.#file.get<Snapshot>(startedWithSql, JSON.stringify(digest)) ?? null
  }

  /** Removes the digests of sessions that were started for the mentor, because a digest confirms a guessed mentor id. */
  async eraseMentor(mentor_id: string): Promise<void> {
    await this.#file.commit(() => this.#file.run(eraseSql, mentor_id))
  }
}
