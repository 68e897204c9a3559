import { setTimeout as wait } from 'node:timers/promises'
import { type Collection, type Db, type Document, MongoServerError } from 'mongodb'
import { DomainError, unavailable } from '../../domain/errors'
import { batched, probe } from '../../telemetry/probe'
import type { SessionDocument } from './documents'
import { attemptTimeoutMs, operationTimeoutMs, reachStore } from './errors'

const writesABatch = 500
/** The maximum number of waiting writes. Any further write throws `unavailable`. */
const writesWaiting = 10_000
/**
 * The maximum number of batches under way, and how long one may take before the next is sent beside it. A slow batch
 * does not hold up the others.
 */
const batchesAtOnce = 8
const batchPatienceMs = 250
const batchRetryMs = 100
/** How long the replicas have to acknowledge a write. */
export const majorityTimeoutMs = 10_000
export const majority = { w: 'majority', wtimeout: majorityTimeoutMs } as const

export interface MongoWrite {
  /** Identifies this write. The update stores it as `write` in the elements that it adds to the document. */
  id: string
  filter: Document & { _id: string }
  update: { $set?: Document; $push?: Document; $setOnInsert?: Document }
  /** Inserts the document if there is none with this id. */
  upsert?: true
  /** Returns false once no caller waits for the write. It is then not sent. */
  wanted(): boolean
}

interface PendingWrite extends MongoWrite {
  place: unknown
  until: number
  resolve(made: boolean): void
  reject(error: unknown): void
}

/** https://www.mongodb.com/docs/manual/reference/command/update/#output */
interface Acknowledgement {
  n: number
  upserted?: { index: number }[]
  writeErrors?: { index: number; code: number; errmsg: string }[]
  writeConcernError?: { errmsg: string }
}

const duplicateKeyCode = 11000

/**
 * Batches conditional writes of single documents: the writes that arrive while a batch is under way form the next one.
 * Majority writes wait for the replicas, so a batch costs little more than one write.
 *
 * If no response arrives, the same writes are sent again. A write that was made no longer matches its own filter, so it
 * takes effect once, however often it is sent. Its id in the document shows that it was made. An acknowledged repeat
 * that changed nothing waits for the replicas too, so a later read includes everything that was written before.
 */
export class BatchedWrites {
  #waiting: PendingWrite[] = []
  #batches = 0
  #overdue: NodeJS.Timeout | undefined

  constructor(
    readonly db: Db,
    readonly sessions: Collection<SessionDocument>,
  ) {}

  /** Writes if the filter matches, and returns whether it did. */
  apply(write: MongoWrite): Promise<boolean> {
    if (this.#waiting.length >= writesWaiting) return Promise.reject(new DomainError('unavailable'))
    return new Promise((resolve, reject) => {
      const until = performance.now() + operationTimeoutMs
      this.#waiting.push({ ...write, place: probe?.traceContext(), until, resolve, reject })
      if (this.#batches === 0) this.#send()
    })
  }

  #send(): void {
    clearTimeout(this.#overdue)
    if (this.#waiting.length === 0 || this.#batches === batchesAtOnce) return
    this.#batches++
    this.#write(this.#waiting.splice(0, writesABatch)).finally(() => {
      this.#batches--
      this.#send()
    })
    this.#overdue = setTimeout(() => this.#send(), batchPatienceMs)
  }

  /** Settles every write of a batch, each within its time limit. */
  async #write(batch: PendingWrite[]): Promise<void> {
    let unanswered = batch
    let failure: unknown
    for (;;) {
      const late = performance.now()
      const given = unanswered.filter(({ until, wanted }) => until <= late || !wanted())
      for (const { reject } of given) reject(unavailable(failure))
      unanswered = unanswered.filter(pending => !given.includes(pending))
      if (unanswered.length === 0) return
      try {
        const places = unanswered.map(({ place }) => place)
        return await batched('writes', places, () => this.#attempt(unanswered))
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'unavailable')) {
          for (const { reject } of unanswered) reject(error)
          return
        }
        failure = error.cause
        await wait(batchRetryMs)
      }
    }
  }

  async #attempt(batch: PendingWrite[]): Promise<void> {
    const updates = batch.map(({ filter, update, upsert = false }) => ({ q: filter, u: update, upsert }))
    const command = { update: this.sessions.collectionName, updates, ordered: false, writeConcern: majority }
    const answer = (await reachStore(signal => this.db.command(command, { signal }), attemptTimeoutMs)) as unknown
    const { n, upserted = [], writeErrors = [], writeConcernError } = answer as Acknowledgement
    if (writeConcernError) throw unavailable(new Error(writeConcernError.errmsg))

    const inserted = new Set(upserted.map(({ index }) => batch[index]))
    const refused = new Map(writeErrors.map(({ index, code, errmsg }) => [batch[index], { code, errmsg }]))
    const upserts = batch.filter(pending => pending.upsert && !refused.has(pending))
    const plain = batch.filter(pending => !pending.upsert && !refused.has(pending))
    const unsure = batch.filter(pending => {
      const error = refused.get(pending)
      if (error && error.code !== duplicateKeyCode)
        pending.reject(new MongoServerError({ message: error.errmsg, ...error }))
      else if (inserted.has(pending)) pending.resolve(true)
      else return true
      return false
    })
    // `n` counts every upsert, including those that inserted nothing.
    const matched = n - upserts.length
    if (matched === plain.length && unsure.length === plain.length) for (const { resolve } of plain) resolve(true)
    else await this.#ask(unsure, matched)
  }

  /** Reads from the documents which of the writes were made. */
  async #ask(unsure: PendingWrite[], matched: number): Promise<void> {
    const ids = unsure.map(({ id }) => id)
    const made = {
      $setIntersection: [{ $literal: ids }, { $setUnion: [writeIdsIn('transitions'), writeIdsIn('keys')] }],
    }
    const found = await reachStore(
      signal =>
        this.sessions
          .find({ _id: { $in: unsure.map(({ filter }) => filter._id) } }, { projection: { made }, signal })
          .toArray() as unknown as Promise<{ _id: string; made: string[] }[]>,
      attemptTimeoutMs,
    )
    const documents = new Set(found.map(({ _id }) => _id))
    const inThem = new Set(found.flatMap(({ made }) => made))
    // A document that was purged meanwhile can't show whether its write was made. If the writes found in other
    // documents account for all matches, it was not made. Otherwise the outcome is unknown.
    const all = unsure.filter(({ id, upsert }) => !upsert && inThem.has(id)).length >= matched
    for (const { id, filter, resolve, reject } of unsure) {
      if (inThem.has(id)) resolve(true)
      else if (all || documents.has(filter._id)) resolve(false)
      else reject(new DomainError('unavailable'))
    }
  }
}

const writeIdsIn = (array: string): Document => ({ $ifNull: [`$${array}.write`, []] })
