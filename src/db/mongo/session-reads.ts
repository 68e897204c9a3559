import type { Collection, Document } from 'mongodb'
import type { Result, Session, Snapshot, Transition } from '../../domain/session'
import type { ShareWithResult } from '../store'
import { BatchedReads } from './batched-reads'
import {
  resultOf,
  type SessionDocument,
  sessionFields,
  sessionOf,
  shareOf,
  snapshotFields,
  snapshotOf,
  transitionOf,
} from './documents'
import { retryRead } from './errors'

/** A requested range of a session's transitions. */
interface TransitionRange {
  session_id: string
  after: number
  limit: number
}

interface ResultKey {
  session_id: string
  result_id: string
}

const isOpen = { state: { $ne: 'closed' } } as const

/**
 * Reads of one session by its id. Each method keeps the promise of the method of Store with the same name. A closed
 * session is absent. Reads of one turn of the event loop share a query.
 */
export class MongoSessionReads {
  readonly #read = new BatchedReads('sessions', (ids: readonly string[]) =>
    this.#readMany(ids, sessionFields, sessionOf),
  )
  readonly #snapshot = new BatchedReads('snapshots', (ids: readonly string[]) =>
    this.#readMany(ids, snapshotFields, snapshotOf),
  )
  readonly #transitions = new BatchedReads('transitions', (asked: readonly TransitionRange[]) =>
    this.#transitionsOf(asked),
  )
  readonly #results = new BatchedReads('results', (ids: readonly string[]) => this.#resultsOf(ids))
  readonly #earlier = new BatchedReads('earlier results', (keys: readonly ResultKey[]) => this.#earlierOf(keys))

  constructor(readonly sessions: Collection<SessionDocument>) {}

  read(session_id: string): Promise<Session | null> {
    return this.#read.load(session_id)
  }

  snapshot(session_id: string): Promise<Snapshot | null> {
    return this.#snapshot.load(session_id)
  }

  #readMany<T>(
    ids: readonly string[],
    projection: Document,
    kept: (document: SessionDocument) => T,
  ): Promise<(T | null)[]> {
    return retryRead(async signal => {
      const found = new Map<string, T>()
      const asked = { _id: { $in: [...ids] }, ...isOpen }
      for (const document of await this.sessions.find(asked, { projection, signal }).toArray()) {
        found.set(document._id, kept(document))
      }
      return ids.map(id => found.get(id) ?? null)
    })
  }

  transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    return this.#transitions.load({ session_id, after, limit })
  }

  #transitionsOf(asked: readonly TransitionRange[]): Promise<(Transition[] | null)[]> {
    return retryRead(async signal => {
      const found = new Map<string, Transition[]>()
      const place = ({ session_id, after, limit }: TransitionRange): string => `${after} ${limit} ${session_id}`
      const ranges = new Set(asked.map(({ after, limit }) => `${after} ${limit}`))
      const readRange = async (range: string): Promise<void> => {
        const [after, limit] = range.split(' ').map(Number) as [number, number]
        const ids = asked.filter(slice => slice.after === after && slice.limit === limit).map(slice => slice.session_id)
        const cursor = this.sessions.find(
          { _id: { $in: ids }, ...isOpen },
          // Sequences count from 1 without gaps, so `after` is the array index of the next transition.
          { projection: { version: 1, transitions: { $slice: [after, limit] } }, signal },
        )
        for await (const { _id, transitions } of cursor) {
          found.set(place({ session_id: _id, after, limit }), transitions.map(transitionOf))
        }
      }
      await Promise.all([...ranges].map(readRange))
      return asked.map(slice => found.get(place(slice)) ?? null)
    })
  }

  results(session_id: string): Promise<Result[]> {
    return this.#results.load(session_id)
  }

  #resultsOf(ids: readonly string[]): Promise<Result[][]> {
    return retryRead(async signal => {
      const found = new Map<string, Result[]>()
      const cursor = this.sessions.find({ _id: { $in: [...ids] }, ...isOpen }, { projection: { results: 1 }, signal })
      for await (const { _id, results } of cursor) found.set(_id, results.reverse().map(resultOf))
      return ids.map(id => found.get(id) ?? [])
    })
  }

  async result(session_id: string, result_id: string): Promise<Result | null> {
    const session = await this.#read.load(session_id)
    if (!session || session.result?.result_id === result_id) return session?.result ?? null
    return this.#earlier.load({ session_id, result_id })
  }

  /** Reads results that are no longer current, with one query per session. */
  #earlierOf(keys: readonly ResultKey[]): Promise<(Result | null)[]> {
    return retryRead(async signal => {
      const found = new Map<string, Map<string, Result>>()
      const readSession = async (_id: string): Promise<void> => {
        const asked = keys.filter(key => key.session_id === _id).map(key => key.result_id)
        const results = { $filter: { input: '$results', cond: { $in: ['$$this.result_id', { $literal: asked }] } } }
        const holder = await this.sessions.findOne({ _id, ...isOpen }, { projection: { results }, signal })
        found.set(_id, new Map(holder?.results.map(result => [result.result_id, resultOf(result)])))
      }
      await Promise.all([...new Set(keys.map(key => key.session_id))].map(readSession))
      return keys.map(({ session_id, result_id }) => found.get(session_id)?.get(result_id) ?? null)
    })
  }

  async shared(token: string): Promise<ShareWithResult | null> {
    const found = await retryRead(signal =>
      this.sessions.findOne({ 'shares.token': token, ...isOpen }, { projection: { shares: 1, results: 1 }, signal }),
    )
    const share = found?.shares.find(candidate => candidate.token === token)
    const result = found?.results.find(candidate => candidate.result_id === share?.result_id)
    if (!share || !result) return null
    return { share: shareOf(share), result: resultOf(result), superseded: found?.results.at(-1) !== result }
  }
}
