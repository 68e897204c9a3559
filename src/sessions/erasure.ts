import { DomainError } from '../domain/errors'
import { type Deadline, timely } from '../time/deadline'
import type { Conditions } from './conditions'
import type { Sessions } from './sessions'

/** Sessions that are closed together, and how long one request goes on with an erasure. */
export const erasedAtOnce = 50
const erasingMs = 10_000

/** What one request did of an erasure. */
export interface Erased {
  mentor_id: string
  /** Sessions that it closed. */
  closed: number
  /** Sessions that are left. */
  remaining: number
  /** Nothing is left; otherwise the same request goes on. */
  erased: boolean
}

/**
 * Forgets mentors, for admins: closes a mentor's sessions, each as any close does, and then has the store forget what it keeps
 * of closed ones. Of one of whom much is stored each request erases a part.
 */
export class Erasure {
  constructor(readonly sessions: Pick<Sessions, 'caller' | 'store' | 'close'>) {}

  /** Refuses who is no admin. */
  requireAdmin(): void {
    if (this.sessions.caller.may !== 'administer') throw new DomainError('forbidden')
  }

  /** Erases a mentor, or a part of all that is to be erased. */
  async erase(mentor_id: string, conditions: Pick<Conditions, 'request_id' | 'wanted'> = {}): Promise<Erased> {
    this.requireAdmin()
    return timely(conditions, deadline => this.#erase(mentor_id, conditions, deadline))
  }

  async #erase(mentor_id: string, conditions: Conditions, deadline: Deadline): Promise<Erased> {
    const { store } = this.sessions
    const until = performance.now() + erasingMs
    const goesOn = (): boolean => !deadline.over && performance.now() < until
    let closed = 0
    while (goesOn()) {
      const found = await store.list({ mentor_id }, { limit: erasedAtOnce, offset: 0 })
      if (found.length === 0) break
      const ends = await Promise.allSettled(found.map(({ session_id }) => this.sessions.close(session_id, conditions)))
      for (const end of ends) {
        if (end.status === 'fulfilled') closed++
        else if (!(end.reason instanceof DomainError && end.reason.code === 'session_not_found')) throw end.reason
      }
    }
    const remaining = await store.count({ mentor_id })
    const erased = remaining === 0 && (await store.forget(mentor_id, goesOn))
    return { mentor_id, closed, remaining, erased }
  }
}
