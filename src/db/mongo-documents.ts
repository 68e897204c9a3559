import type { Document } from 'mongodb'
import type { KeptAnswer } from '../domain/kept'
import {
  type Commit,
  commitOf,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  type Transition,
} from '../domain/session'
import type { Filter, Write } from './store'

/** A session is one document, so that one update is one atomic write. */
export interface SessionDocument extends Omit<Snapshot, 'session_id'> {
  _id: string
  last_inputs: Session['last_inputs']
  transitions: Transition[]
  results: Result[]
  shares: Share[]
  keys: KeptAnswer[]
  /** The latest write, whole: the change stream carries it to the subscribers. */
  commit: Commit
  /** The ids of the latest writes (mongo-updates.ts). */
  writes?: string[]
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

export const documentOf = ({ session, changes }: Write): SessionDocument => {
  const { session_id, result: _, ...fields } = session
  return {
    _id: session_id,
    ...fields,
    transitions: changes.map(change => change.transition),
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
