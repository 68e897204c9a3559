import type { Document } from 'mongodb'
import { type KeptAnswer, keptAnswers } from '../domain/kept'
import {
  type Commit,
  commitOf,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  type Timestamp,
  type Transition,
} from '../domain/session'
import type { Filter, Write } from './store'

/** The id of the write that it came with (mongo-writes.ts), at the first transition of each write. */
export interface Written {
  write?: string
}

/** A session is one document, so that one update is one atomic write. */
export interface SessionDocument extends Omit<Snapshot, 'session_id'> {
  _id: string
  last_inputs: Session['last_inputs']
  transitions: (Transition & Written)[]
  results: Result[]
  shares: Share[]
  keys: (KeptAnswer & Written)[]
  /** The latest write, whole: the change stream carries it to the subscribers. */
  commit: Commit
  /** Set by the close, for the TTL index that purges what a crash left between close and purge. */
  closed_at?: Date
}

/** The kept answer of a start, apart from any session: it outlives the session that it started. */
export type StartDocument = Omit<KeptAnswer, 'key'> & { _id: string; expires_at: Date }

// A closed session is in no index range that a list reads: these are the states of a session at rest.
const openStates = ['initial', 'loaded', 'error'] as const

export const snapshotFields = {
  mentor_id: 1,
  organisation_id: 1,
  state: 1,
  last_event: 1,
  result_id: 1,
  created_at: 1,
  updated_at: 1,
  version: 1,
} as const

// The result of a session's result_id, if it has one, is always its latest.
export const sessionFields = { ...snapshotFields, last_inputs: 1, shares: 1, results: { $slice: -1 } } as const

export const newestFirst = { created_at: -1, _id: -1 } as const

export function snapshotOf({ _id, ...fields }: Pick<SessionDocument, '_id' | keyof typeof snapshotFields>): Snapshot {
  const { mentor_id, organisation_id, state, last_event, result_id, created_at, updated_at, version } = fields
  return { session_id: _id, mentor_id, organisation_id, state, last_event, result_id, created_at, updated_at, version }
}

export const sessionOf = (document: SessionDocument): Session => ({
  ...snapshotOf(document),
  result: document.result_id === null ? null : (document.results.at(-1) ?? null),
  last_inputs: document.last_inputs,
  shares: document.shares,
})

export const transitionOf = ({ write: _, ...transition }: Transition & Written): Transition => transition

/** The transitions as a write puts them into the document. */
export const writtenBy = (write: string, changes: Write['changes']): (Transition & Written)[] =>
  changes.map(({ transition }, i) => (i === 0 ? { ...transition, write } : transition))

/** The answers under a key, of those that a session still has to know. */
export const answersOf = (key: string, since: Timestamp): Document => ({
  $filter: {
    input: { $slice: ['$keys', -keptAnswers] },
    cond: { $and: [{ $eq: ['$$this.key', { $literal: key }] }, { $gt: ['$$this.at', since] }] },
  },
})

export const documentOf = ({ session, changes }: Write, write: string): SessionDocument => {
  const { session_id, result: _, ...fields } = session
  return {
    _id: session_id,
    ...fields,
    transitions: writtenBy(write, changes),
    results: [],
    keys: [],
    commit: commitOf(session, changes),
  }
}

/** What `filter` selects; null where nothing can match, since a session at rest is neither loading nor closed. */
export function selection({ state, ...filter }: Filter): Document | null {
  if (state === 'loading' || state === 'closed') return null
  return { ...filter, state: state ?? { $in: openStates } }
}
