import os from 'node:os'
import DataLoader from 'dataloader'
import {
  BSON,
  type ClientSession,
  type Collection,
  type Db,
  type Document,
  MongoClient,
  type MongoClientOptions,
  MongoServerError,
} from 'mongodb'
import { CannotStart, DomainError, HistoryGone } from '../domain/errors'
import { type KeptAnswer, keptAnswers, keptHours, keptSince } from '../domain/kept'
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
import type { Totals } from '../domain/summary'
import { MongoLog } from './mongo-log'
import { GatheredUpdates, type Update } from './mongo-updates'
import type { Entry, Filter, Follower, Page, Position, Store, Write } from './store'

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

/** Transitions of a session that are asked for. */
interface Slice {
  session_id: string
  after: number
  limit: number
}

/** The kept answer of a start, apart from any session: it outlives the session that it started. */
type StartDocument = Omit<KeptAnswer, 'key'> & { _id: string; expires_at: Date }

// A closed session is in no index range that a list reads: these are the states of a session at rest.
const openStates = ['initial', 'loaded', 'error'] as const

const snapshotFields = {
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
const sessionFields = { ...snapshotFields, last_inputs: 1, shares: 1, results: { $slice: -1 } } as const

const newestFirst = { created_at: -1, _id: -1 } as const

/** How long an operation waits for a primary: longer than an election, so that a failover delays and does not fail. */
const selectionTimeoutMs = 15_000
const startTimeoutMs = 5_000
const majorityTimeoutMs = 10_000

const clientOptions: MongoClientOptions = {
  appName: 'benefit-sessions',
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // Handed in, since the driver's own way to it, a dynamic import, is refused in a Jest sandbox.
  runtimeAdapters: { os },
  writeConcern: { w: 'majority', wtimeoutMS: majorityTimeoutMs },
}

// The client that follows the change stream gives a dead server up fast: nobody waits for an answer of it.
const followOptions: MongoClientOptions = {
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 4,
  serverSelectionTimeoutMS: 2_000,
  socketTimeoutMS: 10_000,
}

function snapshotOf({ _id, ...fields }: Pick<SessionDocument, '_id' | keyof typeof snapshotFields>): Snapshot {
  const { mentor_id, organisation_id, state, last_event, result_id, created_at, updated_at, version } = fields
  return { session_id: _id, mentor_id, organisation_id, state, last_event, result_id, created_at, updated_at, version }
}

const sessionOf = (document: SessionDocument): Session => ({
  ...snapshotOf(document),
  result: document.result_id === null ? null : (document.results.at(-1) ?? null),
  last_inputs: document.last_inputs,
  shares: document.shares,
})

const documentOf = ({ session, changes }: Write): SessionDocument => {
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
function selection({ state, ...filter }: Filter): Document | null {
  if (state === 'loading' || state === 'closed') return null
  return { ...filter, state: state ?? { $in: openStates } }
}

/**
 * The failures that say nothing about the request, only about reaching the store. The driver throws plain Errors among
 * them when a primary dies, so all is a failure to reach it but what the server refused and what our own code got wrong.
 */
function unreachable(error: unknown): boolean {
  if (error instanceof MongoServerError) {
    return (
      error.hasErrorLabel('RetryableWriteError') ||
      error.hasErrorLabel('TransientTransactionError') ||
      error.errorResponse?.writeConcernError !== undefined ||
      transientCodes.has(Number(error.code))
    )
  }
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof BSON.BSONError)
}

// https://github.com/mongodb/specifications: NotWritablePrimary and ShutdownInProgress errors, MaxTimeMSExpired, WriteConcernFailed.
const transientCodes = new Set([50, 64, 91, 189, 10107, 11600, 11602, 13435, 13436])

const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000

async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DomainError || error instanceof HistoryGone || !unreachable(error)) throw error
    const unavailable = new DomainError('unavailable')
    unavailable.cause = error
    throw unavailable
  }
}

/** Sessions in MongoDB: one document each, written by compare-and-set on the version, with majority concern. */
export class MongoStore implements Store {
  readonly #sessions: Collection<SessionDocument>
  readonly #starts: Collection<StartDocument>

  // What is asked for in one turn of the event loop is read in one query.
  readonly #read = new DataLoader<string, Session | null>(ids => this.#readMany(ids), gathered)
  readonly #transitions = new DataLoader<Slice, Transition[] | null>(asked => this.#transitionsOf(asked), gathered)
  readonly #results = new DataLoader<string, Result[]>(ids => this.#resultsOf(ids), gathered)

  readonly #log: MongoLog
  readonly #updates: GatheredUpdates

  private constructor(
    readonly client: MongoClient,
    readonly followClient: MongoClient,
    readonly db: Db,
    /** The id of the sessions collection: one that was dropped and made again has another history. */
    readonly identity: string,
  ) {
    this.#sessions = db.collection('sessions')
    this.#starts = db.collection('starts')
    this.#updates = new GatheredUpdates(this.#sessions)
    const followed = followClient.db(db.databaseName).collection<SessionDocument>('sessions')
    this.#log = new MongoLog(this.#sessions, followed, followClient)
  }

  /** Connects, refuses what is not a replica set or sharded cluster, and makes the indexes. */
  static async open(uri: string): Promise<MongoStore> {
    let client: MongoClient
    let followClient: MongoClient
    try {
      client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: selectionTimeoutMs })
      followClient = new MongoClient(uri, { ...clientOptions, ...followOptions })
    } catch (error) {
      throw new CannotStart(`MONGODB_URI is not a MongoDB connection string: ${(error as Error).message}.`)
    }
    try {
      const db = /^[^/]+\/\/[^/]+\/[^?]/.test(uri) ? client.db() : client.db('benefit_sessions')
      await requireReplicaSet(uri)
      await makeIndexes(db)
      const [sessions] = await db.listCollections({ name: 'sessions' }).toArray()
      const identity = (sessions as { info?: { uuid?: BSON.UUID } }).info?.uuid?.toString('hex') ?? db.databaseName
      return new MongoStore(client, followClient, db, identity)
    } catch (error) {
      await Promise.all([client.close(), followClient.close()])
      throw error
    }
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

  async totals(filter: Filter, since: Timestamp): Promise<Totals> {
    const selected = selection(filter)
    const none: Totals = { states: [], results: 0, programme_cost: nought, time_value: nought, minutes: [] }
    if (!selected) return none
    const [sums] = await reaching(() =>
      this.#sessions
        .aggregate<{
          states: Totals['states']
          sums: { results: number; [sum: string]: number | BSON.Decimal128 }[]
          minutes: Totals['minutes']
        }>([
          { $match: selected },
          {
            $project: {
              state: 1,
              outputs: { $cond: [{ $eq: ['$result_id', null] }, null, { $last: '$results.outputs' }] },
              minutes: {
                $map: {
                  input: { $filter: { input: '$results.computed_at', as: 'at', cond: { $gte: ['$$at', since] } } },
                  as: 'at',
                  in: { $substrBytes: ['$$at', 0, 16] },
                },
              },
            },
          },
          {
            $facet: {
              states: [
                { $group: { _id: '$state', count: { $sum: 1 } } },
                { $project: { _id: 0, state: '$_id', count: 1 } },
              ],
              sums: [
                { $match: { outputs: { $ne: null } } },
                { $group: { _id: null, results: { $sum: 1 }, ...summed('programme_cost'), ...summed('time_value') } },
              ],
              minutes: [
                { $unwind: '$minutes' },
                { $group: { _id: '$minutes', count: { $sum: 1 } } },
                { $project: { _id: 0, minute: '$_id', count: 1 } },
              ],
            },
          },
        ])
        .toArray(),
    )
    if (!sums) return none
    const { states, minutes } = sums
    const [totals] = sums.sums
    const sum = (name: string) => ({
      whole: BigInt(String(totals?.[`${name}_whole`] ?? 0)),
      cents: BigInt(String(totals?.[`${name}_cents`] ?? 0)),
    })
    return {
      states,
      results: totals?.results ?? 0,
      programme_cost: sum('programme_cost'),
      time_value: sum('time_value'),
      minutes,
    }
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

const nought = { whole: 0n, cents: 0n }

/** The sums of an amount's whole parts and of its cents: split before anything is multiplied or added, each is exact. */
function summed(name: string): Document {
  const whole = { $trunc: `$outputs.${name}` }
  const cents = { $round: [{ $multiply: [{ $subtract: [`$outputs.${name}`, whole] }, 100] }, 0] }
  return {
    [`${name}_whole`]: { $sum: { $toLong: whole } },
    [`${name}_cents`]: { $sum: { $toLong: cents } },
  }
}

const gathered = { cache: false, maxBatchSize: 1_000, batchScheduleFn: (run: () => void) => void setImmediate(run) }

async function makeIndexes(db: Db): Promise<void> {
  await Promise.all([
    db
      .collection('sessions')
      .createIndexes([
        { key: { state: 1, ...newestFirst } },
        { key: { mentor_id: 1, state: 1, ...newestFirst } },
        { key: { organisation_id: 1, state: 1, ...newestFirst } },
        { key: { 'shares.token': 1 }, sparse: true },
        { key: { closed_at: 1 }, expireAfterSeconds: 60 },
      ]),
    db.collection('starts').createIndexes([{ key: { expires_at: 1 }, expireAfterSeconds: 0 }]),
  ])
}

/** By a client of its own: what `timeoutMS` of a command bounds does not include the first connection. */
async function requireReplicaSet(uri: string): Promise<void> {
  const client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: startTimeoutMs })
  const hosts = client.options.hosts.map(String).join(', ')
  const asked = client.db('admin').command({ hello: 1 })
  const hello = await asked
    .finally(() => client.close())
    .catch((error: Error) => {
      throw new CannotStart(
        `MongoDB at ${hosts} cannot be reached (${error.message}): start it, or correct MONGODB_URI.`,
      )
    })
  if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
    throw new CannotStart(
      `MongoDB at ${hosts} is a standalone server, and change streams need a replica set: ` +
        'start it with --replSet rs0 and run rs.initiate() once in mongosh.',
    )
  }
}
