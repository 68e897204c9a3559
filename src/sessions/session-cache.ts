import type { Session } from '../domain/session'

/** Bounds of the cache: number of sessions, share links of a cached session, time to live. */
export const cachedSessions = 1_000
export const cachedShares = 20
const cachedMs = 10_000

/** How long nothing is cached after a stale hit: another process writes the same sessions. */
const distrustMs = 10_000

/**
 * Write-through cache of sessions, as this process wrote them last. Another process may have written one since. So a
 * cached session is only a base for writes, for which the store compares the version. It is never shown, and never a
 * reason to refuse.
 */
export class SessionCache {
  readonly #sessions = new Map<string, { session: Session; until: number }>()
  #distrustedUntil = Number.NEGATIVE_INFINITY

  constructor(readonly clock: () => number = () => performance.now()) {}

  /** Returns a cached session, even if it has expired. Read only its mentor and organisation: they never change. */
  peek(session_id: string): Session | undefined {
    return this.#sessions.get(session_id)?.session
  }

  /** Removes a session from the cache and returns it, unless it has expired. The next write caches it again. */
  take(session_id: string): Session | undefined {
    const cached = this.#sessions.get(session_id)
    this.#sessions.delete(session_id)
    return cached && this.clock() < cached.until ? cached.session : undefined
  }

  put(session: Session): void {
    const now = this.clock()
    if (now < this.#distrustedUntil || session.shares.length > cachedShares) return
    this.#sessions.delete(session.session_id)
    this.#sessions.set(session.session_id, { session, until: now + cachedMs })
    const [oldest] = this.#sessions.keys()
    if (oldest !== undefined && this.#sessions.size > cachedSessions) this.#sessions.delete(oldest)
  }

  /** Empties the cache after a stale hit. */
  distrust(): void {
    this.#sessions.clear()
    this.#distrustedUntil = this.clock() + distrustMs
  }
}
