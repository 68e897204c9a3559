import { z } from 'zod'
import { currencySchema } from './calculator'
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
export const isNewestFirst = ({ by, descending }: SessionOrder): boolean => by === 'created_at' && descending

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

/** A place in an order: the one of a session with this key and id. Those without a key stand behind all that have one. */
export interface Place {
  key: string | number | null
  session_id: string
}

/** The keys of an order: times are to the millisecond, and whole numbers such that JavaScript tells each from the next. */
export function sessionKeySchema({ by }: SessionOrder): z.ZodType<Place['key']> {
  if (by === 'created_at' || by === 'updated_at') return z.iso.datetime({ precision: 3 })
  if (by === 'mentor_id') return z.string()
  return by === 'label' || by === 'period_to' ? z.string().nullable() : z.int().nullable()
}

/** Where a session stands in an order. */
export function placeIn({ by, currency }: SessionOrder, session: Snapshot & { result: Result | null }): Place {
  const { session_id } = session
  if (by === 'created_at' || by === 'updated_at' || by === 'mentor_id') return { key: session[by], session_id }
  const sorting = session.result && sortingOf(session.result)
  const isOther = isAmount(by) && sorting?.currency !== currency
  return { key: sorting && !isOther ? sorting[by] : null, session_id }
}

/** Compares places of an order, ties by id. Descending turns both round, and leaves those without a key behind. */
export function comparePlaces({ descending }: SessionOrder): (a: Place, b: Place) => number {
  const sign = descending ? -1 : 1
  return (a, b) => {
    if ((a.key === null) !== (b.key === null)) return a.key === null ? 1 : -1
    const byKey = typeof a.key === 'number' ? a.key - Number(b.key) : compareTexts(a.key ?? '', String(b.key ?? ''))
    return sign * (byKey || compareTexts(a.session_id, b.session_id))
  }
}

/** By code points, as stores compare them: their UTF-8, byte by byte. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [unit, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (unit !== other) return rank(unit) - rank(other)
  }
  return a.length - b.length
}

/** Halves of code points past U+FFFF come behind all code units that are whole ones. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit)
