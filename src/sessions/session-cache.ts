import { LruCache } from '../concurrency/lru-cache'
import type { Entry, LogFollower } from '../db/store'
import type { Inputs } from '../domain/calculator'
import type { Session } from '../domain/session'

/** Maximum memory of the cached sessions, as estimated by `bytesOf`. */
export const sessionBytes = 64 * 1024 * 1024

/**
 * Estimated memory of a session's parts without texts, in bytes. Measured on Node.js 26, without the entry of
 * `LruCache`.
 */
const bytesOfPart = { snapshot: 100, inputs: 100, member: 150, result: 500, share: 240, minute: 128 }

/**
 * Write-through cache of sessions, as this process last wrote them. Another process may have written a session since. A
 * cached session is therefore only used for writes, for which the store compares the version. It is never shown, and
 * never a reason to refuse a request.
 *
 * The cache follows the log and drops the sessions that other processes write. Otherwise, this process's next write of
 * such a session would fail the version check.
 */
export class SessionCache implements LogFollower {
  readonly #sessions: LruCache<Session>

  constructor(maxBytes = sessionBytes) {
    this.#sessions = new LruCache(maxBytes, bytesOf)
  }

  /** Estimated memory, in bytes. */
  get bytes(): number {
    return this.#sessions.bytes
  }

  /** Returns a cached session. Another process may have changed it since, even its mentor and organisation. */
  peek(session_id: string): Session | undefined {
    return this.#sessions.peek(session_id)
  }

  /** Removes a session from the cache and returns it. The next write of the session caches it again. */
  take(session_id: string): Session | undefined {
    const session = this.#sessions.peek(session_id)
    if (session) this.#sessions.forget(session_id)
    return session
  }

  put(session: Session): void {
    this.#sessions.keep(session.session_id, session)
  }

  /** Clears the cache after a gap in the log, because any session may have been written meanwhile. */
  reset(): void {
    this.#sessions.clear()
  }

  /**
   * Drops the session if the commit is newer. A commit by this process is not newer, because its session is already
   * cached with that version.
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
  const { mentor_id, organisation_id, last_inputs, start_digest, result, shares, calculations } = session
  return (
    bytesOfPart.snapshot +
    2 * (mentor_id.length + (organisation_id?.length ?? 0) + (start_digest?.length ?? 0)) +
    (last_inputs ? bytesOfInputs(last_inputs) : 0) +
    (result ? bytesOfPart.result + result.caveat.length + bytesOfInputs(result.inputs) : 0) +
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
