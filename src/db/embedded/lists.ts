import { unavailable } from '../../domain/errors'
import type { Filter } from '../../domain/list-query'
import { isAmount } from '../../domain/order'
import { ownerMatches } from '../../domain/owner'
import { isLive, type Snapshot } from '../../domain/session'
import type { LinkPosition, SharedLink } from '../../domain/shared-link'
import { compareSortKeys, compareTexts, type SortKey } from '../../domain/sort-key'
import type { Timestamp } from '../../domain/timestamp'
import { type SortKeyRange, sortedPage } from '../sorted-page'
import type { ListedSession, ListPage, OtherOrder, SessionLists, SortedPage, SortedSessions } from '../store'
import type { EmbeddedFile } from './file'
import { snapshotColumns } from './layout'
import type { EmbeddedSessions } from './sessions'
import {
  allOf,
  entriesPerStep,
  everything,
  filterConditions,
  inSteps,
  rowsPerStep,
  type Scan,
  type SqlConditions,
  scanOf,
  whereClause,
  withoutIndex,
} from './stepwise-reads'

/** Time limit in ms for reading a page that is not sorted by creation time. */
const pageMs = 18_000

/** Lower than for other indexes, because `sorting` entries have many columns. */
const sortingEntriesPerStep = 5_000

/** SQL expressions for the sort keys. Hours are rounded half up, as in the result's outputs. */
const sortKeySql: Record<OtherOrder['by'], string> = {
  updated_at: 'updated_at',
  mentor_id: 'mentor_id',
  label: 'label',
  period_to: 'period_to',
  total_hours: '(minutes + 30) / 60',
  programme_cost: 'cost',
  time_value: 'value',
  net_benefit: 'value - cost',
  benefit_cost_ratio: 'ratio',
}

interface ListStart {
  fromEnd: boolean
  after: Pick<Snapshot, 'created_at' | 'session_id'> | undefined
  offset: number
  limit: number
}

export class EmbeddedLists implements SessionLists {
  readonly #file: EmbeddedFile
  readonly #single: EmbeddedSessions

  constructor(file: EmbeddedFile, single: EmbeddedSessions) {
    this.#file = file
    this.#single = single
  }

  async list(filter: Filter, page: ListPage): Promise<ListedSession[]> {
    const sessions = await this.#list(filter, page)
    return page.withResults ? this.#withResults(sessions) : sessions
  }

  /** Adds the current result to each session. Omits sessions that have been closed since they were read. */
  async #withResults(sessions: Snapshot[]): Promise<ListedSession[]> {
    const found: ListedSession[] = []
    for (const session of sessions) {
      const { session_id, result_id } = session
      const result = result_id === null ? null : await this.#single.result(session_id, result_id)
      if (result_id === null || result) found.push({ ...session, result })
    }
    return found
  }

  /** Skips a large offset in steps, and yields to other work between the steps. */
  async #list(filter: Filter, page: ListPage): Promise<Snapshot[]> {
    const { limit, fromEnd = false } = page
    let after: ListStart['after'] = 'after' in page ? page.after : undefined
    let offset = 'offset' in page ? page.offset : 0
    const scan = scanOf(filter)
    if (scan.rest.where.length > 0) {
      const sessions = await this.#listInSteps(scan, { fromEnd, after, offset, limit })
      return fromEnd ? sessions.reverse() : sessions
    }
    for (; offset > entriesPerStep; offset -= entriesPerStep) {
      const last = { fromEnd, after, offset: entriesPerStep - 1, limit: 1 }
      ;[after] = this.#readList('created_at, session_id', filter, last)
      if (!after) return []
      await this.#file.yieldNow()
    }
    const sessions = this.#readList(snapshotColumns, filter, { fromEnd, after, offset, limit })
    return fromEnd ? sessions.reverse() : sessions
  }

  /**
   * Reads a page for a filter that no index covers. Scans the entries of the best index in steps until the page is
   * full. The first step is short, because a few index entries often suffice for the page.
   */
  async #listInSteps(
    { ranges, rest, isIndexOnly }: Scan,
    { fromEnd, after, offset, limit }: ListStart,
  ): Promise<Snapshot[]> {
    const [{ index, fixed }] = ranges
    const [direction, unread, read] = fromEnd ? ['ASC', '>', '<='] : ['DESC', '<', '>=']
    const source = `FROM sessions INDEXED BY ${index}`
    const order = `ORDER BY created_at ${direction}, session_id ${direction}`
    const bound = (sign: string, at: ListStart['after']): SqlConditions =>
      at ? { where: [`(created_at, session_id) ${sign} (?, ?)`], values: [at.created_at, at.session_id] } : everything
    const selected = { where: rest.where.map(withoutIndex), values: rest.values }
    const found: Snapshot[] = []
    let [start, skip, stepSize] = [after, offset, rowsPerStep]
    for (;;) {
      const ahead = allOf(fixed, bound(unread, start))
      const lastSql = `SELECT created_at, session_id ${source} ${whereClause(ahead.where)} ${order} LIMIT 1 OFFSET ?`
      const last = this.#file.get<NonNullable<ListStart['after']>>(lastSql, ...ahead.values, stepSize - 1)
      const { where, values } = allOf(ahead, bound(read, last), selected)
      const sql = `SELECT ${snapshotColumns} ${source} ${whereClause(where)} ${order} LIMIT ? OFFSET ?`
      const sessions = this.#file.all<Snapshot>(sql, ...values, limit - found.length, skip)
      found.push(...sessions)
      if (!last || found.length === limit) return found
      if (sessions.length > 0) skip = 0
      else if (skip > 0) skip -= this.#countIn(source, where, values)
      start = last
      stepSize = isIndexOnly ? entriesPerStep : rowsPerStep
      await this.#file.yieldNow()
    }
  }

  #countIn(source: string, where: string[], values: SqlConditions['values']): number {
    return this.#file.value<number>(`SELECT count(*) ${source} ${whereClause(where)}`, ...values) ?? 0
  }

  #readList(columns: string, filter: Filter, { fromEnd, after, offset, limit }: ListStart): Snapshot[] {
    const [direction, sign] = fromEnd ? ['ASC', '>'] : ['DESC', '<']
    const start = after && {
      where: [`(created_at, session_id) ${sign} (?, ?)`],
      values: [after.created_at, after.session_id],
    }
    const { where, values } = allOf(filterConditions(filter), start ?? everything)
    const sql = `SELECT ${columns} FROM sessions ${whereClause(where)}
      ORDER BY created_at ${direction}, session_id ${direction} LIMIT ? OFFSET ?`
    return this.#file.all<Snapshot>(sql, ...values, limit, offset)
  }

  /** Reads the sort keys of all matching sessions in steps. */
  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<SortedSessions> {
    const until = performance.now() + pageMs
    return sortedPage(filter, page, {
      sortKeys: range => this.#sortKeys(filter, order, range, until),
      sessions: ids =>
        Promise.all(ids.map(id => (page.withResults ? this.#single.withResult(id) : this.#single.snapshot(id)))),
    })
  }

  /** Holds at most one page of sort keys in memory. Throws `unavailable` if the time `until` has passed. */
  async #sortKeys(
    filter: Filter,
    order: OtherOrder,
    { haveKey, limit, after }: SortKeyRange,
    until: number,
  ): Promise<SortKey[]> {
    const scan = sortingScanOf(filter)
    const rest = allOf(scan.rest, haveKey ? keyed(order) : unkeyed(order), beyond(order, after))
    const direction = order.descending ? 'DESC' : 'ASC'
    const query = {
      columns: `${haveKey ? sortKeySql[order.by] : 'NULL'} AS key, session_id`,
      grouped: `ORDER BY key ${direction}, session_id ${direction}`,
      limit,
    }
    const compare = compareSortKeys(order)
    let first: SortKey[] = []
    for await (const rows of inSteps<SortKeyRow>(this.#file, { ...scan, rest }, query)) {
      if (performance.now() > until) throw unavailable(new Error(`a sorted page took longer than ${pageMs} ms`))
      if (rows.length > 0) first = [...first, ...rows.map(sortKeyOfRow)].sort(compare).slice(0, limit)
    }
    return first
  }

  async count(filter: Filter): Promise<number> {
    const scan = scanOf(filter)
    const steps = inSteps<{ count: bigint }>(
      this.#file,
      { ...scan, stepSize: scan.isIndexOnly ? entriesPerStep : rowsPerStep },
      { columns: 'count(*) AS count' },
    )
    let count = 0n
    for await (const [row] of steps) count += row?.count ?? 0n
    return Number(count)
  }

  /** Reads the positions of all live share links in steps, and keeps at most one page of them in memory. */
  async sharedLinks(
    filter: Filter,
    now: Timestamp,
    { limit, after }: { limit: number; after?: LinkPosition },
  ): Promise<SharedLink[]> {
    const found: SharedLink[] = []
    let start = after
    for (;;) {
      const rows = await this.#linkRows(filter, now, limit - found.length, start)
      const isEnd = rows.length < limit - found.length
      for (const { token, session_id } of rows) {
        const session = await this.#single.snapshot(session_id)
        const share = this.#single.share(token)
        // The session may have been reassigned since its link was read.
        if (session && ownerMatches(filter, session) && share && isLive(share, now)) found.push({ session, share })
      }
      // If some links have been revoked or have expired since they were read, fill the page with the next links.
      if (isEnd || found.length === limit) return found
      start = rows.at(-1)
    }
  }

  /** If a link's position changes during the read, the latest position applies. */
  async #linkRows(filter: Filter, now: Timestamp, limit: number, after?: LinkPosition): Promise<LinkRow[]> {
    const live = { where: ['expires_at > ?'], values: [now] }
    const scan: Scan = {
      ranges: [{ ...unrevokedShares, after: [now, ''] }],
      rest: allOf(live, filterConditions(filter)),
    }
    const query = { columns: linkColumns, join: 'JOIN sessions USING (session_id)' }
    let first: LinkRow[] = []
    for await (const rows of inSteps<LinkRow>(this.#file, scan, query)) {
      const following = after ? rows.filter(row => compareLinks(row, after) > 0) : rows
      const byToken = new Map([...first, ...following].map(row => [row.token, row]))
      first = [...byToken.values()].sort(compareLinks).slice(0, limit)
    }
    return first
  }
}

/** Index range of all share links that have not been revoked, ordered by expiry. */
const unrevokedShares: Scan['ranges'][0] = {
  table: 'shares',
  index: 'unrevoked_shares',
  fixed: { where: ['revoked = 0'], values: [] },
  order: ['expires_at', 'token'],
}

interface LinkRow extends LinkPosition {
  token: string
}

/** The column `made_at` is computed in the same way as `madeAt`. */
const linkColumns = `token, session_id, shares.result_id AS result_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', expires_at, '-' || days || ' days') AS made_at`

const compareLinks = (a: LinkPosition, b: LinkPosition): number =>
  compareTexts(b.made_at, a.made_at) ||
  compareTexts(b.session_id, a.session_id) ||
  compareTexts(b.result_id, a.result_id)

/** Returns the index by mentor if the filter has a mentor, and otherwise the index that contains all sort keys. */
function sortingScanOf(filter: Filter): Scan {
  const { mentor_id, external_id, organisation_id, ...others } = filter
  if (mentor_id !== undefined || external_id !== undefined) return scanOf(filter)
  const range = { table: 'sessions', index: 'sorting', order: ['session_id'] }
  const ofNone = { ...range, fixed: filterConditions({ organisation_id: null }) }
  const ofEach = { ...range, order: ['organisation_id', 'session_id'], fixed: everything }
  return {
    ranges:
      organisation_id === undefined ? [ofNone, ofEach] : [{ ...range, fixed: filterConditions({ organisation_id }) }],
    rest: filterConditions(others),
    stepSize: sortingEntriesPerStep,
  }
}

/** Returns the SQL condition for sessions that have a sort key. */
function keyed({ by, currency }: OtherOrder): SqlConditions {
  const hasKey = `${sortKeySql[by]} IS NOT NULL`
  return isAmount(by) ? { where: [hasKey, 'currency IS ?'], values: [currency] } : { where: [hasKey], values: [] }
}

function unkeyed(order: OtherOrder): SqlConditions {
  const { where, values } = keyed(order)
  return { where: [`(NOT (${where.join(' AND ')}))`], values }
}

/**
 * Returns the SQL condition for sessions that come after a sort key. Combine this condition with `keyed` or `unkeyed`,
 * because it does not distinguish sessions with a sort key from sessions without one.
 */
function beyond({ by, descending }: OtherOrder, after: SortKey | undefined): SqlConditions {
  if (!after) return everything
  const { key, session_id } = after
  const sign = descending ? '<' : '>'
  if (key === null) return { where: [`session_id ${sign} ?`], values: [session_id] }
  const isBeyond = `(${sortKeySql[by]} ${sign} ? OR (${sortKeySql[by]} = ? AND session_id ${sign} ?))`
  return { where: [isBeyond], values: [key, key, session_id] }
}

interface SortKeyRow {
  key: string | bigint | null
  session_id: string
}

const sortKeyOfRow = ({ key, session_id }: SortKeyRow): SortKey => ({
  key: typeof key === 'bigint' ? Number(key) : key,
  session_id,
})
