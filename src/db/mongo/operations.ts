import { setTimeout as wait } from 'node:timers/promises'
import DataLoader from 'dataloader'
import { type AbstractCursor, BSON, type Collection, type Db, type Document, MongoServerError } from 'mongodb'
import { FairQueue } from '../../concurrency/fair-queue'
import { batched, fromHere } from '../../concurrency/probe'
import { beginWait, type WaitPlace } from '../../concurrency/waits'
import { DomainError, HistoryGone, unavailable } from '../../domain/errors'
import type { SessionDocument } from './documents'

/**
 * Time limit for one operation, in ms. It is longer than an election, and shorter than a request's deadline
 * (deadline.ts), because a request does more.
 */
export const operationTimeoutMs = 18_000
/** Time limit for one attempt of an operation that is safe to repeat, and the pause before the next attempt. */
const attemptTimeoutMs = 5_000
const retryPauseMs = 100
/** Minimum duration in ms of an operation that counts as a wait. */
const slowOperationMs = 1_000

/** Time limit for the replicas to acknowledge a write, in ms. */
export const majorityTimeoutMs = 10_000
export const majority = { w: 'majority', wtimeout: majorityTimeoutMs } as const

const readsABatch = 1_000
const writesABatch = 500
/**
 * Maximum number of waiting writes. Beyond this number, the latest write of the principal with the most waiting writes
 * fails with `unavailable`.
 */
const writesWaiting = 10_000
/**
 * Maximum number of batches in progress that are not slow, and the number of waiting writes from which a further batch
 * is sent beside them. Fewer writes wait, because a batch of a few writes costs almost as much as a larger one.
 */
const promptBatches = 3
const writesForAnother = 32
/**
 * Time in ms after which a batch is slow, and the maximum number of batches in progress. A slow batch does not delay
 * the others.
 */
const batchPatienceMs = 250
const batchesAtOnce = 8

// https://github.com/mongodb/specifications: NotWritablePrimary and ShutdownInProgress errors, MaxTimeMSExpired,
// WriteConcernFailed, SnapshotTooOld, SnapshotUnavailable, and CursorNotFound (for a cursor opened before a server
// restarted).
const transientCodes = new Set([43, 50, 64, 91, 189, 239, 246, 10107, 11600, 11602, 13435, 13436])
const duplicateKeyCode = 11000
/** Error code of a write whose session has another version than the one that was read (see `versionRule`). */
const refusedByRuleCode = 121
/** Error codes of a write that lost: another write was first, the key is taken, or the write was already made. */
const conflictCodes = new Set([duplicateKeyCode, refusedByRuleCode])

/**
 * Whether an error only means that the store can't be reached. When a primary dies, the driver also throws plain
 * Errors. Therefore every error counts, except refusals by the server and errors in our own code.
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

export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === duplicateKeyCode

const isUnavailable = (error: unknown): error is DomainError =>
  error instanceof DomainError && error.code === 'unavailable'

class TimeLimit {
  readonly #abandon = new AbortController()
  readonly passed: Promise<never>
  #timer: NodeJS.Timeout
  #endWait: (() => void) | undefined
  #reject: (error: unknown) => void = () => {}

  constructor(
    readonly ms: number,
    readonly place: WaitPlace,
  ) {
    this.passed = new Promise((_, reject) => {
      this.#reject = reject
    })
    this.#timer =
      ms > slowOperationMs ? setTimeout(() => this.#slow(), slowOperationMs) : setTimeout(() => this.#pass(), ms)
  }

  get signal(): AbortSignal {
    return this.#abandon.signal
  }

  #slow(): void {
    this.#endWait = beginWait(this.place)
    this.#timer = setTimeout(() => this.#pass(), this.ms - slowOperationMs)
  }

  #pass(): void {
    const error = unavailable(new Error(`no response from MongoDB within ${this.ms} ms`))
    this.#abandon.abort(error)
    this.#reject(error)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#endWait?.()
  }
}

/**
 * Runs the work for at most `ms`. A failure to reach MongoDB becomes the DomainError `unavailable`. Pass the signal to
 * every command: the driver waits forever on a connection that closes between two of its steps, and only the signal
 * ends that wait. Work of more than a second counts as a wait at `place`.
 */
export async function reachStore<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms = operationTimeoutMs,
  place: WaitPlace = 'store_read',
): Promise<T> {
  const limit = new TimeLimit(ms, place)
  try {
    return await Promise.race([work(limit.signal), limit.passed])
  } catch (error) {
    throw isUnreachable(error) ? unavailable(error) : error
  } finally {
    limit.end()
  }
}

/** Runs a read that normally takes milliseconds. If an attempt gets no response, retries on another connection. */
export async function retryRead<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const until = performance.now() + operationTimeoutMs
  let endWait: (() => void) | undefined
  try {
    for (;;) {
      const left = until - performance.now()
      try {
        return await reachStore(work, Math.min(attemptTimeoutMs, left))
      } catch (error) {
        if (!isUnavailable(error) || left <= attemptTimeoutMs) throw error
        endWait ??= beginWait('store_retry', { of: 'read' })
        await wait(retryPauseMs)
      }
    }
  } finally {
    endWait?.()
  }
}

/** The members that this module reads from the reply to a write command. */
interface CommandReply {
  /** Number of documents matched, inserted or deleted. */
  n: number
  writeErrors?: { code: number; errmsg: string }[]
  writeConcernError?: { errmsg: string }
}

/** Runs a write command. Throws `unavailable` unless a majority acknowledged it. Returns the number written. */
export async function runWrite(db: Db, command: Document, ms?: number): Promise<number> {
  const reply = (await reachStore(
    signal => db.command({ ...command, writeConcern: majority }, { signal }),
    ms,
    'store_write',
  )) as unknown as CommandReply
  const [error] = reply.writeErrors ?? []
  if (error) throw new MongoServerError({ message: error.errmsg, ...error })
  if (reply.writeConcernError) throw unavailable(new Error(reply.writeConcernError.errmsg))
  return reply.n
}

/**
 * Yields the results of a cursor batch by batch, within `ms` in total. Throws the same errors as `reachStore`. If the
 * consumer stops, the cursor is aborted.
 */
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

/** Batches reads: one query answers all reads that are requested in one turn of the event loop. */
export class BatchedReads<K, V> {
  readonly #loader: DataLoader<K, V>

  constructor(name: string, read: (keys: readonly K[]) => Promise<V[]>) {
    this.#loader = new DataLoader(keys => batched(name, keys.length, () => read(keys)), {
      cache: false,
      maxBatchSize: readsABatch,
      batchScheduleFn: run => void setImmediate(run),
    })
  }

  load(key: K): Promise<V> {
    return this.#loader.load(key)
  }
}

export interface ConditionalWrite {
  /** Id of this write. The elements that the write adds to the document contain it as `write`. */
  id: string
  session_id: string
  /** Element of the command's list: the document of an insert, or the filter `q` and the change `u` of an update. */
  statement: Document
  /** Principal in whose turn the write is sent. */
  principal?: string | undefined
  /** See `Write.begin`. */
  begin?: (() => void) | undefined
}

const call = <T>(work: () => T): T => work()

interface PendingWrite extends ConditionalWrite {
  /** Calls a function in this write's trace context. */
  call: typeof call
  until: number
  resolve(isWritten: boolean): void
  reject(error: unknown): void
  endWait: (() => void) | undefined
}

/** https://www.mongodb.com/docs/manual/reference/command/update/#output, and the reply to `insert`. */
interface WriteReply {
  n: number
  writeErrors?: { index: number; code: number; errmsg: string }[]
  writeConcernError?: { errmsg: string }
}

/**
 * Batches conditional writes of single documents: writes that arrive while a batch is in progress form the next one.
 * Majority writes wait for the replicas, so a batch costs little more than one write. If many writes wait, up to three
 * batches are in progress. MongoDB may apply them in any order, so each write relies only on its own filter.
 *
 * If no response arrives, the same writes are sent again. A write that was made no longer matches its own filter, so it
 * takes effect only once, however often it is sent. Its id in the document shows that it was made. An acknowledged
 * repeat that changed nothing also waits for the replicas, so a later read includes everything that was written before.
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

  /** Writes if the id and the start key are free, or if the filter matches. Returns whether it wrote. */
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
    while (batch.length < writesABatch) {
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
    // Run in the trace of the batch's first write, not in the trace of an earlier batch's write.
    const written = batch[0]?.call(() => this.#write(batch))
    void written?.finally(() => {
      clearTimeout(patience)
      if (isSlow) this.#slowBatches--
      this.#batches--
      this.#send()
    })
  }

  /** Settles every write of a batch, each within its time limit. */
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
          if (!isUnavailable(error)) {
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

  /** Sends a batch once, and settles the writes whose outcome the response shows. */
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
    // MongoDB does not report which updates matched, unless all did.
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

  /** Reads from the documents which of the writes were made. `written` is their number. */
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
    // A document that was purged meanwhile can't show whether its write was made. If the other documents account for
    // all writes that were made, its write was not made. Otherwise the outcome is unknown.
    const isComplete = unsure.filter(({ id }) => madeIds.has(id)).length >= written
    for (const { id, session_id, resolve, reject } of unsure) {
      if (madeIds.has(id)) resolve(true)
      else if (isComplete || existing.has(session_id)) resolve(false)
      else reject(new DomainError('unavailable'))
    }
  }
}

/**
 * Rejects the writes whose time limit has passed or that must no longer be made. Returns the other writes. `failure` is
 * the error of an earlier attempt, which may already have made the writes.
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
