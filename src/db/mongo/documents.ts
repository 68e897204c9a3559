import type { Document } from 'mongodb'
import { type KeptAnswer, keptAnswers } from '../../domain/kept'
import {
  type Commit,
  commitOf,
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
import type { Counting, Filter, Write } from '../store'
import { type SortingDocument, sortingDocument } from './sorting'

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

export const transitionOf = ({ write: _, ...kept }: Dated<Transition, 'at'> & Written): Transition => ({
  ...kept,
  at: timestamp(kept.at),
})
export const resultOf = (kept: Dated<Result, 'computed_at'>): Result => ({
  ...kept,
  computed_at: timestamp(kept.computed_at),
})
export const shareOf = (kept: Dated<Share, 'expires_at'>): Share => ({
  ...kept,
  expires_at: timestamp(kept.expires_at),
})
export const keptOf = ({ write: _, ...kept }: Dated<KeptAnswer, 'at'> & Written): KeptAnswer => ({
  ...kept,
  at: timestamp(kept.at),
})

/** A commit as it is stored. */
export interface CommitDocument extends Omit<Commit, 'created_at' | 'transitions'> {
  created_at: Date
  transitions: Dated<Transition, 'at'>[]
  /** The sort keys of the session after the commit. */
  sorting: SortingDocument
}

export const commitDocument = ({ session, changes, before }: Write): CommitDocument => {
  const commit = commitOf(session, changes, before)
  return {
    ...commit,
    created_at: new Date(commit.created_at),
    transitions: commit.transitions.map(transition => dated(transition, 'at')),
    sorting: sortingDocument(session),
  }
}

export const keptCommit = (kept: Omit<CommitDocument, 'sorting'>): Commit => ({
  ...kept,
  created_at: timestamp(kept.created_at),
  transitions: kept.transitions.map(transitionOf),
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
  keys: (Dated<KeptAnswer, 'at'> & Written)[]
  /** The latest write as a whole. The change stream carries it to the subscribers. */
  commit: CommitDocument
  /**
   * The idempotency key of the session's start, if it had one. It is unique among all documents. A closed session with
   * this field stays in the store until the key expires.
   */
  start?: Pick<Dated<KeptAnswer, 'at'>, 'key' | 'request' | 'at'>
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

export function startedOf({ _id, start, transitions, ...origin }: SessionDocument): KeptAnswer | null {
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
  'commit.standing.after': 1,
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
  calculations: document.commit.standing.after?.calculations ?? [],
})

/** The fields that determine a session's contribution to the totals. */
export const countingFields = {
  mentor_id: 1,
  organisation_id: 1,
  'commit.standing.after': 1,
} as const

/** Returns a session's contribution to the totals, or null if the session is closed. */
export function countingOf({ _id: session_id, mentor_id, organisation_id, commit }: SessionDocument): Counting | null {
  const standing = commit.standing.after
  return standing && { session_id, mentor_id, organisation_id, standing }
}

/** Returns a commit's transitions as the write stores them: the first one has the write's id. */
export const writtenBy = (write: string, { transitions }: CommitDocument): SessionDocument['transitions'] =>
  transitions.map((transition, i) => (i === 0 ? { ...transition, write } : transition))

/** Expression for the idempotency records of a key, among those that the session must still honour. */
export const answersOf = (key: string, since: Timestamp): Document => ({
  $filter: {
    input: { $slice: ['$keys', -keptAnswers] },
    cond: { $and: [{ $eq: ['$$this.key', { $literal: key }] }, { $gt: ['$$this.at', new Date(since)] }] },
  },
})

export const documentOf = (made: Write, write: string): SessionDocument => {
  const { session, kept } = made
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
    ...(kept && { start: { key: kept.key, request: kept.request, at: new Date(kept.at) } }),
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
