import { randomUUID } from 'node:crypto'
import type { Timestamp as ClusterTime, Collection, Db, Document, MongoClient } from 'mongodb'
import { DomainError } from '../../domain/errors'
import { type KeptAnswer, keptAnswers, keptHours, keptSince } from '../../domain/kept'
import { changingMembers, type Result, type Session, type Snapshot, type Transition } from '../../domain/session'
import type { MinuteCount } from '../../domain/standing'
import { hourMs, type Timestamp } from '../../domain/timestamp'
import { sortedPage } from '../sorted'
import type {
  CommitFilter,
  Dimension,
  Exported,
  Filter,
  Follower,
  History,
  OtherOrder,
  Page,
  Position,
  Shared,
  Sorted,
  SortedPage,
  Standings,
  Store,
  TotalsRow,
  Untouched,
  Write,
} from '../store'
import { connectionTo, type MongoConnection, prepared, readinessTimeoutMs } from './connection'
import {
  answersOf,
  commitDocument,
  countingFields,
  countingOf,
  type Dated,
  dated,
  documentOf,
  keptOf,
  newestFirst,
  oldestFirst,
  resultOf,
  type SessionDocument,
  selection,
  sessionFields,
  sessionOf,
  shareOf,
  snapshotFields,
  snapshotOf,
  startedOf,
  startFields,
  transitionOf,
  type Written,
  writtenBy,
} from './documents'
import { reaching, reading } from './errors'
import { exported } from './export'
import { MongoLog, positionsAt } from './log'
import { GatheredReads } from './reads'
import { places } from './sorted'
import { calculations, totals } from './totals'
import { untouched } from './untouched'
import { GatheredWrites, type MongoWrite, majority } from './writes'

/** Transitions of a session that are asked for. */
interface TransitionRange {
  session_id: string
  after: number
  limit: number
}

interface ResultKey {
  session_id: string
  result_id: string
}

/** Answers under keys that a session's document may hold before all but the latest `keptAnswers` of them go. */
const answersHeld = 2 * keptAnswers
const purgeTimeoutMs = 2_000
const endTimeoutMs = 5_000

/** Operations that are under way at most; one more is told that it cannot be. */
const operationsLimit = 20_000

/**
 * Sessions in MongoDB: one document each, written by compare-and-set on the version, with majority concern. Until it is
 * open, all that is asked of it is unavailable.
 */
export class MongoStore implements Store {
  readonly client: MongoClient
  readonly db: Db
  #identity = ''
  readonly #sessions: Collection<SessionDocument>

  readonly #read = new GatheredReads('sessions', (ids: readonly string[]) =>
    this.#readMany(ids, sessionFields, sessionOf),
  )
  readonly #snapshot = new GatheredReads('snapshots', (ids: readonly string[]) =>
    this.#readMany(ids, snapshotFields, snapshotOf),
  )
  readonly #transitions = new GatheredReads('transitions', (asked: readonly TransitionRange[]) =>
    this.#transitionsOf(asked),
  )
  readonly #results = new GatheredReads('results', (ids: readonly string[]) => this.#resultsOf(ids))
  readonly #earlier = new GatheredReads('earlier results', (keys: readonly ResultKey[]) => this.#earlierOf(keys))

  readonly #log: MongoLog
  readonly #writes: GatheredWrites
  readonly #connection: MongoConnection
  readonly #ended = new AbortController()
  #underWay = 0

  /** Connects to nothing yet. To tell sessions `byAge`, it makes an index. Throws CannotStart where the URI is none. */
  constructor(
    uri: string,
    readonly options = { byAge: false },
  ) {
    this.#connection = connectionTo(uri)
    const { client, followClient, db } = this.#connection
    this.client = client
    this.db = db
    this.#sessions = db.collection('sessions')
    this.#writes = new GatheredWrites(db, this.#sessions)
    this.#log = new MongoLog(db.databaseName, client, followClient)
  }

  /** A store that is open; throws where it cannot be now (see prepared). */
  static async open(uri: string, options?: { byAge: boolean }): Promise<MongoStore> {
    const store = new MongoStore(uri, options)
    try {
      await store.#open()
    } catch (error) {
      await store.end()
      throw error
    }
    return store
  }

  async #open(): Promise<void> {
    this.#identity ||= await prepared(this.#connection, this.options.byAge, this.#ended.signal)
  }

  get identity(): string {
    return this.#identity
  }

  #requireOpen(): void {
    if (this.#identity === '') throw new DomainError('unavailable')
  }

  /** However long the store takes, no more than so many operations wait for it. */
  #begin(): void {
    this.#requireOpen()
    if (this.#underWay >= operationsLimit) throw new DomainError('unavailable')
    this.#underWay++
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#begin()
    try {
      return await work()
    } finally {
      this.#underWay--
    }
  }

  #reaching<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#counted(() => reaching(work))
  }

  #reading<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#counted(() => reading(work))
  }

  add(write: Write): Promise<boolean> {
    const { kept, wanted = always } = write
    const id = newWriteId()
    const { _id, ...document } = documentOf(write, id)
    const insert = () =>
      this.#writes.apply({ id, filter: { _id }, update: { $setOnInsert: document }, upsert: true, wanted })
    return this.#counted(async () => (await insert()) || (kept !== undefined && (await this.#free(kept)) && insert()))
  }

  /** Takes a start's key from the session that has it, if its answer is a day old by now; tells whether one had. */
  async #free({ key, at }: KeptAnswer): Promise<boolean> {
    const q = { 'start.key': key, 'start.at': { $lte: new Date(keptSince(at)) } }
    const updates = [{ q, u: { $unset: { start: 1 } } }]
    const command = { update: 'sessions', updates, writeConcern: majority }
    const { n } = await reaching(signal => this.db.command(command, { signal }))
    return n > 0
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    return this.#counted(() => this.#compareAndSet(write, readVersion, {}))
  }

  close(write: Write, readVersion: number): Promise<boolean> {
    return this.#counted(async () => {
      // The session is closed by now; where its purge fails, the TTL index does it.
      const purge_at = new Date(Date.now() + keptHours * hourMs)
      if (!(await this.#compareAndSet(write, readVersion, { purge_at }))) return false
      await this.#purge(write.session.session_id).catch(() => {})
      return true
    })
  }

  /** Forgets a closed session, except for what repeats of its start still have to know. */
  async #purge(_id: string): Promise<void> {
    const all = { q: { _id, state: 'closed', start: { $exists: false } }, limit: 1 }
    const purge = { delete: 'sessions', deletes: [all], writeConcern: majority }
    const { n } = await reaching(signal => this.db.command(purge, { signal }), purgeTimeoutMs)
    if (n > 0) return
    const purge_at = { $add: ['$start.at', keptHours * hourMs] }
    const none = { transitions: { $slice: ['$transitions', 1] }, results: [], shares: [], keys: [], last_inputs: null }
    const shrink = {
      update: 'sessions',
      updates: [{ q: { _id, state: 'closed' }, u: [{ $set: { ...none, purge_at } }] }],
      writeConcern: majority,
    }
    await reaching(signal => this.db.command(shrink, { signal }), purgeTimeoutMs)
  }

  #compareAndSet(write: Write, readVersion: number, more: Partial<SessionDocument>): Promise<boolean> {
    const { session, changes, kept, wanted = always } = write
    const id = newWriteId()
    const results = changes.flatMap(change => change.result ?? [])
    const shares = changes.flatMap(change => change.share ?? [])
    const filter: MongoWrite['filter'] = { _id: session.session_id, version: readVersion }
    const $set: Document = {}
    const $push: Document = {}
    if (changes.length > 0) {
      for (const name of changingMembers) $set[name] = session[name]
      const updated_at = new Date(session.updated_at)
      const commit = commitDocument(write)
      Object.assign($set, { updated_at, last_inputs: session.last_inputs, commit, ...more })
      $push.transitions = { $each: writtenBy(id, commit) }
    }
    if (shares.length > 0) $push.shares = { $each: shares.map(share => dated(share, 'expires_at')) }
    else if (changes.some(change => change.revokesShares)) $set['shares.$[].revoked'] = true
    if (results.length > 0) {
      filter['results.result_id'] = { $nin: results.map(result => result.result_id) }
      $push.results = { $each: results.map(result => dated(result, 'computed_at')) }
    }
    if (kept) {
      filter.$expr = { $eq: [{ $size: answersOf(kept.key, keptSince(kept.at)) }, 0] }
      $push.keys = { $each: [{ ...dated(kept, 'at'), write: id }] }
    }
    const update = { ...(changes.length > 0 && { $set }), $push }
    return this.#writes.apply({ id, filter, update, wanted })
  }

  read(session_id: string): Promise<Session | null> {
    return this.#counted(() => this.#read.load(session_id))
  }

  snapshot(session_id: string): Promise<Snapshot | null> {
    return this.#counted(() => this.#snapshot.load(session_id))
  }

  #readMany<T>(
    ids: readonly string[],
    projection: Document,
    kept: (document: SessionDocument) => T,
  ): Promise<(T | null)[]> {
    return reading(async signal => {
      const found = new Map<string, T>()
      const open = { _id: { $in: [...ids] }, state: { $ne: 'closed' as const } }
      for (const document of await this.#sessions.find(open, { projection, signal }).toArray()) {
        found.set(document._id, kept(document))
      }
      return ids.map(id => found.get(id) ?? null)
    })
  }

  async kept(session_id: string | null, key: string, now: Timestamp): Promise<KeptAnswer | null> {
    if (session_id === null) {
      const started = { 'start.key': key, 'start.at': { $gt: new Date(keptSince(now)) } }
      const found = await this.#reading(signal => this.#sessions.findOne(started, { projection: startFields, signal }))
      return found && startedOf(found)
    }
    const projection = { _id: 0, answers: answersOf(key, keptSince(now)), held: { $size: '$keys' } }
    const found = await this.#reading(
      signal =>
        this.#sessions.findOne(
          { _id: session_id, state: { $ne: 'closed' } },
          { projection, signal },
        ) as unknown as Promise<{ answers: (Dated<KeptAnswer, 'at'> & Written)[]; held: number } | null>,
    )
    if (found && found.held >= answersHeld) await this.#forgetKeys(session_id)
    const [answer] = found?.answers ?? []
    return answer ? keptOf(answer) : null
  }

  /** A push that slices writes the whole array into the oplog: once in a hundred keys. */
  async #forgetKeys(session_id: string): Promise<void> {
    const q = { _id: session_id, [`keys.${answersHeld - 1}`]: { $exists: true } }
    const u = { $push: { keys: { $each: [], $slice: -keptAnswers } } }
    const command = { update: 'sessions', updates: [{ q, u }] }
    await this.#reaching(signal => this.db.command(command, { signal })).catch(() => {})
  }

  async list(filter: Filter, page: Page): Promise<Snapshot[]> {
    const selected = selection(filter)
    if (!selected) return []
    const { fromEnd: isReversed = false } = page
    if ('after' in page && page.after) {
      const { session_id } = page.after
      const created_at = new Date(page.after.created_at)
      const beyond = isReversed ? '$gt' : '$lt'
      selected.created_at = { [`${beyond}e`]: created_at }
      selected.$or = [{ created_at: { [beyond]: created_at } }, { _id: { [beyond]: session_id } }]
    }
    return this.#reaching(async signal => {
      const found = this.#sessions
        .find(selected, { projection: snapshotFields, signal })
        .sort(isReversed ? oldestFirst : newestFirst)
        .skip('offset' in page ? page.offset : 0)
        .limit(page.limit)
      const sessions = (await found.toArray()).map(snapshotOf)
      return isReversed ? sessions.reverse() : sessions
    })
  }

  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<Sorted> {
    return sortedPage(page, {
      places: (haveKey, limit, after) =>
        this.#reaching(signal => places(this.#sessions, filter, order, { haveKey, limit, after }, signal)),
      snapshots: ids => Promise.all(ids.map(id => this.snapshot(id))),
    })
  }

  async count(filter: Filter): Promise<number> {
    const selected = selection(filter)
    return selected ? this.#reaching(signal => this.#sessions.countDocuments(selected, { signal })) : 0
  }

  async standings(after: string, limit: number): Promise<Standings> {
    const command = {
      find: 'sessions',
      filter: { _id: { $gt: after } },
      sort: { _id: 1 },
      limit,
      singleBatch: true,
      batchSize: limit,
      projection: countingFields,
      readConcern: { level: 'snapshot' },
    }
    const { cursor } = (await this.#reading(signal => this.db.command(command, { signal }))) as unknown as {
      cursor: { firstBatch: SessionDocument[]; atClusterTime: ClusterTime }
    }
    const { firstBatch: documents, atClusterTime } = cursor
    return {
      sessions: documents.flatMap(document => countingOf(document) ?? []),
      next: documents.length === limit ? (documents.at(-1)?._id ?? null) : null,
      ...positionsAt(atClusterTime),
    }
  }

  async *totals(filter: Filter, by: Dimension[]): AsyncGenerator<TotalsRow> {
    this.#begin()
    try {
      yield* totals(this.#sessions, filter, by)
    } finally {
      this.#underWay--
    }
  }

  export(filter: Filter, signal: AbortSignal): AsyncIterable<Exported[]> {
    this.#requireOpen()
    return exported(this.#sessions, filter, signal)
  }

  calculations(filter: Filter, since: Timestamp): Promise<MinuteCount[]> {
    return this.#reaching(signal => calculations(this.#sessions, filter, since, signal))
  }

  /** Of the log nothing can be forgotten: it is the server's, for as long as its oplog goes back. */
  async forget(mentor_id: string): Promise<boolean> {
    const closed = { q: { mentor_id, state: 'closed' }, limit: 0 }
    const command = { delete: 'sessions', deletes: [closed], writeConcern: majority }
    await this.#reaching(signal => this.db.command(command, { signal }))
    return true
  }

  untouched(before: Timestamp, limit: number): Promise<Untouched[]> {
    return this.#reading(signal => untouched(this.#sessions, before, limit, signal))
  }

  transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    return this.#counted(() => this.#transitions.load({ session_id, after, limit }))
  }

  #transitionsOf(asked: readonly TransitionRange[]): Promise<(Transition[] | null)[]> {
    return reading(async signal => {
      const found = new Map<string, Transition[]>()
      const place = ({ session_id, after, limit }: TransitionRange): string => `${after} ${limit} ${session_id}`
      const ranges = new Set(asked.map(({ after, limit }) => `${after} ${limit}`))
      const readRange = async (range: string): Promise<void> => {
        const [after, limit] = range.split(' ').map(Number) as [number, number]
        const ids = asked.filter(slice => slice.after === after && slice.limit === limit).map(slice => slice.session_id)
        const cursor = this.#sessions.find(
          { _id: { $in: ids }, state: { $ne: 'closed' } },
          // The sequence counts from 1 without a hole: it is one more than the place in the array.
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
    return this.#counted(() => this.#results.load(session_id))
  }

  #resultsOf(ids: readonly string[]): Promise<Result[][]> {
    return reading(async signal => {
      const found = new Map<string, Result[]>()
      const cursor = this.#sessions.find(
        { _id: { $in: [...ids] }, state: { $ne: 'closed' } },
        { projection: { results: 1 }, signal },
      )
      for await (const { _id, results } of cursor) found.set(_id, results.reverse().map(resultOf))
      return ids.map(id => found.get(id) ?? [])
    })
  }

  result(session_id: string, result_id: string): Promise<Result | null> {
    return this.#counted(async () => {
      const session = await this.#read.load(session_id)
      if (!session || session.result?.result_id === result_id) return session?.result ?? null
      return this.#earlier.load({ session_id, result_id })
    })
  }

  /** Results that are not their sessions' current ones, in one query a session. */
  #earlierOf(keys: readonly ResultKey[]): Promise<(Result | null)[]> {
    return reading(async signal => {
      const found = new Map<string, Map<string, Result>>()
      const readSession = async (_id: string): Promise<void> => {
        const asked = keys.filter(key => key.session_id === _id).map(key => key.result_id)
        const results = { $filter: { input: '$results', cond: { $in: ['$$this.result_id', { $literal: asked }] } } }
        const open = { _id, state: { $ne: 'closed' as const } }
        const holder = await this.#sessions.findOne(open, { projection: { results }, signal })
        found.set(_id, new Map(holder?.results.map(result => [result.result_id, resultOf(result)])))
      }
      await Promise.all([...new Set(keys.map(key => key.session_id))].map(readSession))
      return keys.map(({ session_id, result_id }) => found.get(session_id)?.get(result_id) ?? null)
    })
  }

  async shared(token: string): Promise<Shared | null> {
    const found = await this.#reading(signal =>
      this.#sessions.findOne(
        { 'shares.token': token, state: { $ne: 'closed' } },
        { projection: { shares: 1, results: 1 }, signal },
      ),
    )
    const share = found?.shares.find(candidate => candidate.token === token)
    const result = found?.results.find(candidate => candidate.result_id === share?.result_id)
    if (!share || !result) return null
    return { share: shareOf(share), result: resultOf(result), superseded: found?.results.at(-1) !== result }
  }

  async follow(follower: Follower): Promise<void> {
    await this.#open()
    await this.#log.follow(follower)
  }

  history(after: Position, limit: number, filter?: CommitFilter): Promise<History> {
    return this.#log.history(after, limit, filter)
  }

  async ping(): Promise<void> {
    this.#requireOpen()
    await reaching(signal => this.db.command({ ping: 1 }, { signal }), readinessTimeoutMs)
  }

  /** Within a few seconds, whatever the state of the servers. */
  async end(): Promise<void> {
    this.#ended.abort()
    await reaching(async () => {
      await this.#log.end()
      await this.client.close()
    }, endTimeoutMs).catch(() => {})
  }
}

const always = (): boolean => true

/** 62 random bits: the end of a UUID. */
const newWriteId = (): string => randomUUID().slice(19)
