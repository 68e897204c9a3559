import type { Document } from 'mongodb'
import type { MonthRange } from '../../domain/months'
import { type ResultSortFields, resultSortFieldsOf } from '../../domain/order'
import { restingStates, type Session, type State } from '../../domain/session'
import type { Filter } from '../store'
import { contributionPositions } from './packed'

/** Sort keys of a session's current result, by their codes in `sortFields`. */
export type SortFieldsDocument = Record<string, string | number>

/**
 * Codes of the sort keys. A placeholder replaces a missing value, because for null MongoDB would read the document
 * itself. Placeholders for text, hours and ratios sort before all other values. For amounts, `currency` shows whether
 * there is a result.
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

/** Placeholder for the currency of a result without a currency. */
export const noCurrency = ''

export function sortFieldsDocument({ result }: Pick<Session, 'result'>): SortFieldsDocument {
  const values = result ? resultSortFieldsOf(result) : undefined
  const known = values && { ...values, currency: values.currency ?? noCurrency }
  return Object.fromEntries(
    sortFieldNames.map(name => [sortFields[name].code, known?.[name] ?? sortFields[name].placeholder]),
  )
}

export const sortField = (name: keyof ResultSortFields): string => `sort.${sortFields[name].code}`

/** Returns the label of the current result, or null without one. */
export const labelOf = (sort: SortFieldsDocument): string | null => String(sort[sortFields.label.code]) || null

/**
 * Index with every sort key except the mentor, so that a sorted page reads only index entries. Each calculation
 * replaces one entry.
 */
export const sortIndex = {
  state: 1,
  [sortField('currency')]: 1,
  organisation_id: 1,
  _id: 1,
  updated_at: 1,
  ...Object.fromEntries(sortFieldNames.filter(name => name !== 'currency').map(name => [sortField(name), 1])),
} as const

/** Path of the current result's month. Absent in documents without a result, and in closed sessions. */
const monthField = `commit.after.r.${contributionPositions.indexOf('month')}`

export const byNewest = { created_at: -1, _id: -1 } as const
export const byOldest = { created_at: 1, _id: 1 } as const

/**
 * Index of all sessions. It includes the month, so that a list for a range of months reads no other documents. This
 * seldom costs additional index writes, because a session's first calculation also changes the state, and later ones
 * seldom change the month.
 */
export const newestIndex = { state: 1, ...byNewest, [monthField]: 1 } as const
/** The index of version 1.0.0 that the previous one replaces. */
export const formerNewestIndex = { state: 1, ...byNewest } as const
/** Index of mentors' sessions. It supports the order by mentor, but has no other sort key. */
export const mentorIndex = { mentor_id: 1, state: 1, ...byNewest } as const
/** Index of organisations' sessions. It includes the mentor, to support the order by mentor as well. */
export const organisationIndex = { organisation_id: 1, state: 1, ...byNewest, mentor_id: 1 } as const

/** Index of external ids. Sessions without one have no entry. */
export const externalIdIndex = { external_id: 1, organisation_id: 1 } as const
export const hasExternalId = { external_id: { $exists: true } } as const

/** Index of the digests of starts with an external id. */
export const startDigestIndex = { start_digest: 1 } as const
export const hasStartDigest = { start_digest: { $exists: true } } as const

/** Index of former mentors, with which an erasure finds their sessions. Most sessions have no entry. */
export const formerMentorIndex = { 'former.mentor_id': 1 } as const

/** Index of share links by expiry. Sessions without a link have no entry. */
export const linksIndex = { 'shares.expires_at': 1, organisation_id: 1, mentor_id: 1 } as const
export const hasLinks = { 'shares.expires_at': { $exists: true } } as const

/** States in which a session can have a current result. */
const statesWithResult = restingStates.filter(state => state !== 'initial')

/** Returns the query for a filter, or null if nothing can match: no stored session is `loading` or `closed`. */
export function queryOf({ state, months, ...filter }: Filter): Document | null {
  const states: readonly State[] = months ? statesWithResult : restingStates
  if (state !== undefined && !states.includes(state)) return null
  // Name the states, so that the index ranges for a list exclude closed sessions and, for months, those without a
  // result.
  return { ...filter, state: state ?? { $in: states }, ...(months && { [monthField]: conditionOf(months) }) }
}

const conditionOf = ({ from, to }: MonthRange): Document => ({
  ...(from !== undefined && { $gte: from }),
  ...(to !== undefined && { $lte: to }),
})
