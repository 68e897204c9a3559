import { DomainError } from '../domain/errors'

/** How long a change may take from the door to its answer, its wait behind other changes included. */
const requestTimeoutMs = 19_000

/** The end of one request's time, which goes with it through lane and store: what waits for the same thing adds nothing up. */
export class Deadline {
  #passed = false
  readonly #late: Promise<never>
  #timer: NodeJS.Timeout | undefined

  constructor(
    /** Whether the client is still there. */
    readonly wanted: () => boolean = () => true,
    ms = requestTimeoutMs,
  ) {
    this.#late = new Promise((_, reject) => {
      this.#timer = setTimeout(() => {
        this.#passed = true
        reject(new DomainError('unavailable'))
      }, ms).unref()
    })
    this.#late.catch(() => {})
  }

  /** Nobody waits for the request any more: what it has not begun is not to be begun. */
  get over(): boolean {
    return this.#passed || !this.wanted()
  }

  /** Throws unavailable where nobody waits any more. */
  check(): void {
    if (this.over) throw new DomainError('unavailable')
  }

  /** The outcome of the work, or unavailable once the time has passed. */
  bound<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#late])
  }

  /** The request is answered. */
  end(): void {
    clearTimeout(this.#timer)
  }
}

/** Does what is done within one request's time. What is given up then may still take effect. */
export async function timely<T>(
  { wanted }: { wanted?: (() => boolean) | undefined },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(wanted)
  try {
    return await deadline.bound(work(deadline))
  } finally {
    deadline.end()
  }
}
