import { figureLimits } from '../../src/domain/limits'
import { Exact } from '../../src/domain/time-value'

/** The result of a division. Amounts are exact decimals. */
export interface DividedCosts {
  total: string
  perSession: string
  /** Whether `perSession` multiplied by the number of sessions differs from the total, because of rounding. */
  isRounded: boolean
}

/** Maximum number of decimals that the calculator accepts for a cost per session. */
const { decimals } = figureLimits.cost_per_session

/**
 * Divides the sum of the amounts by the number of sessions, rounding half away from zero. `sessions` must be at least
 * 1. With up to 100 sessions, the rounded cost multiplied by the sessions gives the exact total to the cent. With more
 * sessions, the product may differ from the total.
 */
export function divideCosts(amounts: string[], sessions: string): DividedCosts {
  const total = Exact.sum(...amounts)
  const perSession = total.div(sessions).toDecimalPlaces(decimals)
  const isRounded = !perSession.times(sessions).eq(total)
  return { total: total.toFixed(), perSession: perSession.toFixed(), isRounded }
}
