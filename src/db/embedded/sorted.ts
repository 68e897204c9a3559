import { unavailable } from '../../domain/errors'
import { isAmount } from '../../domain/order'
import { type Snapshot, snapshotMembers } from '../../domain/session'
import { compareSortKeys, type SortKey } from '../../domain/sort-key'
import { sortedPage } from '../sorted-page'
import type { Filter, OtherOrder, SortedPage, SortedSessions } from '../store'
import type { EmbeddedFile } from './file'
import { type Selection, selection } from './selection'
import { inSteps, rowsAStep } from './stepwise-reads'
import { everything, type Ranges, rangesOf } from './totals'

/** SQL expressions of the sort keys. Hours are rounded half up, as in a result. */
const keys: Record<OtherOrder['by'], string> = {
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

const snapshotSql = `SELECT ${snapshotMembers.join(', ')} FROM sessions WHERE session_id = ?`

/** Index entries that one step reads. They are wide, so a step reads fewer than elsewhere. */
const entriesAStep = 5_000

/** Time limit for one page. */
const pageMs = 18_000

/** See Store.sorted. Reads every session of the filter, in steps. Holds at most a page from the steps before. */
export function sorted(
  file: EmbeddedFile,
  filter: Filter,
  order: OtherOrder,
  page: SortedPage,
): Promise<SortedSessions> {
  const direction = order.descending ? 'DESC' : 'ASC'
  const compare = compareSortKeys(order)
  const until = performance.now() + pageMs

  async function sortKeys(haveKey: boolean, limit: number, after?: SortKey): Promise<SortKey[]> {
    const { ranges, rest, atOnce } = scanOf(filter)
    const conditions = [rest, haveKey ? keyed(order) : unkeyed(order), beyond(order, after)]
    const asked = {
      columns: `${haveKey ? keys[order.by] : 'NULL'} AS key, session_id`,
      grouped: `ORDER BY key ${direction}, session_id ${direction}`,
      rest: {
        where: conditions.flatMap(({ where }) => where),
        values: conditions.flatMap(({ values }) => values),
      },
      atOnce,
      limit,
    }
    let best: SortKey[] = []
    for (const range of ranges) {
      for await (const step of inSteps<Found>(file, range, asked)) {
        if (performance.now() > until) throw unavailable(new Error(`a sorted page took longer than ${pageMs} ms`))
        if (step.length > 0) best = [...best, ...step.map(placeOf)].sort(compare).slice(0, limit)
      }
    }
    return best
  }

  const snapshots = async (ids: string[]) => ids.map(id => file.get<Snapshot>(snapshotSql, id) ?? null)
  return sortedPage(page, { sortKeys, snapshots })
}

/** Chooses the index: for one mentor that of the mentor's sessions, otherwise the one that holds every sort key. */
function scanOf(filter: Filter): Ranges & { atOnce: number } {
  if (filter.mentor_id !== undefined) return { ...rangesOf(filter), atOnce: rowsAStep }
  const { organisation_id, state } = filter
  const range = { table: 'sessions', index: 'sorting', order: ['session_id'] }
  const ofOne = { ...range, fixed: selection({ ...(organisation_id !== undefined && { organisation_id }) }) }
  const ofNone = { ...range, fixed: { where: ['organisation_id IS NULL'], values: [] } }
  const ofSome = { ...range, order: ['organisation_id', 'session_id'], fixed: everything }
  return {
    ranges: organisation_id === undefined ? [ofNone, ofSome] : [ofOne],
    rest: selection({ ...(state !== undefined && { state }) }),
    atOnce: entriesAStep,
  }
}

/** Condition: the session has a sort key. */
function keyed({ by, currency }: OtherOrder): Selection {
  const where = [`${keys[by]} IS NOT NULL`]
  return isAmount(by) ? { where: [...where, 'currency IS ?'], values: [currency] } : { where, values: [] }
}

function unkeyed(order: OtherOrder): Selection {
  const { where, values } = keyed(order)
  return { where: [`(NOT (${where.join(' AND ')}))`], values }
}

/**
 * Condition: the session comes after a sort key. It compares only sessions that have a key, or only sessions without
 * one.
 */
function beyond({ by, descending }: OtherOrder, after: SortKey | undefined): Selection {
  if (!after) return everything
  const { key, session_id } = after
  const sign = descending ? '<' : '>'
  if (key === null) return { where: [`session_id ${sign} ?`], values: [session_id] }
  const isBehind = `(${keys[by]} ${sign} ? OR (${keys[by]} = ? AND session_id ${sign} ?))`
  return { where: [isBehind], values: [key, key, session_id] }
}

interface Found {
  key: string | bigint | null
  session_id: string
}

const placeOf = ({ key, session_id }: Found): SortKey => ({
  key: typeof key === 'bigint' ? Number(key) : key,
  session_id,
})
