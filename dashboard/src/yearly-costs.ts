import { figureLimits } from '../../src/domain/limits'
import { Exact } from '../../src/domain/time-value'

/** The result of a division. Amounts are exact decimals. */
export interface DividedCosts {
  total: string
  perSession: string
  /**
   * Whether `perSession` was rounded, so that multiplying it by the number of sessions does not give the exact total.
   */
  isRounded: boolean
}

/** Maximum number of decimals that the calculator accepts for a cost per session. */
const { decimals } = figureLimits.cost_per_session

/**
 * Divides the sum of the amounts by the number of sessions, rounding half away from zero. `sessions` must be at least
 * 1. For up to 100 sessions, the rounded cost per session multiplied by the number of sessions matches the total to the
 * cent. For more than 100 sessions, the product may differ from the total.
 */
export function divideCosts(amounts: string[], sessions: string): DividedCosts {
  const total = Exact.sum(...amounts)
  const perSession = total.div(sessions).toDecimalPlaces(decimals)
  const isRounded = !perSession.times(sessions).eq(total)
  return { total: total.toFixed(), perSession: perSession.toFixed(), isRounded }
}
