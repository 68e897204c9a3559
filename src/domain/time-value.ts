import { Decimal } from 'decimal.js'
import type { Calculator, Figures, OutputBound, Outputs, outputsThatMayBeNull, UndefinedReason } from './calculator'

/**
 * Decimal numbers with 60 significant digits, which suffice to compute products of valid inputs and sums of many
 * amounts exactly, and to round quotients correctly.
 */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP })
export type Exact = Decimal

/** Rounds to 2 decimals, with halves away from zero. Never returns −0. */
export const rounded = (exact: Exact): number => exact.toDecimalPlaces(2).toNumber() + 0

/**
 * Computes each output exactly (all products first, then at most one division) and rounds it once. Only `net_benefit`
 * is the difference of two rounded amounts, so that the displayed figures add up.
 */
export const calculate: Calculator = inputs => {
  const { cost_per_hour_range: range } = inputs
  const count = new Exact(inputs.sessions)
  const minutes = new Exact(inputs.avg_minutes)
  const cost = new Exact(inputs.cost_per_session)
  const hourly = new Exact(inputs.cost_per_hour)

  const value60 = minutes.times(hourly) // The value of one session, multiplied by 60
  const cost60 = cost.times(60)
  const undefined_because: Outputs['undefined_because'] = []

  /** Records the first reason that applies. */
  const unless = (
    output: (typeof outputsThatMayBeNull)[number],
    reasons: [boolean, UndefinedReason][],
    exact: () => Exact,
  ): number | null => {
    const reason = reasons.find(([holds]) => holds)?.[1]
    if (!reason) return rounded(exact())
    undefined_because.push({ output, reason })
    return null
  }
  const noSessions: [boolean, UndefinedReason] = [count.isZero(), 'no_sessions']
  const zeroCost: [boolean, UndefinedReason] = [cost.isZero(), 'zero_cost']

  const programme_cost = rounded(count.times(cost))
  const time_value = rounded(count.times(value60).div(60))
  return {
    total_minutes: rounded(count.times(minutes)),
    total_hours: rounded(count.times(minutes).div(60)),
    programme_cost,
    time_value,
    net_benefit: rounded(new Exact(time_value).minus(programme_cost)),
    benefit_cost_ratio: unless('benefit_cost_ratio', [noSessions, zeroCost], () => value60.div(cost60)),
    roi_percent: unless('roi_percent', [noSessions, zeroCost], () => value60.minus(cost60).times(100).div(cost60)),
    cost_per_hour_delivered: unless('cost_per_hour_delivered', [noSessions, [minutes.isZero(), 'no_minutes']], () =>
      cost60.div(minutes),
    ),
    value_per_session: unless('value_per_session', [noSessions], () => value60.div(60)),
    net_per_session: unless('net_per_session', [noSessions], () => value60.minus(cost60).div(60)),
    break_even_minutes: unless('break_even_minutes', [[hourly.isZero(), 'zero_value']], () => cost60.div(hourly)),
    ...(range && { range: { low: boundOf(inputs, range.low), high: boundOf(inputs, range.high) } }),
    undefined_because,
  }
}

function boundOf({ sessions, avg_minutes, cost_per_session }: Figures, cost_per_hour: number): OutputBound {
  const { time_value, net_benefit, benefit_cost_ratio } = calculate({
    sessions,
    avg_minutes,
    cost_per_session,
    cost_per_hour,
  })
  return { time_value, net_benefit, benefit_cost_ratio }
}
