import { setTimeout as wait } from 'node:timers/promises'
import DataLoader from 'dataloader'
import {
  type AbstractCursor,
  BSON,
  type Collection,
  type Db,
  type Document,
  MongoClientClosedError,
  MongoNotConnectedError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb'
import { FairQueue } from '../../concurrency/fair-queue'
import { batched, fromHere } from '../../concurrency/probe'
import { beginWait, type WaitPlace } from '../../concurrency/waits'
import { DomainError, HistoryGone, isDomainError, unavailable } from '../../domain/errors'
import type { SessionDocument } from './documents'

/** In ms: longer than a MongoDB election, and shorter than the request deadline (deadline.ts). */
export const operationTimeoutMs = 18_000
/** Time limit in ms for one attempt at an operation that is safe to repeat, and pause in ms before the next attempt. */
const attemptTimeoutMs = 5_000
const retryPauseMs = 100
/** Minimum duration in ms of a store operation that is recorded as a wait. */
const slowOperationMs = 1_000

/** Time limit in ms for the replicas to acknowledge a write. */
export const majorityTimeoutMs = 10_000
const majority = { w: 'majority', wtimeout: majorityTimeoutMs } as const

const readsPerBatch = 1_000
const writesPerBatch = 500
/**
 * Maximum number of queued writes. If the write queue exceeds this limit, the latest write of the principal with the
 * most queued writes fails with `unavailable`.
 */
const writesWaiting = 10_000
/**
 * Maximum number of concurrent batches, not counting slow batches, and minimum number of queued writes for another
 * concurrent batch. Fewer writes wait, because a small batch costs almost as much as a large one.
 */
const promptBatches = 3
const writesForAnother = 32
/**
 * Time in ms after which a batch counts as slow, and the maximum number of concurrent batches, including slow ones.
 * Slow batches don't count towards `promptBatches`, so they don't delay other batches.
 */
const batchPatienceMs = 250
const batchesAtOnce = 8

// Error codes after which a retry can succeed (https://github.com/mongodb/specifications): NotWritablePrimary and
// ShutdownInProgress errors, MaxTimeMSExpired, WriteConcernFailed, SnapshotTooOld, SnapshotUnavailable, and
// CursorNotFound (for a cursor that was opened before a server restart).
const transientCodes = new Set([43, 50, 64, 91, 189, 239, 246, 10107, 11600, 11602, 13435, 13436])
const duplicateKeyCode = 11000
/** The session's version has changed since it was read (see `versionRule`). */
const refusedByRuleCode = 121
/** Another write came first, an id or key is taken, or an earlier attempt has already made this write. */
const conflictCodes = new Set([duplicateKeyCode, refusedByRuleCode])

/**
 * Whether an error means that the store can't be reached. The store counts as unreachable after any error except a
 * refusal by the server or a bug in this program, because the driver also throws plain Errors when a primary dies.
 */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof MongoServerError) {
    return (
      error.hasErrorLabel('RetryableWriteError') ||
      error.hasErrorLabel('TransientTransactionError') ||
      error.errorResponse?.writeConcernError !== undefined ||
      transientCodes.has(Number(error.code))
    )
  }
  return !(
    error instanceof DomainError ||
    error instanceof HistoryGone ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof BSON.BSONError
  )
}

/** Whether this process has closed the client, so that no retry can succeed. */
const isClosed = ({ cause }: Error): boolean =>
  cause instanceof MongoClientClosedError ||
  cause instanceof MongoTopologyClosedError ||
  cause instanceof MongoNotConnectedError

export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === duplicateKeyCode

/**
 * Runs `work` with a time limit of `ms`. Throws the DomainError `unavailable` if MongoDB can't be reached. `work` must
 * pass the signal to every command: if a connection closes between two of the driver's steps, the driver waits until
 * the signal aborts the command. Work that takes more than a second is recorded as a wait at `place`.
 */
export async function reachStore<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms = operationTimeoutMs,
  place: WaitPlace = 'store_read',
): Promise<T> {
  const abandon = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  let endWait: (() => void) | undefined
  const slowTimer = setTimeout(() => {
    endWait = beginWait(place)
  }, slowOperationMs)
  const lateTimer = setTimeout(() => {
    const error = unavailable(new Error(`no response from MongoDB within ${ms} ms`))
    abandon.abort(error)
    reject(error)
  }, ms)
  try {
    return await Promise.race([work(abandon.signal), late])
  } catch (error) {
    throw isUnreachable(error) ? unavailable(error) : error
  } finally {
    clearTimeout(slowTimer)
    clearTimeout(lateTimer)
    endWait?.()
  }
}

/** Retries the read on another connection if it gets no response within `attemptTimeoutMs`. */
export async function retryRead<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const until = performance.now() + operationTimeoutMs
  let endWait: (() => void) | undefined
  try {
    for (;;) {
      const left = until - performance.now()
      try {
        return await reachStore(work, Math.min(attemptTimeoutMs, left))
      } catch (error) {
        if (!isDomainError(error, 'unavailable') || isClosed(error) || left <= attemptTimeoutMs) throw error
        endWait ??= beginWait('store_retry', { of: 'read' })
        await wait(retryPauseMs)
      }
    }
  } finally {
    endWait?.()
  }
}

interface WriteReply {
  /** Number of documents matched, inserted or deleted. */
  n: number
  writeErrors?: { index: number; code: number; errmsg: string }[]
  writeConcernError?: { errmsg: string }
}

/** Returns the number of documents. Throws `unavailable` if a majority does not acknowledge the write. */
export async function runWrite(db: Db, command: Document, ms?: number): Promise<number> {
  const reply = (await reachStore(
    signal => db.command({ ...command, writeConcern: majority }, { signal }),
    ms,
    'store_write',
  )) as unknown as WriteReply
  const [error] = reply.writeErrors ?? []
  if (error) throw new MongoServerError({ message: error.errmsg, ...error })
  if (reply.writeConcernError) throw unavailable(new Error(reply.writeConcernError.errmsg))
  return reply.n
}

/** Time limit of `ms` in total. Throws the errors of `reachStore`. Aborts if the consumer stops early. */
export async function* streamFromStore<T>(
  open: (signal: AbortSignal) => AbstractCursor<T>,
  ms = operationTimeoutMs,
): AsyncGenerator<NonNullable<T>[]> {
  const until = performance.now() + ms
  const abandon = new AbortController()
  const cursor = open(abandon.signal)
  try {
    const leftMs = (): number => Math.min(operationTimeoutMs, until - performance.now())
    while (await reachStore(() => cursor.hasNext(), leftMs())) yield cursor.readBufferedDocuments()
  } finally {
    abandon.abort()
  }
}

/** Batches reads: a single query answers all reads requested in the same event-loop turn. */
export class BatchedReads<K, V> {
  readonly #loader: DataLoader<K, V>

  constructor(name: string, read: (keys: readonly K[]) => Promise<V[]>) {
    this.#loader = new DataLoader(keys => batched(name, keys.length, () => read(keys)), {
      cache: false,
      maxBatchSize: readsPerBatch,
      batchScheduleFn: run => void setImmediate(run),
    })
  }

  load(key: K): Promise<V> {
    return this.#loader.load(key)
  }
}

export interface ConditionalWrite {
  /** Id of this write, stored as `write` in the elements that the write adds to the document. */
  id: string
  session_id: string
  /** The write's element in the command: the document of an insert, or the filter `q` and the update `u`. */
  statement: Document
  principal?: string | undefined
  begin?: (() => void) | undefined
}

const call = <T>(work: () => T): T => work()

interface PendingWrite extends ConditionalWrite {
  /** Runs a function in this write's trace context. */
  call: typeof call
  until: number
  resolve(isWritten: boolean): void
  reject(error: unknown): void
  endWait: (() => void) | undefined
}

/**
 * Writes that arrive while a batch is in progress form the next batch. Majority writes wait for the replicas, so a
 * batch costs little more than a single write. MongoDB can apply concurrent batches in any order, so each write relies
 * only on its own filter.
 *
 * If a batch gets no response, its writes are sent again. A write that has taken effect no longer matches its own
 * filter, so it takes effect only once. If the document contains a write's id, that write has taken effect. A repeated
 * write that changes nothing also waits for the replicas before it is acknowledged, so a later read includes all
 * earlier writes.
 */
export class BatchedWrites {
  readonly #db: Db
  readonly #sessions: Collection<SessionDocument>
  readonly #pending = new FairQueue<PendingWrite>({
    waiting: writesWaiting,
    refuse({ endWait, reject }) {
      endWait?.()
      reject(new DomainError('unavailable'))
    },
  })
  #batches = 0
  #slowBatches = 0

  constructor(
    db: Db,
    readonly kind: 'insert' | 'update',
  ) {
    this.#db = db
    this.#sessions = db.collection('sessions')
  }

  /** Returns whether the write took effect: an insert if its ids and key are free, an update if its filter matches. */
  apply(write: ConditionalWrite): Promise<boolean> {
    const requester = { principal: write.principal ?? '', connection: this }
    return new Promise((resolve, reject) => {
      this.#pending.makeRoomFor(requester.principal)
      const until = performance.now() + operationTimeoutMs
      const endWait = this.#batches === 0 ? undefined : beginWait('store_write', { session_id: write.session_id })
      this.#pending.push(requester, { ...write, call: fromHere(call), until, resolve, reject, endWait })
      this.#send()
    })
  }

  #isDue(): boolean {
    if (this.#pending.size === 0 || this.#batches === batchesAtOnce) return false
    const prompt = this.#batches - this.#slowBatches
    return prompt === 0 || (prompt < promptBatches && this.#pending.size >= writesForAnother)
  }

  #send(): void {
    if (!this.#isDue()) return
    this.#batches++
    const batch: PendingWrite[] = []
    while (batch.length < writesPerBatch) {
      const write = this.#pending.shift()?.item
      if (!write) break
      write.endWait?.()
      batch.push(write)
    }
    let isSlow = false
    const patience = setTimeout(() => {
      isSlow = true
      this.#slowBatches++
      this.#send()
    }, batchPatienceMs)
    // Run in the trace context of this batch's first write, not of an earlier batch's write.
    const written = batch[0]?.call(() => this.#write(batch))
    void written?.finally(() => {
      clearTimeout(patience)
      if (isSlow) this.#slowBatches--
      this.#batches--
      this.#send()
    })
  }

  /** Sends a batch repeatedly until every write in it is settled, at the latest when its time limit has passed. */
  async #write(batch: PendingWrite[]): Promise<void> {
    let left = batch
    let failure: unknown
    let endWait: (() => void) | undefined
    try {
      for (;;) {
        left = stillWanted(left, failure)
        if (left.length === 0) return
        try {
          return await batched('writes', left.length, () => this.#attempt(left))
        } catch (error) {
          if (!isDomainError(error, 'unavailable') || isClosed(error)) {
            for (const { reject } of left) reject(error)
            return
          }
          failure = error.cause
          endWait ??= beginWait('store_retry', { of: 'write', writes: left.length })
          await wait(retryPauseMs)
        }
      }
    } finally {
      endWait?.()
    }
  }

  /** Sends a batch once, and settles all writes whose outcome is then known. */
  async #attempt(batch: PendingWrite[]): Promise<void> {
    const statements = batch.map(({ statement }) => statement)
    const command = {
      [this.kind]: this.#sessions.collectionName,
      [this.kind === 'insert' ? 'documents' : 'updates']: statements,
      ordered: false,
      writeConcern: majority,
    }
    const reply = (await reachStore(
      signal => this.#db.command(command, { signal }),
      attemptTimeoutMs,
      'store_write',
    )) as unknown as WriteReply
    if (reply.writeConcernError) throw unavailable(new Error(reply.writeConcernError.errmsg))

    const errors = new Map(reply.writeErrors?.map(({ index, code, errmsg }) => [batch[index], { code, errmsg }]))
    // MongoDB reports how many updates matched, but not which ones. The outcome of each update is therefore known only
    // if all updates matched.
    const allWritten = this.kind === 'insert' || reply.n + errors.size === batch.length
    const unsure = batch.filter(pending => {
      const error = errors.get(pending)
      if (error && !conflictCodes.has(error.code))
        pending.reject(new MongoServerError({ message: error.errmsg, ...error }))
      else if (!error && allWritten) pending.resolve(true)
      else return true
      return false
    })
    if (unsure.length > 0) await this.#readOutcomes(unsure, allWritten ? 0 : reply.n)
  }

  /**
   * Settles writes whose outcome is unknown: reads the documents to find out which of the writes took effect.
   * `written` is the number of writes in `unsure` that succeeded.
   */
  async #readOutcomes(unsure: PendingWrite[], written: number): Promise<void> {
    const ids = unsure.map(({ id }) => id)
    const made = {
      $setIntersection: [{ $literal: ids }, { $setUnion: [writeIdsIn('transitions'), writeIdsIn('keys')] }],
    }
    const documents = await reachStore(
      signal =>
        this.#sessions
          .find({ _id: { $in: unsure.map(({ session_id }) => session_id) } }, { projection: { made }, signal })
          .toArray() as unknown as Promise<{ _id: string; made: string[] }[]>,
      attemptTimeoutMs,
    )
    const existing = new Set(documents.map(({ _id }) => _id))
    const madeIds = new Set(documents.flatMap(({ made }) => made))
    // A document that was purged since the write can't show whether the write took effect. If the other documents
    // account for all `written` writes, the purged document's write did not take effect. Otherwise the outcome is
    // unknown.
    const isComplete = unsure.filter(({ id }) => madeIds.has(id)).length >= written
    for (const { id, session_id, resolve, reject } of unsure) {
      if (madeIds.has(id)) resolve(true)
      else if (isComplete || existing.has(session_id)) resolve(false)
      else reject(new DomainError('unavailable'))
    }
  }
}

/**
 * Rejects the writes whose time limit has passed or whose `begin` throws. Returns the other writes. `failure` is the
 * error of an earlier attempt, in which the writes may already have taken effect.
 */
function stillWanted(batch: PendingWrite[], failure: unknown): PendingWrite[] {
  const now = performance.now()
  return batch.filter(({ until, begin, reject }) => {
    try {
      if (until <= now) throw unavailable(failure)
      begin?.()
      return true
    } catch (error) {
      reject(failure === undefined ? error : unavailable(failure))
      return false
    }
  })
}

const writeIdsIn = (array: string): Document => ({ $ifNull: [`$${array}.write`, []] })
