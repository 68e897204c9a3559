import { z } from 'zod'
import { currencySchema } from './calculator'
import { hundredths } from './contribution'
import { DomainError } from './errors'
import type { Cursors } from './list-query'
import type { Result, Snapshot } from './session'
import type { SortKey } from './sort-key'

/** Sorting by an amount compares only results in one currency. */
const amounts = ['programme_cost', 'time_value', 'net_benefit'] as const

/** Fields by which sessions can be sorted: first fields of the session itself, then fields of its current result. */
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

/**
 * Sort order of sessions. `currency` is the currency of the amounts to sort by. If `currency` is null, the order
 * compares only results without a currency. Sort fields that are not amounts ignore `currency`.
 */
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

/** Hours, amounts and ratios are in hundredths. */
export interface ResultSortFields {
  label: string | null
  period_to: string | null
  currency: string | null
  total_hours: number
  programme_cost: number
  time_value: number
  net_benefit: number
  benefit_cost_ratio: number | null
}

export const resultSortFieldsOf = ({ inputs, outputs }: Result): ResultSortFields => ({
  label: inputs.label ?? null,
  period_to: inputs.period?.to ?? null,
  currency: inputs.currency ?? null,
  total_hours: hundredths(outputs.total_hours),
  programme_cost: hundredths(outputs.programme_cost),
  time_value: hundredths(outputs.time_value),
  net_benefit: hundredths(outputs.net_benefit),
  benefit_cost_ratio: outputs.benefit_cost_ratio === null ? null : hundredths(outputs.benefit_cost_ratio),
})

/** Returns the schema of an order's sort keys: ISO 8601 times with milliseconds, strings, or safe integers. */
export function sortKeySchema({ by }: SessionOrder): z.ZodType<SortKey['key']> {
  if (by === 'created_at' || by === 'updated_at') return z.iso.datetime({ precision: 3 })
  if (by === 'mentor_id') return z.string()
  return by === 'label' || by === 'period_to' ? z.string().nullable() : z.int().nullable()
}

export const isOfResult = ({ by }: SessionOrder): boolean =>
  by !== 'created_at' && by !== 'updated_at' && by !== 'mentor_id'

/** The key is null without a result, and if the order is by an amount and the result has another currency. */
export function sortKeyOf({ by, currency }: SessionOrder, session: Snapshot & { result: Result | null }): SortKey {
  const { session_id } = session
  if (by === 'created_at' || by === 'updated_at' || by === 'mentor_id') return { key: session[by], session_id }
  const sorting = session.result && resultSortFieldsOf(session.result)
  const isOther = isAmount(by) && sorting?.currency !== currency
  return { key: sorting && !isOther ? sorting[by] : null, session_id }
}

export const sessionCursorOf = (cursors: Cursors, order: SessionOrder, { key, session_id }: SortKey): string =>
  cursors.encode('sessions', [orderOf(order), key, session_id])

const orderOf = ({ by, descending, currency }: SessionOrder): unknown[] => [by, descending, currency]

/** Decodes a cursor to a sort key. Throws invalid_cursor if the server did not issue the cursor for this sort order. */
export function sortKeyFromCursor(cursors: Cursors, order: SessionOrder, cursor: string): SortKey {
  const [cursorOrder, value, session_id] = cursors.decode('sessions', cursor)
  const key = sortKeySchema(order).safeParse(value)
  const isOfOrder = JSON.stringify(cursorOrder) === JSON.stringify(orderOf(order))
  if (isOfOrder && key.success && typeof session_id === 'string') return { key: key.data, session_id }
  throw new DomainError('invalid_cursor', {
    errors: [{ detail: 'is not a cursor of this list in this order: start again without it', parameter: 'after' }],
  })
}
