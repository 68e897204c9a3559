import { z } from 'zod'
import { Exact, rounded } from './exact'
import { figureLimits, labelCharacters } from './limits'
import { trimmedTextSchema } from './text'

const amount = ({ maximum, decimals }: { maximum: number; decimals: number }) =>
  z
    .number()
    .min(0)
    .max(maximum)
    .refine(n => new Exact(n).decimalPlaces() <= decimals, `must have at most ${decimals} decimals`)
    .overwrite(n => (n === 0 ? 0 : n))
    .meta({ multipleOf: 1 / 10 ** decimals })

const figuresTaken = z.strictObject({
  sessions: z
    .number()
    .min(0)
    .max(figureLimits.sessions.maximum)
    .int() // after the limits: its own, the safe integers, would be the first that a caller hears of
    .overwrite(n => (n === 0 ? 0 : n))
    .describe('Mentoring sessions held in the period.'),
  avg_minutes: amount(figureLimits.avg_minutes).describe('Mean length of a session, in minutes.'),
  cost_per_session: amount(figureLimits.cost_per_session).describe('What the organisation spends on a session.'),
  cost_per_hour: amount(figureLimits.cost_per_hour).describe('What an hour of equivalent paid help would cost.'),
})

/** What is calculated with. */
export type Figures = z.infer<typeof figuresTaken>

const currencies = new Set(Intl.supportedValuesOf('currency'))

/** ISO 4217. */
export const currencySchema = z
  .string()
  .refine(code => currencies.has(code), 'must be a code of ISO 4217 such as GBP')
  .meta({ enum: [...currencies] })

const dateSchema = z.iso.date({ error: 'must be a date such as 2026-03-31', abort: true })

/** What the figures are of. It changes none of them. */
const stated = z.strictObject({
  label: trimmedTextSchema(labelCharacters).describe('What was valued.'),
  currency: currencySchema.describe("Of the amounts; they are in the organisation's own where none is stated."),
  period: z
    .strictObject({ from: dateSchema, to: dateSchema })
    .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before the first day' })
    .describe('The first and the last day on which the sessions were held.'),
})

/** What a result has of its calculation: the figures, and what was stated of them. */
export const keptInputsSchema = figuresTaken.extend(stated.partial().shape)

export type Inputs = z.infer<typeof keptInputsSchema>

const { label, currency, period } = stated.shape

/** What a calculation takes. Null is as if left out. */
export const inputsSchema = figuresTaken
  .extend({ label: label.nullish(), currency: currency.nullish(), period: period.nullish() })
  .transform(inputs => Object.fromEntries(Object.entries(inputs).filter(([, value]) => value != null)) as Inputs)

export const undefinedReasons = ['no_sessions', 'no_minutes', 'zero_cost', 'zero_value'] as const
export type UndefinedReason = (typeof undefinedReasons)[number]

const figure = z.number()
const figures = {
  total_minutes: figure.describe('All minutes of all sessions.'),
  total_hours: figure.describe('The same in hours.'),
  programme_cost: figure.describe('What all sessions cost.'),
  time_value: figure.describe('What the hours would cost as paid help.'),
  net_benefit: figure.describe('time_value less programme_cost.'),
}
const figuresThatMayBeNull = {
  benefit_cost_ratio: figure.nullable().describe('Value by cost.'),
  roi_percent: figure.nullable().describe('What the value exceeds the cost by, in percent of the cost.'),
  cost_per_hour_delivered: figure.nullable().describe('What an hour of mentoring costs.'),
  value_per_session: figure.nullable().describe('What a session is worth.'),
  net_per_session: figure.nullable().describe('What a session is worth beyond its cost.'),
  break_even_minutes: figure.nullable().describe('The length of a session at which its value equals its cost.'),
}
export const outputsThatMayBeNull = Object.keys(figuresThatMayBeNull) as (keyof typeof figuresThatMayBeNull)[]

const undefinedOutput = z.strictObject({
  output: z.enum(outputsThatMayBeNull),
  reason: z.enum(undefinedReasons),
})

/** Money and ratios to 2 decimals; an output that cannot be had is null and has its reason in `undefined_because`. */
export const outputsSchema = z.strictObject({
  ...figures,
  ...figuresThatMayBeNull,
  undefined_because: z.array(undefinedOutput).describe('Why outputs are null; empty when none is.'),
})

export type Outputs = z.infer<typeof outputsSchema>

export const method = 'time-value/1'

export const caveat =
  'This is a time-value benefit-cost ratio (a VIVA ratio), not a social return on investment: ' +
  'it counts no outcomes, no deadweight, no attribution and no discounting.'

export type Calculator = (figures: Figures) => Outputs

/**
 * The time-value benefit of a programme.
 * Every output is computed exactly (products first, one division last) and rounded once; `net_benefit` alone is the
 * difference of two rounded amounts, so that the statement foots.
 */
export const calculate: Calculator = figures => {
  const count = new Exact(figures.sessions)
  const minutes = new Exact(figures.avg_minutes)
  const cost = new Exact(figures.cost_per_session)
  const hourly = new Exact(figures.cost_per_hour)

  const value60 = minutes.times(hourly) // sixty times the value of a session
  const cost60 = cost.times(60)
  const undefined_because: Outputs['undefined_because'] = []

  /** The first reason that holds makes the output null. */
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
    undefined_because,
  }
}
