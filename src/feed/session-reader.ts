import type { Sink } from '../concurrency/source'
import type { Position } from '../db/store'
import { isWithin, type Scope, visibleOwner } from '../domain/caller'
import type { Commit } from '../domain/commit'
import { DomainError, HistoryGone } from '../domain/errors'
import { isSameOwner, type Owner, ownerOf, type StoredTransition } from '../domain/session'
import type { SubscriberReads } from './log-reads'
import type { FeedEntry, FeedTransition, Ring } from './ring'

const transitionsPerRead = 100
const commitsPerRead = 500
/**
 * Maximum number of consecutive history reads that return no commits, after which the subscription ends with
 * cursor_expired.
 */
const emptyReadsAtMost = 100

interface Subscription {
  /** The session, as the subscriber has read it. */
  session: Omit<Commit, 'transitions' | 'contribution'>
  /** The subscription ends when the session leaves this scope. */
  scope: Scope
  /** Sequence number after which the subscription starts. */
  after: number
  sink: Sink<FeedTransition>
}

/**
 * One subscription to a session's transitions. The reader's position is the sequence number of the last delivered
 * transition. If the sink was not ready, the reader reads the missed transitions: from the session while it is open,
 * and from the store's history once the session is closed.
 */
export class SessionReader {
  /** Whether the reader is waiting for its sink or for a read. */
  isBusy = true
  #missed = false
  /** Whether the session's close was delivered. */
  #hasEnded = false
  #isDetached = false
  /** Log position from which the reader reads the history once the session is closed. */
  #position = ''
  readonly #scope: Scope
  /** The session with the latest owner that this reader has seen. */
  #session: Omit<Commit, 'transitions' | 'contribution'>
  /** Sequence number of the last delivered transition. */
  #last: number
  readonly #sink: Sink<FeedTransition>

  constructor(
    { session, scope, after, sink }: Subscription,
    readonly reads: SubscriberReads,
    readonly ring: Ring,
  ) {
    this.#session = session
    this.#scope = scope
    this.#last = after
    this.#sink = sink
  }

  get session_id(): string {
    return this.#session.session_id
  }

  close(): void {
    this.#isDetached = true
    this.reads.leave()
  }

  /**
   * Starts the reader. After this call, the caller must pass every commit of the session after `position` to `offer`.
   */
  start(position: Position): void {
    this.#position = position
    void this.#continueAfter(this.#readStored())
  }

  /** Delivers a new commit of the session or, if the reader is busy, marks it as missed. */
  offer({ items, before, commit }: FeedEntry): void {
    if (this.isBusy) {
      this.#missed = true
      return
    }
    this.#position = before
    const { sequence = 0 } = commit.transitions[0] ?? {}
    if (sequence > this.#last + 1) return void this.#continueAfter(this.#readStored())
    if (sequence > this.#last && !this.#moveTo(commit)) {
      this.#sink.end(leftScope())
      return
    }
    for (const [i, item] of items.entries()) {
      const waiting = this.#deliver(item)
      if (!waiting) continue
      // The remaining transitions of this commit are read from the store later.
      this.#missed = i < items.length - 1
      return void this.#continueAfter(waiting)
    }
    if (this.#hasEnded) this.#sink.end()
  }

  /** Reads the session's transitions from the store, because the reader may have missed a commit. */
  missed(): void {
    this.#missed = true
    if (!this.isBusy) void this.#continueAfter()
  }

  /** Delivers a transition, unless it was already delivered. */
  #deliver(item: FeedTransition): void | Promise<void> {
    const { sequence, event } = item.transition
    if (this.#isDetached || sequence <= this.#last) return
    this.#last = sequence
    if (event === 'SessionClosed') this.#hasEnded = true
    return this.#sink.take(item)
  }

  /** Waits for `first`, then reads the transitions that were missed meanwhile. An error ends the subscription. */
  async #continueAfter(first?: Promise<void>): Promise<void> {
    this.isBusy = true
    try {
      await first
      while (this.#missed && !this.#hasEnded && !this.#isDetached) await this.#readStored()
      this.isBusy = false
      if (this.#hasEnded) this.#sink.end()
    } catch (error) {
      this.#sink.end(error)
    }
  }

  /** Records the session's new owner. Returns whether the session is still in the scope. */
  #moveTo(owner: Owner): boolean {
    if (!isSameOwner(owner, this.#session)) this.#session = { ...this.#session, ...ownerOf(owner) }
    return isWithin(this.#scope, owner)
  }

  /** Delivers the stored transitions that follow the last delivered transition. */
  async #readStored(): Promise<void> {
    const { session_id } = this
    while (!this.#isDetached) {
      this.#missed = false
      const position = this.ring.head
      const transitions = await this.reads.transitions(session_id, this.#last, transitionsPerRead)
      if (!transitions) return this.#readHistory()
      const { owners } = transitions[0] ?? {}
      if (owners && !this.#moveTo(owners.present)) throw leftScope()
      for (const transition of transitions) await this.#deliver(this.#itemOf(transition))
      if (transitions.length < transitionsPerRead) {
        this.#position = position
        return
      }
    }
  }

  /**
   * Delivers the remaining transitions of a closed session from the history, up to the close, because closed sessions
   * are no longer stored. Throws cursor_expired if the history does not contain the close.
   */
  async #readHistory(): Promise<void> {
    for (let emptyReads = 0; emptyReads < emptyReadsAtMost && !this.#isDetached; emptyReads++) {
      const { entries, next, passed } = await this.reads
        .history(this.#position, commitsPerRead, { mentor_id: this.#session.mentor_id })
        .catch(error => {
          throw error instanceof HistoryGone ? new DomainError('cursor_expired') : error
        })
      const { mentor_id } = this.#session
      let to = next
      for (const { commit, position } of entries) {
        if (commit.session_id !== this.session_id) continue
        const isNew = (commit.transitions.at(-1)?.sequence ?? 0) > this.#last
        if (isNew && !this.#moveTo(commit)) throw leftScope()
        for (const transition of commit.transitions) await this.#deliver(this.#itemOf(transition, commit))
        if (this.#hasEnded) return
        // The session has moved to another mentor. Only reads that filter by the new mentor find the session's later
        // commits.
        if (this.#session.mentor_id === mentor_id) continue
        to = position
        break
      }
      this.#position = to
      if (passed > 0) emptyReads = 0
    }
    if (!this.#isDetached) throw new DomainError('cursor_expired')
  }

  #itemOf(transition: StoredTransition, session = this.#session): FeedTransition {
    const { owners } = transition
    const owner = owners && visibleOwner(this.#scope, owners)
    const commit = { ...session, ...owner, transitions: [transition] }
    return { kind: 'transition', cursor: '', left: false, commit, transition }
  }
}

/** Creates the error that ends a stream when its session has moved out of the caller's scope. */
const leftScope = (): DomainError =>
  new DomainError('session_not_found').withMessage('The session now has another mentor or organisation.')
