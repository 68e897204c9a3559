import type { Database } from 'better-sqlite3'
import { StartupError } from '../../domain/errors'
import { type Snapshot, snapshotSchema } from '../../domain/session'

/** Returns the column definition of a session's member: INTEGER or TEXT, and NOT NULL unless it may be null. */
export function columnOf(name: keyof Snapshot): string {
  const schema = snapshotSchema.shape[name]
  const type = schema.safeParse(1).success ? 'INTEGER' : 'TEXT'
  return `${name} ${type}${schema.safeParse(null).success ? '' : ' NOT NULL'}`
}

/** Version of the table layout that this program writes. A file stores its own version as `user_version`. */
const layoutVersion = 1

/**
 * Throws StartupError if the file has another layout. Stores the version in a new file, in the caller's transaction.
 *
 * To change the tables, raise `layoutVersion` and convert files of the previous version here.
 */
export function requireLayout(db: Database, path: string): void {
  const found = db.pragma('user_version', { simple: true }) as number
  if (found > layoutVersion) {
    throw new StartupError(
      `${path} was written by a later version of this program: start that version, or set DATA_FILE to another file.`,
    )
  }
  const isNew = found === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (isNew) db.pragma(`user_version = ${layoutVersion}`)
  else if (found !== layoutVersion) {
    throw new StartupError(
      `${path} has a layout that this program does not know: keep it, and set DATA_FILE to another file.`,
    )
  }
}
