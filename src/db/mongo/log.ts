import { setTimeout as wait } from 'node:timers/promises'
import { type Document, type MongoClient, MongoServerError, Timestamp } from 'mongodb'
import { HistoryGone } from '../../domain/errors'
import type { CommitFilter, Entry, History, LogFollower, Position } from '../store'
import { type ChangeEvent, ChangeStream, type ChangeStreamStart } from './change-stream'
import { type CommitDocument, storedCommit } from './documents'
import { operationTimeoutMs, reachStore } from './errors'

/**
 * How far back a process reads the log when it starts, so that clients that reconnect find their cursor in memory. It
 * takes the longest of these periods with at most `recentCommits` commits.
 */
const recentSeconds = [120, 30, 8, 2]
export const recentCommits = 8_192
const followRetryMs = 200
const batchSize = 1_000

/** How long the server waits for new events in one read. The position of an idle stream advances this often. */
const followAwaitMs = 500
const historyAwaitMs = 20
/** The maximum number of commits that one read of the history covers. */
const commitsAHistoryRead = 1_000
/** Time limit for one read of the change stream. A server that does not respond within it is given up. */
const followTimeoutMs = 3_000

interface Event extends ChangeEvent {
  /** Missing if the filter excludes the commit. */
  commit: Omit<CommitDocument, 'sorting'>
}

// The field `commit` holds a session's latest write. Purges and idempotency records are not commits.
const commitsPipeline: Document[] = [
  {
    $match: {
      $or: [
        { operationType: 'insert' },
        { operationType: 'update', 'updateDescription.updatedFields.commit': { $exists: true } },
      ],
    },
  },
  { $project: { commit: { $ifNull: ['$updateDescription.updatedFields.commit', '$fullDocument.commit'] } } },
  { $unset: 'commit.sorting' },
]

// Error codes for a resume token that is malformed (9, 15, 40649, 50811, 260) or belongs to no event in the server's
// log (280), and for one that has left the oplog (286).
const unknownCodes = new Set<unknown>([9, 15, 260, 280, 40649, 50811])
const expiredCode = 286

function asHistoryGone(error: unknown): unknown {
  const cause = (error as Error).cause ?? error
  if (!(cause instanceof MongoServerError)) return error
  if (cause.code === expiredCode) return new HistoryGone('expired')
  return unknownCodes.has(cause.code) ? new HistoryGone('unknown') : error
}

/**
 * Whether a position is later than a time of the server. A resume token begins with its own time: 0x82, seconds, and
 * the count in the second.
 */
function isBeyond(position: Position, time: Timestamp): boolean {
  const [, seconds, count] = /^82([0-9a-f]{8})([0-9a-f]{8})/i.exec(position) ?? []
  if (!seconds || !count) return false
  const [t, i] = [Number.parseInt(seconds, 16), Number.parseInt(count, 16)]
  // The position of a new stream is one tick ahead of an idle log.
  return t > time.getHighBits() || (t === time.getHighBits() && i > time.getLowBits() + 1)
}

const hex = (number: number): string => number.toString(16).toUpperCase().padStart(8, '0')

/**
 * Converts a time of the server to positions. `position` is greater than the positions of all commits up to that time,
 * and less than all others. A log that has reached `reached` has delivered all commits before that time.
 */
export function positionsAt(time: Timestamp): { position: Position; reached: Position } {
  const reached = `82${hex(time.getHighBitsUnsigned())}${hex(time.getLowBitsUnsigned())}`
  return { position: `${reached}G`, reached }
}

const entryOf = ({ _id, commit }: Event, before: Position): Entry => ({
  before,
  position: _id._data,
  commit: storedCommit(commit),
})

/**
 * Removes the commit from events that the filter excludes, but keeps the events. Their positions are needed for
 * `before` of the next entry, and to tell how far the log was read.
 */
function filtered({ mentor_id, organisation_id }: CommitFilter): Document[] {
  const asked = Object.entries({ mentor_id, organisation_id }).filter(([, id]) => id !== undefined)
  if (asked.length === 0) return []
  const passes = { $and: asked.map(([name, id]) => ({ $eq: [`$commit.${name}`, { $literal: id }] })) }
  return [{ $project: { commit: { $cond: [passes, '$commit', '$$REMOVE'] } } }]
}

/**
 * Where to continue reading the log, and the position of its last commit. Every process uses that position as `before`
 * of the next commit.
 */
interface LogPosition {
  from: Position
  last: Position
}

/**
 * The log of a MongoDB store: the commits of the sessions collection in the order of its change stream. A separate
 * client follows it, which gives up a dead server quickly.
 */
export class MongoLog {
  #stopped = false
  #following: Promise<void> | undefined

  constructor(
    readonly database: string,
    /** The client that reads history. */
    readonly client: MongoClient,
    readonly followClient: MongoClient,
  ) {}

  #tail(
    start: ChangeStreamStart,
    size = batchSize,
    client = this.followClient,
    filter: CommitFilter = {},
  ): ChangeStream<Event> {
    return new ChangeStream(
      client,
      client.db(this.database),
      'sessions',
      start,
      [...commitsPipeline, ...filtered(filter)],
      size,
    )
  }

  /** Returns the current position. */
  async #now(): Promise<Position> {
    const tail = this.#tail({ startAtOperationTime: await this.#time() })
    try {
      const { events, position } = await tail.read(1, followTimeoutMs)
      return events[0]?._id._data ?? position
    } finally {
      tail.close()
    }
  }

  async #time(): Promise<Timestamp> {
    const command = (signal: AbortSignal) => this.followClient.db('admin').command({ ping: 1 }, { signal })
    return (await reachStore(command, followTimeoutMs)).operationTime
  }

  async follow(follower: LogFollower): Promise<void> {
    const now = await this.#now()
    let place: LogPosition | undefined
    try {
      place = await this.#recent(follower, now)
    } catch (error) {
      // The log is younger than the period, or was truncated meanwhile.
      follower.failed(error)
    }
    if (!place) follower.reset(now)
    this.#following = this.#keepFollowing(follower, place ?? { from: now, last: now })
  }

  /** Passes recent commits to the follower. Returns where to continue, or undefined if there were too many commits. */
  async #recent(follower: LogFollower, now: Position): Promise<LogPosition | undefined> {
    const time = await this.#time()
    for (const seconds of recentSeconds) {
      const past = await this.#since(new Timestamp({ t: time.getHighBits() - seconds, i: 1 }), now)
      if (!past) continue
      follower.reset(past.start)
      for (const entry of past.entries) follower.append(entry)
      follower.advance(past.end)
      return { from: past.end, last: past.entries.at(-1)?.position ?? past.start }
    }
    return undefined
  }

  /** Reads the commits from a time on up to `now`. Returns undefined if there are more than `recentCommits`. */
  async #since(
    startAtOperationTime: Timestamp,
    now: Position,
  ): Promise<{ start: Position; entries: Entry[]; end: Position } | undefined> {
    const tail = this.#tail({ startAtOperationTime })
    const entries: Entry[] = []
    let end: Position | undefined
    try {
      for (;;) {
        const { events, position } = await tail.read(historyAwaitMs, followTimeoutMs)
        for (const event of events) entries.push(entryOf(event, entries.at(-1)?.position ?? position))
        if (entries.length > recentCommits) return undefined
        // The position of an idle log does not move.
        const still = events.length === 0 && position === end
        end = position
        if (end >= now || still) break
      }
    } finally {
      tail.close()
    }
    // The known history starts at the position of the first event. That event itself is not passed on.
    const [first] = entries.splice(0, 1)
    return { start: first?.position ?? end, entries, end }
  }

  async #keepFollowing(follower: LogFollower, place: LogPosition): Promise<void> {
    let { from, last } = place
    while (!this.#stopped) {
      const tail = this.#tail({ resumeAfter: { _data: from } })
      try {
        while (!this.#stopped) {
          const { events, position } = await tail.read(followAwaitMs, followTimeoutMs)
          for (const event of events) {
            const entry = entryOf(event, last)
            from = last = entry.position
            follower.append(entry)
          }
          from = position
          follower.advance(position)
        }
      } catch (error) {
        if (this.#stopped) return
        follower.failed(error)
        if (asHistoryGone(error) instanceof HistoryGone) {
          // This process has missed commits. After the reset, each subscriber gets a gap at its own cursor.
          const now = await this.#now().catch(() => undefined)
          if (now) follower.reset(now)
          if (now) from = last = now
        }
        await wait(followRetryMs)
      } finally {
        tail.close()
      }
    }
  }

  async history(after: Position, limit: number, filter: CommitFilter = {}): Promise<History> {
    const tail = this.#tail({ resumeAfter: { _data: after } }, limit, this.client, filter)
    const entries: Entry[] = []
    let next = after
    let passed = 0
    try {
      for (;;) {
        const { events, position, time } = await tail.read(historyAwaitMs, operationTimeoutMs)
        if (isBeyond(after, time)) throw new HistoryGone('unknown')
        if (events.length === 0) return { entries, next: position, passed }
        for (const event of events) {
          if (event.commit) entries.push(entryOf(event, next))
          next = event._id._data
          passed++
          if (entries.length === limit || passed === commitsAHistoryRead) return { entries, next, passed }
        }
      }
    } catch (error) {
      throw asHistoryGone(error)
    } finally {
      tail.close()
    }
  }

  async end(): Promise<void> {
    this.#stopped = true
    await this.#following
    await this.followClient.close()
  }
}
