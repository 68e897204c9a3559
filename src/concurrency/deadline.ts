import { DomainError } from '../domain/errors'

/** Time limit from request to response, including the wait behind other changes. */
const requestTimeoutMs = 19_000

/**
 * Tells whether work is still wanted. Every AbortSignal fits this type. Use a plain object where no listener is needed: an
 * AbortController for each request costs too much.
 */
export type Signal = Pick<AbortSignal, 'aborted'>

/** Deadline of one request. It goes with the request through queue and store, so that their waits do not add up. */
export class Deadline implements Signal {
  #passed = false
  readonly #late = Promise.withResolvers<never>()
  readonly #timer: NodeJS.Timeout

  constructor(
    /** Aborted once the client is gone. */
    readonly client?: Signal,
    ms = requestTimeoutMs,
  ) {
    this.#timer = setTimeout(() => this.pass(), ms).unref()
    this.#late.promise.catch(() => {})
  }

  /** Whether the deadline has passed or the client is gone. Work that has not begun must not begin. */
  get aborted(): boolean {
    return this.#passed || this.client?.aborted === true
  }

  /** Throws unavailable if the deadline has passed or the client is gone. */
  check(): void {
    if (this.aborted) throw new DomainError('unavailable')
  }

  /** Returns the outcome of the work. Throws unavailable once the deadline has passed. */
  bound<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#late.promise])
  }

  /** Passes now, whatever time is left. Work that waits under it then waits no more. */
  pass(): void {
    this.#passed = true
    this.#late.reject(new DomainError('unavailable'))
    this.end()
  }

  /** Stops the timer once the request is answered. */
  end(): void {
    clearTimeout(this.#timer)
  }
}

/** Runs work with one request's deadline. Work may still take effect after the deadline has passed. */
export async function withDeadline<T>(
  { signal }: { signal?: Signal | undefined },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(signal)
  try {
    return await deadline.bound(work(deadline))
  } finally {
    deadline.end()
  }
}
