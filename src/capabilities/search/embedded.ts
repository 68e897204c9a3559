import type { Deadline, Signal } from '../../concurrency/deadline'
import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import { filterConditions, scanOf, whereClause, withoutIndex } from '../../db/embedded/stepwise-reads'
import type { Filter } from '../../domain/list-query'
import type { SessionSearch } from './store'
import { indexedWords, matcherOf, type SearchedTexts, searchFields } from './words'

/** Increment this number if `indexedWords` returns other words for the same texts. */
const indexVersion = 1

/**
 * Number of sessions or index entries that a search reads per step, and number of sessions that are indexed or of index
 * entries that are deleted per step. A step takes a few milliseconds.
 */
const sessionsPerSearchStep = 500
const entriesPerSearchStep = 5_000
const sessionsPerFillStep = 100
const deletedWordsPerStep = 2_000

/** Number of index entries from which a word is common. */
export const commonWordEntries = 10_000
/** Number of the newest sessions that a search for common words reads before it reads the index. */
export const newestSearched = 5_000

const hasColumnSql = "SELECT 1 FROM pragma_table_info('sessions') WHERE name = 'search'"
// The index refers to sessions by row id, which takes a quarter of the space of their ids. Triggers copy the words from
// the session's column `search` if it changes.
const tablesSql = `
  CREATE TABLE IF NOT EXISTS search_words (
    word TEXT NOT NULL, session INTEGER NOT NULL, PRIMARY KEY (word, session)
  ) STRICT, WITHOUT ROWID;
  -- One row. Sessions up to the row id in filled are indexed. It is null once all sessions are indexed, and negative
  -- while an outdated index is deleted. The other columns identify the last opening of the file that maintained the index.
  CREATE TABLE IF NOT EXISTS search_index (
    version INTEGER NOT NULL, filled INTEGER, first INTEGER NOT NULL, opening TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS search_words_of_changed_session AFTER UPDATE OF search ON sessions
    WHEN OLD.search IS NOT NEW.search BEGIN
    DELETE FROM search_words WHERE session = OLD.rowid AND word IN (SELECT value FROM json_each(OLD.search));
    INSERT OR IGNORE INTO search_words SELECT value, NEW.rowid FROM json_each(NEW.search);
  END;
  CREATE TRIGGER IF NOT EXISTS search_words_of_deleted_session AFTER DELETE ON sessions WHEN OLD.search IS NOT NULL BEGIN
    DELETE FROM search_words WHERE session = OLD.rowid AND word IN (SELECT value FROM json_each(OLD.search));
  END;
`

// Whether a process without this capability has written to the file since the index was last maintained.
const isOutdatedSql = 'SELECT 1 FROM openings WHERE first >= ? AND name <> ? AND name <> ?'

const deleteSql = `DELETE FROM search_words WHERE (word, session) IN
  (SELECT word, session FROM search_words LIMIT ${deletedWordsPerStep})`
const fillEndSql = `SELECT max(rowid) FROM
  (SELECT rowid FROM sessions WHERE rowid > ? ORDER BY rowid LIMIT ${sessionsPerFillStep})`
const filledSql = `SELECT rowid, label, mentor_id, organisation_id, search FROM sessions WHERE rowid > ? AND rowid <= ?`
const indexSql = 'UPDATE sessions SET search = ? WHERE rowid = ?'

const entriesOfWordSql = 'FROM search_words WHERE word >= ? AND word < ?'
export const nextEntriesSql = `SELECT word, session FROM search_words WHERE (word, session) > (?, ?) AND word < ?
  ORDER BY word, session LIMIT ${entriesPerSearchStep}`
export const countEntriesSql = `SELECT count(*) FROM (SELECT 1 ${entriesOfWordSql} LIMIT ${commonWordEntries})`
export const sessionsOfWordSql = `SELECT DISTINCT session ${entriesOfWordSql}`
/** Returns the first and last possible word that begin with these characters. */
const rangeOf = (word: string): [string, string] => [word, `${word}\u{10ffff}`]

const searchedColumns = 'session_id, created_at, label, mentor_id, organisation_id'

interface FilledRow extends SearchedTexts {
  rowid: number
  search: string | null
}

interface Entry {
  word: string
  session: number
}

interface Row {
  session_id: string
  created_at: string
  label: string | null
  mentor_id: string
  organisation_id: string | null
  is_selected?: number | null
}

/** Stores each session's words as JSON in the column `search` of its row. A table indexes these words. */
export class EmbeddedSearch implements SessionSearch {
  readonly fields = searchFields
  readonly #file: EmbeddedFile

  constructor({ file }: EmbeddedCore) {
    this.#file = file
    if (!file.value(hasColumnSql)) file.db.exec('ALTER TABLE sessions ADD COLUMN search TEXT')
    file.db.exec(tablesSql)
    this.#recordOpening()
  }

  /** Records that the index is maintained from now on. If the index is missing or outdated, it must be filled. */
  #recordOpening(): void {
    const current = this.#file.get<{ first: number; name: string }>(
      'SELECT * FROM openings ORDER BY first DESC LIMIT 1',
    )
    const { first, name } = current as { first: number; name: string }
    const stored = this.#file.get<{ version: number; first: number; opening: string }>('SELECT * FROM search_index')
    if (!stored) {
      // An empty store needs no filling.
      const filled = this.#file.value<number>('SELECT 0 FROM sessions LIMIT 1') ?? null
      this.#file.run('INSERT INTO search_index VALUES (?, ?, ?, ?)', indexVersion, filled, first, name)
      return
    }
    const isOutdated =
      stored.version !== indexVersion || this.#file.get(isOutdatedSql, stored.first, stored.opening, name) !== undefined
    if (isOutdated) this.#file.run('UPDATE search_index SET filled = -1')
    this.#file.run('UPDATE search_index SET version = ?, first = ?, opening = ?', indexVersion, first, name)
  }

  async fill(signal: Signal): Promise<void> {
    const filled = () => this.#file.value<number | null>('SELECT filled FROM search_index') ?? null
    for (let last = filled(); last !== null && !signal.aborted; last = filled()) {
      const step = last
      await this.#file.commit(() => this.#fillStep(step))
      await this.#file.yieldNow()
    }
  }

  #fillStep(filled: number): void {
    if (filled < 0) {
      if (this.#file.run(deleteSql) === 0) this.#file.run('UPDATE search_index SET filled = 0')
      return
    }
    const end = this.#file.value<number | null>(fillEndSql, filled) ?? null
    const sessions = end === null ? [] : this.#file.all<FilledRow>(filledSql, filled, end)
    for (const session of sessions) {
      const words = indexedWords(session)
      // The index may lack the words of the column. Only a change of the column adds them.
      if (session.search !== null) this.#file.run(indexSql, null, session.rowid)
      if (words.length > 0) this.#file.run(indexSql, JSON.stringify(words), session.rowid)
    }
    this.#file.run('UPDATE search_index SET filled = ?', end)
  }

  /**
   * If one of the words is not common, reads the sessions that have this word. If all words are common, most searches
   * find enough matches among the newest sessions. Only the others read all index entries of the words.
   */
  async matches(filter: Filter, words: readonly string[], limit: number, deadline: Deadline): Promise<string[]> {
    const isWordMatch = matcherOf(words)
    const isMatch = ({ label, mentor_id, organisation_id }: Row): boolean =>
      label !== null && isWordMatch(label, mentor_id, organisation_id)
    const rare = this.#rareAmong(words)
    let found = rare ? undefined : await this.#amongNewest(filter, isMatch, limit, deadline)
    if (!found) {
      found = []
      const sessions = rare ? this.#having(rare) : await this.#havingAll(words, deadline)
      for await (const rows of this.#selected(filter, sessions)) {
        deadline.check()
        found.push(...rows.filter(isMatch))
      }
    }
    return found
      .sort((a, b) => (newestFirstKey(a) < newestFirstKey(b) ? 1 : -1))
      .slice(0, limit)
      .map(({ session_id }) => session_id)
  }

  /** Returns the word with the fewest index entries, or undefined if all words are common. */
  #rareAmong(words: readonly string[]): string | undefined {
    const counted = words.map(word => ({
      word,
      entries: this.#file.value<number>(countEntriesSql, ...rangeOf(word)) ?? 0,
    }))
    const [rarest] = counted.sort((a, b) => a.entries - b.entries)
    return rarest && rarest.entries < commonWordEntries ? rarest.word : undefined
  }

  /** Returns matches among the newest sessions, or undefined if it finds too few. */
  async #amongNewest(
    filter: Filter,
    isMatch: (row: Row) => boolean,
    limit: number,
    deadline: Deadline,
  ): Promise<Row[] | undefined> {
    const found: Row[] = []
    let read = 0
    for await (const rows of this.#newest(filter)) {
      deadline.check()
      found.push(...rows.filter(isMatch))
      read += sessionsPerSearchStep
      if (found.length >= limit) return found
      if (read >= newestSearched) return undefined
    }
    return found
  }

  /** Returns the row ids of the sessions that have a word with this beginning. */
  #having(word: string): number[] {
    return this.#file.all<{ session: number }>(sessionsOfWordSql, ...rangeOf(word)).map(({ session }) => session)
  }

  /** Returns the row ids of the sessions that have words with all these beginnings. Reads the index in steps. */
  async #havingAll(words: readonly string[], deadline: Deadline): Promise<number[]> {
    const last = this.#file.value<number | null>('SELECT max(rowid) FROM sessions') ?? 0
    /** Number of words that a session is known to have, by row id. */
    const had = new Uint8Array(last + 1)
    for (const [i, start] of words.entries()) {
      const [, end] = rangeOf(start)
      let after: Entry | undefined = { word: start, session: 0 }
      while (after) {
        const entries: Entry[] = this.#file.all<Entry>(nextEntriesSql, after.word, after.session, end)
        for (const { session } of entries) if (had[session] === i) had[session] = i + 1
        after = entries.length === entriesPerSearchStep ? entries.at(-1) : undefined
        await this.#file.yieldNow()
        deadline.check()
      }
    }
    const sessions: number[] = []
    const next = (session: number): number => had.indexOf(words.length, session + 1)
    for (let session = next(0); session > 0; session = next(session)) sessions.push(session)
    return sessions
  }

  /** Reads those of the sessions with these row ids that match the filter, in steps. */
  async *#selected(filter: Filter, sessions: number[]): AsyncGenerator<Row[]> {
    const { where, values } = filterConditions(filter)
    const isSelected = ['rowid IN (SELECT value FROM json_each(?))', ...where.map(withoutIndex)]
    const sql = `SELECT ${searchedColumns} FROM sessions ${whereClause(isSelected)}`
    for (let start = 0; start < sessions.length; start += sessionsPerSearchStep) {
      if (start > 0) await this.#file.yieldNow()
      const step = sessions.slice(start, start + sessionsPerSearchStep)
      yield this.#file.all<Row>(sql, JSON.stringify(step), ...values)
    }
  }

  /** Reads the sessions that match the filter, newest first, in steps. */
  async *#newest(filter: Filter): AsyncGenerator<Row[]> {
    // The index of external ids is not in this order.
    const { external_id: _, ...ordered } = filter
    const [{ index, fixed: covered }] = scanOf(ordered).ranges
    const all = filterConditions(filter)
    const isSelected = all.where.map(withoutIndex).join(' AND ') || 'TRUE'
    const unread = [...covered.where, '(created_at, session_id) < (?, ?)']
    const sql = `SELECT ${searchedColumns}, ${isSelected} AS is_selected FROM sessions INDEXED BY ${index}
      ${whereClause(unread)} ORDER BY created_at DESC, session_id DESC LIMIT ${sessionsPerSearchStep}`
    // No date begins with a letter.
    let before = ['a', '']
    for (;;) {
      const rows = this.#file.all<Row>(sql, ...all.values, ...covered.values, ...before)
      yield rows.filter(({ is_selected }) => is_selected)
      const last = rows.at(-1)
      if (!last || rows.length < sessionsPerSearchStep) return
      before = [last.created_at, last.session_id]
      await this.#file.yieldNow()
    }
  }
}

const newestFirstKey = ({ created_at, session_id }: Row): string => `${created_at} ${session_id}`
