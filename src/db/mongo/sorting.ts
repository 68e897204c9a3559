import { type Sorting, sortingOf } from '../../domain/order'
import type { Session } from '../../domain/session'

/**
 * What a session is put in order by beside its own members, as one index holds it. Null would be read of the document itself: what
 * is not there stands before all that is.
 */
export type SortingDocument = { [name in keyof Sorting]: NonNullable<Sorting[name]> }

/** A currency that is not stated, and that of a session without a result. */
export const unstated = ''
const ofNoResult = '-'

const none: SortingDocument = {
  label: '',
  period_to: '',
  currency: ofNoResult,
  total_hours: -1,
  programme_cost: 0,
  time_value: 0,
  net_benefit: 0,
  benefit_cost_ratio: -1,
}

/** What a result has no such thing of. */
const missing = { label: none.label, period_to: none.period_to, currency: unstated, benefit_cost_ratio: -1 } as const

export function sortingDocument({ result }: Pick<Session, 'result'>): SortingDocument {
  if (!result) return none
  const { label, period_to, currency, benefit_cost_ratio, ...figures } = sortingOf(result)
  return {
    label: label ?? missing.label,
    period_to: period_to ?? missing.period_to,
    currency: currency ?? missing.currency,
    ...figures,
    benefit_cost_ratio: benefit_cost_ratio ?? missing.benefit_cost_ratio,
  }
}

const members = Object.keys(none) as (keyof SortingDocument)[]

export const sortingField = (member: keyof SortingDocument): string => `commit.sorting.${member}`

/** Holds whatever sessions are put in order by: its entries are all that is read, whichever order is asked for. */
export const sortingKey = {
  state: 1,
  [sortingField('currency')]: 1,
  organisation_id: 1,
  _id: 1,
  mentor_id: 1,
  updated_at: 1,
  ...Object.fromEntries(members.filter(name => name !== 'currency').map(name => [sortingField(name), 1])),
} as const
