import { figureLimits } from '../../src/domain/limits'
import { Exact } from '../../src/domain/time-value'

/** Exact decimals. */
export interface DividedCosts {
  total: string
  perSession: string
  /** Whether `perSession` times the number of sessions differs from the total. */
  isRounded: boolean
}

/** Decimals of a cost per session, which the calculator limits. */
const { decimals } = figureLimits.cost_per_session

/**
 * Divides the sum of the amounts by the number of sessions, which is at least 1, and rounds half away from zero. With up
 * to 100 sessions, the rounded cost times the sessions is still the total, to the cent. With more, it may not be.
 */
export function divideCosts(amounts: string[], sessions: string): DividedCosts {
  const total = Exact.sum(...amounts)
  const perSession = total.div(sessions).toDecimalPlaces(decimals)
  const isRounded = !perSession.times(sessions).eq(total)
  return { total: total.toFixed(), perSession: perSession.toFixed(), isRounded }
}
