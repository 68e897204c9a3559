import type { Deadline } from '../concurrency/deadline'
import { type Caller, isWithin, narrowed, principalKey } from '../domain/caller'
import type { Start } from '../domain/decide'
import { DomainError } from '../domain/errors'
import type { CountSessions } from './session-queries'

type Origin = Pick<Start, 'mentor_id' | 'organisation_id'>

interface Requester {
  caller: Caller
  deadline: Deadline
}

/** State of the `admit` calls in progress for one mentor. */
interface Activity {
  admitting: number
  /** Session starts and moves in progress, which the store's session count may not include yet. */
  readonly starting: Set<Origin>
  /** Number of session starts and moves that have ended so far, whether they succeeded or failed. */
  started: number
}

/**
 * Limits the number of open sessions per mentor (`SESSIONS_PER_MENTOR`). Counts only sessions that the caller can see,
 * so that a mentor's sessions in one organisation don't use up the limit in another. Concurrent session starts in one
 * process cannot exceed the limit. Each process admits session starts independently, so n processes together can admit
 * up to n times the limit.
 */
export class SessionQuota {
  /** State of the `admit` calls in progress, keyed by mentor id. */
  readonly #activities = new Map<string, Activity>()

  constructor(
    readonly limit: number,
    /** Returns the number of sessions that match a filter, including sessions that this process has just started. */
    readonly count: CountSessions,
  ) {}

  /**
   * Runs `start`, which starts a session for this mentor or moves a session to this mentor. Throws limit_reached if the
   * mentor has reached the limit on open sessions, and unavailable if the deadline passes before `start` runs.
   */
  async admit<T>(origin: Origin, requester: Requester, start: () => Promise<T>): Promise<T> {
    const { mentor_id } = origin
    const activity = this.#activities.get(mentor_id) ?? { admitting: 0, starting: new Set(), started: 0 }
    this.#activities.set(mentor_id, activity)
    activity.admitting++
    try {
      return await this.#admit(origin, activity, requester, start)
    } finally {
      activity.admitting--
      if (activity.admitting === 0) this.#activities.delete(mentor_id)
    }
  }

  /** Throws limit_reached if a mentor with this number of open and starting sessions can't have another one. */
  requireRoom(sessions: number): void {
    if (sessions < this.limit) return
    throw new DomainError('limit_reached', { limit: this.limit }).withMessage(
      `This mentor already has the maximum number of open sessions (${this.limit}). Close a session first.`,
    )
  }

  async #admit<T>(
    origin: Origin,
    activity: Activity,
    { caller, deadline }: Requester,
    start: () => Promise<T>,
  ): Promise<T> {
    const filter = narrowed({ mentor_id: origin.mentor_id }, caller.scope)
    let open: number
    let started: number
    // If a start has ended during the count, count again: the count may not include this start, which is no longer in
    // `starting` either.
    do {
      started = activity.started
      deadline.check()
      open = await deadline.bound(this.count(filter, principalKey(caller)))
    } while (activity.started !== started)
    const starting = [...activity.starting].filter(other => isWithin(caller.scope, other)).length
    this.requireRoom(open + starting)
    activity.starting.add(origin)
    try {
      return await start()
    } finally {
      activity.starting.delete(origin)
      activity.started++
    }
  }
}
