import { Counts } from '../../concurrency/counts'
import type { Timestamp } from '../../domain/timestamp'
import { type HeldSession, messagesBeyond, messagesInTotal, messagesOfOrganisation, messagesWaiting } from './model'

/** Session id of messages that belong to no session. Real session ids are never empty. */
export const noSession = ''

export interface PendingMessage {
  id: string
  type: string
  session_id: string
  sequence: number
  mentor_id: string
  at: Timestamp
  /** Feed cursors immediately before and at this message. `cursor` is null for a message that is not from the feed. */
  before: string
  cursor: string | null
  /** Reads the calculation's result from the store, if the message is about a calculation. */
  body(): string | Promise<string>
}

/** A session with undelivered messages. Only its first message is attempted, and the others wait for it. */
export interface PendingSession extends Omit<HeldSession, 'isAsked'> {
  /** The messages in order, without those that were held before a takeover and have not been read again yet. */
  messages: PendingMessage[]
  isAsked: boolean
  isSending: boolean
  /** Number of failed early retries of the first message. `attempts` counts its failed scheduled attempts. */
  earlyAttempts: number
  /** End of the last failed attempt, by performance.now(), or infinite if an early retry is not allowed. */
  failedAt: number
}

const newSession = (session: HeldSession): PendingSession => ({
  ...session,
  messages: [],
  isAsked: session.isAsked ?? false,
  isSending: false,
  earlyAttempts: 0,
  failedAt: session.isAsked ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
})

/** The undelivered messages of an endpoint that have been read from the feed. */
export class PendingMessages {
  /** All messages in log order, each with its rank in this order. */
  readonly #all = new Map<PendingMessage, number>()
  #lastRank = 0
  /** Rank of the last message in log order that was attempted. */
  #attempted = 0
  readonly #sessions: Map<string, PendingSession>
  /** Sessions whose first message is due. */
  readonly #due = new Set<PendingSession>()
  /** Sessions whose first message waits for its retry, in order of their last failures. */
  readonly #waiting = new Set<PendingSession>()
  /** Whether messages that were held before a takeover are still to be read again. */
  #isRestoring = true

  /** Continues with the sessions that were held before a takeover. */
  constructor(held: HeldSession[]) {
    this.#sessions = new Map(held.map(one => [one.session_id, newSession(one)]))
  }

  get size(): number {
    return this.#all.size
  }

  get hasDue(): boolean {
    return this.#due.size > 0
  }

  get oldest(): PendingMessage | undefined {
    const [first] = this.#all.keys()
    return first
  }

  /** A process that takes over starts here with the messages of all sessions. */
  get unattempted(): PendingMessage | undefined {
    for (const [message, rank] of this.#all) if (rank > this.#attempted) return message
    return undefined
  }

  /** Whether the session's messages from this sequence number on are undelivered. */
  holds(session_id: string, sequence: number): boolean {
    const session = this.#sessions.get(session_id)
    return session !== undefined && session.sequence <= sequence
  }

  /** Adds a message after the session's other messages. `isHeld` tells whether it was held before a takeover. */
  push(message: PendingMessage, isHeld: boolean): void {
    const { session_id, sequence } = message
    const session = this.#sessions.get(session_id) ?? newSession({ session_id, sequence, attempts: 0, next_at: null })
    this.#sessions.set(session_id, session)
    this.#all.set(message, ++this.#lastRank)
    if (isHeld) this.#attempted = this.#lastRank
    session.messages.push(message)
    if (session.messages.length > 1) return
    // The message that failed before the takeover may no longer match the endpoint's filter.
    if (session.sequence !== sequence)
      Object.assign(session, newSession({ session_id, sequence, attempts: 0, next_at: null }), { messages: [message] })
    if (session.next_at === null) this.#due.add(session)
    else this.#waiting.add(session)
  }

  /** Marks that all messages that were held before the takeover have been read again. */
  endRestoring(): void {
    this.#isRestoring = false
    for (const [session_id, { messages }] of this.#sessions)
      if (messages.length === 0) this.#sessions.delete(session_id)
  }

  /** Returns the next session whose message is due, and marks this message as being sent. */
  next(): PendingSession | undefined {
    const [session] = this.#due
    if (!session) return undefined
    this.#due.delete(session)
    session.isSending = true
    return session
  }

  /** Records that a session's first message was attempted. */
  attempted({ messages: [first] }: PendingSession): void {
    const rank = first && this.#all.get(first)
    this.#attempted = Math.max(this.#attempted, rank ?? 0)
  }

  /** Removes a session's first message, which was delivered. The session's next message is then due. */
  delivered(session: PendingSession): void {
    const { session_id, messages, sequence } = session
    const message = messages.shift()
    if (message) this.#all.delete(message)
    this.#waiting.delete(session)
    const [next] = messages
    const following = { session_id, sequence: next?.sequence ?? sequence + 1, attempts: 0, next_at: null }
    Object.assign(session, newSession(following), { messages })
    if (next) this.#due.add(session)
    else if (!this.#isRestoring) this.#sessions.delete(session_id)
  }

  /** To be called when an attempt has failed. `isAsked` tells whether the receiver requested the time. */
  retry(session: PendingSession, next_at: Timestamp, isAsked = false): void {
    const failedAt = isAsked ? Number.POSITIVE_INFINITY : performance.now()
    Object.assign(session, { isSending: false, next_at, isAsked, failedAt })
    // Move the session to the end.
    this.#waiting.delete(session)
    this.#waiting.add(session)
  }

  /** Makes all messages due whose retry is scheduled for this time or earlier. */
  makeDue(now: Timestamp): void {
    for (const session of this.#waiting) {
      if (session.isSending || (session.next_at ?? now) > now) continue
      this.#waiting.delete(session)
      session.next_at = null
      this.#due.add(session)
    }
  }

  /** Its last attempt must have ended before this time. Its scheduled retry remains. Returns whether there is one. */
  makeEarlyDue(before: number): boolean {
    for (const session of this.#waiting) {
      if (session.failedAt >= before) continue
      session.failedAt = Number.POSITIVE_INFINITY
      this.#due.add(session)
      return true
    }
    return false
  }

  /** Whether a failed message waits for its retry, or is being retried. */
  get isRetrying(): boolean {
    return [...this.#sessions.values()].some(({ attempts }) => attempts > 0)
  }

  /** Returns the sessions that have undelivered messages among or before the attempted messages. */
  held(): HeldSession[] {
    return [...this.#sessions.values()].flatMap(({ session_id, sequence, attempts, next_at, isAsked, messages }) => {
      const [first] = messages
      if (first && (this.#all.get(first) ?? 0) > this.#attempted) return []
      return [{ session_id, sequence, attempts, next_at, ...(isAsked && { isAsked }) }]
    })
  }
}

/**
 * Counts the messages that wait for delivery or are being read, for all of a process's endpoints together. Without
 * these limits, the failing endpoints of one organisation could use all of the server's memory.
 */
export class WaitingMessages {
  #total = 0
  readonly #ofPrincipal = new Counts()

  /** `most` is the maximum number of messages in the process. Only tests set it. */
  constructor(readonly most = messagesInTotal) {}

  add(principal: string, count: number): void {
    this.#total += count
    this.#ofPrincipal.add(principal, count)
  }

  /**
   * Each endpoint can exceed the limits of the process and of the organisation by a few messages, so that its delivery
   * always makes progress. `pending` is the number of messages that the endpoint already has.
   */
  roomFor(principal: string, pending: number): number {
    const shared = Math.min(this.most - this.#total, messagesOfOrganisation - this.#ofPrincipal.of(principal))
    return Math.max(messagesBeyond - pending, Math.min(messagesWaiting - pending, shared))
  }
}
