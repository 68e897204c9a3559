import { randomUUID } from 'node:crypto'
import type { EmbeddedCore } from '../../db/embedded/embedded-store'
import type { EmbeddedFile } from '../../db/embedded/file'
import type { EmbeddedLog } from '../../db/embedded/log'
import {
  creationOrder,
  everything,
  filterConditions,
  inSteps,
  type Scan,
  scanOf,
  whereClause,
} from '../../db/embedded/stepwise-reads'
import type { MinuteCount, ResultContribution } from '../../domain/contribution'
import type { Filter } from '../../domain/list-query'
import type { RestingState } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import type { CheckpointHeader } from './checkpoint'
import {
  type BegunCheckpoint,
  type ContributionPage,
  type Dimension,
  noDimensions,
  type SessionContribution,
  type SessionTotals,
  type StoredCheckpoint,
  sums,
  type TotalsRow,
} from './store'

/**
 * Maximum number of sessions for which all groups are collected in memory. If more sessions match, they are read in the
 * order of their mentors or organisations, so that each group can be yielded once it is complete.
 */
const sessionsInMemory = 40_000

const contributionsSql = `SELECT session_id, mentor_id, organisation_id, created_at, label, state, calculations,
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
    file.db.exec('CREATE INDEX IF NOT EXISTS results_by_age ON results (computed_at)')
    file.db.exec(checkpointsSql)
  }

  async contributions(after: string, limit: number): Promise<ContributionPage> {
    const position = this.#log.now()
    const rows = this.#file.all<ContributionRow>(contributionsSql, after, limit)
    const next = rows.length === limit ? (rows.at(-1)?.session_id ?? null) : null
    return { sessions: rows.map(sessionContributionOf), next, position, reached: position }
  }

  /**
   * Implements `SessionTotals.rows`, in steps. A session that is started or closed between two steps may or may not be
   * counted.
   */
  async *rows(filter: Filter, by: Dimension[]): AsyncGenerator<TotalsRow> {
    const first = this.#streamedDimension(filter, by[0])
    const columns = [
      ...by,
      'count(*) AS sessions',
      'count(result_id) AS results',
      ...sums.map(name => `coalesce(sum(${name}), 0) AS ${name}`),
    ].join(', ')
    const grouped = by.length > 0 ? `GROUP BY ${by.join(', ')} ORDER BY ${by.join(', ')}` : 'HAVING count(*) > 0'
    const groups = new Map<string, TotalsRow>()
    const scan = first ? scanBy(first, filter) : scanOf(filter)
    for await (const rows of inSteps<StepTotals>(this.#file, scan, { columns, grouped })) {
      for (const row of rows) addToGroup(groups, JSON.stringify(by.map(name => row[name])), row)
      const last = rows.at(-1)
      if (last && first) yield* takeComplete(groups, first, last[first])
    }
    // Sorting makes keys with the same first dimension adjacent.
    for (const key of [...groups.keys()].sort()) yield groups.get(key) as TotalsRow
  }

  /**
   * Returns the dimension `first` if the sessions are read in the order of this dimension. Otherwise, returns
   * undefined.
   */
  #streamedDimension(filter: Filter, first?: Dimension): StreamedDimension | undefined {
    if ((first !== 'mentor_id' && first !== 'organisation_id') || filter[first] !== undefined) return undefined
    const { where, values } = filterConditions(filter)
    const sql = `SELECT 1 FROM sessions ${whereClause(where)} LIMIT 1 OFFSET ${sessionsInMemory}`
    return this.#file.get(sql, ...values) ? first : undefined
  }

  /**
   * Implements `SessionTotals.calculations`, in steps. The counts are not a snapshot, because sessions can change
   * between the steps.
   */
  async calculations(filter: Filter, since: Timestamp): Promise<MinuteCount[]> {
    const order = ['results.computed_at', 'results.session_id', 'results.result_id']
    const rest = filterConditions(filter)
    const scan: Scan = {
      ranges: [{ table: 'results', index: 'results_by_age', fixed: everything, order, after: [since, '', ''] }],
      rest,
    }
    const query = {
      columns: 'substr(computed_at, 1, 16) AS minute, count(*) AS count',
      join: rest.where.length > 0 ? 'CROSS JOIN sessions USING (session_id)' : '',
      grouped: 'GROUP BY minute ORDER BY minute',
    }
    const counts = new Map<string, number>()
    for await (const rows of inSteps<{ minute: string; count: bigint }>(this.#file, scan, query)) {
      for (const { minute, count } of rows) counts.set(minute, (counts.get(minute) ?? 0) + Number(count))
    }
    return [...counts].map(([minute, count]) => ({ minute, count }))
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
  created_at,
  label,
  state,
  calculations,
  ...result
}: ContributionRow): SessionContribution => ({
  session_id,
  mentor_id,
  organisation_id,
  created_at,
  label,
  contribution: {
    state,
    result: result.month ? (result as ResultContribution) : null,
    calculations: JSON.parse(calculations),
  },
})

type StreamedDimension = 'mentor_id' | 'organisation_id'

/**
 * Returns a scan of all matching sessions in the order of their mentors or organisations. Sessions without an
 * organisation come first.
 */
function scanBy(name: StreamedDimension, filter: Filter): Scan {
  const index = name === 'mentor_id' ? 'newest_by_mentor' : 'newest_by_organisation'
  const range = { table: 'sessions', index }
  const ofNone = { ...range, fixed: filterConditions({ organisation_id: null }), order: creationOrder }
  const ofEach = { ...range, fixed: everything, order: [name, ...creationOrder] }
  return { ranges: name === 'organisation_id' ? [ofNone, ofEach] : [ofEach], rest: filterConditions(filter) }
}

/** A row as read from SQLite, in which all numbers are bigints. */
type StepTotals = Omit<TotalsRow, 'sessions' | 'results'> & { sessions: bigint; results: bigint }

function addToGroup(groups: Map<string, TotalsRow>, key: string, { sessions, results, ...row }: StepTotals): void {
  const group = groups.get(key)
  if (group) {
    group.sessions += Number(sessions)
    group.results += Number(results)
    for (const name of sums) group[name] += row[name]
  } else {
    groups.set(key, { ...noDimensions, ...row, sessions: Number(sessions), results: Number(results) })
  }
}

/**
 * Removes and yields all complete groups. Only the group of the mentor or organisation that is still being read is
 * incomplete.
 */
function* takeComplete(
  groups: Map<string, TotalsRow>,
  name: StreamedDimension,
  unfinished: string | null,
): Generator<TotalsRow> {
  for (const [key, group] of groups) {
    if (group[name] === unfinished) continue
    groups.delete(key)
    yield group
  }
}
