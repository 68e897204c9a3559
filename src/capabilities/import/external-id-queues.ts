/**
 * Runs session starts with the same external id one at a time, in order. Otherwise, a write batch could apply a later
 * start first. All other starts run concurrently.
 */
export class ExternalIdQueues {
  /** The latest session start that is still in progress, for each external id. */
  readonly #latest = new Map<unknown, Promise<unknown>>()

  /**
   * Runs `start` after all earlier starts with the same external id. `body` is the request body that starts the
   * session.
   */
  async run<T>(body: unknown, start: () => Promise<T>): Promise<T> {
    const { external_id } = Object(body) as { external_id?: unknown }
    if (typeof external_id !== 'string') return start()
    const earlier = this.#latest.get(external_id)
    const run = earlier ? earlier.then(start, start) : start()
    this.#latest.set(external_id, run)
    try {
      return await run
    } finally {
      if (this.#latest.get(external_id) === run) this.#latest.delete(external_id)
    }
  }
}
