import { setTimeout as wait } from 'node:timers/promises'
import type { Collection, Db, Document, Timestamp } from 'mongodb'
import { waitingAt } from '../../concurrency/waits'
import { erasedCommit, erasedInMemoryMs, erasedMentor, withoutFormerMentor } from '../../domain/erasure'
import { HistoryGone, unavailable } from '../../domain/errors'
import type { OwnerFilter } from '../../domain/owner'
import { mentorDigest } from '../mentor-digest'
import type { Entry, History, Position, Store, StorePart } from '../store'
import type { MongoConnection } from './connection'
import { isDuplicateKey, reachStore, retryRead, runWrite } from './operations'
import { positionsAt } from './positions'

/** Interval in ms at which each process polls for erasures by other processes, and time limit in ms for each poll. */
const lookEveryMs = 500
const lookTimeoutMs = 1_000
/** Time in ms without a successful poll after which a process drops the commits that it holds in memory. */
export const knownForMs = 3_000
/** Maximum time in ms that a process waits for its log to reach an erasure before it drops the commits in memory. */
export const reachMs = 1_000
/** Tolerance in ms for timers that fire late in other processes. */
const timersMs = 500

interface ErasureDocument {
  /** Digest of the mentor's id (see `mentorDigest`). */
  _id: string
  /** Log position up to which the mentor's commits are erased. */
  until: Position
}

/**
 * MongoDB's oplog can't be edited, so each process hides the commits of erased mentors when it reads the log.
 *
 * Every process polls the collection `erasures` twice per second. An erasure is reported as complete only after every
 * process has either seen it or, if polling failed, dropped the commits in its memory.
 */
export class MongoErasures implements Pick<Store, 'eraseMentor'> {
  /** Called when a poll has found an erasure. `isLate`: it may already have been reported as complete. */
  onFound: (isLate: boolean) => void = () => {}
  /** Called when no poll for erasures has succeeded for `knownForMs`. */
  onUnknown: () => void = () => {}
  readonly #store: Pick<Store, 'secret'>
  readonly #db: Db
  readonly #erasures: Collection<ErasureDocument>
  /** The collection `erasures`, read through the change stream's client. */
  readonly #followed: Collection<ErasureDocument>
  readonly #parts: StorePart[]
  #latest: Position = ''
  /** Start time of the last successful poll for erasures. */
  #knownAt = Number.NEGATIVE_INFINITY
  #unknownTimer: NodeJS.Timeout | undefined
  readonly #ended = new AbortController()

  constructor(connection: MongoConnection) {
    const { db, followClient, parts } = connection
    this.#parts = parts
    this.#store = connection
    this.#db = db
    this.#erasures = db.collection('erasures')
    this.#followed = followClient.db(db.databaseName).collection('erasures')
  }

  #digestOf(mentor_id: string): string {
    return mentorDigest(this.#store, mentor_id)
  }

  /** Log position of the latest erasure that this process has found. */
  get found(): Position {
    return this.#latest
  }

  /** Takes into account all erasures that have been reported as complete. */
  async latest(): Promise<Position> {
    if (!this.#isKnown) await this.look()
    return this.#latest
  }

  get #isKnown(): boolean {
    return performance.now() - this.#knownAt < knownForMs
  }

  async look(): Promise<void> {
    const at = performance.now()
    const found = await reachStore(
      signal => this.#followed.findOne({}, { sort: { until: -1 }, projection: { until: 1 }, signal }),
      lookTimeoutMs,
    )
    const isLate = !this.#isKnown
    this.#knownAt = Math.max(this.#knownAt, at)
    clearTimeout(this.#unknownTimer)
    if (!this.#ended.signal.aborted) {
      const leftMs = this.#knownAt + knownForMs - performance.now()
      this.#unknownTimer = setTimeout(() => this.onUnknown(), Math.max(0, leftMs))
    }
    if (!found || found.until <= this.#latest) return
    this.#latest = found.until
    this.onFound(isLate)
  }

  /** Polls for new erasures repeatedly, until the store ends. */
  async keepLooking(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      await this.look().catch(() => {})
      await wait(lookEveryMs, undefined, { signal }).catch(() => {})
    }
  }

  /**
   * Applies the erasures to a part of the log that was read after the position `after`. Throws HistoryGone if the
   * filter's mentor was erased after the position `after`, because the erased commits no longer name the mentor.
   */
  async apply(after: Position, filter: OwnerFilter, history: History): Promise<History> {
    const latest = await this.latest()
    if (after >= latest) return history
    const mentors = new Set(
      history.entries.flatMap(({ commit: { mentor_id, former } }) =>
        former ? [mentor_id, former.mentor_id] : mentor_id,
      ),
    )
    if (filter.mentor_id !== undefined) mentors.add(filter.mentor_id)
    const erased = await this.#positions(mentors)
    if (after < (erased.get(filter.mentor_id ?? '') ?? '')) throw new HistoryGone('expired')
    const isErased = (mentor_id: string, { position }: Entry): boolean => position <= (erased.get(mentor_id) ?? '')
    const entries = history.entries.map(entry => {
      const { commit } = entry
      const shown = isErased(commit.mentor_id, entry) ? erasedCommit(commit) : commit
      const isFormerErased = commit.former && isErased(commit.former.mentor_id, entry)
      return { ...entry, commit: isFormerErased ? withoutFormerMentor(shown) : shown }
    })
    return { ...history, entries }
  }

  /** Returns the log positions up to which these mentors are erased, keyed by mentor. */
  async #positions(mentor_ids: Set<string>): Promise<Map<string, Position>> {
    const digests = new Map(Array.from(mentor_ids, mentor_id => [this.#digestOf(mentor_id), mentor_id]))
    if (digests.size === 0) return new Map()
    const query = { _id: { $in: [...digests.keys()] } }
    const found = await retryRead(signal => this.#erasures.find(query, { signal }).toArray())
    return new Map(found.map(({ _id, until }) => [digests.get(_id) as string, until]))
  }

  /**
   * Implements `Store.eraseMentor`. Returns false if the mentor has an open session again. If the mentor has no open
   * session, erases the mentor's commits up to now, and waits until no process serves the erased commits.
   */
  async eraseMentor(mentor_id: string): Promise<boolean> {
    const { hasSession, time } = await this.#sessionsNow(mentor_id)
    if (hasSession) return false
    await this.#eraseInParts(mentor_id)
    await this.#record(mentor_id, positionsAt(time).position)
    const deletes = [{ q: { mentor_id, state: 'closed' }, limit: 0 }]
    await runWrite(this.#db, { delete: 'sessions', deletes })
    await this.#eraseAsFormer(mentor_id)
    await this.look()
    await waitingAt('store_write', this.#seenByAll(), { of: 'erasure' })
    await this.#eraseInParts(mentor_id)
    return true
  }

  /** Removes the mentor as a former owner of sessions that moved to another mentor. */
  async #eraseAsFormer(mentor_id: string): Promise<void> {
    const q = { 'former.mentor_id': mentor_id }
    const updates = [
      {
        q: { ...q, 'commit.former.mentor_id': mentor_id },
        u: { $set: { 'commit.former.mentor_id': erasedMentor } },
        multi: true,
      },
      ...this.#parts.flatMap(({ ofFirstMentor = [] }) =>
        ofFirstMentor.map(name => ({
          q: { ...q, 'former.0.mentor_id': mentor_id },
          u: { $unset: { [name]: '' } },
          multi: true,
        })),
      ),
      // Remove the former owners last, because all updates in this command find the sessions by the index of former
      // owners.
      { q, u: { $pull: { former: { mentor_id } } }, multi: true },
    ]
    await runWrite(this.#db, { update: 'sessions', updates })
  }

  async #eraseInParts(mentor_id: string): Promise<void> {
    await Promise.all(this.#parts.map(part => part.eraseMentor?.(mentor_id)))
  }

  /** Waits until every process has seen all erasures that were recorded before this call. */
  async #seenByAll(): Promise<void> {
    const seenMs = knownForMs + reachMs + erasedInMemoryMs + timersMs
    await wait(seenMs, undefined, { signal: this.#ended.signal }).catch((error: unknown) => {
      throw unavailable(error)
    })
  }

  /** Reads a snapshot. Returns whether the mentor has an open session in the snapshot, and the snapshot's time. */
  async #sessionsNow(mentor_id: string): Promise<{ hasSession: boolean; time: Timestamp }> {
    const command = {
      find: 'sessions',
      filter: { mentor_id, state: { $ne: 'closed' } },
      limit: 1,
      singleBatch: true,
      projection: { _id: 1 },
      readConcern: { level: 'snapshot' },
    }
    const { cursor } = (await retryRead(signal => this.#db.command(command, { signal }))) as unknown as {
      cursor: { firstBatch: Document[]; atClusterTime: Timestamp }
    }
    return { hasSession: cursor.firstBatch.length > 0, time: cursor.atClusterTime }
  }

  async #record(mentor_id: string, until: Position): Promise<void> {
    const query = { _id: this.#digestOf(mentor_id) }
    const command = { findAndModify: 'erasures', query, update: { $max: { until } }, upsert: true }
    // If two processes insert the document concurrently, MongoDB refuses one of the inserts.
    const write = (): Promise<unknown> => runWrite(this.#db, command)
    await write().catch(error => (isDuplicateKey(error) ? write() : Promise.reject(error)))
  }

  end(): void {
    this.#ended.abort()
    clearTimeout(this.#unknownTimer)
  }
}
