import { ClientClosedError } from './errors.js'

/** A request in progress, or an iterable that is following sessions or totals. */
export interface Operation {
  /** This signal is aborted when the caller aborts its own signal, or when the client is closed. */
  signal: AbortSignal
  /** Call this method when the operation has ended. */
  end(): void
}

/** A client's operations in progress. */
export class Operations {
  readonly #running = new Set<AbortController>()
  #isClosed = false

  throwIfClosed(): void {
    if (this.#isClosed) throw new ClientClosedError()
  }

  /**
   * Registers an operation that the caller can abort with `signal`. Throws ClientClosedError if the client is closed.
   */
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

  /** Aborts all operations in progress, and refuses new operations. */
  close(): void {
    this.#isClosed = true
    for (const controller of this.#running) controller.abort(new ClientClosedError())
  }
}
