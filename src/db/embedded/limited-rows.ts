import type { Limits } from '../store'
import type { EmbeddedFile } from './file'

interface LimitedRow {
  /** SQL table or subquery that yields the rows that count towards the limits. */
  rows: string
  limits: Limits
  organisation_id: string | null
  /** See `Write.begin`. */
  begin?: (() => void) | undefined
}

/** Adds a row if the limits allow it, and otherwise returns the limit that the row would exceed. */
export async function addLimited(
  file: EmbeddedFile,
  { rows, limits, organisation_id, begin }: LimitedRow,
  add: () => void,
): Promise<number | undefined> {
  const sql = `SELECT count(*) AS total, count(*) FILTER (WHERE organisation_id IS ?) AS organisation FROM ${rows}`
  let exceeded: number | undefined
  await file.commit(() => {
    begin?.()
    const { total, organisation } = file.get<Limits>(sql, organisation_id) as Limits
    if (total >= limits.total) exceeded = limits.total
    else if (organisation >= limits.organisation) exceeded = limits.organisation
    if (exceeded !== undefined) return false
    add()
    return true
  })
  return exceeded
}
