import { setTimeout as wait } from 'node:timers/promises'
import {
  type ChangeStream,
  type ChangeStreamOptions,
  type Collection,
  type Document,
  type MongoClient,
  MongoServerError,
  Timestamp,
} from 'mongodb'
import { HistoryGone } from '../domain/errors'
import type { Commit } from '../domain/session'
import type { SessionDocument } from './mongo-documents'
import type { Entry, Follower, Position } from './store'

/** How far back a process looks when it starts, so that clients that reconnect to it find their place in memory. */
const recentSeconds = 120
const retryMs = 200

/** How long one look for new events waits on the server: an idle stream's position moves on this often. */
const awaitMs = 500
const historyAwaitMs = 20

interface Event {
  _id: { _data: Position }
  commit: Commit
}

// The latest write of a session stands in its `commit`. Purges and kept answers are no commits.
const pipeline: Document[] = [
  {
    $match: {
      $or: [
        { operationType: 'insert' },
        { operationType: 'update', 'updateDescription.updatedFields.commit': { $exists: true } },
      ],
    },
  },
  { $project: { commit: { $ifNull: ['$updateDescription.updatedFields.commit', '$fullDocument.commit'] } } },
]

// What the server says of a resume token that is none (9, 15, 40649, 50811, 260), and of one that has left the oplog (286).
const unknownCodes = new Set<unknown>([9, 15, 260, 40649, 50811])
const expiredCode = 286

function asHistoryGone(error: unknown): unknown {
  if (!(error instanceof MongoServerError)) return error
  if (error.code === expiredCode) return new HistoryGone('expired')
  return unknownCodes.has(error.code) ? new HistoryGone('unknown') : error
}

/** The position up to which a stream was read. */
const tokenOf = (stream: ChangeStream<Document, Event>): Position => (stream.resumeToken as Event['_id'])._data

/**
 * The commits of a sessions collection in the order of its change stream.
 *
 * The stream that is followed has a client of its own that gives up a dead server fast, and is resumed here: the
 * driver's own resume first closes its cursor on the dead primary, and waits for that as long as a request may wait.
 */
export class MongoLog {
  #stream: ChangeStream<Document, Event> | undefined
  #stopped = false
  #following: Promise<void> | undefined

  constructor(
    /** Reads history. */
    readonly sessions: Collection<SessionDocument>,
    /** The same collection on the client that follows. */
    readonly followed: Collection<SessionDocument>,
    readonly client: MongoClient,
  ) {}

  #watch(sessions: Collection<SessionDocument>, options: ChangeStreamOptions): ChangeStream<Document, Event> {
    return sessions.watch<Document, Event>(pipeline, options)
  }

  /** The position of now. */
  async #now(): Promise<Position> {
    const stream = this.#watch(this.followed, { ...(await this.#secondsAgo(0)), maxAwaitTimeMS: 1 })
    try {
      const event = await stream.tryNext()
      return event?._id._data ?? tokenOf(stream)
    } finally {
      stream.close().catch(() => {})
    }
  }

  async follow(follower: Follower): Promise<void> {
    const now = await this.#now()
    let position: Position | undefined
    // What the stream gives before `now` is reached is the past; its first event is where the known history starts.
    const past = this.#watch(this.followed, {
      ...(await this.#secondsAgo(recentSeconds)),
      maxAwaitTimeMS: historyAwaitMs,
      batchSize: 1_000,
    })
    try {
      while (position === undefined || position < now) {
        const event = await past.tryNext()
        const read = event?._id._data ?? tokenOf(past)
        if (position === undefined) follower.reset(read)
        else if (event) follower.append({ position: read, commit: event.commit })
        else follower.advance(read)
        // The token of a log where nothing happens stands still.
        if (!event && read === position) break
        position = read
      }
    } catch (error) {
      // A log that is younger than the look back, or that was cut meanwhile: the known history starts now.
      follower.failed(error)
      follower.reset(now)
      position = now
    } finally {
      past.close().catch(() => {})
    }
    this.#following = this.#keepFollowing(follower, { resumeAfter: { _data: position } })
  }

  async #secondsAgo(seconds: number): Promise<ChangeStreamOptions> {
    const { operationTime } = await this.client.db('admin').command({ ping: 1 })
    const at = operationTime as Timestamp
    return { startAtOperationTime: seconds === 0 ? at : new Timestamp({ t: at.getHighBits() - seconds, i: 1 }) }
  }

  async #keepFollowing(follower: Follower, start: ChangeStreamOptions): Promise<void> {
    let from = start
    while (!this.#stopped) {
      const stream = this.#watch(this.followed, { ...from, maxAwaitTimeMS: awaitMs, batchSize: 1_000 })
      this.#stream = stream
      try {
        while (!this.#stopped) {
          const event = await stream.tryNext()
          const position = event?._id._data ?? tokenOf(stream)
          from = { resumeAfter: { _data: position } }
          if (event) follower.append({ position, commit: event.commit })
          else follower.advance(position)
        }
      } catch (error) {
        if (this.#stopped) return
        follower.failed(error)
        if (asHistoryGone(error) instanceof HistoryGone) {
          // What happened meanwhile is lost to this process: subscribers are told so, each where it stands.
          const now = await this.#now().catch(() => undefined)
          if (now) follower.reset(now)
          if (now) from = { resumeAfter: { _data: now } }
        }
        await wait(retryMs)
      } finally {
        stream.close().catch(() => {})
      }
    }
  }

  async history(after: Position, limit: number): Promise<{ entries: Entry[]; next: Position }> {
    const resumeAfter = { _data: after }
    const stream = this.#watch(this.sessions, { resumeAfter, maxAwaitTimeMS: historyAwaitMs, batchSize: limit })
    const entries: Entry[] = []
    try {
      while (entries.length < limit) {
        const event = await stream.tryNext()
        if (!event) return { entries, next: tokenOf(stream) }
        entries.push({ position: event._id._data, commit: event.commit })
      }
      return { entries, next: entries.at(-1)?.position ?? after }
    } catch (error) {
      throw asHistoryGone(error)
    } finally {
      stream.close().catch(() => {})
    }
  }

  async end(): Promise<void> {
    this.#stopped = true
    await this.#stream?.close().catch(() => {})
    await this.#following
    await this.client.close()
  }
}
