import type { Filter } from '../../domain/list-query'
import type { EmbeddedFile } from './file'
import { organisationOrNone } from './layout'

/**
 * Number of rows read per step and, for steps that read only an index, number of index entries. A step blocks the event
 * loop for one to two milliseconds. The sum of `rowsPerStep` safe integers fits into an SQLite integer.
 */
export const rowsPerStep = 500
export const entriesPerStep = 10_000

/** SQL conditions, and the values to bind to their parameters. */
export interface SqlConditions {
  where: string[]
  values: (string | number | null)[]
}

export const everything: SqlConditions = { where: [], values: [] }

export function filterConditions(filter: Filter): SqlConditions {
  const where: string[] = []
  const values: SqlConditions['values'] = []
  for (const column of ['external_id', 'mentor_id', 'organisation_id', 'state'] as const) {
    const value = filter[column]
    if (value === undefined) continue
    // The columns are ordered by selectivity: an external id selects the fewest sessions, and a mentor selects far
    // fewer sessions than an organisation. The `+` before all later columns makes SQLite use the index on the first
    // column.
    const name = column !== 'state' && where.length > 0 ? `+${column}` : column
    where.push(value === null ? `${name} IS NULL` : `${name} = ?`)
    if (value !== null) values.push(value)
  }
  const { from, to } = filter.months ?? {}
  if (from !== undefined) where.push('month >= ?')
  if (to !== undefined) where.push('month <= ?')
  return { where, values: [...values, ...[from, to].filter(month => month !== undefined)] }
}

export const allOf = (...all: SqlConditions[]): SqlConditions => ({
  where: all.flatMap(({ where }) => where),
  values: all.flatMap(({ values }) => values),
})

export const whereClause = (where: string[]): string => (where.length > 0 ? `WHERE ${where.join(' AND ')}` : '')

/** Prefixes a condition with `+`, so that SQLite does not use an index for it. */
export const withoutIndex = (condition: string): string => (condition.startsWith('+') ? condition : `+${condition}`)

/** A range of index entries that starts after the position `after`. */
interface IndexRange {
  table: string
  index: string
  /** Conditions that fix the leading columns of the index to one value each. */
  fixed: SqlConditions
  /** The index columns after the fixed ones. They are never null, and together identify an index entry. */
  order: string[]
  after?: string[]
}

export interface Scan {
  ranges: [IndexRange, ...IndexRange[]]
  /** Filter conditions that the index ranges do not cover. */
  rest: SqlConditions
  /** Whether the indexes contain all columns that the conditions in `rest` use. */
  isIndexOnly?: boolean
  /** Number of index entries read per step. */
  stepSize?: number
}

/** The columns that follow the fixed columns in every index whose name begins with `newest`. */
export const creationOrder = ['created_at', 'session_id']

/** Returns a scan of the most selective index for sessions that match a filter. */
export function scanOf({ months, external_id, ...filter }: Filter): Scan {
  const { organisation_id, ...others } = filter
  if (external_id !== undefined) {
    const range = { table: 'sessions', index: 'external_ids', order: [organisationOrNone] }
    const rest = filterConditions({ ...filter, ...(months && { months }) })
    return { ranges: [{ ...range, fixed: filterConditions({ external_id }) }], rest }
  }
  // No index covers both a mentor and an organisation.
  const isOfBoth = filter.mentor_id !== undefined && organisation_id !== undefined
  const [covered, rest]: [Filter, Filter] = isOfBoth ? [others, { organisation_id }] : [filter, {}]
  if (months && filter.mentor_id === undefined && organisation_id === undefined) {
    // The index `newest` contains the month and the state.
    return { ranges: [rangeOf({})], rest: filterConditions({ ...others, months }), isIndexOnly: true }
  }
  const conditions = filterConditions({ ...rest, ...(months && { months }) })
  return { ranges: [rangeOf(covered)], rest: conditions, isIndexOnly: conditions.where.length === 0 }
}

/** Returns the index range for a filter by mentor or organisation, and state. */
const rangeOf = (covered: Filter): IndexRange => ({
  table: 'sessions',
  index: indexOf(covered),
  fixed: filterConditions(covered),
  order: creationOrder,
})

function indexOf({ mentor_id, organisation_id, state }: Filter): string {
  const of = mentor_id !== undefined ? '_by_mentor' : organisation_id !== undefined ? '_by_organisation' : ''
  if (state === undefined) return `newest${of}`
  return of ? `newest${of}_and_state` : 'newest_by_state'
}

interface StepQuery {
  columns: string
  join?: string
  /** SQL clauses that follow the WHERE clause. */
  grouped?: string
  /** By default, a step returns all rows that it finds. */
  limit?: number
}

/** An empty blob sorts after every text, because SQLite sorts blobs after texts. */
const afterText = Buffer.of(0)

/** Returns integers as bigints. Yields to other work between steps, so the rows do not form a snapshot. */
export async function* inSteps<Row>(file: EmbeddedFile, scan: Scan, query: StepQuery): AsyncGenerator<Row[]> {
  for (const range of scan.ranges) yield* rangeInSteps<Row>(file, range, scan, query)
}

async function* rangeInSteps<Row>(
  file: EmbeddedFile,
  { table, index, fixed, order, after = order.map(() => '') }: IndexRange,
  { rest, stepSize = rowsPerStep }: Scan,
  { columns, join = '', grouped = '', limit = -1 }: StepQuery,
): AsyncGenerator<Row[]> {
  const position = order.join(', ')
  const marks = order.map(() => '?').join(', ')
  const from = `FROM ${table} INDEXED BY ${index}`
  const unread = [...fixed.where, `(${position}) > (${marks})`]
  const step = [...unread, `(${position}) <= (${marks})`, ...rest.where.map(withoutIndex)]
  const lastSql = `SELECT ${position} ${from} ${whereClause(unread)} ORDER BY ${position} LIMIT 1 OFFSET ${stepSize - 1}`
  const stepSql = `SELECT ${columns} ${from} ${join} ${whereClause(step)} ${grouped} LIMIT ?`
  for (let start: unknown[] = after; ; ) {
    const last = file.get<object>(lastSql, ...fixed.values, ...start)
    const end = last ? Object.values(last) : order.map(() => afterText)
    yield file.allWithBigints<Row>(stepSql, ...fixed.values, ...start, ...end, ...rest.values, limit)
    if (!last) return
    start = end
    await file.yieldNow()
  }
}
