import type { Timestamp } from '../../domain/timestamp'
import type { HeldSession } from './model'

/** The session of messages that belong to no session. Ids of sessions are not empty. */
export const noSession = ''

/** A message that has not succeeded. */
export interface PendingMessage {
  id: string
  type: string
  session_id: string
  sequence: number
  mentor_id: string
  at: Timestamp
  /** The feed cursor before it. */
  before: string
  attempts: number
  /** Makes the body. Reads a calculation's result. */
  body(): string | Promise<string>
}

/** The pending messages of an endpoint. Only the first one of each session is due, or waits for its next attempt. */
export class PendingMessages {
  /** In the order of the log. */
  readonly #all = new Set<PendingMessage>()
  /** The same by session. No list is empty. */
  readonly #sessions = new Map<string, PendingMessage[]>()
  /** Sessions whose first message is due. */
  readonly due = new Set<string>()
  readonly #retries = new Map<string, { timer: NodeJS.Timeout | undefined; at: Timestamp }>()
  #isStopped = false

  constructor(
    /** Counts the messages of all endpoints. */
    readonly messages: { count: number },
    /** Called when the time of a next attempt has come. */
    readonly onDue: () => void,
  ) {}

  get size(): number {
    return this.#all.size
  }

  get oldest(): PendingMessage | undefined {
    const [first] = this.#all
    return first
  }

  firstOf(session_id: string): PendingMessage | undefined {
    return this.#sessions.get(session_id)?.[0]
  }

  /** Adds a message behind the others of its session. If it is the first, it is due at `next_at`, or now. */
  push(message: PendingMessage, next_at: Timestamp | null): void {
    const { session_id } = message
    this.#all.add(message)
    this.messages.count++
    const waiting = this.#sessions.get(session_id)
    if (waiting) {
      waiting.push(message)
      return
    }
    this.#sessions.set(session_id, [message])
    if (next_at === null) this.due.add(session_id)
    else this.retryAt(session_id, next_at)
  }

  /** Removes the first message of a session. The next one is due. */
  shift(message: PendingMessage): void {
    const { session_id } = message
    const waiting = this.#sessions.get(session_id) ?? []
    waiting.shift()
    this.#all.delete(message)
    this.messages.count--
    if (waiting.length > 0) this.due.add(session_id)
    else this.#sessions.delete(session_id)
  }

  retryAt(session_id: string, at: Timestamp): void {
    const retry = (): void => {
      this.#retries.delete(session_id)
      this.due.add(session_id)
      this.onDue()
    }
    const ms = Math.max(0, Date.parse(at) - Date.now())
    // An attempt may end after the stop. Its retry is only saved.
    this.#retries.set(session_id, { timer: this.#isStopped ? undefined : setTimeout(retry, ms), at })
  }

  /** Returns the sessions with pending messages. */
  held(): HeldSession[] {
    return [...this.#sessions].flatMap(([session_id, [first]]) => {
      if (!first) return []
      const { sequence, attempts } = first
      return [{ session_id, sequence, attempts, next_at: this.#retries.get(session_id)?.at ?? null }]
    })
  }

  /** Makes nothing due any more. */
  stop(): void {
    this.#isStopped = true
    for (const { timer } of this.#retries.values()) clearTimeout(timer)
  }

  /** Counts the messages no more. Call it after the last change. */
  end(): void {
    this.messages.count -= this.#all.size
  }
}
