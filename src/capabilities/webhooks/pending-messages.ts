import type { Timestamp } from '../../domain/timestamp'
import type { HeldSession } from './model'
import type { WaitingMessages } from './waiting-messages'

/** Session id of messages that belong to no session. Real session ids are never empty. */
export const noSession = ''

/** A message that has not been delivered yet. */
export interface PendingMessage {
  id: string
  type: string
  session_id: string
  sequence: number
  mentor_id: string
  at: Timestamp
  /**
   * Feed cursors immediately before this message (`before`) and at this message (`cursor`). `cursor` is null if the
   * message does not come from the feed.
   */
  before: string
  cursor: string | null
  /** Number of failed attempts: `attempts` counts scheduled attempts, and `earlyAttempts` counts early retries. */
  attempts: number
  earlyAttempts: number
  /**
   * Creates the message's body. Reads the calculation's result from the store, if the message is about a calculation.
   */
  body(): string | Promise<string>
}

/** Time of a session's next scheduled attempt, and whether the receiver requested this time with `Retry-After`. */
export type Retry = Pick<HeldSession, 'isAsked'> & { at: Timestamp }

/** The pending messages of an endpoint. Only the first message of each session is due or waits for a retry. */
export class PendingMessages {
  /** All pending messages, each with its rank in log order. */
  readonly #all = new Map<PendingMessage, number>()
  #lastRank = 0
  /** Rank of the last message in log order that was attempted. */
  #attempted = 0
  /** The pending messages of each session, by session id. No list is empty. */
  readonly #sessions = new Map<string, PendingMessage[]>()
  readonly due = new Set<string>()
  readonly #retries = new Map<string, Retry & { timer: NodeJS.Timeout | undefined }>()
  /**
   * Ids of the sessions whose first message can still be retried early, each with the end time of that message's last
   * attempt, in order of these times.
   */
  readonly #early = new Map<string, number>()
  #isStopped = false

  constructor(
    /** Counts the waiting messages of all endpoints. */
    readonly messages: WaitingMessages,
    readonly principal: string,
    readonly onDue: () => void,
  ) {}

  get size(): number {
    return this.#all.size
  }

  get oldest(): PendingMessage | undefined {
    const [first] = this.#all.keys()
    return first
  }

  /**
   * The oldest message after all attempted messages. A process that takes over starts here with the messages of all
   * sessions.
   */
  get unattempted(): PendingMessage | undefined {
    for (const [message, rank] of this.#all) if (rank > this.#attempted) return message
    return undefined
  }

  /** Records that a message was attempted, in this process or before a takeover. */
  attempted(message: PendingMessage): void {
    this.#attempted = Math.max(this.#attempted, this.#all.get(message) ?? 0)
  }

  firstOf(session_id: string): PendingMessage | undefined {
    return this.#sessions.get(session_id)?.[0]
  }

  retryOf(session_id: string): Retry | undefined {
    return this.#retries.get(session_id)
  }

  /**
   * Adds a message after its session's other messages. If the session has no other messages, the new message waits
   * until the time in `retry` or, without `retry`, is due now.
   */
  push(message: PendingMessage, retry: Retry | undefined): void {
    const { session_id } = message
    this.#all.set(message, ++this.#lastRank)
    this.messages.add(this.principal, 1)
    const waiting = this.#sessions.get(session_id)
    if (waiting) {
      waiting.push(message)
      return
    }
    this.#sessions.set(session_id, [message])
    if (retry) this.retry(session_id, retry, Number.NEGATIVE_INFINITY)
    else this.due.add(session_id)
  }

  /** Removes a session's first message, and makes the session's next message due. */
  shift(message: PendingMessage): void {
    const { session_id } = message
    const waiting = this.#sessions.get(session_id) ?? []
    this.#endRetry(session_id)
    waiting.shift()
    this.#all.delete(message)
    if (!this.#isStopped) this.messages.add(this.principal, -1)
    if (waiting.length > 0) this.due.add(session_id)
    else this.#sessions.delete(session_id)
  }

  /**
   * Schedules a session's next attempt. One early retry can precede the scheduled attempt, unless the receiver
   * requested the scheduled time. `failedAt` is the end time of the last attempt, by performance.now().
   */
  retry(session_id: string, { at, isAsked }: Retry, failedAt: number): void {
    this.#endRetry(session_id)
    this.due.delete(session_id)
    const retry = (): void => {
      this.#endRetry(session_id)
      this.due.add(session_id)
      this.onDue()
    }
    const ms = Math.max(0, Date.parse(at) - Date.now())
    // If an attempt fails after `stop`, this process saves the time of the retry, but does not retry.
    const timer = this.#isStopped ? undefined : setTimeout(retry, ms)
    this.#retries.set(session_id, { timer, at, ...(isAsked && { isAsked }) })
    if (!isAsked) this.#early.set(session_id, failedAt)
  }

  #endRetry(session_id: string): void {
    clearTimeout(this.#retries.get(session_id)?.timer)
    this.#retries.delete(session_id)
    this.#early.delete(session_id)
  }

  /** Whether any session has a message that can be retried early and whose last attempt ended before this time. */
  hasEarly(before: number): boolean {
    const [failedAt = before] = this.#early.values()
    return failedAt < before
  }

  /**
   * Marks the first message that can be retried early as due now. If the early retry fails, the message's scheduled
   * retry still follows.
   */
  makeDueEarly(): void {
    const [session_id] = this.#early.keys()
    if (session_id === undefined) return
    this.#early.delete(session_id)
    this.due.add(session_id)
    this.onDue()
  }

  /** Returns the sessions that have undelivered messages among or before the attempted messages. */
  held(): HeldSession[] {
    return [...this.#sessions].flatMap(([session_id, [first]]) => {
      if (!first || (this.#all.get(first) ?? 0) > this.#attempted) return []
      const { sequence, attempts } = first
      const { at: next_at = null, isAsked } = this.#retries.get(session_id) ?? {}
      return [{ session_id, sequence, attempts, next_at, ...(isAsked && { isAsked }) }]
    })
  }

  /** Cancels the retry timers, and stops counting the messages as waiting. */
  stop(): void {
    this.#isStopped = true
    for (const { timer } of this.#retries.values()) clearTimeout(timer)
    this.messages.add(this.principal, -this.#all.size)
  }
}
