import { type ResultSortFields, resultSortFieldsOf } from '../../domain/order'
import type { Session } from '../../domain/session'

/**
 * Sort keys of a session's current result, as the covering index holds them. A missing value has a placeholder, because
 * MongoDB would read the document itself for a null. Placeholders of text, hours and ratios sort before all other
 * values. For amounts, `currency` says whether there is a result.
 */
export type SortFieldsDocument = { [name in keyof ResultSortFields]: NonNullable<ResultSortFields[name]> }

/** Placeholders for the currency: not stated, and of a session without a result. */
export const unstated = ''
const ofNoResult = '-'

const none: SortFieldsDocument = {
  label: '',
  period_to: '',
  currency: ofNoResult,
  total_hours: -1,
  programme_cost: 0,
  time_value: 0,
  net_benefit: 0,
  benefit_cost_ratio: -1,
}

/** Placeholders for the values that a result may lack. */
const missing = { label: none.label, period_to: none.period_to, currency: unstated, benefit_cost_ratio: -1 } as const

export function sortFieldsDocument({ result }: Pick<Session, 'result'>): SortFieldsDocument {
  if (!result) return none
  const { label, period_to, currency, benefit_cost_ratio, ...figures } = resultSortFieldsOf(result)
  return {
    label: label ?? missing.label,
    period_to: period_to ?? missing.period_to,
    currency: currency ?? missing.currency,
    ...figures,
    benefit_cost_ratio: benefit_cost_ratio ?? missing.benefit_cost_ratio,
  }
}

const members = Object.keys(none) as (keyof SortFieldsDocument)[]

export const sortField = (member: keyof SortFieldsDocument): string => `commit.sorting.${member}`

/**
 * Index that holds every sort key. A sorted page reads only entries of this index, whichever order the client requests.
 */
export const sortIndex = {
  state: 1,
  [sortField('currency')]: 1,
  organisation_id: 1,
  _id: 1,
  mentor_id: 1,
  updated_at: 1,
  ...Object.fromEntries(members.filter(name => name !== 'currency').map(name => [sortField(name), 1])),
} as const
