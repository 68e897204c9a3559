import type { Figures, Outputs, UndefinedReason } from '../../src/domain/calculator'

// An independent reference for the calculator: rationals of BigInt, from decimal text to decimal text.

/** n / d, with d > 0. */
export interface Rational {
  n: bigint
  d: bigint
}

/** The rational that a plain decimal text states, such as `-12.3456`. */
export function rational(text: string): Rational {
  const [, sign, whole, decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined) throw new Error(`${text} is no plain decimal`)
  return { n: BigInt(`${sign}${whole}${decimals}`), d: 10n ** BigInt(decimals.length) }
}

export const times = (a: Rational, b: Rational): Rational => ({ n: a.n * b.n, d: a.d * b.d })
export const minus = (a: Rational, b: Rational): Rational => ({ n: a.n * b.d - b.n * a.d, d: a.d * b.d })
export const over = (a: Rational, b: Rational): Rational =>
  b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n }
export const whole = (n: number | bigint): Rational => ({ n: BigInt(n), d: 1n })
export const compare = (a: Rational, b: Rational): number => Math.sign(Number(minus(a, b).n))

/** Hundredths, rounded half away from zero. */
function hundredths({ n, d }: Rational): bigint {
  const size = ((n < 0n ? -n : n) * 200n + d) / (2n * d)
  return n < 0n ? -size : size
}

/** The text of a number of hundredths: `-0.01`, `12.50`, never `-0.00`. */
function text(hundredths: bigint): string {
  const digits = String(hundredths < 0n ? -hundredths : hundredths).padStart(3, '0')
  return `${hundredths < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export const rounded = (exact: Rational): string => text(hundredths(exact))

export type Texts = Record<keyof Figures, string>

/** Values before rounding. `ratio` stands only where there is a cost, `break_even` only where time has a value. */
export function exactly(inputs: Texts) {
  const S = rational(inputs.sessions)
  const M = rational(inputs.avg_minutes)
  const c = rational(inputs.cost_per_session)
  const h = rational(inputs.cost_per_hour)
  const worth = over(times(M, h), whole(60))
  return {
    S,
    M,
    cost: times(S, c),
    value: times(S, worth),
    worth,
    net: minus(times(S, worth), times(S, c)),
    ratio: () => over(worth, c),
    perHour: () => over(times(whole(60), c), M),
    perSession: minus(worth, c),
    break_even: () => over(times(whole(60), c), h),
  }
}

/** Every output as its text to 2 decimals, or as the reason why it cannot be had. */
export function reference(
  inputs: Texts,
): Record<Exclude<keyof Outputs, 'range' | 'undefined_because'>, string | UndefinedReason> {
  const exact = exactly(inputs)
  const { S, M, cost, value } = exact
  const noSessions = S.n === 0n && 'no_sessions'
  const noRatio = noSessions || (rational(inputs.cost_per_session).n === 0n && 'zero_cost')
  const noHour = noSessions || (M.n === 0n && 'no_minutes')
  const noBreakEven = rational(inputs.cost_per_hour).n === 0n && 'zero_value'
  return {
    total_minutes: rounded(times(S, M)),
    total_hours: rounded(over(times(S, M), whole(60))),
    programme_cost: rounded(cost),
    time_value: rounded(value),
    net_benefit: text(hundredths(value) - hundredths(cost)),
    benefit_cost_ratio: noRatio || rounded(exact.ratio()),
    roi_percent: noRatio || rounded(times(minus(exact.ratio(), whole(1)), whole(100))),
    cost_per_hour_delivered: noHour || rounded(exact.perHour()),
    value_per_session: noSessions || rounded(exact.worth),
    net_per_session: noSessions || rounded(exact.perSession),
    break_even_minutes: noBreakEven || rounded(exact.break_even()),
  }
}

/** The same of the calculator's outputs, each amount as what it is once it went through JSON. */
export function told(outputs: Outputs): Record<string, string> {
  const { undefined_because, range: _, ...amounts } = JSON.parse(JSON.stringify(outputs)) as Outputs
  const because = new Map(undefined_because.map(({ output, reason }) => [output as string, reason]))
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => {
      if (amount === null) return [name, because.get(name) ?? 'null without a reason']
      if (because.has(name)) return [name, `${amount} with a reason to be null`]
      return Number(amount.toFixed(2)) === amount ? [name, amount.toFixed(2)] : [name, `${amount}: inexact`]
    }),
  )
}
