import { setTimeout as wait } from 'node:timers/promises'
import {
  type ClientSession,
  type Db,
  type Document,
  type Long,
  type MongoClient,
  MongoServerError,
  Timestamp,
} from 'mongodb'
import { beginWait } from '../../concurrency/waits'
import { HistoryGone } from '../../domain/errors'
import type { OwnerFilter } from '../../domain/owner'
import type { CommitLog, Entry, History, LogFollower, Position } from '../store'
import { type CommitDocument, storedCommit } from './documents'
import { type MongoErasures, reachMs } from './erasures'
import { operationTimeoutMs, reachStore } from './operations'
import { isBeyond } from './positions'
import { commitsPerHistoryRead, SharedScans } from './shared-scans'

/**
 * Periods in seconds whose commits a starting process tries to read, longest first. The process uses the first period
 * that has at most `recentCommits` commits, so that reconnecting clients can resume from memory.
 */
const recentSeconds = [120, 30, 8, 2]
export const recentCommits = 8_192
/** Pause in ms after reading `commitsBeforePause` commits or more, so that one read then gets more commits. */
const gatherMs = 10
const commitsBeforePause = 8
const followRetryMs = 200
const eventsPerBatch = 1_000

/** Maximum time in ms that one read waits for events. The log position advances at least this often. */
const followAwaitMs = 500
const historyAwaitMs = 20
/** Time limit in ms for one read, after which the server is considered dead. */
const followTimeoutMs = 3_000

const closeTimeoutMs = 2_000

/** A change-stream event: a commit and its position. */
interface ChangeEvent {
  _id: { _data: Position }
  documentKey: { _id: string }
  /** The commit, absent if the filter excludes it. */
  commit?: CommitDocument
}

type ChangeStreamStart = { resumeAfter: { _data: Position } } | { startAtOperationTime: Timestamp }

interface ChangeBatch {
  events: ChangeEvent[]
  /** Position up to which the change stream has been read. */
  position: Position
  /** The server's operation time when it responded: the latest time in its oplog. */
  time: Timestamp
}

interface CursorReply {
  cursor: { id: Long; firstBatch?: ChangeEvent[]; nextBatch?: ChangeEvent[]; postBatchResumeToken: { _data: Position } }
  operationTime: Timestamp
}

// Selects changes to the field `commit`, which contains a session's latest write. Purges do not set `commit`, and
// neither do writes that change only idempotency records.
const commitsPipeline: Document[] = [
  {
    $match: {
      $or: [
        { operationType: 'insert' },
        { operationType: 'update', 'updateDescription.updatedFields.commit': { $exists: true } },
      ],
    },
  },
  {
    $project: {
      documentKey: 1,
      commit: { $ifNull: ['$updateDescription.updatedFields.commit', '$fullDocument.commit'] },
    },
  },
]

// Error codes for a resume token that is malformed (9, 15, 207, 260, and server assertion numbers such as 40649 and
// 50811) or belongs to no event in the server's log (280). Error code 286 means that the resume token is no longer in
// the oplog.
const unknownCodes = new Set<unknown>([9, 15, 207, 260, 280])
const firstAssertion = 40_000
const expiredCode = 286

function asHistoryGone(error: unknown): unknown {
  const cause = (error as Error).cause ?? error
  if (!(cause instanceof MongoServerError)) return error
  if (cause.code === expiredCode) return new HistoryGone('expired')
  const isUnknown = unknownCodes.has(cause.code) || Number(cause.code) >= firstAssertion
  return isUnknown ? new HistoryGone('unknown') : error
}

const entryOf = ({ _id, documentKey }: ChangeEvent, commit: CommitDocument, before: Position): Entry => ({
  before,
  position: _id._data,
  commit: storedCommit(documentKey._id, commit),
})

/**
 * Returns pipeline stages that remove the commits from excluded events, but keep the events. The log needs the
 * positions of excluded events: for the next entry's `before`, and to record how far the log has been read.
 */
function filterStages({ mentor_id, organisation_id }: OwnerFilter): Document[] {
  const ids = Object.entries({ mentor_id, organisation_id }).filter(([, id]) => id !== undefined)
  if (ids.length === 0) return []
  const isOf = (owner: string): Document => ({
    $and: ids.map(([name, id]) => ({ $eq: [`${owner}.${name}`, { $literal: id }] })),
  })
  const passes = { $or: [isOf('$commit'), isOf('$commit.former')] }
  return [{ $project: { documentKey: 1, commit: { $cond: [passes, '$commit', '$$REMOVE'] } } }]
}

interface ChangeStreamOptions {
  client: MongoClient
  database: string
  start: ChangeStreamStart
  batchSize: number
  filter: OwnerFilter
}

/**
 * Reads batch by batch with raw server commands
 * (https://www.mongodb.com/docs/manual/reference/operator/aggregation/changeStream/). The driver's own change stream
 * resumes only after it has closed its cursor on the dead server and selected a server twice: after a clean shutdown of
 * the primary, subscribers received nothing for 4 seconds, although writes resumed after 1 second. Here, every step has
 * a time limit and an abort signal, and the caller resumes 200 ms after a failure.
 */
class ChangeStream {
  readonly #session: ClientSession
  readonly #db: Db
  #cursor: Long | undefined

  constructor(readonly options: ChangeStreamOptions) {
    const { client, database } = options
    // MongoDB requires that a cursor is read in the session that opened it.
    this.#session = client.startSession({ causalConsistency: false })
    this.#db = client.db(database)
  }

  /**
   * Returns the next batch of events, which is empty if no event arrives within `awaitMs`. Throws `unavailable` if the
   * server does not respond within `ms`, and HistoryGone if the collection was dropped, which ends the stream.
   */
  async read(awaitMs: number, ms: number): Promise<ChangeBatch> {
    if (this.#cursor?.isZero()) throw new HistoryGone('unknown')
    return reachStore(async signal => {
      // Do not convert 64-bit integers, because a cursor id does not fit into a JavaScript number.
      const options = { session: this.#session, signal, promoteLongs: false }
      const reply = (await this.#db.command(this.#nextCommand(awaitMs), options)) as unknown as CursorReply
      const { id, firstBatch, nextBatch, postBatchResumeToken } = reply.cursor
      this.#cursor = id
      return {
        events: firstBatch ?? nextBatch ?? [],
        position: postBatchResumeToken._data,
        time: reply.operationTime,
      }
    }, ms)
  }

  #nextCommand(maxTimeMS: number): Document {
    const { start, batchSize, filter } = this.options
    if (this.#cursor) return { getMore: this.#cursor, collection: 'sessions', batchSize, maxTimeMS }
    return {
      aggregate: 'sessions',
      pipeline: [{ $changeStream: start }, ...commitsPipeline, ...filterStages(filter)],
      cursor: { batchSize },
      readConcern: { level: 'majority' },
    }
  }

  /** Closes in the background. If closing fails, the server closes the stream after a timeout. */
  close(): void {
    const end = reachStore(async signal => {
      if (this.#cursor && !this.#cursor.isZero()) {
        const command = { killCursors: 'sessions', cursors: [this.#cursor] }
        await this.#db.command(command, { session: this.#session, signal })
      }
      await this.#session.endSession()
    }, closeTimeoutMs)
    end.catch(() => {})
  }
}

/**
 * Position from which to continue reading the log (`from`), and position of the last commit (`last`). The next entry's
 * `before` is `last`, so that all processes build the same entry.
 */
interface LogPosition {
  from: Position
  last: Position
}

interface RecentCommits {
  start: Position
  entries: Entry[]
  end: Position
}

interface MongoLogOptions {
  database: string
  /** The client that reads history. */
  client: MongoClient
  followClient: MongoClient
  erasures: MongoErasures
  /** Prepares the sessions collection again, in case it was dropped. */
  prepareSessions: () => Promise<void>
}

/** Commits in change-stream order. A separate client follows the stream, to abandon a dead server quickly. */
export class MongoLog implements CommitLog {
  #stopped = false
  #following: Promise<unknown> | undefined
  #follower: LogFollower | undefined
  #position: LogPosition = { from: '', last: '' }
  /** Position up to which the follower holds no erased commits in memory. */
  #dropped: Position = ''
  #dropTimer: NodeJS.Timeout | undefined
  readonly #scans = new SharedScans((after, limit, filter) => this.#scan(after, limit, filter))

  constructor(readonly options: MongoLogOptions) {
    const { erasures } = options
    erasures.onFound = isLate => this.#erasureFound(isLate)
    erasures.onUnknown = () => this.#invalidate()
  }

  /** Returns a change stream of all commits, for the follower. */
  #stream(start: ChangeStreamStart): ChangeStream {
    const { followClient: client, database } = this.options
    return new ChangeStream({ client, database, start, batchSize: eventsPerBatch, filter: {} })
  }

  async #now(): Promise<Position> {
    const stream = this.#stream({ startAtOperationTime: await this.#time() })
    try {
      const { events, position } = await stream.read(1, followTimeoutMs)
      return events[0]?._id._data ?? position
    } finally {
      stream.close()
    }
  }

  async #time(): Promise<Timestamp> {
    const command = (signal: AbortSignal) => this.options.followClient.db('admin').command({ ping: 1 }, { signal })
    return (await reachStore(command, followTimeoutMs)).operationTime
  }

  /** Implements `CommitLog.follow` once the store has opened. */
  async follow(follower: LogFollower): Promise<void> {
    await this.options.erasures.look()
    const known = this.options.erasures.found
    this.#dropped = known
    const now = await this.#now()
    let recent: RecentCommits | undefined
    try {
      recent = await this.#recentCommits(now)
      if (recent) this.#deliver(recent, follower)
    } catch (error) {
      // The oplog does not cover the period: the oplog started later, was truncated meanwhile, or was restarted by a
      // restore.
      follower.failed(asHistoryGone(error), 'reading recent commits')
      recent = undefined
    }
    if (!recent) follower.reset(now)
    this.#position = recent
      ? { from: recent.end, last: recent.entries.at(-1)?.position ?? recent.start }
      : { from: now, last: now }
    this.#follower = follower
    if (this.options.erasures.found > known) this.#dropErased()
    this.#following = Promise.all([this.#keepFollowing(follower, this.#position), this.options.erasures.keepLooking()])
  }

  /**
   * After an erasure, drops the commits that the follower holds in memory. First waits up to `reachMs` for the log
   * to reach the erasure, so that live subscribers receive the closes of the mentor's sessions.
   */
  #erasureFound(isLate: boolean): void {
    this.#scans.clear()
    clearTimeout(this.#dropTimer)
    if (isLate) this.#dropErased()
    else this.#dropTimer = setTimeout(() => this.#dropErased(), reachMs)
  }

  #dropErased(): void {
    clearTimeout(this.#dropTimer)
    this.#dropped = this.options.erasures.found
    this.#invalidate()
  }

  /** Live subscribers have already received the dropped commits, and continue after the last of them. */
  #invalidate(): void {
    this.#scans.clear()
    const follower = this.#follower
    void Promise.resolve(follower?.invalidate(this.#position.last)).catch(error => follower?.failed(error))
    this.#follower?.advance(this.#position.from)
  }

  #deliver({ start, entries, end }: RecentCommits, follower: LogFollower): void {
    follower.reset(start)
    for (const entry of entries) follower.append(entry)
    follower.advance(end)
  }

  /** Returns undefined if even the shortest period has more than `recentCommits` commits. */
  async #recentCommits(now: Position): Promise<RecentCommits | undefined> {
    const time = await this.#time()
    for (const seconds of recentSeconds) {
      const recent = await this.#commitsSince(new Timestamp({ t: time.getHighBitsUnsigned() - seconds, i: 1 }), now)
      if (recent) return recent
    }
    return undefined
  }

  /** Reads the commits from a time up to `now`. Returns undefined if there are more than `recentCommits` commits. */
  async #commitsSince(startAtOperationTime: Timestamp, now: Position): Promise<RecentCommits | undefined> {
    const stream = this.#stream({ startAtOperationTime })
    const entries: Entry[] = []
    let end: Position | undefined
    try {
      for (;;) {
        const { events, position } = await stream.read(historyAwaitMs, followTimeoutMs)
        for (const event of events) {
          if (event.commit) entries.push(entryOf(event, event.commit, entries.at(-1)?.position ?? position))
        }
        if (entries.length > recentCommits) return undefined
        // Stop reading even before `now` if no events arrive, because on an idle log the position may never reach
        // `now`.
        const isIdle = events.length === 0 && position === end
        end = position
        if (end >= now || isIdle) break
      }
    } finally {
      stream.close()
    }
    // Do not deliver the first commit that was read, because it only provides the start position. If some commits may
    // have been erased, deliver only the commits after the last possibly erased commit.
    const last = entries.findLastIndex(({ position }) => position <= this.options.erasures.found)
    const first = entries.splice(0, Math.max(1, last + 1)).at(-1)
    return { start: first?.position ?? end, entries, end }
  }

  /** Delivers until the store ends. Resumes automatically after errors. */
  async #keepFollowing(follower: LogFollower, position: LogPosition): Promise<void> {
    let endWait: (() => void) | undefined
    while (!this.#stopped) {
      const stream = this.#stream({ resumeAfter: { _data: position.from } })
      try {
        while (!this.#stopped) {
          const batch = await stream.read(followAwaitMs, followTimeoutMs)
          endWait?.()
          endWait = undefined
          await this.#append(batch, follower, position)
          if (batch.events.length >= commitsBeforePause) await wait(gatherMs)
          if (this.#dropped < this.options.erasures.found && position.from >= this.options.erasures.found)
            this.#dropErased()
        }
      } catch (error) {
        if (this.#stopped) break
        endWait ??= beginWait('store_retry', { of: 'log' })
        const reason = asHistoryGone(error)
        follower.failed(reason)
        if (reason instanceof HistoryGone) await this.#restart(follower, position)
        await wait(followRetryMs)
      } finally {
        stream.close()
      }
    }
    endWait?.()
  }

  /**
   * If the log lags so far behind that some commits in the batch may already have been erased, skips these commits and
   * resets the follower to the position after them. Readers then read the skipped commits from the history.
   */
  async #append({ events, position: end }: ChangeBatch, follower: LogFollower, position: LogPosition): Promise<void> {
    await this.options.erasures.latest()
    let skipped = false
    for (const event of events) {
      if (!event.commit) continue
      const entry = entryOf(event, event.commit, position.last)
      position.from = position.last = entry.position
      if (entry.position <= this.#dropped) {
        skipped = true
        continue
      }
      if (skipped) follower.reset(entry.before)
      skipped = false
      follower.append(entry)
    }
    if (skipped) follower.reset(position.last)
    position.from = end
    follower.advance(end)
  }

  /** Called if commits were missed. After the restart, each subscriber gets a gap at its own cursor. */
  async #restart(follower: LogFollower, position: LogPosition): Promise<void> {
    const now = await this.options
      .prepareSessions()
      .then(() => this.#now())
      .catch(() => undefined)
    if (now === undefined) return
    follower.reset(now)
    position.from = position.last = now
  }

  async history(after: Position, limit: number, filter: OwnerFilter = {}): Promise<History> {
    return this.options.erasures.apply(after, filter, await this.#scans.history(after, limit, filter))
  }

  async #scan(after: Position, limit: number, filter: OwnerFilter): Promise<History> {
    const { client, database } = this.options
    const stream = new ChangeStream({
      client,
      database,
      start: { resumeAfter: { _data: after } },
      batchSize: limit,
      filter,
    })
    const entries: Entry[] = []
    let next = after
    let passed = 0
    try {
      for (;;) {
        const { events, position, time } = await stream.read(historyAwaitMs, operationTimeoutMs)
        if (isBeyond(after, time)) throw new HistoryGone('unknown')
        if (events.length === 0) return { entries, next: position, passed }
        for (const event of events) {
          if (event.commit) entries.push(entryOf(event, event.commit, next))
          next = event._id._data
          passed++
          if (entries.length === limit || passed === commitsPerHistoryRead) return { entries, next, passed }
        }
      }
    } catch (error) {
      throw asHistoryGone(error)
    } finally {
      stream.close()
    }
  }

  async end(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#dropTimer)
    this.options.erasures.end()
    this.#scans.clear()
    // Closing the client aborts the read in progress, which would otherwise wait for events.
    await this.options.followClient.close()
    await this.#following
  }
}
