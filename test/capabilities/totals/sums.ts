import type { Amounts } from '../../../src/capabilities/totals/model'

/** Returns the sums of results for a number of hours in total, as `hours` makes them. */
export const sumsOf = (currency: string | null, results: number, count: number): Amounts => ({
  currency,
  results,
  sessions_held: count,
  total_hours: count,
  programme_cost: count * 10,
  time_value: count * 20,
  net_benefit: count * 10,
  benefit_cost_ratio: 2,
})
