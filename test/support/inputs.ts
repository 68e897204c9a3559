import type { Inputs } from '../../src/domain/calculator'

/** Returns inputs that differ by `sessions`, so that no calculation is a no-op. */
export const inputsOf = (sessions: number): Inputs => ({
  sessions,
  avg_minutes: 30,
  cost_per_session: 3.5,
  cost_per_hour: 30,
})

export const inputs = inputsOf(25)

/** `inputs` with the names of the client. */
export const clientInputs = { sessions: 25, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }

export const otherInputs = inputsOf(26)

/** Returns inputs for a number of hours that cost 10 and are worth 20 each, in a currency. */
export const hours = (count: number, currency?: string | null): Inputs => ({
  sessions: count,
  avg_minutes: 60,
  cost_per_session: 10,
  cost_per_hour: 20,
  ...(currency && { currency }),
})
