import type { Database } from 'better-sqlite3'
import { CannotStart } from '../../domain/errors'
import { sortingOf } from '../../domain/order'
import { type Snapshot, snapshotMembers, snapshotSchema, worthOf } from '../../domain/session'
import { type MinuteCount, withCalculation } from '../../domain/standing'

/** The column of a member of a session: whole numbers or text, and NULL where it may be null. */
export function columnOf(name: keyof Snapshot): string {
  const schema = snapshotSchema.shape[name]
  const type = schema.safeParse(1).success ? 'INTEGER' : 'TEXT'
  return `${name} ${type}${schema.safeParse(null).success ? '' : ' NOT NULL'}`
}

/** What the tables of a file are like: its `user_version`, 0 in a new file and in those from before it was counted. */
const layoutVersion = 3

const resultsByAgeSql = `
  DROP INDEX IF EXISTS results_by_age;
  ALTER TABLE results ADD COLUMN computed_at TEXT NOT NULL DEFAULT '';
  UPDATE results SET computed_at = json_extract(body, '$.computed_at');
`

// What the result is worth is said by the domain once for each, and then taken apart.
const standingInColumnsSql = `
  ALTER TABLE sessions ADD COLUMN calculations TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE sessions ADD COLUMN currency TEXT;
  ALTER TABLE sessions ADD COLUMN month TEXT;
  ALTER TABLE sessions ADD COLUMN held INTEGER;
  ALTER TABLE sessions ADD COLUMN minutes INTEGER;
  ALTER TABLE sessions ADD COLUMN cost INTEGER;
  ALTER TABLE sessions ADD COLUMN value INTEGER;
  WITH latest AS MATERIALIZED (SELECT session_id, calculations(json_group_array(computed_at ORDER BY sequence)) AS calculations
    FROM results GROUP BY session_id)
  UPDATE sessions SET calculations = latest.calculations FROM latest WHERE sessions.session_id = latest.session_id;
  WITH worths AS MATERIALIZED (SELECT sessions.rowid AS session, worth(body) AS worth
    FROM sessions JOIN results USING (session_id, result_id))
  UPDATE sessions SET currency = worth ->> 'currency', month = worth ->> 'month', held = worth ->> 'held',
    minutes = worth ->> 'minutes', cost = worth ->> 'cost', value = worth ->> 'value'
    FROM worths WHERE sessions.rowid = worths.session;
`

const sortingInColumnsSql = `
  ALTER TABLE sessions ADD COLUMN label TEXT;
  ALTER TABLE sessions ADD COLUMN period_to TEXT;
  ALTER TABLE sessions ADD COLUMN ratio INTEGER;
  WITH sortings AS MATERIALIZED (SELECT sessions.rowid AS session, sorting(body) AS sorting
    FROM sessions JOIN results USING (session_id, result_id))
  UPDATE sessions SET label = sorting ->> 'label', period_to = sorting ->> 'period_to',
    ratio = sorting ->> 'benefit_cost_ratio'
    FROM sortings WHERE sessions.rowid = sortings.session;
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
  if (found < 1 && columns('sessions').length > 0) {
    if (!columns('shares').includes('sequence')) {
      throw new CannotStart(
        `${path} has a layout that is too old to be carried over: set DATA_FILE to another file, and keep this one.`,
      )
    }
    if (!columns('results').includes('computed_at')) db.exec(resultsByAgeSql)
    db.function('milliseconds', { deterministic: true }, text => String(text).replaceAll(wholeSeconds, '$1$2.000Z'))
    db.exec(timesInMillisecondsSql)
  }
  if (found < 2 && columns('sessions').length > 0) {
    const calculations = (times: string): MinuteCount[] => JSON.parse(times).reduce(withCalculation, [])
    db.function('calculations', { deterministic: true }, times => JSON.stringify(calculations(times as string)))
    db.function('worth', { deterministic: true }, body => JSON.stringify(worthOf(JSON.parse(body as string))))
    db.exec(standingInColumnsSql)
    for (const name of ['programme_cost', 'time_value']) {
      if (columns('sessions').includes(name)) db.exec(`ALTER TABLE sessions DROP COLUMN ${name}`)
    }
  }
  if (found < 3 && columns('sessions').length > 0) {
    db.function('sorting', { deterministic: true }, body => JSON.stringify(sortingOf(JSON.parse(body as string))))
    db.exec(sortingInColumnsSql)
  }
  // Sessions from before a member was there have null of it.
  const held = columns('sessions')
  const added = held.length > 0 ? snapshotMembers.filter(name => !held.includes(name)) : []
  for (const name of added) db.exec(`ALTER TABLE sessions ADD COLUMN ${columnOf(name)}`)
  db.pragma(`user_version = ${layoutVersion}`)
}
