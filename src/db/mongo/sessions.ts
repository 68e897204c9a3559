import { randomUUID } from 'node:crypto'
import type { Collection, Db, Document } from 'mongodb'
import { yieldToEventLoop } from '../../concurrency/scheduler'
import {
  type IdempotencyRecord,
  idempotencyExpiry,
  idempotencyHours,
  maxIdempotencyRecords,
} from '../../domain/idempotency-record'
import {
  initialInternals,
  type Result,
  type Session,
  type Share,
  type Snapshot,
  type StoredTransition,
} from '../../domain/session'
import { hourMs, type Timestamp } from '../../domain/timestamp'
import type { ExportedSession, SessionStore, ShareWithResult, StorePart, Write } from '../store'
import {
  addedFormerOwners,
  changedElements,
  changedFields,
  changesShares,
  closingFields,
  closingRecordOf,
  currentResultFields,
  currentResultOf,
  documentOf,
  idempotencyRecordDocument,
  idempotencyRecordOf,
  ownedRangeOf,
  ownerFields,
  rangeFields,
  recordedFields,
  recordsOf,
  type SessionDocument,
  sessionFields,
  sessionOf,
  sharedFields,
  shareOf,
  snapshotFields,
  snapshotOf,
  startFields,
  startRecordOf,
  startTransitions,
} from './documents'
import { BatchedReads, BatchedWrites, type ConditionalWrite, retryRead, runWrite } from './operations'
import { resultOf, resultsOf } from './result-document'
import type { MongoViews } from './views'

const purgeTimeoutMs = 2_000

/** Number of stored records at which all except the latest `maxIdempotencyRecords` are removed. */
const storedRecords = 2 * maxIdempotencyRecords

const currentFields = { ...snapshotFields, ...currentResultFields, shares: { $slice: -1 } }

function currentOf(document: SessionDocument): { session: ExportedSession; share: Share | null } {
  const [latest] = document.shares
  return {
    session: { ...snapshotOf(document), result: currentResultOf(document) },
    share: latest && latest.result_id === document.result_id ? shareOf(latest) : null,
  }
}

const sharesFields = { shares: { $filter: { input: '$shares', cond: { $not: '$$this.revoked' } } } }

const notClosed = { state: { $ne: 'closed' } } as const

/** Only a few before yielding to other work, because a document can have a thousand transitions. */
const documentsPerTurn = 10

/** More would be slow: MongoDB compares each requested result id with every result of the sessions. */
const earlierResultsAQuery = 100

interface TransitionRange {
  session_id: string
  after: number
  limit: number
}

interface ResultKey {
  session_id: string
  result_id: string
}

/**
 * Reads and writes single sessions. All reads in the same event-loop turn share a query. Writes that arrive while
 * MongoDB executes other writes share a command. A change is an atomic compare-and-set update of one document.
 */
export class MongoSessions implements SessionStore {
  readonly #db: Db
  readonly #sessions: Collection<SessionDocument>
  readonly #inserts: BatchedWrites
  readonly #updates: BatchedWrites
  readonly #reads = new BatchedReads('sessions', (ids: readonly string[]) =>
    this.#readMany(ids, sessionFields, sessionOf),
  )
  readonly #currentReads = new BatchedReads('current results and shares', (ids: readonly string[]) =>
    this.#readMany(ids, currentFields, currentOf),
  )
  readonly #snapshotReads = new BatchedReads('snapshots', (ids: readonly string[]) =>
    this.#readMany(ids, snapshotFields, snapshotOf),
  )
  readonly #transitionReads = new BatchedReads('transitions', (ranges: readonly TransitionRange[]) =>
    this.#readTransitions(ranges),
  )
  readonly #resultsReads = new BatchedReads('results', (ids: readonly string[]) => this.#readResults(ids))
  readonly #sharesReads = new BatchedReads('shares', (ids: readonly string[]) =>
    this.#readMany(ids, sharesFields, ({ shares }) => shares.map(shareOf)),
  )
  readonly #earlierResultReads = new BatchedReads('earlier results', (keys: readonly ResultKey[]) =>
    this.#readEarlierResults(keys),
  )

  constructor(
    db: Db,
    readonly views: MongoViews,
    /** The capabilities' parts of the store. */
    readonly parts: readonly StorePart[],
  ) {
    this.#db = db
    this.#sessions = db.collection('sessions')
    this.#inserts = new BatchedWrites(db, 'insert')
    this.#updates = new BatchedWrites(db, 'update')
  }

  async add(write: Write): Promise<boolean> {
    const { session, idempotency, principal, begin } = write
    const id = newWriteId()
    const statement = documentOf(write, id)
    this.#addFields(write, statement)
    const insert: ConditionalWrite = { id, session_id: session.session_id, statement, principal, begin }
    if (await this.#inserts.apply(insert)) return true
    // The insert failed because an id or the idempotency key is taken. If the idempotency key has expired, free it and
    // insert again.
    return idempotency !== undefined && (await this.#freeStartKey(idempotency)) && this.#inserts.apply(insert)
  }

  /** Frees the key only if the start was made at least a day before `at`. Returns whether it freed a key. */
  async #freeStartKey({ key, at }: IdempotencyRecord): Promise<boolean> {
    const q = { 'start.key': key, 'start.at': { $lte: new Date(idempotencyExpiry(at)) } }
    const updates = [{ q, u: { $unset: { start: 1 } } }]
    return (await runWrite(this.#db, { update: 'sessions', updates })) > 0
  }

  save(write: Write, readVersion: number): Promise<boolean> {
    const saved = this.#compareAndSet(write, readVersion)
    return write.changes.some(changesShares) ? this.#withViews(write, saved) : saved
  }

  /** Updates the view counts after a write that changes share links, without delaying the write. */
  async #withViews(write: Write, saved: Promise<boolean>): Promise<boolean> {
    const isSaved = await saved
    if (isSaved) void this.views.follow(write)
    return isSaved
  }

  async close(write: Write, readVersion: number): Promise<boolean> {
    // The session is now closed. If the purge fails, the TTL index deletes the document later.
    const purge_at = new Date(Date.now() + idempotencyHours * hourMs)
    const { idempotency, ...unkeyed } = write
    const closing = idempotency && { key: idempotency.key, request: idempotency.request, at: new Date(idempotency.at) }
    if (!(await this.#compareAndSet(unkeyed, readVersion, { purge_at, ...(closing && { closing }) }))) return false
    if (write.session.shares.length > 0) void this.views.follow(write)
    await this.#purge(write.session.session_id).catch(() => {})
    return true
  }

  /** Adds the capabilities' fields to `$set`. Adds those that are undefined to `$unset` instead. */
  #addFields(write: Write, $set: Document, $unset: Document = {}): void {
    for (const part of this.parts) {
      for (const [name, value] of Object.entries(part.fields?.(write) ?? {})) {
        if (value === undefined) $unset[name] = ''
        else $set[name] = value
      }
    }
  }

  #compareAndSet(
    write: Write,
    readVersion: number,
    closing: Pick<SessionDocument, 'purge_at' | 'closing'> = {},
  ): Promise<boolean> {
    const { session, changes, idempotency, principal, begin } = write
    const id = newWriteId()
    const { session_id } = session
    const filter: Document = { _id: session_id }
    const $set: Document = {}
    const $unset: Document = {}
    const $push: Document = {}
    // The collection's validation rule compares the version, so the filter needs only the id.
    if (changes.length > 0) {
      Object.assign($set, changedFields(write), closing, changedElements(write, id))
      this.#addFields(write, $set, $unset)
    } else filter.version = readVersion
    // Remove a closed session's external id, so that another session can use it.
    if (closing.purge_at) $unset.external_id = ''
    const former = addedFormerOwners(changes)
    if (former.length > 0) $push.former = { $each: former }
    if (idempotency) {
      filter.$expr = { $eq: [{ $size: recordsOf(idempotency.key, idempotencyExpiry(idempotency.at)) }, 0] }
      $push.keys = { $each: [idempotencyRecordDocument(idempotency, id)] }
    }
    const update = {
      ...(changes.length > 0 && { $set, $inc: { version: session.version - readVersion } }),
      ...(Object.keys($unset).length > 0 && { $unset }),
      $push,
    }
    return this.#updates.apply({ id, session_id, statement: { q: filter, u: update }, principal, begin })
  }

  /** If the start or the close had an idempotency key, keeps only the data needed to replay their responses. */
  async #purge(_id: string): Promise<void> {
    const withoutKey = { q: { _id, state: 'closed', start: { $exists: false }, closing: { $exists: false } }, limit: 1 }
    if ((await runWrite(this.#db, { delete: 'sessions', deletes: [withoutKey] }, purgeTimeoutMs)) > 0) return
    const purge_at = { $add: [{ $max: ['$start.at', '$closing.at'] }, idempotencyHours * hourMs] }
    const none = {
      transitions: startTransitions,
      results: [],
      shares: [],
      keys: [],
      former: '$$REMOVE',
      ...initialInternals,
    }
    const updates = [{ q: { _id, state: 'closed' }, u: [{ $set: { ...none, purge_at } }] }]
    await runWrite(this.#db, { update: 'sessions', updates }, purgeTimeoutMs)
  }

  read(session_id: string): Promise<Session | null> {
    return this.#reads.load(session_id)
  }

  async withResult(session_id: string): Promise<ExportedSession | null> {
    const current = await this.#currentReads.load(session_id)
    return current?.session ?? null
  }

  async byExternalId(organisation_id: string | null, external_id: string): Promise<Snapshot | null> {
    const query = { external_id, organisation_id, ...notClosed }
    const document = await retryRead(signal => this.#sessions.findOne(query, { projection: snapshotFields, signal }))
    return document && snapshotOf(document)
  }

  snapshot(session_id: string): Promise<Snapshot | null> {
    return this.#snapshotReads.load(session_id)
  }

  #readMany<T, D extends SessionDocument>(
    ids: readonly string[],
    projection: Document,
    convert: (document: D) => T,
    documentsAtOnce = documentsPerTurn,
  ): Promise<(T | null)[]> {
    return retryRead(async signal => {
      const query = { _id: { $in: [...ids] }, ...notClosed }
      const byId = new Map<string, T>()
      const cursor = this.#sessions.find<D>(query, { projection, signal })
      // The driver decodes each document only when the cursor returns it.
      for await (const first of cursor) {
        byId.set(first._id, convert(first))
        for (const document of cursor.readBufferedDocuments(documentsAtOnce - 1))
          byId.set(document._id, convert(document))
        if (cursor.bufferedCount() > 0) await yieldToEventLoop()
      }
      return ids.map(id => byId.get(id) ?? null)
    })
  }

  async idempotencyRecord(session_id: string | null, key: string, now: Timestamp): Promise<IdempotencyRecord | null> {
    const since = idempotencyExpiry(now)
    return session_id === null ? this.#startRecord(key, since) : this.#sessionRecord(session_id, key, since)
  }

  async #startRecord(key: string, since: Timestamp): Promise<IdempotencyRecord | null> {
    const query = { 'start.key': key, 'start.at': { $gt: new Date(since) } }
    const document = await retryRead(signal => this.#sessions.findOne(query, { projection: startFields, signal }))
    return document && startRecordOf(document)
  }

  async #sessionRecord(session_id: string, key: string, since: Timestamp): Promise<IdempotencyRecord | null> {
    const projection = { _id: 0, records: recordsOf(key, since), stored: { $size: '$keys' } }
    const found = await retryRead(
      signal =>
        this.#sessions.findOne({ _id: session_id, ...notClosed }, { projection, signal }) as unknown as Promise<{
          records: SessionDocument['keys']
          stored: number
        } | null>,
    )
    if (found && found.stored >= storedRecords) await this.#removeOldRecords(session_id)
    if (!found) return this.#closingRecord(session_id, key, since)
    const [record] = found.records
    if (!record) return null
    const query = { _id: session_id, ...notClosed }
    const document = await retryRead(signal =>
      this.#sessions.findOne(query, { projection: recordedFields(record), signal }),
    )
    return document && idempotencyRecordOf(record, document)
  }

  async #closingRecord(_id: string, key: string, since: Timestamp): Promise<IdempotencyRecord | null> {
    const query = { _id, 'closing.key': key, 'closing.at': { $gt: new Date(since) } }
    const document = await retryRead(signal => this.#sessions.findOne(query, { projection: closingFields, signal }))
    return document && closingRecordOf(document)
  }

  /** Runs only once per hundred new keys: each `$push` with `$slice` writes the whole array to the oplog. */
  async #removeOldRecords(session_id: string): Promise<void> {
    const q = { _id: session_id, [`keys.${storedRecords - 1}`]: { $exists: true } }
    const u = { $push: { keys: { $each: [], $slice: -maxIdempotencyRecords } } }
    await runWrite(this.#db, { update: 'sessions', updates: [{ q, u }] }).catch(() => {})
  }

  transitions(session_id: string, after: number, limit: number): Promise<StoredTransition[] | null> {
    return this.#transitionReads.load({ session_id, after, limit })
  }

  /** Reads ranges of transitions. Reads of the same transition range in several sessions share a query. */
  #readTransitions(ranges: readonly TransitionRange[]): Promise<(StoredTransition[] | null)[]> {
    const spanOf = ({ after, limit }: TransitionRange): string => `${after} ${limit}`
    const bySpan = Map.groupBy(ranges, spanOf)
    return retryRead(async signal => {
      const queries = [...bySpan].map(async ([span, same]) => [span, await this.#readSpan(same, signal)] as const)
      const found = new Map(await Promise.all(queries))
      return ranges.map(range => found.get(spanOf(range))?.get(range.session_id) ?? null)
    })
  }

  /** Reads the same range of transitions for several sessions. Returns the transitions keyed by session id. */
  async #readSpan(ranges: TransitionRange[], signal: AbortSignal): Promise<Map<string, StoredTransition[]>> {
    const [{ after, limit }] = ranges as [TransitionRange]
    const query = { _id: { $in: ranges.map(({ session_id }) => session_id) }, ...notClosed }
    const projection = { version: 1, ...ownerFields, ...rangeFields(after, limit) }
    const documents = await this.#sessions.find(query, { projection, signal }).toArray()
    return new Map(documents.map(document => [document._id, ownedRangeOf(document, after)]))
  }

  results(session_id: string): Promise<Result[]> {
    return this.#resultsReads.load(session_id)
  }

  async #readResults(ids: readonly string[]): Promise<Result[][]> {
    const convert = ({ results }: SessionDocument): Result[] => results.reverse().map(resultOf)
    const found = await this.#readMany(ids, { results: 1 }, convert, 1)
    return found.map(results => results ?? [])
  }

  async result(session_id: string, result_id: string): Promise<Result | null> {
    const session = await this.withResult(session_id)
    if (!session || session.result?.result_id === result_id) return session?.result ?? null
    return this.#earlierResultReads.load({ session_id, result_id })
  }

  #readEarlierResults(keys: readonly ResultKey[]): Promise<(Result | null)[]> {
    const parts = Array.from({ length: Math.ceil(keys.length / earlierResultsAQuery) }, (_, i) =>
      keys.slice(i * earlierResultsAQuery, (i + 1) * earlierResultsAQuery),
    )
    return retryRead(async signal => (await Promise.all(parts.map(part => this.#readResultsOf(part, signal)))).flat())
  }

  async #readResultsOf(keys: ResultKey[], signal: AbortSignal): Promise<(Result | null)[]> {
    const query = { _id: { $in: keys.map(({ session_id }) => session_id) }, ...notClosed }
    const projection = { results: resultsOf({ $literal: keys.map(({ result_id }) => result_id) }) }
    const documents = await this.#sessions.find(query, { projection, signal }).toArray()
    const bySession = new Map(documents.map(({ _id, results }) => [_id, results.map(resultOf)]))
    return keys.map(
      ({ session_id, result_id }) => bySession.get(session_id)?.find(result => result.result_id === result_id) ?? null,
    )
  }

  async shares(session_id: string): Promise<Share[]> {
    return (await this.#sharesReads.load(session_id)) ?? []
  }

  async latestShare(session_id: string): Promise<Share | null> {
    const current = await this.#currentReads.load(session_id)
    return current?.share ?? null
  }

  async shared(token: string): Promise<ShareWithResult | null> {
    const projection = sharedFields(token)
    const document = await retryRead(signal =>
      this.#sessions.findOne<Pick<SessionDocument, 'shares' | 'results' | 'organisation_id'> & { latest: string }>(
        { 'shares.token': token, ...notClosed },
        { projection, signal },
      ),
    )
    const { shares: [share] = [], results: [result] = [] } = document ?? {}
    if (!document || !share || !result) return null
    const { organisation_id, latest } = document
    return { share: shareOf(share), result: resultOf(result), organisation_id, superseded: latest !== result.id }
  }
}

/** Returns a write id with 62 random bits: the last part of a UUID. */
const newWriteId = (): string => randomUUID().slice(19)
