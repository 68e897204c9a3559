import { setTimeout as wait } from 'node:timers/promises'
import { type Document, type MongoClient, MongoServerError, Timestamp } from 'mongodb'
import { HistoryGone } from '../../domain/errors'
import type { CommitFilter, Entry, Follower, History, Position } from '../store'
import { type CommitDocument, keptCommit } from './documents'
import { operationTimeoutMs, reaching } from './errors'
import { Tail, type TailEvent, type TailStart } from './tail'

/**
 * How far back a process looks when it starts, so that clients that reconnect to it find their place in memory: the longest
 * of these whose commits are not more than the ring holds.
 */
const recentSeconds = [120, 30, 8, 2]
export const recentCommits = 8_192
const followRetryMs = 200
const batchSize = 1_000

/** How long one look for new events waits on the server: an idle stream's position moves on this often. */
const followAwaitMs = 500
const historyAwaitMs = 20
/** Commits that one read of history looks at, at most. */
const commitsAHistoryRead = 1_000
/** A server that has not answered a look by then is given up. */
const followTimeoutMs = 3_000

interface Event extends TailEvent {
  /** Nothing where the filter does not let it through. */
  commit: Omit<CommitDocument, 'sorting'>
}

// The latest write of a session stands in its `commit`. Purges and kept answers are no commits.
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

// What the server says of a resume token that is none (9, 15, 40649, 50811, 260) or is of no event in its log (280), and of
// one that has left the oplog (286).
const unknownCodes = new Set<unknown>([9, 15, 260, 280, 40649, 50811])
const expiredCode = 286

function asHistoryGone(error: unknown): unknown {
  const cause = (error as Error).cause ?? error
  if (!(cause instanceof MongoServerError)) return error
  if (cause.code === expiredCode) return new HistoryGone('expired')
  return unknownCodes.has(cause.code) ? new HistoryGone('unknown') : error
}

/** Whether a position is later than a time of the server: a resume token begins with its own (0x82, seconds, count in the second). */
function isBeyond(position: Position, time: Timestamp): boolean {
  const [, seconds, count] = /^82([0-9a-f]{8})([0-9a-f]{8})/i.exec(position) ?? []
  if (!seconds || !count) return false
  const [t, i] = [Number.parseInt(seconds, 16), Number.parseInt(count, 16)]
  // The position of a new stream stands one tick ahead of an idle log.
  return t > time.getHighBits() || (t === time.getHighBits() && i > time.getLowBits() + 1)
}

const hex = (number: number): string => number.toString(16).toUpperCase().padStart(8, '0')

/**
 * A time of the server among the positions: `position` is greater than those of all that was committed up to it and less
 * than all others, and a log that stands at `reached` has told all that was committed before it.
 */
export function positionsAt(time: Timestamp): { position: Position; reached: Position } {
  const reached = `82${hex(time.getHighBitsUnsigned())}${hex(time.getLowBitsUnsigned())}`
  return { position: `${reached}G`, reached }
}

const entryOf = ({ _id, commit }: Event, before: Position): Entry => ({
  before,
  position: _id._data,
  commit: keptCommit(commit),
})

/**
 * What the filter does not let through still comes, without its commit: its position tells where the others stand in the
 * order of all, and how far was read.
 */
function filtered({ mentor_id, organisation_id }: CommitFilter): Document[] {
  const asked = Object.entries({ mentor_id, organisation_id }).filter(([, id]) => id !== undefined)
  if (asked.length === 0) return []
  const passes = { $and: asked.map(([name, id]) => ({ $eq: [`$commit.${name}`, { $literal: id }] })) }
  return [{ $project: { commit: { $cond: [passes, '$commit', '$$REMOVE'] } } }]
}

/** Where the log is read on, and its last commit: every process names that as what stands before the next one. */
interface LogPlace {
  from: Position
  last: Position
}

/**
 * The commits of a sessions collection in the order of its change stream. It is followed by a client of its own, which
 * gives up a dead server fast.
 */
export class MongoLog {
  #stopped = false
  #following: Promise<void> | undefined

  constructor(
    readonly database: string,
    /** Reads history. */
    readonly client: MongoClient,
    readonly followClient: MongoClient,
  ) {}

  #tail(start: TailStart, size = batchSize, client = this.followClient, filter: CommitFilter = {}): Tail<Event> {
    return new Tail(
      client,
      client.db(this.database),
      'sessions',
      start,
      [...commitsPipeline, ...filtered(filter)],
      size,
    )
  }

  /** The position of now. */
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
    return (await reaching(command, followTimeoutMs)).operationTime
  }

  async follow(follower: Follower): Promise<void> {
    const now = await this.#now()
    let place: LogPlace | undefined
    try {
      place = await this.#recent(follower, now)
    } catch (error) {
      // A log that is younger than the look back, or that was cut meanwhile.
      follower.failed(error)
    }
    if (!place) follower.reset(now)
    this.#following = this.#keepFollowing(follower, place ?? { from: now, last: now })
  }

  /** Tells what was committed lately, and up to where; nothing where too much was. */
  async #recent(follower: Follower, now: Position): Promise<LogPlace | undefined> {
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

  /** What was committed from a time on up to `now`; undefined where that is more than is looked at. */
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
        // The position of a log where nothing happens stands still.
        const still = events.length === 0 && position === end
        end = position
        if (end >= now || still) break
      }
    } finally {
      tail.close()
    }
    // The position of the first event is where the known history starts; the event itself is not told.
    const [first] = entries.splice(0, 1)
    return { start: first?.position ?? end, entries, end }
  }

  async #keepFollowing(follower: Follower, place: LogPlace): Promise<void> {
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
          // What happened meanwhile is lost to this process: subscribers are told so, each where it stands.
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
