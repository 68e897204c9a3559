import { setTimeout as pause } from 'node:timers/promises'
import type { Deadline } from '../concurrency/deadline'
import { probe } from '../concurrency/probe'
import { Slots } from '../concurrency/slots'
import { beginWait, waitingAt } from '../concurrency/waits'
import { DomainError } from '../domain/errors'

/** Maximum number of queued and running changes per session, in total, and per principal. */
const changesPerSession = 1_000
export const changesInTotal = 20_000
export const changesOfPrincipal = 10_000

/** Maximum number of attempts to write a change, and average pause in ms after the first attempt. */
const attemptsAtMost = 5
const pauseMs = 20

interface QueuedChange {
  session_id: string
  principal: string
  deadline: Deadline
}

/**
 * Runs each session's changes one at a time, so that only other processes can cause write conflicts. The limits are
 * against callers that send changes faster than the store writes them.
 */
export class SessionQueues {
  readonly #queues = new Map<string, { length: number; last: Promise<unknown> | undefined }>()
  readonly #slots = new Slots({ atOnce: changesInTotal, ofPrincipal: changesOfPrincipal })

  /** Number of session changes that are running or queued. */
  get length(): number {
    return this.#slots.taken
  }

  /**
   * Runs a change after all earlier changes to the same session have finished or timed out. If an attempt resolves to
   * undefined, another process wrote the session first, and the attempt is repeated.
   *
   * Throws `unavailable` if a limit on queued changes is reached, if every attempt fails because another process wrote
   * the session first, or if the deadline passes. After its deadline, a queued change does not start, and a running
   * change no longer blocks the queue.
   */
  async run<T>(change: QueuedChange, attempt: () => Promise<T | undefined>): Promise<T> {
    const { session_id, principal, deadline } = change
    const queue = this.#queues.get(session_id) ?? { length: 0, last: undefined }
    if (queue.length >= changesPerSession) throw new DomainError('unavailable')
    const release = this.#slots.acquire(principal)
    this.#queues.set(session_id, queue)
    queue.length++
    const running = runAfter(queue.last, change, attempt)
    queue.last = running
    try {
      return await deadline.bound(running)
    } finally {
      release()
      if (--queue.length === 0) this.#queues.delete(session_id)
    }
  }
}

/** Runs a session change once the previous change to the same session has ended. */
async function runAfter<T>(
  previous: Promise<unknown> | undefined,
  { session_id, deadline }: QueuedChange,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  if (previous) {
    const endWait = beginWait('session_queue', { session_id })
    await previous.catch(() => {})
    endWait()
  }
  deadline.check()
  return deadline.bound(retryOnConflict(attempt, session_id))
}

/**
 * Runs a session change, and repeats it if another process wrote the session first (`attempt` resolves to undefined). A
 * change to an existing session is repeated after a random pause, whose average doubles with each attempt. A session
 * start, which has no session id yet, is repeated immediately. Throws `unavailable` if every attempt fails because
 * another process wrote the session first.
 */
export async function retryOnConflict<T>(attempt: () => Promise<T | undefined>, session_id?: string): Promise<T> {
  for (let made = 1; ; made++) {
    const outcome = await attempt()
    if (outcome !== undefined) return outcome
    if (made === attemptsAtMost) {
      probe?.conflictsExhausted()
      throw new DomainError('unavailable')
    }
    if (session_id !== undefined) {
      await waitingAt('write_conflict', pause(Math.random() * pauseMs * 2 ** made), { session_id })
    }
  }
}
