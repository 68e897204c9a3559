import type { Collection, Db, MongoClient } from 'mongodb'
import type { MinuteCount } from '../../domain/contribution'
import { DomainError } from '../../domain/errors'
import type { IdempotencyRecord, Result, Session, Snapshot, Transition } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import { sortedPage } from '../sorted-page'
import type {
  CommitFilter,
  ContributionPage,
  Dimension,
  ExportedSession,
  Filter,
  History,
  IdleSession,
  ListPage,
  LogFollower,
  OtherOrder,
  Position,
  ShareWithResult,
  SortedPage,
  SortedSessions,
  Store,
  TotalsRow,
  Write,
} from '../store'
import { connectionTo, type MongoConnection, prepared, readinessTimeoutMs } from './connection'
import { contributions } from './contributions'
import { type SessionDocument, selection } from './documents'
import { reachStore, retryRead } from './errors'
import { exported } from './export'
import { IdempotencyRecords } from './idempotency-records'
import { idleSessions } from './idle-sessions'
import { list } from './list'
import { MongoLog } from './log'
import { MongoSessionReads } from './session-reads'
import { MongoSessionWrites } from './session-writes'
import { sortKeys } from './sorted'
import { calculations, totals } from './totals'

const endTimeoutMs = 5_000

/** The maximum number of operations under way. Any further operation throws `unavailable`. */
const operationsLimit = 20_000

/**
 * Stores the sessions in MongoDB: one document each, written by compare-and-set on the version, with majority concern.
 * Until the store is open, all operations throw `unavailable`. However slow MongoDB is, only `operationsLimit`
 * operations wait for it.
 */
export class MongoStore implements Store {
  readonly client: MongoClient
  readonly db: Db
  #identity = ''
  readonly #sessions: Collection<SessionDocument>
  readonly #reads: MongoSessionReads
  readonly #writes: MongoSessionWrites
  readonly #idempotencyRecords: IdempotencyRecords
  readonly #log: MongoLog
  readonly #connection: MongoConnection
  readonly #ended = new AbortController()
  #underWay = 0

  /**
   * Creates the store without connecting. With `byAge`, opening it creates the index that `untouched` needs. Throws
   * StartupError if the URI is invalid.
   */
  constructor(
    uri: string,
    readonly options = { byAge: false },
  ) {
    this.#connection = connectionTo(uri)
    const { client, followClient, db } = this.#connection
    this.client = client
    this.db = db
    this.#sessions = db.collection('sessions')
    this.#reads = new MongoSessionReads(this.#sessions)
    this.#writes = new MongoSessionWrites(db, this.#sessions)
    this.#idempotencyRecords = new IdempotencyRecords(db, this.#sessions)
    this.#log = new MongoLog(db.databaseName, client, followClient)
  }

  /** Returns an open store. Throws if it can't be opened now (see `prepared`). */
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
    return this.#counted(() => reachStore(work))
  }

  #reading<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#counted(() => retryRead(work))
  }

  add(write: Write): Promise<boolean> {
    return this.#counted(() => this.#writes.add(write))
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    return this.#counted(() => this.#writes.save(write, readVersion))
  }

  close(write: Write, readVersion: number): Promise<boolean> {
    return this.#counted(() => this.#writes.close(write, readVersion))
  }

  read(session_id: string): Promise<Session | null> {
    return this.#counted(() => this.#reads.read(session_id))
  }

  snapshot(session_id: string): Promise<Snapshot | null> {
    return this.#counted(() => this.#reads.snapshot(session_id))
  }

  idempotencyRecord(session_id: string | null, key: string, now: Timestamp): Promise<IdempotencyRecord | null> {
    return this.#counted(() => this.#idempotencyRecords.find(session_id, key, now))
  }

  async list(filter: Filter, page: ListPage): Promise<Snapshot[]> {
    const selected = selection(filter)
    return selected ? this.#reaching(signal => list(this.#sessions, selected, page, signal)) : []
  }

  sorted(filter: Filter, order: OtherOrder, page: SortedPage): Promise<SortedSessions> {
    return sortedPage(page, {
      sortKeys: (haveKey, limit, after) =>
        this.#reaching(signal => sortKeys(this.#sessions, filter, order, { haveKey, limit, after }, signal)),
      snapshots: ids => Promise.all(ids.map(id => this.snapshot(id))),
    })
  }

  async count(filter: Filter): Promise<number> {
    const selected = selection(filter)
    return selected ? this.#reaching(signal => this.#sessions.countDocuments(selected, { signal })) : 0
  }

  contributions(after: string, limit: number): Promise<ContributionPage> {
    return this.#reading(signal => contributions(this.db, after, limit, signal))
  }

  async *totals(filter: Filter, by: Dimension[]): AsyncGenerator<TotalsRow> {
    this.#begin()
    try {
      yield* totals(this.#sessions, filter, by)
    } finally {
      this.#underWay--
    }
  }

  export(filter: Filter, signal: AbortSignal): AsyncIterable<ExportedSession[]> {
    this.#requireOpen()
    return exported(this.#sessions, filter, signal)
  }

  calculations(filter: Filter, since: Timestamp): Promise<MinuteCount[]> {
    return this.#reaching(signal => calculations(this.#sessions, filter, since, signal))
  }

  idleSessions(before: Timestamp, limit: number): Promise<IdleSession[]> {
    return this.#reading(signal => idleSessions(this.#sessions, before, limit, signal))
  }

  /**
   * See Store.forget. Nothing in the log can be erased: it is MongoDB's oplog, which keeps each commit until it
   * expires.
   */
  async eraseMentor(mentor_id: string): Promise<boolean> {
    await this.#counted(() => this.#writes.forget(mentor_id))
    return true
  }

  transitions(session_id: string, after: number, limit: number): Promise<Transition[] | null> {
    return this.#counted(() => this.#reads.transitions(session_id, after, limit))
  }

  results(session_id: string): Promise<Result[]> {
    return this.#counted(() => this.#reads.results(session_id))
  }

  result(session_id: string, result_id: string): Promise<Result | null> {
    return this.#counted(() => this.#reads.result(session_id, result_id))
  }

  shared(token: string): Promise<ShareWithResult | null> {
    return this.#counted(() => this.#reads.shared(token))
  }

  async follow(follower: LogFollower): Promise<void> {
    await this.#open()
    await this.#log.follow(follower)
  }

  history(after: Position, limit: number, filter?: CommitFilter): Promise<History> {
    return this.#log.history(after, limit, filter)
  }

  async ping(): Promise<void> {
    this.#requireOpen()
    await reachStore(signal => this.db.command({ ping: 1 }, { signal }), readinessTimeoutMs)
  }

  /** Completes within a few seconds, whatever the state of the servers. */
  async end(): Promise<void> {
    this.#ended.abort()
    await reachStore(async () => {
      await this.#log.end()
      await this.client.close()
    }, endTimeoutMs).catch(() => {})
  }
}
