import type { Session } from '../domain/session'

/** Sessions that are remembered at most, the shares of one, and for how long. */
export const sessionsRemembered = 1_000
export const sharesRemembered = 20
const rememberedMs = 10_000

/** For how long nothing is remembered after a mistake: another process writes the same sessions. */
const distrustMs = 10_000

/**
 * Sessions as this process wrote them last. Another process may have written one since: so what is remembered may be
 * written over, where the store compares the version, and is neither shown nor a reason to refuse.
 */
export class Remembered {
  readonly #sessions = new Map<string, { session: Session; until: number }>()
  #distrustedUntil = Number.NEGATIVE_INFINITY

  constructor(readonly clock: () => number = () => performance.now()) {}

  /** A session that is remembered, which nobody may write over by this: who it belongs to never changes. */
  find(session_id: string): Session | undefined {
    return this.#sessions.get(session_id)?.session
  }

  /** Gives a session that is remembered, and forgets it: it is kept again when it is written. */
  take(session_id: string): Session | undefined {
    const kept = this.#sessions.get(session_id)
    this.#sessions.delete(session_id)
    return kept && this.clock() < kept.until ? kept.session : undefined
  }

  keep(session: Session): void {
    const now = this.clock()
    if (now < this.#distrustedUntil || session.shares.length > sharesRemembered) return
    this.#sessions.delete(session.session_id)
    this.#sessions.set(session.session_id, { session, until: now + rememberedMs })
    const [oldest] = this.#sessions.keys()
    if (oldest !== undefined && this.#sessions.size > sessionsRemembered) this.#sessions.delete(oldest)
  }

  /** A session was no more as it was remembered. */
  mistaken(): void {
    this.#sessions.clear()
    this.#distrustedUntil = this.clock() + distrustMs
  }
}
