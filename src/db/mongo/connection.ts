import os from 'node:os'
import { types } from 'node:util'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { DomainError, StartupError } from '../../domain/errors'
import type { StorePart } from '../store'
import { prepareDatabase, prepareSessions } from './layout'
import { majorityTimeoutMs, reachStore } from './operations'

const { isGeneratorFunction } = types

/** Maximum number of concurrent store operations. Any further operation throws `unavailable`. */
const operationsLimit = 20_000
/**
 * Time in ms that an operation waits for a primary. This time is longer than a MongoDB election takes, so that a
 * failover delays operations but does not make them fail.
 */
const selectionTimeoutMs = 15_000
const readinessTimeoutMs = 1_500
const endTimeoutMs = 5_000

const clientOptions: MongoClientOptions = {
  appName: 'benefit-sessions',
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // Time limits for detecting a frozen server, which does not close its connections. Once a frozen server is detected,
  // operations that wait for it continue on another server.
  connectTimeoutMS: 2_500,
  heartbeatFrequencyMS: 1_500,
  // Pass the module `os` explicitly, because the driver's dynamic import of this module fails in a Jest sandbox.
  runtimeAdapters: { os },
  writeConcern: { w: 'majority', wtimeoutMS: majorityTimeoutMs },
}

// Options for the change stream's client. This client abandons a dead server quickly, because no request waits for the
// change stream.
const followOptions: MongoClientOptions = { maxPoolSize: 4, serverSelectionTimeoutMS: 2_000 }

/** A database's MongoDB clients, with a limit on concurrent operations. Each client connects at its first use. */
export class MongoConnection {
  readonly client: MongoClient
  /** Client that is used only for the change stream. */
  readonly followClient: MongoClient
  readonly db: Db
  /** Id of the log (see `Store.identity`), empty until the store has opened. */
  identity = ''
  secret: Uint8Array = new Uint8Array()
  readonly parts: StorePart[] = []
  readonly #ended = new AbortController()
  #inProgress = 0

  constructor(readonly uri: string) {
    try {
      this.client = new MongoClient(uri, { ...clientOptions, serverSelectionTimeoutMS: selectionTimeoutMs })
      this.followClient = new MongoClient(uri, { ...clientOptions, ...followOptions })
      this.db = /^[^/]+\/\/[^/]+\/[^?]/.test(uri) ? this.client.db() : this.client.db('benefit_sessions')
    } catch (error) {
      throw new StartupError(`MONGODB_URI is not a MongoDB connection string: ${(error as Error).message}.`)
    }
  }

  /** Creates missing collections and indexes in the database. */
  async prepare(): Promise<void> {
    await prepareSessions(this.db)
    await Promise.all(this.parts.map(part => part.prepare?.()))
  }

  async open(): Promise<void> {
    if (this.identity !== '') return
    const { identity, secret } = await prepareDatabase({
      db: this.db,
      uri: this.uri,
      options: clientOptions,
      prepare: () => this.prepare(),
      signal: this.#ended.signal,
    })
    this.secret = secret
    this.identity = identity
  }

  /**
   * A method call counts as an operation until its promise settles, and throws `unavailable` if too many operations are
   * in progress. A call to a generator method counts from when its first item is requested until the generator ends or
   * is abandoned.
   */
  admitting<P extends object>(part: P): Operations<P> {
    const methods = methodNames(part).map(name => {
      const method = part[name as keyof P] as Method
      const admit: Method = isGeneratorFunction(method)
        ? (...args) => this.#stream(method.apply(part, args) as unknown as AsyncIterable<unknown>)
        : (...args) => this.#run(() => method.apply(part, args) as Promise<unknown>)
      return [name, admit]
    })
    return Object.fromEntries(methods) as Operations<P>
  }

  async #run(operation: () => Promise<unknown>): Promise<unknown> {
    this.#begin()
    try {
      return await operation()
    } finally {
      this.#inProgress--
    }
  }

  async *#stream<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
    this.#begin()
    try {
      yield* stream
    } finally {
      this.#inProgress--
    }
  }

  /** Throws `unavailable` if the store has not opened yet, or if too many operations are in progress. */
  #begin(): void {
    if (this.identity === '' || this.#inProgress >= operationsLimit) throw new DomainError('unavailable')
    this.#inProgress++
  }

  async ping(): Promise<void> {
    if (this.identity === '') throw new DomainError('unavailable')
    await reachStore(signal => this.db.command({ ping: 1 }, { signal }), readinessTimeoutMs)
  }

  /** Closes the clients within a few seconds, even if the servers do not respond. */
  async end(endLog: () => Promise<void>): Promise<void> {
    this.#ended.abort()
    const closeAll = async (): Promise<void> => {
      await endLog()
      await this.client.close()
    }
    await reachStore(closeAll, endTimeoutMs).catch(() => {})
  }
}

type Method = (...args: unknown[]) => unknown

/** The methods of an object that `admitting` can wrap, because their type stays the same: async and generator methods. */
type Operations<P> = {
  [K in keyof P as P[K] extends (...args: never[]) => Promise<unknown> | AsyncGenerator ? K : never]: P[K]
}

/** Returns the names of an object's methods, including the methods of its class and of the classes that it extends. */
function methodNames(part: object): string[] {
  const names = new Set<string>()
  for (let from = part; from !== Object.prototype; from = Object.getPrototypeOf(from))
    for (const name of Object.getOwnPropertyNames(from)) names.add(name)
  return [...names].filter(name => name !== 'constructor' && typeof Reflect.get(part, name) === 'function')
}
