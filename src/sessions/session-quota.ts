import type { Counts } from '../concurrency/counts'
import { type Caller, isWithin, narrowed, principalKey } from '../domain/caller'
import type { Start } from '../domain/decide'
import { DomainError } from '../domain/errors'
import type { CountSessions } from './session-reads'

type Origin = Pick<Start, 'mentor_id' | 'organisation_id'>

/** State of a mentor while calls of `admit` for that mentor are in progress. */
interface Activity {
  admitting: number
  /** Starts and moves in progress, which the totals do not count yet. */
  readonly starting: Set<Origin>
  /** Number of these starts and moves that have ended so far. */
  started: number
}

/**
 * Limits the open sessions per mentor (`SESSIONS_PER_MENTOR`). Counts only the mentor's sessions that the caller may
 * see, so that one organisation's sessions don't use up another's limit. Within this process, concurrent starts don't
 * exceed the limit. Each process admits starts independently, so n processes can admit n times the limit if all starts
 * are concurrent.
 */
export class SessionQuota {
  /** By mentor. */
  readonly #activities = new Map<string, Activity>()

  constructor(
    readonly limit: number,
    /** Returns the number of sessions, including those that this process has just started. */
    readonly count: CountSessions,
  ) {}

  /** Runs a start of a session, or its move to another mentor. Throws limit_reached if the mentor has too many. */
  async admit<T>(origin: Origin, caller: Caller, start: () => Promise<T>): Promise<T> {
    const { mentor_id } = origin
    const activity = this.#activities.get(mentor_id) ?? { admitting: 0, starting: new Set(), started: 0 }
    this.#activities.set(mentor_id, activity)
    activity.admitting++
    try {
      return await this.#admit(origin, activity, caller, start)
    } finally {
      activity.admitting--
      if (activity.admitting === 0) this.#activities.delete(mentor_id)
    }
  }

  /** Counts a start as planned for its mentor. Throws limit_reached if the mentor would have too many sessions. */
  async plan(origin: Origin, caller: Caller, planned: Counts): Promise<void> {
    const { mentor_id } = origin
    const open = await this.count(narrowed({ mentor_id }, caller.scope), principalKey(caller))
    if (open + planned.of(mentor_id) >= this.limit) throw this.#reached()
    planned.add(mentor_id, 1)
  }

  #reached(): DomainError {
    return new DomainError('limit_reached', { limit: this.limit }).withMessage(
      `This mentor has as many open sessions as this server allows: ${this.limit}. Close one first.`,
    )
  }

  async #admit<T>(origin: Origin, activity: Activity, caller: Caller, start: () => Promise<T>): Promise<T> {
    const filter = narrowed({ mentor_id: origin.mentor_id }, caller.scope)
    let open: number
    let started: number
    // A start that completes during the count is no longer in progress, and may be missing in the count.
    do {
      started = activity.started
      open = await this.count(filter, principalKey(caller))
    } while (activity.started !== started)
    const starting = [...activity.starting].filter(other => isWithin(caller.scope, other)).length
    if (open + starting >= this.limit) throw this.#reached()
    activity.starting.add(origin)
    try {
      return await start()
    } finally {
      activity.starting.delete(origin)
      activity.started++
    }
  }
}
