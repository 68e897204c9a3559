import type { Filter } from '../store'

export const whereClause = (where: string[]): string => (where.length > 0 ? `WHERE ${where.join(' AND ')}` : '')

/** The condition, kept from choosing the index. */
export const withoutIndex = (condition: string): string => (condition.startsWith('+') ? condition : `+${condition}`)

/** Conditions, and the values that are bound in them. */
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
    // A mentor's sessions are far fewer than an organisation's: there the + keeps that from choosing the index.
    const name = column === 'organisation_id' && where.length > 0 ? `+${column}` : column
    where.push(value === null ? `${name} IS NULL` : `${name} = ?`)
    if (value !== null) values.push(value)
  }
  return { where, values }
}
