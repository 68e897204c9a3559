import type { MinuteCount } from '../../domain/standing'
import type { Timestamp } from '../../domain/timestamp'
import type { Dimension, Filter, TotalsRow } from '../store'
import type { EmbeddedFile } from './file'
import { selection, whereClause, withoutIndex } from './selection'

/** An amount is added up in two parts, so that no sum of many is more than SQLite's whole numbers hold. */
const part = 1_000_000n
const summed = (name: string): string =>
  `coalesce(sum(${name} / ${part}), 0) AS ${name}_high, coalesce(sum(${name} % ${part}), 0) AS ${name}_low`

const names = ['held', 'minutes', 'cost', 'value'] as const

/** What the sessions under a filter come to. */
export function* totals(file: EmbeddedFile, filter: Filter, by: Dimension[]): Generator<TotalsRow> {
  const { where, values } = selection(filter)
  const grouped = by.length > 0 ? `GROUP BY ${by.join(', ')} ORDER BY ${by.join(', ')}` : ''
  const sql = `SELECT ${[...by, 'count(*) AS sessions', 'count(result_id) AS results', ...names.map(summed)].join(', ')}
    FROM sessions ${whereClause(where)} ${grouped}`
  for (const row of file.exact(sql, ...values)) {
    const sum = (name: string): bigint => (row[`${name}_high`] as bigint) * part + (row[`${name}_low`] as bigint)
    const stated = Object.fromEntries(by.map(name => [name, row[name]]))
    yield {
      ...{ mentor_id: null, organisation_id: null, state: null, currency: null, month: null, ...stated },
      sessions: Number(row.sessions),
      results: Number(row.results),
      held: sum('held'),
      minutes: sum('minutes'),
      cost: sum('cost'),
      value: sum('value'),
    }
  }
}

/** The results of the sessions under a filter since a time, by the minute they were computed in. */
export function calculations(file: EmbeddedFile, filter: Filter, since: Timestamp): MinuteCount[] {
  const { where, values } = selection(filter)
  return file.all<MinuteCount>(
    `SELECT substr(computed_at, 1, 16) AS minute, count(*) AS count
     FROM results CROSS JOIN sessions USING (session_id) ${whereClause(['computed_at >= ?', ...where.map(withoutIndex)])}
     GROUP BY minute`,
    since,
    ...values,
  )
}
