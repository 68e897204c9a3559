import type { Amounts } from '../../src/capabilities/totals/model'
import type { Inputs } from '../../src/domain/calculator'

/** Returns inputs that differ by `sessions`, so that no calculation is a no-op. */
export const inputsOf = (sessions: number): Inputs => ({
  sessions,
  avg_minutes: 30,
  cost_per_session: 3.5,
  cost_per_hour: 30,
})

/** The inputs of the contract's example. */
export const inputs = inputsOf(25)

export const otherInputs = inputsOf(26)

/** Returns inputs for a number of hours that cost 10 and are worth 20 each, in a currency. */
export const hours = (count: number, currency?: string | null): Inputs => ({
  sessions: count,
  avg_minutes: 60,
  cost_per_session: 10,
  cost_per_hour: 20,
  ...(currency && { currency }),
})

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
