import type { Filter } from '../store'

export const whereClause = (where: string[]): string => (where.length > 0 ? `WHERE ${where.join(' AND ')}` : '')

/** Prefixes a condition with `+`, so that SQLite does not choose an index for it. */
export const withoutIndex = (condition: string): string => (condition.startsWith('+') ? condition : `+${condition}`)

/** SQL conditions and the values that are bound in them. */
export interface Selection {
  where: string[]
  values: (string | number | null)[]
}

export function selection(filter: Filter): Selection {
  const where: string[] = []
  const values: Selection['values'] = []
  for (const column of ['mentor_id', 'organisation_id', 'state'] as const) {
    const value = filter[column]
    if (value === undefined) continue
    // A mentor has far fewer sessions than an organisation, so the + leaves the choice of the index to the mentor.
    const name = column === 'organisation_id' && where.length > 0 ? `+${column}` : column
    where.push(value === null ? `${name} IS NULL` : `${name} = ?`)
    if (value !== null) values.push(value)
  }
  return { where, values }
}
