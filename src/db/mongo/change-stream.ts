import type { ClientSession, Db, Document, Long, MongoClient, Timestamp } from 'mongodb'
import type { Position } from '../store'
import { reachStore } from './errors'

/** Where a change stream starts. */
export type ChangeStreamStart = { resumeAfter: { _data: Position } } | { startAtOperationTime: Timestamp }

export interface ChangeEvent {
  _id: { _data: Position }
  [field: string]: unknown
}

interface ChangeBatch<E> {
  events: E[]
  /** The position up to which the stream was read. */
  position: Position
  /** The time of the server's log when the server responded. */
  time: Timestamp
}

interface CursorReply<E> {
  cursor: { id: Long; firstBatch?: E[]; nextBatch?: E[]; postBatchResumeToken: { _data: Position } }
  operationTime: Timestamp
}

const closeTimeoutMs = 2_000

/**
 * A change stream of a collection, read batch by batch with the server's own commands
 * (https://www.mongodb.com/docs/manual/reference/operator/aggregation/changeStream/). When a server is gone, the
 * driver's stream resumes by itself, but waits for the dead server first. Here every step has a time limit, and the
 * caller resumes.
 */
export class ChangeStream<E extends ChangeEvent> {
  readonly #session: ClientSession
  #cursor: Long | undefined

  constructor(
    client: MongoClient,
    readonly db: Db,
    readonly collection: string,
    readonly start: ChangeStreamStart,
    readonly pipeline: Document[],
    readonly batchSize: number,
  ) {
    // A cursor must be read in the session that opened it.
    this.#session = client.startSession({ causalConsistency: false })
  }

  /**
   * Returns the next events, at most one batch, or none if none arrive within `awaitMs`. Throws `unavailable` if there
   * is no response within `ms`.
   */
  read(awaitMs: number, ms: number): Promise<ChangeBatch<E>> {
    return reachStore(async signal => {
      const cursor = this.#cursor
      const command = cursor
        ? { getMore: cursor, collection: this.collection, batchSize: this.batchSize, maxTimeMS: awaitMs }
        : {
            aggregate: this.collection,
            pipeline: [{ $changeStream: this.start }, ...this.pipeline],
            cursor: { batchSize: this.batchSize },
            readConcern: { level: 'majority' },
          }
      // The id of a cursor does not fit into a number.
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

  /** Closes the stream on the server in the background. The server also closes it by itself after a while. */
  close(): void {
    const end = reachStore(async signal => {
      if (this.#cursor && !this.#cursor.isZero()) {
        const command = { killCursors: this.collection, cursors: [this.#cursor] }
        await this.db.command(command, { session: this.#session, signal })
      }
      await this.#session.endSession()
    }, closeTimeoutMs)
    end.catch(() => {})
  }
}
