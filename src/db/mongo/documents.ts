import type { Document } from 'mongodb'
import { type ResultSortFields, resultSortFieldsOf } from '../../domain/order'
import {
  type Commit,
  commitOf,
  type IdempotencyRecord,
  initialInternals,
  internalMembers,
  maxIdempotencyRecords,
  originMembers,
  type Result,
  restingStates,
  type Session,
  type SessionInternals,
  type Share,
  type Snapshot,
  snapshotAfter,
  snapshotMembers,
  type Transition,
  withoutHistory,
} from '../../domain/session'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import type { Filter, SessionContribution, Write } from '../store'
import { upcastResult } from '../upcasting'

/** The id of the write that added this element (see BatchedWrites). Of a write's transitions, only the first has it. */
interface Written {
  write?: string
}

/** The same type with the named times as BSON dates. */
type Dated<T, Name extends keyof T> = Omit<T, Name> & Record<Name, Date>

export function dated<T extends object, Name extends keyof T>(value: T, ...names: Name[]): Dated<T, Name> {
  const times = {} as Record<Name, Date>
  for (const name of names) times[name] = new Date(value[name] as Timestamp)
  return { ...value, ...times }
}

/** A session is one document, so that one update is one atomic write. */
export interface SessionDocument
  extends Omit<Dated<Snapshot, 'created_at' | 'updated_at'>, 'session_id'>,
    SessionInternals {
  _id: string
  transitions: (Dated<Transition, 'at'> & Written)[]
  results: Dated<Result, 'computed_at'>[]
  shares: Dated<Share, 'expires_at'>[]
  /** Idempotency records. The times inside a recorded response are stored as the text that was sent. */
  keys: (Dated<IdempotencyRecord, 'at'> & Written)[]
  /** The latest write as a whole. The change stream carries it to the subscribers. */
  commit: CommitDocument
  /**
   * The idempotency key of the session's start, if it had one. It is unique among all documents. A closed session with
   * this field stays in the store until the key expires.
   */
  start?: Pick<Dated<IdempotencyRecord, 'at'>, 'key' | 'request' | 'at'>
  /** Set when the session is closed: the time at which the TTL index deletes the document, if it still exists. */
  purge_at?: Date
}

/** A commit as it is stored. */
export interface CommitDocument extends Omit<Dated<Commit, 'created_at'>, 'transitions'> {
  transitions: Dated<Transition, 'at'>[]
  /** The sort keys of the session after the commit. */
  sorting: SortFieldsDocument
}

/**
 * Sort keys of a session's current result, as the covering index holds them. A missing value has a placeholder, because
 * MongoDB would read the document itself for a null. Placeholders of text, hours and ratios sort before all other
 * values. For amounts, `currency` says whether there is a result.
 */
type SortFieldsDocument = { [name in keyof ResultSortFields]: NonNullable<ResultSortFields[name]> }

/** Sort fields of a session without a result. */
const noSortFields: SortFieldsDocument = {
  label: '',
  period_to: '',
  currency: '-',
  total_hours: -1,
  programme_cost: 0,
  time_value: 0,
  net_benefit: 0,
  benefit_cost_ratio: -1,
}

/** Placeholder of the currency of a result that states none. */
export const noCurrency = ''

export function sortFieldsDocument({ result }: Pick<Session, 'result'>): SortFieldsDocument {
  if (!result) return noSortFields
  const { label, period_to, currency, benefit_cost_ratio, ...figures } = resultSortFieldsOf(result)
  return {
    label: label ?? noSortFields.label,
    period_to: period_to ?? noSortFields.period_to,
    currency: currency ?? noCurrency,
    ...figures,
    benefit_cost_ratio: benefit_cost_ratio ?? noSortFields.benefit_cost_ratio,
  }
}

export const sortField = (name: keyof SortFieldsDocument): string => `commit.sorting.${name}`

/** Index that holds every sort key. A sorted page reads only its entries, whichever order the client requests. */
export const sortIndex = {
  state: 1,
  [sortField('currency')]: 1,
  organisation_id: 1,
  _id: 1,
  mentor_id: 1,
  updated_at: 1,
  ...Object.fromEntries(
    (Object.keys(noSortFields) as (keyof SortFieldsDocument)[])
      .filter(name => name !== 'currency')
      .map(name => [sortField(name), 1]),
  ),
} as const

export const byNewest = { created_at: -1, _id: -1 } as const
export const byOldest = { created_at: 1, _id: 1 } as const
export const byLastChange = { updated_at: 1 } as const

export const commitDocument = ({ session, changes, before }: Write): CommitDocument => {
  const commit = commitOf(session, changes, before)
  return {
    ...dated(commit, 'created_at'),
    transitions: commit.transitions.map(transition => dated(transition, 'at')),
    sorting: sortFieldsDocument(session),
  }
}

/** Returns the document of a new session. */
export const documentOf = (write: Write, writeId: string): SessionDocument => {
  const { session, idempotency } = write
  const { session_id, result: _, calculations: __, shares, ...fields } = session
  const commit = commitDocument(write)
  return {
    _id: session_id,
    ...dated(fields, 'created_at', 'updated_at'),
    transitions: withWriteId(commit.transitions, writeId),
    results: [],
    shares: shares.map(share => dated(share, 'expires_at')),
    keys: [],
    commit,
    ...(idempotency && { start: { key: idempotency.key, request: idempotency.request, at: new Date(idempotency.at) } }),
  }
}

/** Returns a write's transitions as the session's document holds them: the first one has the write's id. */
export const withWriteId = (
  transitions: CommitDocument['transitions'],
  write: string,
): SessionDocument['transitions'] =>
  transitions.map((transition, i) => (i === 0 ? { ...transition, write } : transition))

export const transitionOf = ({ write: _, ...stored }: SessionDocument['transitions'][number]): Transition => ({
  ...stored,
  at: timestamp(stored.at),
})
export const resultOf = (stored: SessionDocument['results'][number]): Result =>
  upcastResult({ ...stored, computed_at: timestamp(stored.computed_at) })
export const shareOf = (stored: SessionDocument['shares'][number]): Share => ({
  ...stored,
  expires_at: timestamp(stored.expires_at),
})
export const idempotencyRecordOf = ({ write: _, ...stored }: SessionDocument['keys'][number]): IdempotencyRecord => ({
  ...stored,
  at: timestamp(stored.at),
})
export const storedCommit = (stored: Omit<CommitDocument, 'sorting'>): Commit => ({
  ...stored,
  created_at: timestamp(stored.created_at),
  transitions: stored.transitions.map(transitionOf),
})

/** Projection of those session members that have the same name in the document. */
const projectionOf = <Name extends keyof Snapshot>(members: Name[]) =>
  Object.fromEntries(members.filter(name => name !== 'session_id').map(name => [name, 1])) as Record<
    Exclude<Name, 'session_id'>,
    1
  >

export const snapshotFields = projectionOf(snapshotMembers)

export function snapshotOf(document: Pick<SessionDocument, '_id' | keyof typeof snapshotFields>): Snapshot {
  const snapshot = withoutHistory(document as object as Snapshot)
  snapshot.session_id = document._id
  snapshot.created_at = timestamp(document.created_at)
  snapshot.updated_at = timestamp(document.updated_at)
  return snapshot
}

/** Projection of the current result. If a session has one, it is always its latest. */
export const currentResultFields = { results: { $slice: -1 } } as const

export const currentResultOf = ({ result_id, results }: SessionDocument): Result | null => {
  const latest = result_id === null ? undefined : results.at(-1)
  return latest ? resultOf(latest) : null
}

export const sessionFields = {
  ...snapshotFields,
  ...currentResultFields,
  ...(Object.fromEntries(internalMembers.map(name => [name, 1])) as Record<keyof SessionInternals, 1>),
  shares: 1,
  'commit.contribution.after': 1,
} as const

/** Returns the internal data of a document. A member that an older version did not store gets its initial value. */
const internalsOf = (document: SessionInternals): SessionInternals =>
  Object.fromEntries(
    internalMembers.map(name => [name, document[name] === undefined ? initialInternals[name] : document[name]]),
  ) as unknown as SessionInternals

export const sessionOf = (document: SessionDocument): Session => ({
  ...snapshotOf(document),
  result: currentResultOf(document),
  ...internalsOf(document),
  shares: document.shares.map(shareOf),
  calculations: document.commit.contribution.after?.calculations ?? [],
})

/** The fields from which `startRecordOf` rebuilds a start's response: the session after its first transition. */
export const startFields = { ...projectionOf(originMembers), start: 1, transitions: { $slice: 1 } } as const

/** Returns the idempotency record of a session's start. */
export function startRecordOf({ _id, start, transitions, ...origin }: SessionDocument): IdempotencyRecord | null {
  const [first] = transitions.map(transitionOf)
  if (!start || !first) return null
  const commit = { ...origin, session_id: _id, created_at: timestamp(origin.created_at), last_event: null }
  return { ...start, at: timestamp(start.at), session: snapshotAfter(commit, first), transitions: [first] }
}

/** Expression for the idempotency records of a key since a time, among those that the session must still honour. */
export const recordsOf = (key: string, since: Timestamp): Document => ({
  $filter: {
    input: { $slice: ['$keys', -maxIdempotencyRecords] },
    cond: { $and: [{ $eq: ['$$this.key', { $literal: key }] }, { $gt: ['$$this.at', new Date(since)] }] },
  },
})

/** The fields that determine a session's contribution to the totals. */
export const contributionFields = {
  mentor_id: 1,
  organisation_id: 1,
  'commit.contribution.after': 1,
} as const

/** Returns a session's contribution to the totals, or null if the session is closed. */
export function sessionContributionOf({
  _id: session_id,
  mentor_id,
  organisation_id,
  commit,
}: SessionDocument): SessionContribution | null {
  const contribution = commit.contribution.after
  return contribution && { session_id, mentor_id, organisation_id, contribution }
}

/**
 * Returns the query for a filter, or null if nothing can match: no stored session is `loading`, and `closed` ones are
 * absent.
 */
export function queryOf({ state, ...filter }: Filter): Document | null {
  if (state !== undefined && !restingStates.some(resting => resting === state)) return null
  // Naming the states keeps closed sessions out of the index ranges that a list reads.
  return { ...filter, state: state ?? { $in: restingStates } }
}
