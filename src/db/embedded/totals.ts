import type { Totals } from '../../domain/summary'
import type { Timestamp } from '../../domain/timestamp'
import type { Filter } from '../store'
import type { EmbeddedFile } from './file'
import { selection, whereClause, withoutIndex } from './selection'

// An amount is split into its whole part and its cents before anything is multiplied or added: each is exact then.
const summed = (name: string): string =>
  `coalesce(sum(CAST(${name} AS INTEGER)), 0) AS ${name}_whole,
   coalesce(sum(CAST(round((${name} - CAST(${name} AS INTEGER)) * 100) AS INTEGER)), 0) AS ${name}_cents`

/** What the sessions under a filter come to, with the calculations since a time by the minute. */
export function totals(file: EmbeddedFile, filter: Filter, since: Timestamp): Totals {
  const { where, values } = selection(filter)
  const states = file.all<Totals['states'][number]>(
    `SELECT state, count(*) AS count FROM sessions ${whereClause(where)} GROUP BY state`,
    ...values,
  )
  const sums = file.exact(
    `SELECT count(result_id) AS results, ${summed('programme_cost')}, ${summed('time_value')}
     FROM sessions ${whereClause(where)}`,
    ...values,
  )
  const sum = (name: string) => ({ whole: sums?.[`${name}_whole`] ?? 0n, cents: sums?.[`${name}_cents`] ?? 0n })
  const minutes = file.all<Totals['minutes'][number]>(
    `SELECT substr(computed_at, 1, 16) AS minute, count(*) AS count
     FROM results CROSS JOIN sessions USING (session_id) ${whereClause(['computed_at >= ?', ...where.map(withoutIndex)])}
     GROUP BY minute`,
    since,
    ...values,
  )
  return {
    states,
    results: Number(sums?.results ?? 0n),
    programme_cost: sum('programme_cost'),
    time_value: sum('time_value'),
    minutes,
  }
}
