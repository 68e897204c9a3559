import type { EmbeddedFile } from './file'
import { type Selection, whereClause, withoutIndex } from './selection'

/**
 * Rows, or entries of an index alone, that one step reads: a millisecond or two of the event loop. The sum of
 * `rowsAStep` safe integers fits into an integer of SQLite.
 */
export const rowsAStep = 500
export const entriesAStep = 10_000

/** The entries of an index after a position. */
export interface IndexRange {
  table: string
  index: string
  /** Conditions that fix each of the leading columns of the index to a value. */
  fixed: Selection
  /** The columns of the index that follow. None of them is null, and together they identify an entry. */
  order: string[]
  after?: string[]
}

/** The query that each step makes. */
export interface StepQuery {
  columns: string
  join?: string
  grouped?: string
  /** Conditions that the index range does not cover. */
  rest: Selection
  atOnce?: number
  /** The maximum number of rows that each step returns. Without it, a step returns all. */
  limit?: number
}

/** A blob: SQLite sorts blobs after all text. */
const behindText = Buffer.of(0)

/**
 * Reads a range step by step, with whole numbers as bigints. Other work has its turn in between, so the result is not a
 * snapshot.
 */
export async function* inSteps<Row>(
  file: EmbeddedFile,
  { table, index, fixed, order, after = order.map(() => '') }: IndexRange,
  { columns, join = '', grouped = '', rest, atOnce = rowsAStep, limit = -1 }: StepQuery,
): AsyncGenerator<Row[]> {
  const place = order.join(', ')
  const marks = order.map(() => '?').join(', ')
  const from = `FROM ${table} INDEXED BY ${index}`
  const behind = [...fixed.where, `(${place}) > (${marks})`]
  const step = [...behind, `(${place}) <= (${marks})`, ...rest.where.map(withoutIndex)]
  const lastSql = `SELECT ${place} ${from} ${whereClause(behind)} ORDER BY ${place} LIMIT 1 OFFSET ${atOnce - 1}`
  const stepSql = `SELECT ${columns} ${from} ${join} ${whereClause(step)} ${grouped} LIMIT ?`
  for (let at: unknown[] = after; ; ) {
    const last = file.get<object>(lastSql, ...fixed.values, ...at)
    const to = last ? Object.values(last) : order.map(() => behindText)
    yield file.exact<Row>(stepSql, ...fixed.values, ...at, ...to, ...rest.values, limit)
    if (!last) return
    at = to
    await file.turn()
  }
}
