import DataLoader from 'dataloader'
import type { ClientSession, Collection, Db, MongoClient } from 'mongodb'
import { type KeptAnswer, keptAnswers, keptHours, keptSince } from '../domain/kept'
import {
  commitOf,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  type Timestamp,
  type Transition,
} from '../domain/session'
import type { Totals } from '../domain/summary'
import { type Connection, connect, selectionTimeoutMs, startTimeoutMs } from './mongo-connection'
import {
  documentOf,
  newestFirst,
  type SessionDocument,
  type StartDocument,
  selection,
  sessionFields,
  sessionOf,
  snapshotFields,
  snapshotOf,
} from './mongo-documents'
import { isDuplicate, reaching } from './mongo-errors'
import { MongoLog } from './mongo-log'
import { totals } from './mongo-totals'
import { GatheredUpdates, type Update } from './mongo-updates'
import type { Entry, Filter, Follower, Page, Position, Store, Write } from './store'

/** Transitions of a session that are asked for. */
interface Slice {
  session_id: string
  after: number
  limit: number
}

interface ResultKey {
  session_id: string
  result_id: string
}

/** Sessions in MongoDB: one document each, written by compare-and-set on the version, with majority concern. */
export class MongoStore implements Store {
  readonly client: MongoClient
  readonly db: Db
  readonly identity: string
  readonly #sessions: Collection<SessionDocument>
  readonly #starts: Collection<StartDocument>

  // What is asked for in one turn of the event loop is read in one query.
  readonly #read = new DataLoader<string, Session | null>(ids => this.#readMany(ids), gathered)
  readonly #transitions = new DataLoader<Slice, Transition[] | null>(asked => this.#transitionsOf(asked), gathered)
  readonly #results = new DataLoader<string, Result[]>(ids => this.#resultsOf(ids), gathered)
  readonly #earlier = new DataLoader<ResultKey, Result | null>(keys => this.#earlierOf(keys), gathered)

  readonly #log: MongoLog
  readonly #updates: GatheredUpdates

  private constructor({ client, followClient, db, identity }: Connection) {
    this.client = client
    this.db = db
    this.identity = identity
    this.#sessions = db.collection('sessions')
    this.#starts = db.collection('starts')
    this.#updates = new GatheredUpdates(this.#sessions)
    const followed = followClient.db(db.databaseName).collection<SessionDocument>('sessions')
    this.#log = new MongoLog(this.#sessions, followed, followClient)
  }

  /** Connects (see connect), and throws CannotStart where that cannot be. */
  static async open(uri: string): Promise<MongoStore> {
    return new MongoStore(await connect(uri))
  }

  add(write: Write): Promise<boolean> {
    const { kept } = write
    return reaching(async () => {
      try {
        if (kept) await this.#addOnce(write, kept)
        else await this.#sessions.insertOne(documentOf(write))
        return true
      } catch (error) {
        if (isDuplicate(error)) return false
        throw error
      }
    })
  }

  #addOnce(write: Write, { key, ...answer }: KeptAnswer): Promise<void> {
    const expires_at = new Date(Date.parse(answer.at) + keptHours * 60 * 60 * 1000)
    const insertBoth = async (session: ClientSession): Promise<void> => {
      await this.#starts.deleteOne({ _id: key, at: { $lte: keptSince(answer.at) } }, { session })
      await this.#starts.insertOne({ _id: key, ...answer, expires_at }, { session })
      await this.#sessions.insertOne(documentOf(write), { session })
    }
    return this.client.withSession(session => session.withTransaction(insertBoth, { timeoutMS: selectionTimeoutMs }))
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    return reaching(() => this.#compareAndSet(write, readVersion, {}))
  }

  close(write: Write, readVersion: number): Promise<boolean> {
    return reaching(async () => {
      if (!(await this.#compareAndSet(write, readVersion, { closed_at: new Date() }))) return false
      // The session is closed by now; where its purge fails, the TTL index does it.
      await this.#sessions.deleteOne({ _id: write.session.session_id, state: 'closed' }).catch(() => {})
      return true
    })
  }

  #compareAndSet(
    { session, changes, kept }: Write,
    readVersion: number,
    more: Partial<SessionDocument>,
  ): Promise<boolean> {
    const results = changes.flatMap(change => change.result ?? [])
    const filter: Update['filter'] = { _id: session.session_id, version: readVersion }
    const update: Update['update'] & { $set?: Partial<SessionDocument> } = {}
    if (changes.length > 0) {
      const { version, state, last_event, result_id, updated_at, last_inputs } = session
      const commit = commitOf(session, changes)
      update.$set = { version, state, last_event, result_id, updated_at, last_inputs, commit, ...more }
      if (changes.some(change => change.share || change.revokesShares)) update.$set.shares = session.shares
      update.$push = { transitions: { $each: commit.transitions } }
    }
    if (results.length > 0) {
      filter['results.result_id'] = { $nin: results.map(result => result.result_id) }
      update.$push = { ...update.$push, results: { $each: results } }
    }
    if (kept) {
      const answered = { key: kept.key, at: { $gt: keptSince(kept.at) } }
      filter.keys = { $not: { $elemMatch: answered } }
      update.$push = { ...update.$push, keys: { $each: [kept], $slice: -keptAnswers } }
    }
    return this.#updates.apply({ filter, update })
  }

  read(session_id: string): Promise<Session | null> {
    return reaching(() => this.#read.load(session_id))
  }

  async #readMany(ids: readonly string[]): Promise<(Session | null)[]> {
    const found = new Map<string, Session>()
    const cursor = this.#sessions.find(
      { _id: { $in: [...ids] }, state: { $ne: 'closed' } },
      { projection: sessionFields },
    )
    for await (const document of cursor) found.set(document._id, sessionOf(document))
    return ids.map(id => found.get(id) ?? null)
  }

  kept(session_id: string | null, key: string, now: Timestamp): Promise<KeptAnswer | null> {
    const since = keptSince(now)
    return reaching(async () => {
      if (session_id === null) {
        const start = await this.#starts.findOne({ _id: key, at: { $gt: since } }, { projection: { expires_at: 0 } })
        if (!start) return null
        const { _id, ...answer } = start
        return { key: _id, ...answer }
      }
      const answered = { $elemMatch: { key, at: { $gt: since } } }
      const holder = await this.#sessions.findOne(
        { _id: session_id, state: { $ne: 'closed' }, keys: answered },
        { projection: { _id: 0, keys: answered } },
      )
      return holder?.keys[0] ?? null
    })
  }

  list(filter: Filter, page: Page): Promise<Snapshot[]> {
    const selected = selection(filter)
    if (!selected) return Promise.resolve([])
    if ('after' in page && page.after) {
      const { created_at, session_id } = page.after
      selected.created_at = { $lte: created_at }
      selected.$or = [{ created_at: { $lt: created_at } }, { _id: { $lt: session_id } }]
    }
    return reaching(async () => {
      const found = this.#sessions
        .find(selected, { projection: snapshotFields })
        .sort(newestFirst)
        .skip('offset' in page ? page.offset : 0)
        .limit(page.limit)
      return (await found.toArray()).map(snapshotOf)
    })
  }

  count(filter: Filter): Promise<number> {
    const selected = selection(filter)
    return selected ? reaching(() => this.#sessions.countDocuments(selected)) : Promise.resolve(0)
  }

  totals(filter: Filter, since: Timestamp): Promise<Totals> {
    return reaching(() => totals(this.#sessions, filter, since))
  }

  transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    return reaching(() => this.#transitions.load({ session_id, after, limit }))
  }

  async #transitionsOf(asked: readonly Slice[]): Promise<(Transition[] | null)[]> {
    const found = new Map<string, Transition[]>()
    const place = ({ session_id, after, limit }: Slice): string => `${after} ${limit} ${session_id}`
    const ranges = new Set(asked.map(({ after, limit }) => `${after} ${limit}`))
    const readRange = async (range: string): Promise<void> => {
      const [after, limit] = range.split(' ').map(Number) as [number, number]
      const ids = asked.filter(slice => slice.after === after && slice.limit === limit).map(slice => slice.session_id)
      const cursor = this.#sessions.find(
        { _id: { $in: ids }, state: { $ne: 'closed' } },
        // The sequence counts from 1 without a hole: it is one more than the place in the array.
        { projection: { version: 1, transitions: { $slice: [after, limit] } } },
      )
      for await (const { _id, transitions } of cursor) found.set(place({ session_id: _id, after, limit }), transitions)
    }
    await Promise.all([...ranges].map(readRange))
    return asked.map(slice => found.get(place(slice)) ?? null)
  }

  results(session_id: string): Promise<Result[]> {
    return reaching(() => this.#results.load(session_id))
  }

  async #resultsOf(ids: readonly string[]): Promise<Result[][]> {
    const found = new Map<string, Result[]>()
    const cursor = this.#sessions.find(
      { _id: { $in: [...ids] }, state: { $ne: 'closed' } },
      { projection: { results: 1 } },
    )
    for await (const { _id, results } of cursor) found.set(_id, results.reverse())
    return ids.map(id => found.get(id) ?? [])
  }

  result(session_id: string, result_id: string): Promise<Result | null> {
    return reaching(async () => {
      const session = await this.#read.load(session_id)
      if (!session || session.result?.result_id === result_id) return session?.result ?? null
      return this.#earlier.load({ session_id, result_id })
    })
  }

  /** Results that are not their sessions' current ones, in one query a session. */
  async #earlierOf(keys: readonly ResultKey[]): Promise<(Result | null)[]> {
    const found = new Map<string, Map<string, Result>>()
    const readSession = async (_id: string): Promise<void> => {
      const asked = keys.filter(key => key.session_id === _id).map(key => key.result_id)
      const results = { $filter: { input: '$results', cond: { $in: ['$$this.result_id', { $literal: asked }] } } }
      const holder = await this.#sessions.findOne({ _id, state: { $ne: 'closed' } }, { projection: { results } })
      found.set(_id, new Map(holder?.results.map(result => [result.result_id, result])))
    }
    await Promise.all([...new Set(keys.map(key => key.session_id))].map(readSession))
    return keys.map(({ session_id, result_id }) => found.get(session_id)?.get(result_id) ?? null)
  }

  shared(token: string): Promise<{ share: Share; result: Result } | null> {
    return reaching(async () => {
      const found = await this.#sessions.findOne(
        { 'shares.token': token, state: { $ne: 'closed' } },
        { projection: { shares: 1, results: 1 } },
      )
      const share = found?.shares.find(candidate => candidate.token === token)
      const result = found?.results.find(candidate => candidate.result_id === share?.result_id)
      return share && result ? { share, result } : null
    })
  }

  follow(follower: Follower): Promise<void> {
    return this.#log.follow(follower)
  }

  history(after: Position, limit: number): Promise<{ entries: Entry[]; next: Position }> {
    return reaching(() => this.#log.history(after, limit))
  }

  async ping(): Promise<void> {
    await reaching(() => this.db.command({ ping: 1 }, { timeoutMS: startTimeoutMs }))
  }

  async end(): Promise<void> {
    await this.#log.end()
    await this.client.close()
  }
}

const gathered = { cache: false, maxBatchSize: 1_000, batchScheduleFn: (run: () => void) => void setImmediate(run) }
