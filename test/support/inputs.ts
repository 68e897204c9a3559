import type { Inputs } from '../../src/domain/calculator'

/** The inputs of the contract's example. */
export const inputs: Inputs = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }

export const otherInputs: Inputs = { ...inputs, sessions: 26 }
