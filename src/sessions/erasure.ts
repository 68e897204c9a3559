import { type Deadline, type Signal, withDeadline } from '../concurrency/deadline'
import type { Caller } from '../domain/caller'
import type { ErasureProgress } from '../domain/erasure'
import { DomainError, isDomainError } from '../domain/errors'
import type { Conditions, SessionCommands } from './session-commands'

/** Number of sessions that an erasure closes concurrently, and the time limit per erasure request, in ms. */
export const erasedAtOnce = 50
const erasingMs = 10_000

/**
 * Erases all of a mentor's data. Only admins are allowed to erase a mentor's data. An erasure first closes all of the
 * mentor's sessions, through the same use case as a client's close request. After that, the store erases all remaining
 * data about the closed sessions. If an erasure request reaches its time limit before everything is erased, repeat the
 * request to erase the rest.
 */
export class Erasure {
  constructor(
    readonly sessions: Pick<SessionCommands, 'caller' | 'store'> & {
      of(caller: Caller): Pick<SessionCommands, 'close'>
    },
  ) {}

  requireAdmin(): void {
    if (this.sessions.caller.may !== 'administer')
      throw new DomainError('forbidden').withMessage('Only the role admin can erase a mentor.')
  }

  /** Erases a mentor's data, or as much of it as one request's time limit allows. */
  async erase(mentor_id: string, conditions: Pick<Conditions, 'request_id' | 'signal'> = {}): Promise<ErasureProgress> {
    this.requireAdmin()
    const { access } = this.sessions.caller
    return withDeadline({ signal: conditions.signal, access }, deadline => this.#erase(mentor_id, conditions, deadline))
  }

  async #erase(mentor_id: string, conditions: Conditions, deadline: Deadline): Promise<ErasureProgress> {
    const { store, caller } = this.sessions
    // Limit the closes to this mentor's scope, so that a session that has just moved to another mentor is not closed.
    const ofMentor = this.sessions.of({ ...caller, scope: { mentor_id } })
    const until = performance.now() + erasingMs
    const signal: Signal = {
      get aborted() {
        return deadline.aborted || performance.now() >= until
      },
    }
    let closed = 0
    while (!signal.aborted) {
      const open = await store.lists.list({ mentor_id }, { limit: erasedAtOnce, offset: 0 })
      if (open.length === 0) break
      const closes = await Promise.allSettled(open.map(({ session_id }) => ofMentor.close(session_id, conditions)))
      for (const close of closes) {
        if (close.status === 'fulfilled') closed++
        else if (!isDomainError(close.reason, 'session_not_found')) throw close.reason
      }
    }
    const remaining = await store.lists.count({ mentor_id })
    const erased = remaining === 0 && (await store.eraseMentor(mentor_id, signal))
    return { mentor_id, closed, remaining, erased }
  }
}
