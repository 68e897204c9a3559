import { setTimeout as pause } from 'node:timers/promises'
import { Counts } from '../concurrency/counts'
import type { Deadline } from '../concurrency/deadline'
import { probe } from '../concurrency/probe'
import { beginWait, waitingAt } from '../concurrency/waits'
import { DomainError } from '../domain/errors'

/**
 * Maximum number of changes in one session's queue, in all queues, and of one principal in all queues, including the
 * changes that are running.
 */
const changesPerSession = 1_000
export const changesInTotal = 20_000
export const changesOfPrincipal = 10_000

/** Maximum number of attempts of one change, and the average pause after the first attempt. */
const attemptsAtMost = 5
const pauseMs = 20

/** Queues the changes of each session, so that only other processes can write a session concurrently. */
export class SessionQueues {
  readonly #queues = new Map<string, { length: number; last: Promise<unknown> | undefined }>()
  readonly #lengthsOf = new Counts()
  #length = 0

  /** Number of changes that are running or waiting. */
  get length(): number {
    return this.#length
  }

  /**
   * Makes a change after all earlier changes of the session have finished or timed out. An attempt that returns
   * undefined, because another process wrote the session first, is repeated.
   *
   * Throws unavailable if the session's queue or all queues together are full, if the principal has too many changes,
   * if other processes were faster in all attempts, or if the deadline passes. After the deadline, a waiting change
   * does not start, and a running change no longer blocks the queue.
   */
  async run<T>(
    session_id: string,
    principal: string,
    deadline: Deadline,
    attempt: () => Promise<T | undefined>,
  ): Promise<T> {
    const queue = this.#queues.get(session_id) ?? { length: 0, last: undefined }
    const own = this.#lengthsOf.of(principal)
    if (queue.length >= changesPerSession || own >= changesOfPrincipal || this.#length >= changesInTotal)
      throw new DomainError('unavailable')
    this.#queues.set(session_id, queue)
    this.#lengthsOf.add(principal, 1)
    queue.length++
    this.#length++
    const change = runAfter(queue.last, session_id, deadline, attempt)
    queue.last = change
    try {
      return await deadline.bound(change)
    } finally {
      this.#length--
      this.#lengthsOf.add(principal, -1)
      if (--queue.length === 0) this.#queues.delete(session_id)
    }
  }
}

/** Makes a change once the previous change has ended. */
async function runAfter<T>(
  previous: Promise<unknown> | undefined,
  session_id: string,
  deadline: Deadline,
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
 * Makes a change, and repeats it if another process was faster (`attempt` resolves to undefined). A change of a session
 * is repeated after a random pause, whose average doubles each time. A start, which has no session id yet, is repeated
 * at once. Throws unavailable if others were faster in all attempts.
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
