import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import { snapshotColumns } from '../../db/embedded/layout'
import type { Snapshot } from '../../domain/session'
import { fieldsOfFirstMentor, type ImportStore, startFields } from './store'

const hasColumnSql = "SELECT 1 FROM pragma_table_info('sessions') WHERE name = 'start_digest'"
const indexSql = "CREATE INDEX IF NOT EXISTS start_digests ON sessions (start_digest) WHERE start_digest <> 'null'"
const startedWithSql = `SELECT ${snapshotColumns} FROM sessions WHERE start_digest = ? AND start_digest <> 'null'`

/** Stores the digest in the session's row, in the column `start_digest`, as JSON. */
export class EmbeddedImports implements ImportStore {
  readonly fields = startFields
  readonly ofFirstMentor = fieldsOfFirstMentor
  readonly #file: EmbeddedFile

  constructor({ file }: EmbeddedCore) {
    this.#file = file
    if (!file.value(hasColumnSql)) file.db.exec('ALTER TABLE sessions ADD COLUMN start_digest TEXT')
    file.db.exec(indexSql)
  }

  async startedWith(digest: string): Promise<Snapshot | null> {
    return this.#file.get<Snapshot>(startedWithSql, JSON.stringify(digest)) ?? null
  }
}
