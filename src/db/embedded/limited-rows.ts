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
export function addLimited(
  file: EmbeddedFile,
  { rows, limits, organisation_id, begin }: LimitedRow,
  add: () => void,
): Promise<number | undefined> {
  const sql = `SELECT count(*) AS total, count(*) FILTER (WHERE organisation_id IS ?) AS organisation FROM ${rows}`
  return file.commit(() => {
    begin?.()
    const { total, organisation } = file.get<Limits>(sql, organisation_id) as Limits
    if (total >= limits.total) return limits.total
    if (organisation >= limits.organisation) return limits.organisation
    add()
    return undefined
  })
}
