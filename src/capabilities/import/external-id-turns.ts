/**
 * Makes starts with the same external id take effect in order, because a batch of writes could otherwise apply a later
 * line first. All other starts run concurrently.
 */
export class ExternalIdTurns {
  /** The latest start in progress, by external id. */
  readonly #latest = new Map<unknown, Promise<unknown>>()

  /** Runs the start with this body after earlier ones with the same external id. */
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
