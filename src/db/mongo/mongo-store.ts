import os from 'node:os'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { DomainError, StartupError } from '../../domain/errors'
import { methodsOf, type Store } from '../store'
import { MongoErasures } from './erasures'
import { prepareDatabase, prepareSessions } from './layout'
import { MongoLists } from './lists'
import { MongoLog } from './log'
import { majorityTimeoutMs, reachStore } from './operations'
import { MongoReports } from './reports'
import { MongoSessions } from './sessions'
import { MongoTotals } from './totals'
import { MongoViews } from './views'
import { MongoWebhooks } from './webhooks'

/** The maximum number of operations under way. Any further operation throws `unavailable`. */
const operationsLimit = 20_000
/**
 * How long an operation waits for a primary: longer than an election, so that a failover delays it but does not fail
 * it.
 */
const selectionTimeoutMs = 15_000
const readinessTimeoutMs = 1_500
const endTimeoutMs = 5_000

const clientOptions: MongoClientOptions = {
  appName: 'benefit-sessions',
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // A frozen server closes no connection. After these times, operations that wait for it continue on another server.
  connectTimeoutMS: 2_500,
  heartbeatFrequencyMS: 1_500,
  // Passed in, because the driver would load it by a dynamic import, which a Jest sandbox refuses.
  runtimeAdapters: { os },
  writeConcern: { w: 'majority', wtimeoutMS: majorityTimeoutMs },
}

// The client of the change stream gives up a dead server quickly, because no request waits for it.
const followOptions: MongoClientOptions = { maxPoolSize: 4, serverSelectionTimeoutMS: 2_000 }

/**
 * Stores the sessions in MongoDB: one document each, written by compare-and-set on the version, with majority concern.
 * Until the store is open, all operations throw `unavailable`. However slow MongoDB is, only `operationsLimit`
 * operations wait for it.
 */
export interface MongoStore extends Store {
  readonly client: MongoClient
  readonly db: Db
  /** Opens the store, if it is not open. Throws like `prepareDatabase`. */
  open(): Promise<void>
}

/**
 * Creates the store without connecting. With `byAge`, opening it creates the index that `idleSessions` needs. Throws
 * StartupError if the URI is invalid.
 */
export function mongoStore(uri: string, { byAge = false } = {}): MongoStore {
  const connection = new MongoConnection(uri, byAge)
  const { client, db } = connection
  const reports = new MongoReports(db)
  const views = new MongoViews(connection, db, reports)
  const sessions = new MongoSessions(db, views)
  const lists = new MongoLists(db, sessions)
  const totals = new MongoTotals(db)
  const webhooks = new MongoWebhooks(connection, db)
  const erasures = new MongoErasures(connection, db, connection.followClient, webhooks, reports)
  const prepare = (): Promise<void> => prepareSessions(db, byAge)
  const log = new MongoLog(db.databaseName, client, connection.followClient, erasures, prepare)
  return {
    client,
    db,
    get identity() {
      return connection.identity
    },
    get secret() {
      return connection.secret
    },
    ...connection.admitting(sessions, 'add', 'save', 'close', 'read', 'withResult', 'snapshot', 'idempotencyRecord'),
    ...connection.admitting(sessions, 'transitions', 'results', 'result', 'shares', 'latestShare', 'shared'),
    ...connection.admitting(erasures, 'eraseMentor'),
    ...connection.admitting(lists, 'list', 'sorted', 'count', 'sharedLinks', 'idleSessions'),
    ...connection.admitting(totals, 'contributions', 'calculations'),
    ...connection.admitting(webhooks, 'addEndpoint', 'readEndpoint', 'listEndpoints', 'saveEndpoint', 'deleteEndpoint'),
    ...connection.admitting(webhooks, 'leaseEndpoints', 'releaseEndpoints', 'saveDelivery', 'listAttempts'),
    ...connection.admitting(reports, 'addReport', 'readReport', 'sharedReport', 'listReports'),
    ...connection.admitting(reports, 'endReport', 'deleteReport', 'pruneReports'),
    ...connection.admitting(views, 'addViews', 'readViews'),
    totals: (filter, by) => connection.admit(totals.totals(filter, by)),
    export: (filter, signal) => connection.admit(lists.export(filter, signal)),
    ...methodsOf(log, 'history'),
    async follow(follower) {
      await connection.open()
      await log.follow(follower)
    },
    ...methodsOf(connection, 'open', 'ping'),
    end: () => connection.end(() => log.end()),
  }
}

/** Returns an open store. Throws if it can't be opened now. */
export async function openMongoStore(uri: string, options?: { byAge: boolean }): Promise<MongoStore> {
  const store = mongoStore(uri, options)
  try {
    await store.open()
    return store
  } catch (error) {
    await store.end()
    throw error
  }
}

type Operation = (...args: unknown[]) => Promise<unknown>

/** The clients of a database, and the count of the operations that wait for it. Each client connects when first used. */
class MongoConnection {
  readonly client: MongoClient
  /** Used only for the change stream. */
  readonly followClient: MongoClient
  readonly db: Db
  /** Empty until the store is open. */
  identity = ''
  secret: Uint8Array = new Uint8Array()
  readonly #ended = new AbortController()
  #underWay = 0

  constructor(
    readonly uri: string,
    readonly byAge: boolean,
  ) {
    try {
      this.client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: selectionTimeoutMs })
      this.followClient = new MongoClient(uri, { ...clientOptions, ...followOptions })
      this.db = /^[^/]+\/\/[^/]+\/[^?]/.test(uri) ? this.client.db() : this.client.db('benefit_sessions')
    } catch (error) {
      throw new StartupError(`MONGODB_URI is not a MongoDB connection string: ${(error as Error).message}.`)
    }
  }

  async open(): Promise<void> {
    if (this.identity !== '') return
    const { identity, secret } = await prepareDatabase(this.db, this.uri, clientOptions, this.byAge, this.#ended.signal)
    this.secret = secret
    this.identity = identity
  }

  /**
   * Returns the named methods of a part of the store, limited: each call counts as an operation until its promise
   * settles, and throws `unavailable` if there are too many.
   */
  admitting<P extends object, K extends keyof P>(part: P, ...names: K[]): Pick<P, K> {
    const operations = Object.entries(methodsOf(part, ...names) as Record<string, Operation>)
    const methods = operations.map(([name, operation]) => [name, (...args: unknown[]) => this.#run(operation, args)])
    return Object.fromEntries(methods) as Pick<P, K>
  }

  async #run(operation: Operation, args: unknown[]): Promise<unknown> {
    this.#begin()
    try {
      return await operation(...args)
    } finally {
      this.#underWay--
    }
  }

  /** The same for a stream. It counts from the first request for an item until it ends or is abandoned. */
  async *admit<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
    this.#begin()
    try {
      yield* stream
    } finally {
      this.#underWay--
    }
  }

  /** Throws `unavailable` if the store is not open, or if too many operations are under way. */
  #begin(): void {
    if (this.identity === '' || this.#underWay >= operationsLimit) throw new DomainError('unavailable')
    this.#underWay++
  }

  async ping(): Promise<void> {
    if (this.identity === '') throw new DomainError('unavailable')
    await reachStore(signal => this.db.command({ ping: 1 }, { signal }), readinessTimeoutMs)
  }

  /** Completes within a few seconds, whatever the state of the servers. */
  async end(endLog: () => Promise<void>): Promise<void> {
    this.#ended.abort()
    const closeAll = async (): Promise<void> => {
      await endLog()
      await this.client.close()
    }
    await reachStore(closeAll, endTimeoutMs).catch(() => {})
  }
}
