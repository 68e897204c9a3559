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
