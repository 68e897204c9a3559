import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import { snapshotColumns } from '../../db/embedded/layout'
import type { Snapshot } from '../../domain/session'
import { digestOf, type ImportStore } from './store'

// The trigger is temporary, because a program without this capability lacks the function `start_digest`. Digests are
// stored as JSON, as version 1.2 stored them.
const indexAndTriggerSql = `
  CREATE INDEX IF NOT EXISTS start_digests ON sessions (start_digest) WHERE start_digest <> 'null';
  CREATE TEMP TRIGGER import_started AFTER INSERT ON main.sessions WHEN NEW.external_id IS NOT NULL BEGIN
    UPDATE sessions SET start_digest = start_digest(NEW.mentor_id, NEW.organisation_id, NEW.external_id, NEW.last_inputs)
      WHERE rowid = NEW.rowid;
  END;
`
const startedWithSql = `SELECT ${snapshotColumns} FROM sessions WHERE start_digest = ? AND start_digest <> 'null'`
const hasColumnSql = "SELECT 1 FROM pragma_table_info('sessions') WHERE name = 'start_digest'"
const eraseSql = `UPDATE sessions SET start_digest = NULL WHERE session_id IN (SELECT session_id FROM former_owners AS first
  WHERE mentor_id = ? AND NOT EXISTS (SELECT 1 FROM former_owners WHERE session_id = first.session_id AND until < first.until))`

/** Stores the digest in the session's row, in the column `start_digest`. */
export class EmbeddedImports implements ImportStore {
  readonly #file: EmbeddedFile

  constructor({ file }: EmbeddedCore) {
    this.#file = file
    file.db.function(
      'start_digest',
      { deterministic: true },
      (mentor_id, organisation_id, external_id, last_inputs) => {
        const origin = { mentor_id, organisation_id, external_id, last_inputs: JSON.parse(last_inputs as string) }
        return JSON.stringify(digestOf(origin as Parameters<typeof digestOf>[0]))
      },
    )
    if (!file.value(hasColumnSql)) file.db.exec('ALTER TABLE sessions ADD COLUMN start_digest TEXT')
    file.db.exec(indexAndTriggerSql)
  }

  async startedWith(digest: string): Promise<Snapshot | null> {
    return this.#file.get<Snapshot>(startedWithSql, JSON.stringify(digest)) ?? null
  }

  /** Removes the digests of sessions that were started for the mentor, because a digest confirms a guessed mentor id. */
  async eraseMentor(mentor_id: string): Promise<void> {
    await this.#file.commit(() => this.#file.run(eraseSql, mentor_id))
  }
}
