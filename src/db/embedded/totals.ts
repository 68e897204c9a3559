import type { MinuteCount } from '../../domain/contribution'
import type { Timestamp } from '../../domain/timestamp'
import { type Dimension, dimensions, type Filter, type TotalsRow } from '../store'
import type { EmbeddedFile } from './file'
import { type Selection, selection, whereClause } from './selection'
import { entriesAStep, type IndexRange, inSteps, rowsAStep } from './stepwise-reads'

const byAge = ['created_at', 'session_id']

/** The index ranges that contain the sessions of a filter, and the conditions that these ranges do not cover. */
export interface Ranges {
  ranges: IndexRange[]
  rest: Selection
}

const table = 'sessions'

const indexOf = ({ mentor_id, organisation_id, state }: Filter): string => {
  const who = mentor_id === undefined ? (organisation_id === undefined ? '' : '_by_organisation') : '_by_mentor'
  return `newest${who}${state === undefined ? '' : who ? '_and_state' : '_by_state'}`
}

export function rangesOf(filter: Filter): Ranges {
  const { organisation_id, ...others } = filter
  const isOfBoth = filter.mentor_id !== undefined && organisation_id !== undefined
  const [known, rest] = isOfBoth ? [others, { organisation_id }] : [filter, {}]
  return { ranges: [{ table, index: indexOf(known), fixed: selection(known), order: byAge }], rest: selection(rest) }
}

export const everything: Selection = { where: [], values: [] }

/** Returns ranges over all sessions, ordered by mentor or organisation. Sessions without an organisation come first. */
function oneAfterTheOther(name: 'mentor_id' | 'organisation_id', filter: Filter): Ranges {
  const index = name === 'mentor_id' ? 'newest_by_mentor' : 'newest_by_organisation'
  const ofNone = { table, index, fixed: { where: [`${name} IS NULL`], values: [] }, order: byAge }
  const ofSome = { table, index, fixed: everything, order: [name, ...byAge] }
  return { ranges: name === 'organisation_id' ? [ofNone, ofSome] : [ofSome], rest: selection(filter) }
}

/**
 * Up to this many sessions, groups are collected in memory. More sessions are read in the order of their mentors or
 * organisations, so that each group can be yielded as soon as it is complete.
 */
const gathered = 40_000

function orderOf(file: EmbeddedFile, filter: Filter, first?: Dimension): 'mentor_id' | 'organisation_id' | undefined {
  if ((first !== 'mentor_id' && first !== 'organisation_id') || filter[first] !== undefined) return undefined
  const { where, values } = selection(filter)
  const isMore = file.get(`SELECT 1 FROM ${table} ${whereClause(where)} LIMIT 1 OFFSET ${gathered}`, ...values)
  return isMore ? first : undefined
}

/** Counts the sessions of a filter, in steps. The count is not a snapshot (see `totals`). */
export async function count(file: EmbeddedFile, filter: Filter): Promise<number> {
  const { ranges, rest } = rangesOf(filter)
  const columns = 'count(*) AS count'
  const atOnce = rest.where.length > 0 ? rowsAStep : entriesAStep
  let count = 0n
  for (const range of ranges) {
    for await (const [step] of inSteps<{ count: bigint }>(file, range, { columns, rest, atOnce }))
      count += step?.count ?? 0n
  }
  return Number(count)
}

const sums = ['held', 'minutes', 'cost', 'value'] as const

const none = Object.fromEntries(dimensions.map(name => [name, null])) as Pick<TotalsRow, Dimension>

/** A row as a step returns it: each number is a bigint. */
type Summed = Pick<TotalsRow, Dimension | (typeof sums)[number]> & { sessions: bigint; results: bigint }

/**
 * Aggregates the sessions of a filter, in steps. The totals are not a snapshot: a session that changes meanwhile counts
 * as it was or as it is, and one that starts or closes meanwhile may count or not.
 */
export async function* totals(file: EmbeddedFile, filter: Filter, by: Dimension[]): AsyncGenerator<TotalsRow> {
  const inOrderOf = orderOf(file, filter, by[0])
  const { ranges, rest } = inOrderOf ? oneAfterTheOther(inOrderOf, filter) : rangesOf(filter)
  const columns = [
    ...by,
    'count(*) AS sessions',
    'count(result_id) AS results',
    ...sums.map(name => `coalesce(sum(${name}), 0) AS ${name}`),
  ].join(', ')
  const grouped = by.length > 0 ? `GROUP BY ${by.join(', ')} ORDER BY ${by.join(', ')}` : 'HAVING count(*) > 0'
  const groups = new Map<string, TotalsRow>()
  for (const range of ranges) {
    for await (const rows of inSteps<Summed>(file, range, { columns, grouped, rest })) {
      for (const row of rows) add(groups, JSON.stringify(by.map(name => row[name])), row)
      const last = rows.at(-1)
      if (last && inOrderOf) yield* takeBefore(groups, inOrderOf, last[inOrderOf])
    }
  }
  // Sorting makes keys with the same first dimension adjacent.
  for (const key of [...groups.keys()].sort()) yield groups.get(key) as TotalsRow
}

function add(groups: Map<string, TotalsRow>, key: string, { sessions, results, ...row }: Summed): void {
  const group = groups.get(key)
  if (group) {
    group.sessions += Number(sessions)
    group.results += Number(results)
    for (const name of sums) group[name] += row[name]
  } else {
    groups.set(key, { ...none, ...row, sessions: Number(sessions), results: Number(results) })
  }
}

/**
 * Removes and yields the complete groups: all groups except those of the mentor or organisation that is still being
 * read.
 */
function* takeBefore(
  groups: Map<string, TotalsRow>,
  name: 'mentor_id' | 'organisation_id',
  id: string | null,
): Generator<TotalsRow> {
  for (const [key, group] of groups) {
    if (group[name] === id) continue
    groups.delete(key)
    yield group
  }
}

/**
 * Counts the results of a filter's sessions since a time, by the minute in which they were computed. The counts are not
 * a snapshot.
 */
export async function calculations(file: EmbeddedFile, filter: Filter, since: Timestamp): Promise<MinuteCount[]> {
  const order = ['results.computed_at', 'results.session_id', 'results.result_id']
  const range = { table: 'results', index: 'results_by_age', fixed: everything, order, after: [since, '', ''] }
  const rest = selection(filter)
  const asked = {
    columns: 'substr(computed_at, 1, 16) AS minute, count(*) AS count',
    join: rest.where.length > 0 ? 'CROSS JOIN sessions USING (session_id)' : '',
    grouped: 'GROUP BY minute ORDER BY minute',
    rest,
  }
  const counts = new Map<string, number>()
  for await (const rows of inSteps<{ minute: string; count: bigint }>(file, range, asked)) {
    for (const { minute, count } of rows) counts.set(minute, (counts.get(minute) ?? 0) + Number(count))
  }
  return [...counts].map(([minute, count]) => ({ minute, count }))
}
