import type { Filter } from './store'

export const conditions = (where: string[]): string => (where.length > 0 ? `WHERE ${where.join(' AND ')}` : '')

/** The condition, kept from choosing the index. */
export const plus = (condition: string): string => (condition.startsWith('+') ? condition : `+${condition}`)

export function selection(filter: Filter): { where: string[]; values: string[] } {
  const where: string[] = []
  const values: string[] = []
  for (const column of ['mentor_id', 'organisation_id', 'state'] as const) {
    if (filter[column] === undefined) continue
    // The + keeps a further column from choosing the index: all sessions of a state are far more than a mentor's.
    where.push(where.length === 0 ? `${column} = ?` : `+${column} = ?`)
    values.push(filter[column])
  }
  return { where, values }
}
