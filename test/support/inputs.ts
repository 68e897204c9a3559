import type { Inputs } from '../../src/domain/calculator'

/** Inputs that differ with `sessions`, so that no calculation is a repetition. */
export const inputsOf = (sessions: number): Inputs => ({
  sessions,
  avg_minutes: 30,
  cost_per_session: 3.5,
  cost_per_hour: 30,
})

/** The inputs of the contract's example. */
export const inputs = inputsOf(25)

export const otherInputs = inputsOf(26)
