import { LruCache } from '../concurrency/lru-cache'
import type { Entry, LogFollower } from '../db/store'
import type { Inputs } from '../domain/calculator'
import type { Session } from '../domain/session'

/** Maximum memory of all cached sessions in bytes, as estimated by `bytesOf`. */
export const sessionBytes = 64 * 1024 * 1024

/**
 * Estimated memory of a session's parts, in bytes, excluding the `LruCache` entry and strings other than result ids.
 * Measured on Node.js 26.
 */
const bytesOfPart = { snapshot: 100, inputs: 100, member: 150, result: 500, result_id: 48, share: 240, minute: 128 }

/**
 * Write-through cache of sessions. Each session is cached in the state in which this process last wrote it. A cached
 * session can be stale, because other processes also write. A cached session is therefore used only as the base of a
 * write, for which the store checks the session's version. Cached sessions are never shown to clients, and no request
 * is refused because of a cached session.
 *
 * The cache follows the log and drops sessions that other processes have written. A cached session that another process
 * has changed would fail the next write's version check, and the write would have to be repeated.
 */
export class SessionCache implements LogFollower {
  readonly #sessions: LruCache<Session>

  constructor(maxBytes = sessionBytes) {
    this.#sessions = new LruCache(maxBytes, bytesOf)
  }

  /** Estimated memory of all cached sessions, in bytes. */
  get bytes(): number {
    return this.#sessions.bytes
  }

  /**
   * Returns a cached session, which can be stale: another process may even have changed its mentor and organisation.
   */
  peek(session_id: string): Session | undefined {
    return this.#sessions.peek(session_id)
  }

  /** Removes a session from the cache and returns it. The next write to the session caches it again. */
  take(session_id: string): Session | undefined {
    const session = this.#sessions.peek(session_id)
    if (session) this.#sessions.forget(session_id)
    return session
  }

  put(session: Session): void {
    this.#sessions.keep(session.session_id, session)
  }

  /** Clears the cache after a gap in the log, because the missed commits could concern any session. */
  reset(): void {
    this.#sessions.clear()
  }

  /**
   * Drops the cached session if the commit contains a newer version of it. If this process made the commit, the cache
   * already has the new version.
   */
  append({ commit: { session_id, transitions } }: Entry): void {
    const cached = this.#sessions.peek(session_id)
    const version = transitions.at(-1)?.sequence ?? 0
    if (cached && cached.version < version) this.#sessions.forget(session_id)
  }

  advance(): void {}

  invalidate(): void {
    this.#sessions.clear()
  }

  failed(): void {}
}

/** Returns the estimated memory of a session, in bytes. */
function bytesOf(session: Session): number {
  const { mentor_id, organisation_id, last_inputs, result, result_ids, shares, calculations } = session
  return (
    bytesOfPart.snapshot +
    2 * (mentor_id.length + (organisation_id?.length ?? 0)) +
    (last_inputs ? bytesOfInputs(last_inputs) : 0) +
    (result ? bytesOfPart.result + result.caveat.length + bytesOfInputs(result.inputs) : 0) +
    bytesOfPart.result_id * result_ids.length +
    bytesOfPart.share * shares.length +
    bytesOfPart.minute * calculations.length
  )
}

function bytesOfInputs(inputs: Inputs): number {
  let bytes = bytesOfPart.inputs
  for (const member of Object.values(inputs)) {
    if (typeof member === 'string') bytes += 2 * member.length
    else if (typeof member === 'object') bytes += bytesOfPart.member
  }
  return bytes
}
