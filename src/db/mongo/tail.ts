import type { ClientSession, Db, Document, Long, MongoClient, Timestamp } from 'mongodb'
import type { Position } from '../store'
import { reaching } from './errors'

/** Where a change stream starts. */
export type TailStart = { resumeAfter: { _data: Position } } | { startAtOperationTime: Timestamp }

export interface TailEvent {
  _id: { _data: Position }
  [field: string]: unknown
}

interface TailBatch<E> {
  events: E[]
  /** Nothing stands before this position but what was read. */
  position: Position
  /** The time of the server's log when it answered. */
  time: Timestamp
}

interface CursorReply<E> {
  cursor: { id: Long; firstBatch?: E[]; nextBatch?: E[]; postBatchResumeToken: { _data: Position } }
  operationTime: Timestamp
}

const closeTimeoutMs = 2_000

/**
 * A change stream of a collection, batch by batch, by the server's own commands
 * (https://www.mongodb.com/docs/manual/reference/operator/aggregation/changeStream/). The driver's stream resumes by itself
 * where a server is gone, and waits for the dead one before it does; here every step is bounded, and whoever reads resumes.
 */
export class Tail<E extends TailEvent> {
  readonly #session: ClientSession
  #cursor: Long | undefined

  constructor(
    client: MongoClient,
    readonly db: Db,
    readonly collection: string,
    readonly start: TailStart,
    readonly pipeline: Document[],
    readonly batchSize: number,
  ) {
    // A cursor is read in the session that opened it.
    this.#session = client.startSession({ causalConsistency: false })
  }

  /** The next events, as many as a batch holds; none where none came within `awaitMs`. Throws where no answer came in `ms`. */
  read(awaitMs: number, ms: number): Promise<TailBatch<E>> {
    return reaching(async signal => {
      const cursor = this.#cursor
      const command = cursor
        ? { getMore: cursor, collection: this.collection, batchSize: this.batchSize, maxTimeMS: awaitMs }
        : {
            aggregate: this.collection,
            pipeline: [{ $changeStream: this.start }, ...this.pipeline],
            cursor: { batchSize: this.batchSize },
            readConcern: { level: 'majority' },
          }
      // The id of a cursor is more than a number holds.
      const options = { session: this.#session, signal, promoteLongs: false }
      const answer = (await this.db.command(command, options)) as unknown as CursorReply<E>
      const { id, firstBatch, nextBatch, postBatchResumeToken } = answer.cursor
      this.#cursor = id
      return {
        events: firstBatch ?? nextBatch ?? [],
        position: postBatchResumeToken._data,
        time: answer.operationTime,
      }
    }, ms)
  }

  /** Lets the server forget the stream, which it does by itself after a while; nobody need wait for it. */
  close(): void {
    const end = reaching(async signal => {
      if (this.#cursor && !this.#cursor.isZero()) {
        const command = { killCursors: this.collection, cursors: [this.#cursor] }
        await this.db.command(command, { session: this.#session, signal })
      }
      await this.#session.endSession()
    }, closeTimeoutMs)
    end.catch(() => {})
  }
}
