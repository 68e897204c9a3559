import type { EmbeddedFile } from './file'
import { type Selection, whereClause, withoutIndex } from './selection'

/**
 * Rows that are read in one step, and entries of an index alone: a millisecond or two of the event loop. The sum of so many
 * rows' whole numbers, each one that JavaScript tells from the next, is one that SQLite holds.
 */
export const rowsAStep = 500
export const entriesAStep = 10_000

/** What stands behind some place in an index. */
export interface IndexRange {
  table: string
  index: string
  /** The columns that the index begins with, each held to a value. */
  fixed: Selection
  /** Those that follow, up to its end: none is null. */
  order: string[]
  after?: string[]
}

/** What is asked of each step. */
export interface Asked {
  columns: string
  join?: string
  grouped?: string
  /** The conditions that the index does not know. */
  rest: Selection
  atOnce?: number
  /** How many rows are asked for of each step, all of them where it is missing. */
  limit?: number
}

/** SQLite's order has it behind all text. */
const behindText = Buffer.of(0)

/**
 * Reads a range step by step, whole numbers as bigints. Other work has its turn in between, so that what is read is of no
 * one moment.
 */
export async function* inSteps<Row>(
  file: EmbeddedFile,
  { table, index, fixed, order, after = order.map(() => '') }: IndexRange,
  { columns, join = '', grouped = '', rest, atOnce = rowsAStep, limit = -1 }: Asked,
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
