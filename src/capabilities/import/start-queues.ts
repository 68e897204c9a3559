/**
 * Runs session starts with the same external id one at a time, in order. Otherwise, a write batch could apply a later
 * start first. If mentors have a quota, also runs the starts of each mentor one at a time. Otherwise, the quota could
 * refuse a start because of another start that then fails. All other starts run concurrently.
 */
export class StartQueues {
  /** The latest session start that is still in progress, for each external id and mentor. */
  readonly #latest = new Map<string, Promise<unknown>>()

  constructor(readonly hasQuota: boolean) {}

  /**
   * Runs `start` after all earlier starts with the same external id or, with a quota, the same mentor. `body` is the
   * request body that starts the session.
   */
  async run<T>(body: unknown, start: () => Promise<T>): Promise<T> {
    const keys = this.#keysOf(body)
    const earlier = keys.flatMap(key => this.#latest.get(key) ?? [])
    const run = earlier.length > 0 ? Promise.allSettled(earlier).then(start) : start()
    for (const key of keys) this.#latest.set(key, run)
    try {
      return await run
    } finally {
      for (const key of keys) if (this.#latest.get(key) === run) this.#latest.delete(key)
    }
  }

  #keysOf(body: unknown): string[] {
    const { external_id, mentor_id } = Object(body) as { external_id?: unknown; mentor_id?: unknown }
    const keys = this.hasQuota ? { external_id, mentor_id } : { external_id }
    return Object.entries(keys).flatMap(([name, id]) => (typeof id === 'string' ? `${name} ${id}` : []))
  }
}
