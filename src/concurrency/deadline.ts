// This folder has general tools for work that waits or runs concurrently: deadlines, time slices, semaphores, fair
// queues, repeated jobs, sources and sinks. It knows no use case, no store and no interface.

import type { Access } from '../domain/caller'
import { DomainError } from '../domain/errors'

/**
 * Time limit for a request, from its arrival to the response, including the time spent waiting behind other changes.
 */
const requestTimeoutMs = 19_000

/**
 * Shows whether work is still wanted. Every AbortSignal has this type. Use a plain object where no listener is needed,
 * because an AbortController for each request costs too much.
 */
export type Signal = Pick<AbortSignal, 'aborted'>

interface Dependence {
  /** Aborted once the client is gone. */
  signal?: Signal | undefined
  access?: Access | undefined
}

/**
 * Deadline of one request. It is passed through queue and store, so that their time limits do not add up. If the
 * caller's access ends first, the request ends at once, unless the store is already writing for it.
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
   * Whether the deadline has passed, the client is gone, or the caller's access has ended. Work that has not started
   * must not start then.
   */
  get aborted(): boolean {
    return this.#passed || this.#client?.aborted === true || this.#access?.hasEnded === true
  }

  /** Throws unauthenticated if the caller's access has ended, and unavailable if the deadline has passed or the client is gone. */
  check(): void {
    this.#access?.require()
    if (this.aborted) throw new DomainError('unavailable')
  }

  /**
   * Call it right before a write. Throws like `check`. From then on, the request gets the write's outcome, even if the
   * access ends.
   */
  beginWrite(): void {
    this.check()
    this.#isWriting = true
  }

  /**
   * Resolves or rejects like the work. Throws unavailable once the deadline has passed, and unauthenticated once the
   * access has ended.
   */
  bound<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#late.promise])
  }

  /** Makes the deadline expire now, so that work waiting under it stops waiting. */
  pass(): void {
    this.#passed = true
    this.#late.reject(new DomainError('unavailable'))
    this.end()
  }

  /** Removes the timer and listeners. Call it once the request is answered. */
  end(): void {
    clearTimeout(this.#timer)
    this.#cancelEnd?.()
  }
}

/** Runs work with the deadline of one request. Work may still take effect after its deadline has passed. */
export async function withDeadline<T>(on: Dependence, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline = new Deadline(on)
  try {
    return await deadline.bound(work(deadline))
  } finally {
    deadline.end()
  }
}

/**
 * Returns the outcome of work that writes nothing. Throws unauthenticated as soon as the caller's access ends, unless
 * `isExempt` returns true then.
 */
export async function whileAccess<T>(
  access: Access | undefined,
  work: () => T | Promise<T>,
  isExempt = (): boolean => false,
): Promise<T> {
  if (!access) return work()
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
