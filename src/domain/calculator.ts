import { Decimal } from 'decimal.js'
import { z } from 'zod'
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
 * Returns the schema of an amount. Its description states the decimals in words, because `multipleOf` would refuse
 * valid amounts such as 4.35 in validators that compute in binary.
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
    .int() // After min and max, because otherwise the bound of int() (safe integers) is reported first.
    .overwrite(n => (n === 0 ? 0 : n))
    .describe('Number of mentoring sessions held in the period.'),
  avg_minutes: amount(figureLimits.avg_minutes, 'Average length of a session, in minutes.'),
  cost_per_session: amount(figureLimits.cost_per_session, 'Cost of a session to the organisation.'),
  cost_per_hour: amount(figureLimits.cost_per_hour, 'Cost of an hour of equivalent paid help.'),
})

/** The four inputs that every calculation has. */
export type Figures = z.infer<typeof figuresSchema>

/** Schema of an ISO 4217 currency code. */
export const currencySchema = z
  .string()
  .refine(code => currencies.has(code), 'must be an ISO 4217 code such as GBP')
  .meta({ enum: [...currencies] })

const dateSchema = z.iso.date({ error: 'must be a date such as 2026-03-31' })

export const costRangeSchema = z.strictObject({
  low: amount(figureLimits.cost_per_hour, 'At most cost_per_hour.'),
  high: amount(figureLimits.cost_per_hour, 'At least cost_per_hour.'),
})

/** Optional inputs that describe the figures but change none of them. A range adds the output `range`. */
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

/** Inputs in the form stored with a result: the figures, and the optional members that were given. */
export const storedInputsSchema = figuresSchema.extend(optionalInputs.partial().shape)

export type Inputs = z.infer<typeof storedInputsSchema>

const { label, currency, period, value_source, note, cost_per_hour_range } = optionalInputs.shape

const isOfRange = ([member]: PropertyKey[]): boolean => member === 'cost_per_hour' || member === 'cost_per_hour_range'

/** Inputs of a calculation request. A null member counts as left out. */
export const inputsSchema = figuresSchema
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
      if (range && range.low > cost_per_hour) refuse('low', 'must not be more than the cost of an hour')
      if (range && range.high < cost_per_hour) refuse('high', 'must not be less than the cost of an hour')
    },
    // Run this check even if other members have faults, so that one response reports all faults.
    { when: ({ value, issues }) => Object(value) === value && !issues.some(({ path = [] }) => isOfRange(path)) },
  )
  .transform(inputs => Object.fromEntries(Object.entries(inputs).filter(([, value]) => value != null)) as Inputs)

export const undefinedReasons = ['no_sessions', 'no_minutes', 'zero_cost', 'zero_value'] as const
export type UndefinedReason = (typeof undefinedReasons)[number]

const figure = z.number()
const figures = {
  total_minutes: figure.describe('Minutes of all sessions.'),
  total_hours: figure.describe('Hours of all sessions.'),
  programme_cost: figure.describe('Cost of all sessions.'),
  time_value: figure.describe('Cost of the same hours as paid help.'),
  net_benefit: figure.describe('time_value minus programme_cost.'),
}
const figuresThatMayBeNull = {
  benefit_cost_ratio: figure.nullable().describe('time_value divided by programme_cost.'),
  roi_percent: figure.nullable().describe('net_benefit in percent of programme_cost.'),
  cost_per_hour_delivered: figure.nullable().describe('Cost of an hour of mentoring.'),
  value_per_session: figure.nullable().describe('Value of a session.'),
  net_per_session: figure.nullable().describe('Value of a session minus its cost.'),
  break_even_minutes: figure
    .nullable()
    .describe('Length of a session, in minutes, at which its value equals its cost.'),
}
export const outputsThatMayBeNull = Object.keys(figuresThatMayBeNull) as (keyof typeof figuresThatMayBeNull)[]

const undefinedOutput = z.strictObject({
  output: z.enum(outputsThatMayBeNull),
  reason: z.enum(undefinedReasons),
})

/** Outputs that depend on the cost of an hour, computed with one bound of `cost_per_hour_range`. */
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
    .describe(
      'Value, net benefit and ratio, calculated with the bounds of cost_per_hour_range. Only if there is a range.',
    ),
  undefined_because: z
    .array(undefinedOutput)
    .describe('Reasons for the outputs that are null. Empty if there are none.'),
})

export type Outputs = z.infer<typeof outputsSchema>

export type Calculator = (inputs: Inputs) => Outputs
