import type { Timestamp } from '../domain/session'
import type { Totals } from '../domain/summary'
import type { EmbeddedFile } from './embedded-file'
import { conditions, plus, selection } from './embedded-selection'
import type { Filter } from './store'

const computedAt = "json_extract(results.body, '$.computed_at')"
const amount = (name: string): string => `json_extract(results.body, '$.outputs.${name}')`

// An amount is split into its whole part and its cents before anything is multiplied or added: each is exact then.
const summed = (name: string): string =>
  `coalesce(sum(CAST(${name} AS INTEGER)), 0) AS ${name}_whole,
   coalesce(sum(CAST(round((${name} - CAST(${name} AS INTEGER)) * 100) AS INTEGER)), 0) AS ${name}_cents`

/** What the sessions under a filter come to, with the calculations since a time by the minute. */
export function totals(file: EmbeddedFile, filter: Filter, since: Timestamp): Totals {
  const { where, values } = selection(filter)
  const states = file.all<Totals['states'][number]>(
    `SELECT state, count(*) AS count FROM sessions ${conditions(where)} GROUP BY state`,
    ...values,
  )
  const [sums] = file
    .prepared(
      `SELECT count(*) AS results, ${summed('cost')}, ${summed('value')} FROM
     (SELECT ${amount('programme_cost')} AS cost, ${amount('time_value')} AS value
      FROM sessions CROSS JOIN results USING (session_id, result_id) ${conditions(where)})`,
    )
    .safeIntegers()
    .all(...values) as { [column: string]: bigint }[]
  const { results = 0n, cost_whole = 0n, cost_cents = 0n, value_whole = 0n, value_cents = 0n } = sums ?? {}
  const minutes = file.all<Totals['minutes'][number]>(
    `SELECT substr(${computedAt}, 1, 16) AS minute, count(*) AS count
     FROM results CROSS JOIN sessions USING (session_id) ${conditions([`${computedAt} >= ?`, ...where.map(plus)])}
     GROUP BY minute`,
    since,
    ...values,
  )
  return {
    states,
    results: Number(results),
    programme_cost: { whole: cost_whole, cents: cost_cents },
    time_value: { whole: value_whole, cents: value_cents },
    minutes,
  }
}
