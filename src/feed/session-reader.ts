import type { Sink } from '../concurrency/source'
import type { Position } from '../db/store'
import { DomainError, HistoryGone } from '../domain/errors'
import type { Commit, Transition } from '../domain/session'
import { type CatchUpReads, SubscriberReads } from './catch-up-reads'
import type { FeedEntry, FeedTransition, Ring } from './ring'

const transitionsARead = 100
const commitsARead = 500
/** Maximum number of history reads in a row that pass no commit. After them the close counts as lost. */
const emptyReadsAtMost = 100

/**
 * One subscription of one session's transitions. It holds the sequence of the last one delivered. If its sink was not
 * ready, it reads the rest again: from the session, which stores all of them, or from the store's history once the
 * session is closed.
 */
export class SessionReader {
  #busy = true
  #missed = false
  /** Whether the session's close was delivered. */
  #ended = false
  #detached = false
  /** Where history reads start. While idle, the reader has delivered nothing of this session after this position. */
  #position = ''
  readonly #reading: SubscriberReads

  constructor(
    readonly session: Omit<Commit, 'transitions' | 'contribution'>,
    /** Sequence of the last transition delivered. */
    private last: number,
    reads: CatchUpReads,
    readonly ring: Ring,
    readonly sink: Sink<FeedTransition>,
  ) {
    this.#reading = new SubscriberReads(reads)
  }

  close(): void {
    this.#detached = true
    this.#reading.leave()
  }

  /** Starts after the sequence `last`. Every commit after `position` must be offered to the reader. */
  start(position: Position): void {
    this.#position = position
    this.#guarded(() => this.#readStored())
  }

  /** Delivers a new commit of the session. */
  offer({ items, before }: FeedEntry): void {
    if (this.#busy) {
      this.#missed = true
      return
    }
    this.#position = before
    if ((items[0]?.transition.sequence ?? 0) > this.last + 1) return void this.#guarded(() => this.#readStored())
    for (const [i, item] of items.entries()) {
      const waiting = this.#hand(item)
      if (!waiting) continue
      // The rest of this commit is read again later.
      this.#missed = i < items.length - 1
      return void this.#guarded(() => waiting)
    }
    if (this.#ended) this.sink.end()
  }

  /** Reads again: a commit may have been missed. */
  missed(): void {
    this.#missed = true
    if (!this.#busy) this.#guarded(() => {})
  }

  /** Delivers a transition, unless it was delivered before. */
  #hand(item: FeedTransition): void | Promise<void> {
    const { sequence, event } = item.transition
    if (this.#detached || sequence <= this.last) return
    this.last = sequence
    if (event === 'SessionClosed') this.#ended = true
    return this.sink.take(item)
  }

  async #guarded(work: () => void | Promise<void>): Promise<void> {
    this.#busy = true
    try {
      await work()
      while (this.#missed && !this.#ended && !this.#detached) await this.#readStored()
      this.#busy = false
      if (this.#ended) this.sink.end()
    } catch (error) {
      this.sink.end(error)
    }
  }

  /** Delivers the stored transitions after the last one delivered. */
  async #readStored(): Promise<void> {
    const { session_id } = this.session
    while (!this.#detached) {
      this.#missed = false
      const position = this.ring.head
      const found = await this.#reading.transitions(session_id, this.last, transitionsARead)
      if (!found) return this.#readHistory()
      for (const transition of found) await this.#hand(this.#stored(transition))
      if (found.length < transitionsARead) {
        this.#position = position
        return
      }
    }
  }

  /**
   * The session is closed and no longer stored: delivers the rest from the history, up to the close.
   * Throws cursor_expired if the history does not contain it.
   */
  async #readHistory(): Promise<void> {
    for (let looks = 0; looks < emptyReadsAtMost && !this.#detached; looks++) {
      const { entries, next, passed } = await this.#reading
        .history(this.#position, commitsARead, { mentor_id: this.session.mentor_id })
        .catch(error => {
          throw error instanceof HistoryGone ? new DomainError('cursor_expired') : error
        })
      for (const { commit } of entries) {
        if (commit.session_id !== this.session.session_id) continue
        for (const transition of commit.transitions) await this.#hand(this.#stored(transition, commit))
        if (this.#ended) return
      }
      this.#position = next
      if (passed > 0) looks = 0
    }
    if (!this.#detached) throw new DomainError('cursor_expired')
  }

  #stored(transition: Transition, session = this.session): FeedTransition {
    const commit = { ...session, transitions: [transition] }
    return { kind: 'transition', cursor: '', commit, transition }
  }
}
