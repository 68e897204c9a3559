import { randomBytes } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { ResultContribution } from '../../domain/contribution'
import { StartupError } from '../../domain/errors'
import {
  internalMembers,
  type SessionInternals,
  type Snapshot,
  snapshotMembers,
  snapshotSchema,
} from '../../domain/session'
import { secretBytes } from '../store'

export const snapshotColumns = snapshotMembers.join(', ')

/** Never null: an empty blob replaces null, because a blob differs from all text values and sorts after them. */
export const organisationOrNone = "coalesce(organisation_id, x'')"

/** A file stores its version as `user_version`. */
export const layoutVersion = 3

/** Columns derived from a session's current result: first its contribution, then the remaining sort keys. */
const resultColumns = {
  currency: 'TEXT',
  month: 'TEXT',
  held: 'INTEGER',
  minutes: 'INTEGER',
  cost: 'INTEGER',
  value: 'INTEGER',
  label: 'TEXT',
  period_to: 'TEXT',
  ratio: 'INTEGER',
} as const satisfies Record<keyof ResultContribution | 'label' | 'period_to' | 'ratio', 'TEXT' | 'INTEGER'>

/** Session columns in addition to the snapshot's columns. Internal session data and calculations are stored as JSON. */
const addedColumns = {
  ...(Object.fromEntries(internalMembers.map(name => [name, 'TEXT'])) as Record<keyof SessionInternals, 'TEXT'>),
  calculations: "TEXT NOT NULL DEFAULT '[]'",
  ...resultColumns,
} as const
export type AddedColumn = keyof typeof addedColumns
export const addedColumnNames = Object.keys(addedColumns) as AddedColumn[]

/** Returns INTEGER or TEXT, and NOT NULL if the schema does not allow null. */
function columnOf(name: keyof Snapshot): string {
  const schema = snapshotSchema.shape[name]
  const type = schema.safeParse(1).success ? 'INTEGER' : 'TEXT'
  return `${name} ${type}${schema.safeParse(null).success ? '' : ' NOT NULL'}`
}

const sessionColumns = [
  ...snapshotMembers.map(columnOf),
  ...Object.entries(addedColumns).map(([name, type]) => `${name} ${type}`),
].join(', ')

const tablesSql = `
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL, secret BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (${sessionColumns}, PRIMARY KEY (session_id)) STRICT;
  -- Lists of months look for them in this index.
  CREATE INDEX IF NOT EXISTS newest ON sessions (created_at, session_id, month, state);
  CREATE INDEX IF NOT EXISTS newest_by_mentor ON sessions (mentor_id, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_mentor_and_state ON sessions (mentor_id, state, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_organisation ON sessions (organisation_id, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_organisation_and_state
    ON sessions (organisation_id, state, created_at, session_id);
  CREATE INDEX IF NOT EXISTS newest_by_state ON sessions (state, created_at, session_id);
  CREATE UNIQUE INDEX IF NOT EXISTS external_ids ON sessions (external_id, ${organisationOrNone}) WHERE external_id IS NOT NULL;
  -- Holds every sort key. It begins with columns that seldom change, so a write seldom moves an entry.
  CREATE INDEX IF NOT EXISTS sorting ON sessions (
    organisation_id, session_id, state, mentor_id, updated_at, label, period_to, currency, minutes, cost, value, ratio,
    month
  );
  CREATE TABLE IF NOT EXISTS transitions (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, sequence INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (session_id, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS results (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, result_id TEXT NOT NULL, sequence INTEGER NOT NULL,
    computed_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (session_id, result_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS shares (
    token TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, sequence INTEGER NOT NULL,
    result_id TEXT NOT NULL, expires_at TEXT NOT NULL, revoked INTEGER NOT NULL, days INTEGER NOT NULL,
    show_organisation INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS shares_of_session ON shares (session_id, sequence);
  CREATE INDEX IF NOT EXISTS unrevoked_shares ON shares (expires_at, token) WHERE revoked = 0;
  -- Counts of views. They expire with their share links. The key is a token.
  CREATE TABLE IF NOT EXISTS views (
    key TEXT PRIMARY KEY, views INTEGER NOT NULL, expires_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS views_by_expiry ON views (expires_at);
  CREATE TRIGGER IF NOT EXISTS views_of_changed_share AFTER UPDATE OF expires_at, revoked ON shares BEGIN
    DELETE FROM views WHERE key = NEW.token AND NEW.revoked;
    UPDATE views SET expires_at = NEW.expires_at WHERE key = NEW.token;
  END;
  CREATE TRIGGER IF NOT EXISTS views_of_deleted_share AFTER DELETE ON shares BEGIN
    DELETE FROM views WHERE key = OLD.token;
  END;
  -- Owners that sessions had before. The sequence in until is that of the transition that replaced the owner.
  CREATE TABLE IF NOT EXISTS former_owners (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, until INTEGER NOT NULL, mentor_id TEXT NOT NULL,
    organisation_id TEXT, PRIMARY KEY (session_id, until)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS former_owners_by_mentor ON former_owners (mentor_id);
  -- Idempotency records of a session's changes. The number in place orders them by age.
  CREATE TABLE IF NOT EXISTS keys (
    session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE, key TEXT NOT NULL, at TEXT NOT NULL,
    body TEXT NOT NULL, place INTEGER PRIMARY KEY AUTOINCREMENT, UNIQUE (session_id, key)
  ) STRICT;
  -- Idempotency records of starts and closes. They outlive their sessions.
  CREATE TABLE IF NOT EXISTS starts (key TEXT PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS starts_by_age ON starts (at);
  CREATE INDEX IF NOT EXISTS starts_of_session ON starts (json_extract(body, '$.session.session_id'));
  -- The log. AUTOINCREMENT never assigns a position again, even after pruning. Only an erasure changes a row.
  CREATE TABLE IF NOT EXISTS commits (position INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS commits_of_mentor ON commits (json_extract(body, '$.mentor_id'));
  CREATE INDEX IF NOT EXISTS commits_of_organisation ON commits (json_extract(body, '$.organisation_id'));
  CREATE INDEX IF NOT EXISTS commits_of_former_mentor ON commits (json_extract(body, '$.former.mentor_id'))
    WHERE json_extract(body, '$.former') IS NOT NULL;
  CREATE INDEX IF NOT EXISTS commits_of_former_organisation ON commits (json_extract(body, '$.former.organisation_id'))
    WHERE json_extract(body, '$.former') IS NOT NULL;
  -- One row for each period in which the file was open: a random name, and the first position assigned in it.
  CREATE TABLE IF NOT EXISTS openings (first INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
`

// Records each opening of the file by a process. After the file is restored from a copy, the same commit numbers are
// assigned again. The new opening's name distinguishes these commits from the earlier ones. Openings without commits
// are deleted, and so are openings whose commits have all been pruned.
const openingSql = `
  DELETE FROM openings WHERE first > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'commits');
  DELETE FROM openings WHERE first < (SELECT max(first) FROM openings WHERE first < (SELECT min(position) FROM commits));
  INSERT INTO openings SELECT coalesce(max(seq), 0) + 1, lower(hex(randomblob(4)))
    FROM sqlite_sequence WHERE name = 'commits';
`

const storedLayout = (db: Database): number => db.pragma('user_version', { simple: true }) as number

/** Call `requireLayout` first. */
export function prepareTables(db: Database): void {
  db.transaction(() => {
    db.pragma(`user_version = ${layoutVersion}`)
    db.exec(tablesSql)
    const id = randomBytes(8).toString('hex')
    const identitySql = 'INSERT INTO identity SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM identity)'
    db.prepare(identitySql).run(id, randomBytes(secretBytes))
    db.exec(openingSql)
  })()
}

/**
 * Throws StartupError if the file has an earlier, later or unknown layout, or belongs to another program. Never changes the file.
 *
 * To change the tables, increment `layoutVersion`, and convert files of the previous version in `prepareTables`.
 */
export function requireLayout(db: Database, path: string): void {
  const version = storedLayout(db)
  if (version > layoutVersion) {
    throw new StartupError(
      `${path} was written by a later version of this program: start that version, or set DATA_FILE to another file.`,
    )
  }
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const isNew = version === 0 && tables.length === 0
  const isOurs = version > 0 && tables.includes('identity')
  if (isNew || (isOurs && version === layoutVersion)) return
  if (isOurs) {
    throw new StartupError(
      `${path} was written by version 1.0 or 1.1 of this program, which this version cannot read: start version 1.2 once ` +
        'with this file, or set DATA_FILE to another file.',
    )
  }
  throw new StartupError(
    `${path} has a layout that this program does not know: keep it, and set DATA_FILE to another file.`,
  )
}
