import { ClientClosedError } from './errors.js'

/** A request, or an iterable that follows sessions. */
export interface Operation {
  /** Aborted when the caller aborts, or when the client is closed. */
  signal: AbortSignal
  /** Call this when the operation is over. */
  end(): void
}

/** A client's operations in progress. */
export class Operations {
  readonly #running = new Set<AbortController>()
  #isClosed = false

  throwIfClosed(): void {
    if (this.#isClosed) throw new ClientClosedError()
  }

  /** Starts an operation that the caller can abort with `signal`. Throws ClientClosedError. */
  begin(signal?: AbortSignal): Operation {
    this.throwIfClosed()
    const controller = new AbortController()
    const abort = (): void => controller.abort(signal?.reason)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort)
    this.#running.add(controller)
    return {
      signal: controller.signal,
      end: () => {
        signal?.removeEventListener('abort', abort)
        this.#running.delete(controller)
      },
    }
  }

  /** Aborts all operations, and refuses new ones. */
  close(): void {
    this.#isClosed = true
    for (const controller of this.#running) controller.abort(new ClientClosedError())
  }
}
