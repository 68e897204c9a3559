import { Counts } from '../concurrency/counts'
import type { Filter } from '../db/store'
import { type Caller, narrowed, principalKey } from '../domain/caller'
import { DomainError } from '../domain/errors'
import { filterKey } from '../domain/list-query'
import type { CountSessions } from './session-reads'

/**
 * Limit of open sessions per mentor (`SESSIONS_PER_MENTOR`). It counts the sessions of the mentor that the caller may
 * see, so one organisation's sessions don't use up another's limit. Concurrent starts in other processes can exceed the limit.
 */
export class SessionQuota {
  /** Starts in progress, which the totals do not count yet, by filter. */
  readonly #starting = new Counts()
  /** Calls of `admit` in progress, and how many of them have started a session so far, by filter. */
  readonly #admitting = new Counts()
  readonly #started = new Map<string, number>()

  constructor(
    readonly limit: number,
    /** Returns the number of sessions. Includes those that this process has started. */
    readonly count: CountSessions,
  ) {}

  /** Runs the start of a session of this mentor. Throws rate_limited if the mentor has too many. */
  async admit<T>(mentor_id: string, caller: Caller, start: () => Promise<T>): Promise<T> {
    const filter: Filter = narrowed({ mentor_id }, caller.scope)
    const key = filterKey(filter)
    this.#admitting.add(key, 1)
    try {
      return await this.#admit(filter, key, caller, start)
    } finally {
      this.#admitting.add(key, -1)
      if (this.#admitting.of(key) === 0) this.#started.delete(key)
    }
  }

  async #admit<T>(filter: Filter, key: string, caller: Caller, start: () => Promise<T>): Promise<T> {
    let open: number
    let started: number
    // A start that completes meanwhile is in progress no more, and may be missing in the count.
    do {
      started = this.#startedOf(key)
      open = await this.count(filter, principalKey(caller))
    } while (this.#startedOf(key) !== started)
    if (open + this.#starting.of(key) >= this.limit) {
      throw new DomainError('rate_limited').withMessage(
        `This mentor has as many open sessions as this server allows: ${this.limit}. Close one first.`,
      )
    }
    this.#starting.add(key, 1)
    try {
      return await start()
    } finally {
      this.#starting.add(key, -1)
      this.#started.set(key, this.#startedOf(key) + 1)
    }
  }

  #startedOf(key: string): number {
    return this.#started.get(key) ?? 0
  }
}
