import type { Sink } from '../concurrency/source'
import type { Position } from '../db/store'
import type { Commit } from '../domain/commit'
import { DomainError, HistoryGone } from '../domain/errors'
import type { Transition } from '../domain/session'
import type { SubscriberReads } from './log-reads'
import type { FeedEntry, FeedTransition, Ring } from './ring'

const transitionsARead = 100
const commitsARead = 500
/** Maximum number of history reads in a row that pass no commit. After that many, the subscription ends with cursor_expired. */
const emptyReadsAtMost = 100

/**
 * One subscription of one session's transitions. Its position is the sequence of the last one delivered. If its sink was
 * not ready, it reads the rest again: from the session, which stores all of them, or from the store's history once the
 * session is closed.
 */
export class SessionReader {
  /** Whether it waits for its sink or for a read. */
  isBusy = true
  #missed = false
  /** Whether the session's close was delivered. */
  #hasEnded = false
  #isDetached = false
  /** Where history reads start. While idle, every transition delivered is at or before this position. */
  #position = ''

  constructor(
    readonly session: Omit<Commit, 'transitions' | 'contribution'>,
    /** Sequence of the last transition delivered. */
    private last: number,
    readonly reads: SubscriberReads,
    readonly ring: Ring,
    readonly sink: Sink<FeedTransition>,
  ) {}

  close(): void {
    this.#isDetached = true
    this.reads.leave()
  }

  /** Starts after the sequence `last`. Every commit after `position` must be offered to the reader. */
  start(position: Position): void {
    this.#position = position
    void this.#continueAfter(this.#readStored())
  }

  /** Delivers a new commit of the session. */
  offer({ items, before }: FeedEntry): void {
    if (this.isBusy) {
      this.#missed = true
      return
    }
    this.#position = before
    if ((items[0]?.transition.sequence ?? 0) > this.last + 1) return void this.#continueAfter(this.#readStored())
    for (const [i, item] of items.entries()) {
      const waiting = this.#deliver(item)
      if (!waiting) continue
      // The rest of this commit is read again later.
      this.#missed = i < items.length - 1
      return void this.#continueAfter(waiting)
    }
    if (this.#hasEnded) this.sink.end()
  }

  /** Reads again: a commit may have been missed. */
  missed(): void {
    this.#missed = true
    if (!this.isBusy) void this.#continueAfter()
  }

  /** Delivers a transition, unless it was delivered before. */
  #deliver(item: FeedTransition): void | Promise<void> {
    const { sequence, event } = item.transition
    if (this.#isDetached || sequence <= this.last) return
    this.last = sequence
    if (event === 'SessionClosed') this.#hasEnded = true
    return this.sink.take(item)
  }

  /** Waits for what comes first, then reads what was missed meanwhile. An error ends the subscription. */
  async #continueAfter(first?: Promise<void>): Promise<void> {
    this.isBusy = true
    try {
      await first
      while (this.#missed && !this.#hasEnded && !this.#isDetached) await this.#readStored()
      this.isBusy = false
      if (this.#hasEnded) this.sink.end()
    } catch (error) {
      this.sink.end(error)
    }
  }

  /** Delivers the stored transitions after the last one delivered. */
  async #readStored(): Promise<void> {
    const { session_id } = this.session
    while (!this.#isDetached) {
      this.#missed = false
      const position = this.ring.head
      const transitions = await this.reads.transitions(session_id, this.last, transitionsARead)
      if (!transitions) return this.#readHistory()
      for (const transition of transitions) await this.#deliver(this.#itemOf(transition))
      if (transitions.length < transitionsARead) {
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
    for (let emptyReads = 0; emptyReads < emptyReadsAtMost && !this.#isDetached; emptyReads++) {
      const { entries, next, passed } = await this.reads
        .history(this.#position, commitsARead, { mentor_id: this.session.mentor_id })
        .catch(error => {
          throw error instanceof HistoryGone ? new DomainError('cursor_expired') : error
        })
      for (const { commit } of entries) {
        if (commit.session_id !== this.session.session_id) continue
        for (const transition of commit.transitions) await this.#deliver(this.#itemOf(transition, commit))
        if (this.#hasEnded) return
      }
      this.#position = next
      if (passed > 0) emptyReads = 0
    }
    if (!this.#isDetached) throw new DomainError('cursor_expired')
  }

  #itemOf(transition: Transition, session = this.session): FeedTransition {
    const commit = { ...session, transitions: [transition] }
    return { kind: 'transition', cursor: '', commit, transition }
  }
}
