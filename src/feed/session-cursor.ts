import type { Sink } from '../concurrency/source'
import type { Position } from '../db/store'
import { isWithin, type Scope, visibleOwner } from '../domain/caller'
import { erasedMentor } from '../domain/erasure'
import { DomainError, HistoryGone } from '../domain/errors'
import { ownerOf, type Snapshot, type StoredTransition } from '../domain/session'
import { LogCursor, type SubscriberReads } from './log-reads'
import type { FeedMessage, FeedTransition, Ring } from './ring'

/**
 * A cursor over one session's transitions. It first reads the session's stored transitions, then follows the session's
 * commits in the ring. If the cursor falls behind the ring, it reads the stored transitions again, which is faster than
 * reading the history. It reads the history only if the session is closed, because its transitions are then gone.
 */
export class SessionCursor extends LogCursor {
  /** Sequence number of the last transition read. */
  #last: number
  /** Whether the cursor may not have read some transitions before its log position. */
  #hasMissed = true
  #isClosed = false

  constructor(
    ring: Ring,
    reads: SubscriberReads,
    readonly scope: Scope,
    readonly session: Snapshot,
    after: number,
  ) {
    super(ring, reads, scope)
    this.#last = after
  }

  override get isBehindRing(): boolean {
    return this.#hasMissed || super.isBehindRing
  }

  override get hasLostRing(): boolean {
    return this.#hasMissed || super.hasLostRing
  }

  /** Like `LogCursor.read`. Throws HistoryGone if the session is closed and the log lacks some of its transitions. */
  override async read(limit: number): Promise<Iterable<FeedTransition>> {
    if (this.#hasMissed && this.#isClosed) throw new HistoryGone('expired')
    if (this.#isClosed || !this.isBehindRing) return super.read(limit)
    const { head } = this.ring
    const transitions = await this.reads.transitions(this.session.session_id, this.#last, limit)
    if (transitions) return this.#storedItems(transitions, transitions.length < limit ? head : undefined)
    this.#isClosed = true
    this.#hasMissed = false
    return []
  }

  /** Reads stored transitions, then continues in the log after the position `end`. */
  *#storedItems(transitions: StoredTransition[], end: Position | undefined): Generator<FeedTransition> {
    for (const transition of transitions) {
      this.#last = transition.sequence
      yield this.#itemOf(transition)
    }
    if (end === undefined) return
    this.moveTo({ position: end, skip: 0 })
    this.#hasMissed = false
  }

  #itemOf(transition: StoredTransition): FeedTransition {
    const { past, present } = transition.owners ?? { past: this.session, present: this.session }
    const owner = visibleOwner(this.scope, { past, present })
    const commit = { ...this.session, ...ownerOf(owner), transitions: [transition] }
    return { kind: 'transition', cursor: '', left: !isWithin(this.scope, present), commit, transition }
  }

  protected override selects({ commit, transition }: FeedTransition): boolean {
    if (commit.session_id !== this.session.session_id || transition.sequence <= this.#last) return false
    // Erased commits have only some of their transitions.
    if (transition.sequence > this.#last + 1 && commit.mentor_id !== erasedMentor) {
      this.#hasMissed = true
      return false
    }
    this.#last = transition.sequence
    return true
  }
}

/**
 * Returns a sink that passes a session's transitions on. The subscription ends after the session's close, with
 * session_not_found once the session has left the scope, and with cursor_expired if transitions are no longer stored.
 */
export const transitionSink = (sink: Sink<FeedTransition>): Sink<FeedMessage> => ({
  take(message) {
    if (message.kind === 'ready') return undefined
    if (message.kind === 'gap') return Promise.reject(new DomainError('cursor_expired'))
    if (message.left) return Promise.reject(new DomainError('session_not_found').withMessage(movedAway))
    const waiting = sink.take(message)
    if (message.transition.event !== 'SessionClosed') return waiting
    return waiting ? waiting.then(() => sink.end()) : sink.end()
  },
  end: error => sink.end(error),
})

const movedAway = 'The session now has another mentor or organisation.'
