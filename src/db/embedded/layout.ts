import type { Database } from 'better-sqlite3'
import { CannotStart } from '../../domain/errors'
import { type Snapshot, snapshotMembers, snapshotSchema } from '../../domain/session'

/** The column of a member of a session: whole numbers or text, and NULL where it may be null. */
export function columnOf(name: keyof Snapshot): string {
  const schema = snapshotSchema.shape[name]
  const type = schema.safeParse(1).success ? 'INTEGER' : 'TEXT'
  return `${name} ${type}${schema.safeParse(null).success ? '' : ' NOT NULL'}`
}

/** What the tables of a file are like: its `user_version`, 0 in a new file and in those from before it was counted. */
const layoutVersion = 1

const amountsInColumnsSql = `
  ALTER TABLE sessions ADD COLUMN programme_cost REAL;
  ALTER TABLE sessions ADD COLUMN time_value REAL;
  UPDATE sessions SET (programme_cost, time_value) =
    (SELECT json_extract(body, '$.outputs.programme_cost'), json_extract(body, '$.outputs.time_value')
     FROM results WHERE results.session_id = sessions.session_id AND results.result_id = sessions.result_id);
  DROP INDEX IF EXISTS results_by_age;
  ALTER TABLE results ADD COLUMN computed_at TEXT NOT NULL DEFAULT '';
  UPDATE results SET computed_at = json_extract(body, '$.computed_at');
`

const timesInMillisecondsSql = `
  UPDATE sessions SET created_at = milliseconds(created_at), updated_at = milliseconds(updated_at);
  UPDATE transitions SET body = milliseconds(body);
  UPDATE results SET computed_at = milliseconds(computed_at), body = milliseconds(body);
  UPDATE shares SET expires_at = milliseconds(expires_at);
  UPDATE keys SET at = milliseconds(at), body = milliseconds(body);
  UPDATE starts SET at = milliseconds(at), body = milliseconds(body);
  UPDATE commits SET at = milliseconds(at), body = milliseconds(body);
`

// A time by itself, or as one of the members of a body that are times; a text that a client chose cannot look like those.
const wholeSeconds = /(^|"(?:at|created_at|updated_at|computed_at|expires_at)":")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z/g

/**
 * Carries the tables of an earlier layout over to this one, in the transaction that it is called in. Throws CannotStart
 * where it can't, and on a file of a later layout.
 */
export function carryOver(db: Database, path: string): void {
  const columns = (table: string) => (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)
  const found = db.pragma('user_version', { simple: true }) as number
  if (found > layoutVersion) {
    throw new CannotStart(
      `${path} was written by a later version of this program: start that one, or set DATA_FILE to another file.`,
    )
  }
  if (found < layoutVersion && columns('sessions').length > 0) {
    if (!columns('shares').includes('sequence')) {
      throw new CannotStart(
        `${path} has a layout that is too old to be carried over: set DATA_FILE to another file, and keep this one.`,
      )
    }
    if (!columns('sessions').includes('programme_cost')) db.exec(amountsInColumnsSql)
    db.function('milliseconds', { deterministic: true }, text => String(text).replaceAll(wholeSeconds, '$1$2.000Z'))
    db.exec(timesInMillisecondsSql)
  }
  // Sessions from before a member was there have null of it.
  const held = columns('sessions')
  const added = held.length > 0 ? snapshotMembers.filter(name => !held.includes(name)) : []
  for (const name of added) db.exec(`ALTER TABLE sessions ADD COLUMN ${columnOf(name)}`)
  db.pragma(`user_version = ${layoutVersion}`)
}
