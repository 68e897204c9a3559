// This folder contains general tools for work that waits or runs concurrently: deadlines, time slices, semaphores, fair
// queues, repeated jobs, sources and sinks. These tools do not depend on use cases, stores or interfaces.

import type { Access } from '../domain/caller'
import { DomainError } from '../domain/errors'

/**
 * Time limit in ms for a request, from its arrival to its response. The time limit includes the time spent in queues.
 */
const requestTimeoutMs = 19_000

/**
 * Minimal signal that tells whether work has been aborted. Every AbortSignal is a `Signal`. If no listener is needed,
 * use a plain object as the signal, because creating an AbortController per request is expensive.
 */
export type Signal = Pick<AbortSignal, 'aborted'>

interface Dependence {
  /** Signal that is aborted once the client has disconnected. */
  signal?: Signal | undefined
  access?: Access | undefined
}

/**
 * Deadline of one request. All queues and the store share the request's deadline, so that their time limits don't add
 * up. If the caller's access ends before the deadline, the request fails immediately, unless the store is already
 * executing the request's write.
 */
export class Deadline implements Signal {
  #passed = false
  #isWriting = false
  readonly #late = Promise.withResolvers<never>()
  readonly #client: Signal | undefined
  readonly #access: Access | undefined
  readonly #timer: NodeJS.Timeout
  readonly #cancelEnd: (() => void) | undefined

  constructor({ signal, access }: Dependence = {}, ms = requestTimeoutMs) {
    this.#client = signal
    this.#access = access
    this.#timer = setTimeout(() => this.pass(), ms).unref()
    this.#cancelEnd = access?.onEnd(reason => this.#isWriting || this.#late.reject(reason))
    this.#late.promise.catch(() => {})
  }

  /**
   * True if the deadline has passed, the client has disconnected, or the caller's access has ended. Check `aborted`
   * before you start further work for the request.
   */
  get aborted(): boolean {
    return this.#passed || this.#client?.aborted === true || this.#access?.hasEnded === true
  }

  /**
   * Throws unauthenticated if the caller's access has ended, and unavailable if the deadline has passed or the client
   * has disconnected.
   */
  check(): void {
    this.#access?.require()
    if (this.aborted) throw new DomainError('unavailable')
  }

  /**
   * Marks the start of the request's write. Call `beginWrite` directly before the write. Throws the same errors as
   * `check`. After a `beginWrite` call, the request gets the write's outcome even if the caller's access ends.
   */
  beginWrite(): void {
    this.check()
    this.#isWriting = true
  }

  /**
   * Returns the outcome of `work`. Throws unavailable if the deadline passes before `work` has settled. Throws
   * unauthenticated if the caller's access ends before `work` has settled.
   */
  bound<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#late.promise])
  }

  /** Makes the deadline pass now, so that everything that waits with this deadline stops waiting. */
  pass(): void {
    this.#passed = true
    this.#late.reject(new DomainError('unavailable'))
    this.end()
  }

  /** Removes the timer and the listeners. Call `end` once the response has been determined. */
  end(): void {
    clearTimeout(this.#timer)
    this.#cancelEnd?.()
  }
}

/** Runs `work` with a new deadline for one request. `work` can still take effect after the deadline has passed. */
export async function withDeadline<T>(on: Dependence, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline = new Deadline(on)
  try {
    return await deadline.bound(work(deadline))
  } finally {
    deadline.end()
  }
}

/** Waits until work ends, but for at most `ms`. Returns whether it has ended. Rejects if the work does. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(late.resolve, ms, false)
  try {
    return await Promise.race([work.then(() => true), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Runs read-only work, and returns its outcome. Throws unauthenticated as soon as the caller's access ends, unless
 * `isExempt` returns true.
 */
export const whileAccess = <T>(
  access: Access | undefined,
  work: () => T | Promise<T>,
  isExempt = (): boolean => false,
): T | Promise<T> => (access ? untilAccessEnds(access, work, isExempt) : work())

async function untilAccessEnds<T>(access: Access, work: () => T | Promise<T>, isExempt: () => boolean): Promise<T> {
  access.require()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  ended.catch(() => {})
  const cancelEnd = access.onEnd(reason => isExempt() || reject(reason))
  try {
    const outcome = await Promise.race([work(), ended])
    if (!isExempt()) access.require()
    return outcome
  } finally {
    cancelEnd()
  }
}
