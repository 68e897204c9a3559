import type { Document } from 'mongodb'
import type { Filter } from '../../domain/list-query'
import type { MonthRange } from '../../domain/months'
import { type ResultSortFields, resultSortFieldsOf } from '../../domain/order'
import { restingStates, type Session, type State } from '../../domain/session'
import { contributionPositions } from './packed'

/** Sort keys of a session's current result, keyed by their codes in `sortFields`. */
export type SortFieldsDocument = Record<string, string | number>

/**
 * Codes of the sort keys, and placeholders for missing values. Without placeholders, missing values would be null, and
 * MongoDB could not answer a query from the index alone. Placeholders for text, hours and ratios sort before all other
 * values. For amounts, the sort key `currency` shows whether the session has a result.
 */
const sortFields: Record<keyof ResultSortFields, { code: string; placeholder: string | number }> = {
  label: { code: 'l', placeholder: '' },
  period_to: { code: 'p', placeholder: '' },
  currency: { code: 'c', placeholder: '-' },
  total_hours: { code: 'h', placeholder: -1 },
  programme_cost: { code: 'k', placeholder: 0 },
  time_value: { code: 'v', placeholder: 0 },
  net_benefit: { code: 'n', placeholder: 0 },
  benefit_cost_ratio: { code: 'r', placeholder: -1 },
}
const sortFieldNames = Object.keys(sortFields) as (keyof ResultSortFields)[]

export const noCurrency = ''

export function sortFieldsDocument({ result }: Pick<Session, 'result'>): SortFieldsDocument {
  const values = result ? resultSortFieldsOf(result) : undefined
  const known = values && { ...values, currency: values.currency ?? noCurrency }
  return Object.fromEntries(
    sortFieldNames.map(name => [sortFields[name].code, known?.[name] ?? sortFields[name].placeholder]),
  )
}

export const sortField = (name: keyof ResultSortFields): string => `sort.${sortFields[name].code}`

export const labelOf = (sort: SortFieldsDocument): string | null => String(sort[sortFields.label.code]) || null

/**
 * Index that contains all sort keys except the mentor, so that a sorted page reads only index entries. All sort orders
 * share this index: with one index per order, a calculation would replace an entry in nearly every index. Do not change
 * this index's fields, because queries by processes of earlier versions name the index.
 */
export const sortIndex = {
  state: 1,
  [sortField('currency')]: 1,
  organisation_id: 1,
  _id: 1,
  updated_at: 1,
  ...Object.fromEntries(sortFieldNames.filter(name => name !== 'currency').map(name => [sortField(name), 1])),
} as const

/** Path of the current result's month. Closed sessions and sessions without a result lack this field. */
const monthField = `commit.after.r.${contributionPositions.indexOf('month')}`

export const byNewest = { created_at: -1, _id: -1 } as const
export const byOldest = { created_at: 1, _id: 1 } as const

/**
 * Includes the month, so that a list filtered by months reads only matching documents. This rarely causes additional
 * index writes: a first calculation changes the state anyway, and later calculations rarely change the month.
 */
export const newestIndex = { state: 1, ...byNewest, [monthField]: 1 } as const
/** Index of sessions by mentor. This index supports sorting by mentor, but contains no other sort key. */
export const mentorIndex = { mentor_id: 1, state: 1, ...byNewest } as const
/** Index of sessions by organisation. This index includes the mentor, to support sorting by mentor. */
export const organisationIndex = { organisation_id: 1, state: 1, ...byNewest, mentor_id: 1 } as const

/** Index of external ids. Sessions without an external id have no entry in this index. */
export const externalIdIndex = { external_id: 1, organisation_id: 1 } as const
export const hasExternalId = { external_id: { $exists: true } } as const

/** For erasures. Most sessions have no entry in this index. */
export const formerMentorIndex = { 'former.mentor_id': 1 } as const

/** Index of share links by expiry. Sessions without share links have no entry in this index. */
export const linksIndex = { 'shares.expires_at': 1, organisation_id: 1, mentor_id: 1 } as const
export const hasLinks = { 'shares.expires_at': { $exists: true } } as const

/** Stored states in which a session can have a current result. */
const statesWithResult = restingStates.filter(state => state !== 'initial')

/** Returns null if no session can match, because no open session is stored as `loading` or `closed`. */
export function queryOf({ state, months, ...filter }: Filter): Document | null {
  const states: readonly State[] = months ? statesWithResult : restingStates
  if (state !== undefined && !states.includes(state)) return null
  // List the states explicitly, so that the index ranges exclude closed sessions and, for a filter by months, sessions
  // without a result.
  return { ...filter, state: state ?? { $in: states }, ...(months && { [monthField]: conditionOf(months) }) }
}

const conditionOf = ({ from, to }: MonthRange): Document => ({
  ...(from !== undefined && { $gte: from }),
  ...(to !== undefined && { $lte: to }),
})
