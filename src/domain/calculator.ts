import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { withExample } from './example'
import {
  currencies,
  figureLimits,
  labelCharacters,
  noteCharacters,
  printableLines,
  valueSourceCharacters,
} from './limits'
import { trimmedTextSchema } from './text'

/**
 * The description and a refinement state the decimals, not `multipleOf`: JSON Schema validators that use binary
 * floating point would refuse valid amounts such as 4.35.
 */
const amount = ({ maximum, decimals }: { maximum: number; decimals: number }, description: string) =>
  z
    .number()
    .min(0)
    .max(maximum)
    .refine(n => new Decimal(n).decimalPlaces() <= decimals, `must have at most ${decimals} decimals`)
    .overwrite(n => (n === 0 ? 0 : n))
    .describe(`${description} At most ${decimals} decimals.`)

export const figuresSchema = z.strictObject({
  sessions: z
    .number()
    .min(0)
    .max(figureLimits.sessions.maximum)
    .int() // After min and max, so that their errors come before int()'s safe-integer error.
    .overwrite(n => (n === 0 ? 0 : n))
    .describe('Number of mentoring sessions held in the period.'),
  avg_minutes: amount(figureLimits.avg_minutes, 'Average length of a session, in minutes.'),
  cost_per_session: amount(figureLimits.cost_per_session, 'Cost of a session to the organisation.'),
  cost_per_hour: amount(figureLimits.cost_per_hour, 'Hourly cost of equivalent paid help.'),
})

/** The four inputs that every calculation has. */
export type Figures = z.infer<typeof figuresSchema>

export const currencySchema = z
  .string()
  .refine(code => currencies.has(code), 'must be an ISO 4217 code such as GBP')
  .meta({ enum: [...currencies] })

const dateSchema = z.iso.date({ error: 'must be a date such as 2026-03-31' })

export const costRangeSchema = z.strictObject({
  low: amount(figureLimits.cost_per_hour, 'At most cost_per_hour.'),
  high: amount(figureLimits.cost_per_hour, 'At least cost_per_hour.'),
})

/** They do not affect the calculated figures. The input `cost_per_hour_range` adds the output `range`. */
const optionalInputs = z.strictObject({
  label: trimmedTextSchema(labelCharacters).describe('Name of the calculation.'),
  currency: currencySchema.describe(
    "Currency of the amounts. If missing, the amounts are in the organisation's own currency.",
  ),
  period: z
    .strictObject({ from: dateSchema, to: dateSchema })
    .refine(({ from, to }) => from <= to, {
      path: ['to'],
      message: 'must not be before the first day (`from`)',
      when: ({ issues }) => issues.length === 0,
    })
    .describe('First and last day on which the sessions were held.'),
  value_source: trimmedTextSchema(valueSourceCharacters).describe('Source of cost_per_hour, such as a survey.'),
  note: trimmedTextSchema(noteCharacters, printableLines).describe("Assumptions, in the author's words."),
  cost_per_hour_range: costRangeSchema.describe('Lowest and highest plausible cost_per_hour.'),
})

/** Inputs as stored with a result: the figures, and the optional inputs that the request contained. */
export const storedInputsSchema = figuresSchema.extend(optionalInputs.partial().shape)

export type Inputs = z.infer<typeof storedInputsSchema>

const { label, currency, period, value_source, note, cost_per_hour_range } = optionalInputs.shape

const isOfRange = ([member]: PropertyKey[]): boolean => member === 'cost_per_hour' || member === 'cost_per_hour_range'

const requestedInputs = figuresSchema
  .extend({
    label: label.nullish(),
    currency: currency.nullish(),
    period: period.nullish(),
    value_source: value_source.nullish(),
    note: note.nullish(),
    cost_per_hour_range: cost_per_hour_range.nullish(),
  })
  .superRefine(
    ({ cost_per_hour, cost_per_hour_range: range }, { addIssue }) => {
      const refuse = (bound: string, message: string): void =>
        addIssue({ code: 'custom', path: ['cost_per_hour_range', bound], message })
      if (range && range.low > cost_per_hour) refuse('low', 'must not be more than the hourly cost')
      if (range && range.high < cost_per_hour) refuse('high', 'must not be less than the hourly cost')
    },
    // Run this check even if other inputs are invalid, so that one response reports all errors.
    { when: ({ value, issues }) => Object(value) === value && !issues.some(({ path = [] }) => isOfRange(path)) },
  )
  .transform(inputs => Object.fromEntries(Object.entries(inputs).filter(([, value]) => value != null)) as Inputs)

/** A null input counts as omitted. */
export const inputsSchema = withExample(requestedInputs, {
  sessions: 25,
  avg_minutes: 30,
  cost_per_session: 3.5,
  cost_per_hour: 30,
})

export const undefinedReasons = ['no_sessions', 'no_minutes', 'zero_cost', 'zero_value'] as const
export type UndefinedReason = (typeof undefinedReasons)[number]

const figure = z.number()
const figures = {
  total_minutes: figure.describe('Total minutes of all sessions.'),
  total_hours: figure.describe('Total hours of all sessions.'),
  programme_cost: figure.describe('Total cost of all sessions.'),
  time_value: figure.describe('Cost of the same hours of paid help.'),
  net_benefit: figure.describe('time_value minus programme_cost.'),
}
const figuresThatMayBeNull = {
  benefit_cost_ratio: figure.nullable().describe('time_value divided by programme_cost.'),
  roi_percent: figure.nullable().describe('net_benefit as a percentage of programme_cost.'),
  cost_per_hour_delivered: figure.nullable().describe('Cost of one hour of mentoring.'),
  value_per_session: figure.nullable().describe('Value of one session.'),
  net_per_session: figure.nullable().describe('Value of one session minus its cost.'),
  break_even_minutes: figure.nullable().describe('Minutes per session at which its value equals its cost.'),
}
export const outputsThatMayBeNull = Object.keys(figuresThatMayBeNull) as (keyof typeof figuresThatMayBeNull)[]

const undefinedOutput = z.strictObject({
  output: z.enum(outputsThatMayBeNull).describe('Name of the output that is null.'),
  reason: z.enum(undefinedReasons),
})

/** Outputs that depend on the hourly cost, computed with one bound of `cost_per_hour_range`. */
export const outputBoundSchema = z.strictObject({
  time_value: figures.time_value,
  net_benefit: figures.net_benefit,
  benefit_cost_ratio: figuresThatMayBeNull.benefit_cost_ratio,
})
export type OutputBound = z.infer<typeof outputBoundSchema>

export const outputRangeSchema = z.strictObject({ low: outputBoundSchema, high: outputBoundSchema })
export type OutputRange = z.infer<typeof outputRangeSchema>

/** Outputs, rounded to 2 decimals. An undefined output is null, and `undefined_because` states the reason. */
export const outputsSchema = z.strictObject({
  ...figures,
  ...figuresThatMayBeNull,
  range: outputRangeSchema
    .exactOptional()
    .describe('Value, net benefit and ratio at both bounds of cost_per_hour_range, if given.'),
  undefined_because: z.array(undefinedOutput).describe('Each output that is null, with the reason. Can be empty.'),
})

export type Outputs = z.infer<typeof outputsSchema>

export type Calculator = (inputs: Inputs) => Outputs
