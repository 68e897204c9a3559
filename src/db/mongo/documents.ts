import type { Document } from 'mongodb'
import {
  type Commit,
  commitOf,
  type IdempotencyRecord,
  maxIdempotencyRecords,
  originMembers,
  type Result,
  restingStates,
  type Session,
  type Share,
  type Snapshot,
  snapshotAfter,
  snapshotMembers,
  type Transition,
} from '../../domain/session'
import { type Timestamp, timestamp } from '../../domain/timestamp'
import type { Filter, SessionContribution, Write } from '../store'
import { type SortFieldsDocument, sortFieldsDocument } from './sort-fields'

/** The id of the write that added this element (see writes.ts). Of a write's transitions, only the first has it. */
export interface Written {
  write?: string
}

/** The same type with the named times as BSON dates. */
export type Dated<T, Name extends keyof T> = Omit<T, Name> & Record<Name, Date>

export function dated<T extends object, Name extends keyof T>(value: T, ...names: Name[]): Dated<T, Name> {
  const times = {} as Record<Name, Date>
  for (const name of names) times[name] = new Date(value[name] as Timestamp)
  return { ...value, ...times }
}

export const transitionOf = ({ write: _, ...stored }: Dated<Transition, 'at'> & Written): Transition => ({
  ...stored,
  at: timestamp(stored.at),
})
export const resultOf = (stored: Dated<Result, 'computed_at'>): Result => ({
  ...stored,
  computed_at: timestamp(stored.computed_at),
})
export const shareOf = (stored: Dated<Share, 'expires_at'>): Share => ({
  ...stored,
  expires_at: timestamp(stored.expires_at),
})
export const idempotencyRecordOf = ({
  write: _,
  ...stored
}: Dated<IdempotencyRecord, 'at'> & Written): IdempotencyRecord => ({
  ...stored,
  at: timestamp(stored.at),
})

/** A commit as it is stored. */
export interface CommitDocument extends Omit<Commit, 'created_at' | 'transitions'> {
  created_at: Date
  transitions: Dated<Transition, 'at'>[]
  /** The sort keys of the session after the commit. */
  sorting: SortFieldsDocument
}

export const commitDocument = ({ session, changes, before }: Write): CommitDocument => {
  const commit = commitOf(session, changes, before)
  return {
    ...commit,
    created_at: new Date(commit.created_at),
    transitions: commit.transitions.map(transition => dated(transition, 'at')),
    sorting: sortFieldsDocument(session),
  }
}

export const storedCommit = (stored: Omit<CommitDocument, 'sorting'>): Commit => ({
  ...stored,
  created_at: timestamp(stored.created_at),
  transitions: stored.transitions.map(transitionOf),
})

/** A session is one document, so that one update is one atomic write. */
export interface SessionDocument extends Omit<Snapshot, 'session_id' | 'created_at' | 'updated_at'> {
  _id: string
  created_at: Date
  updated_at: Date
  last_inputs: Session['last_inputs']
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

/** Projection of those session members that have the same name in the document. */
const projectionOf = <Name extends keyof Snapshot>(members: Name[]) =>
  Object.fromEntries(members.filter(name => name !== 'session_id').map(name => [name, 1])) as Record<
    Exclude<Name, 'session_id'>,
    1
  >

/** The fields from which `startedOf` rebuilds a start's response: the session after its first transition. */
export const startFields = { ...projectionOf(originMembers), start: 1, transitions: { $slice: 1 } } as const

export function startedOf({ _id, start, transitions, ...origin }: SessionDocument): IdempotencyRecord | null {
  const [first] = transitions.map(transitionOf)
  if (!start || !first) return null
  const commit = { ...origin, session_id: _id, created_at: timestamp(origin.created_at), last_event: null }
  return { ...start, at: timestamp(start.at), session: snapshotAfter(commit, first), transitions: [first] }
}

export const snapshotFields = projectionOf(snapshotMembers)

// A session's current result, if it has one, is always its latest.
export const sessionFields = {
  ...snapshotFields,
  last_inputs: 1,
  shares: 1,
  results: { $slice: -1 },
  'commit.contribution.after': 1,
} as const

export const newestFirst = { created_at: -1, _id: -1 } as const
export const oldestFirst = { created_at: 1, _id: 1 } as const

export const snapshotOf = (document: Pick<SessionDocument, '_id' | keyof typeof snapshotFields>): Snapshot => ({
  session_id: document._id,
  mentor_id: document.mentor_id,
  organisation_id: document.organisation_id,
  created_at: timestamp(document.created_at),
  state: document.state,
  last_event: document.last_event,
  result_id: document.result_id,
  updated_at: timestamp(document.updated_at),
  version: document.version,
})

export const resultIn = ({ result_id, results }: SessionDocument): Result | null => {
  const latest = result_id === null ? undefined : results.at(-1)
  return latest ? resultOf(latest) : null
}

export const sessionOf = (document: SessionDocument): Session => ({
  ...snapshotOf(document),
  result: resultIn(document),
  last_inputs: document.last_inputs,
  shares: document.shares.map(shareOf),
  calculations: document.commit.contribution.after?.calculations ?? [],
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

/** Returns a commit's transitions as the write stores them: the first one has the write's id. */
export const writtenBy = (write: string, { transitions }: CommitDocument): SessionDocument['transitions'] =>
  transitions.map((transition, i) => (i === 0 ? { ...transition, write } : transition))

/** Expression for the idempotency records of a key, among those that the session must still honour. */
export const recordsOf = (key: string, since: Timestamp): Document => ({
  $filter: {
    input: { $slice: ['$keys', -maxIdempotencyRecords] },
    cond: { $and: [{ $eq: ['$$this.key', { $literal: key }] }, { $gt: ['$$this.at', new Date(since)] }] },
  },
})

export const documentOf = (made: Write, write: string): SessionDocument => {
  const { session, idempotency } = made
  const { session_id, result: _, calculations: __, shares, ...fields } = session
  const commit = commitDocument(made)
  return {
    _id: session_id,
    ...dated(fields, 'created_at', 'updated_at'),
    transitions: writtenBy(write, commit),
    results: [],
    shares: shares.map(share => dated(share, 'expires_at')),
    keys: [],
    commit,
    ...(idempotency && { start: { key: idempotency.key, request: idempotency.request, at: new Date(idempotency.at) } }),
  }
}

/**
 * Returns the query for a filter, or null if nothing can match: no stored session is `loading`, and `closed` ones are
 * absent.
 */
export function selection({ state, ...filter }: Filter): Document | null {
  if (state !== undefined && !restingStates.some(resting => resting === state)) return null
  // Naming the states keeps closed sessions out of the index ranges that a list reads.
  return { ...filter, state: state ?? { $in: restingStates } }
}
