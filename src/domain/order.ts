import { z } from 'zod'
import { currencySchema } from './calculator'
import type { Place } from './place'
import type { Result, Snapshot } from './session'
import { hundredths } from './standing'

/** The amounts are in a currency; hours and ratios of all currencies compare. */
const amounts = ['programme_cost', 'time_value', 'net_benefit'] as const

/** What sessions are put in order by: members of theirs, and of their current result. */
export const sessionOrderFields = [
  'created_at',
  'updated_at',
  'mentor_id',
  'label',
  'period_to',
  'total_hours',
  ...amounts,
  'benefit_cost_ratio',
] as const
export type SessionOrderField = (typeof sessionOrderFields)[number]

export const isAmount = (by: SessionOrderField): boolean => amounts.some(amount => amount === by)

/** Amounts are those in `currency`, null where none is stated; what is no amount has no currency to be ordered by. */
export const sessionOrderSchema = z
  .strictObject({
    by: z.enum(sessionOrderFields).default('created_at'),
    descending: z.boolean().default(true),
    currency: currencySchema.nullish(),
  })
  .transform(({ by, descending, currency }) => ({
    by,
    descending,
    currency: isAmount(by) ? (currency ?? null) : null,
  }))
export type SessionOrder = z.output<typeof sessionOrderSchema>

export const newestFirst: SessionOrder = { by: 'created_at', descending: true, currency: null }

/** What of a current result sessions are put in order by, null where it has none; hours, amounts and ratios in hundredths. */
export interface Sorting {
  label: string | null
  period_to: string | null
  currency: string | null
  total_hours: number
  programme_cost: number
  time_value: number
  net_benefit: number
  benefit_cost_ratio: number | null
}

export const sortingOf = ({ inputs, outputs }: Result): Sorting => ({
  label: inputs.label ?? null,
  period_to: inputs.period?.to ?? null,
  currency: inputs.currency ?? null,
  total_hours: hundredths(outputs.total_hours),
  programme_cost: hundredths(outputs.programme_cost),
  time_value: hundredths(outputs.time_value),
  net_benefit: hundredths(outputs.net_benefit),
  benefit_cost_ratio: outputs.benefit_cost_ratio === null ? null : hundredths(outputs.benefit_cost_ratio),
})

/** The keys of an order: times are to the millisecond, and whole numbers such that JavaScript tells each from the next. */
export function sessionKeySchema({ by }: SessionOrder): z.ZodType<Place['key']> {
  if (by === 'created_at' || by === 'updated_at') return z.iso.datetime({ precision: 3 })
  if (by === 'mentor_id') return z.string()
  return by === 'label' || by === 'period_to' ? z.string().nullable() : z.int().nullable()
}

/** Whether sessions stand in it by their current results. */
export const isOfResult = ({ by }: SessionOrder): boolean =>
  by !== 'created_at' && by !== 'updated_at' && by !== 'mentor_id'

/** Where a session stands in an order. */
export function placeIn({ by, currency }: SessionOrder, session: Snapshot & { result: Result | null }): Place {
  const { session_id } = session
  if (by === 'created_at' || by === 'updated_at' || by === 'mentor_id') return { key: session[by], session_id }
  const sorting = session.result && sortingOf(session.result)
  const isOther = isAmount(by) && sorting?.currency !== currency
  return { key: sorting && !isOther ? sorting[by] : null, session_id }
}
