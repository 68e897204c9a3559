import { Counts } from '../../concurrency/counts'
import { withDeadline } from '../../concurrency/deadline'
import { isWithin } from '../../domain/caller'
import type { Start } from '../../domain/decide'
import { DomainError } from '../../domain/errors'
import type { Snapshot } from '../../domain/session'
import type { Conditions, SessionCommands } from '../../sessions/session-commands'
import { startDigest } from './store'

export interface StartedOutcome {
  /** `repeated` means that an earlier request started the session, and that nothing was written. */
  status: 'created' | 'repeated'
  /**
   * The started session. `session` is null if an earlier request started the session and the session is outside the
   * caller's scope. In a dry run, `session` is also null if the session does not exist yet.
   */
  session: Snapshot | null
}

/** Returns the session that was started with these parameters. A session without an external id is never found. */
const findStarted = ({ store }: SessionCommands, origin: Start): Promise<Snapshot | null> | null =>
  origin.external_id === null ? null : store.import.startedWith(startDigest(origin))

const repeated = ({ caller }: SessionCommands, session: Snapshot): StartedOutcome => ({
  status: 'repeated',
  session: isWithin(caller.scope, session) ? session : null,
})

/** Starts a session, unless one was already started with the same content, including the external id. */
export async function startOnce(
  sessions: SessionCommands,
  body: unknown,
  conditions: Conditions,
): Promise<StartedOutcome> {
  const { session, replayed } = await sessions.start(body, conditions, origin => findStarted(sessions, origin))
  return replayed ? repeated(sessions, session) : { status: 'created', session }
}

/** The starts that a dry run has accepted so far. The dry run treats them as stored. */
export class PlannedStarts {
  /** Digests of the start parameters, keyed by organisation and external id. */
  readonly #digests = new Map<string, string>()
  readonly #ofMentor = new Counts()

  constructor(readonly sessions: SessionCommands) {}

  /** Returns the outcome that `startOnce` would have if the accepted starts were stored. Writes nothing. */
  plan(body: unknown): Promise<StartedOutcome> {
    return withDeadline({ access: this.sessions.caller.access }, () => this.#plan(body))
  }

  async #plan(body: unknown): Promise<StartedOutcome> {
    const origin = this.sessions.originOf(body)
    const { mentor_id, organisation_id, external_id } = origin
    const session = await findStarted(this.sessions, origin)
    if (session) return repeated(this.sessions, session)
    const key = JSON.stringify([organisation_id, external_id])
    const digest = startDigest(origin)
    const earlier = this.#digests.get(key)
    if (earlier === digest) return { status: 'repeated', session: null }
    // Like a start, check the quota before the external id.
    await this.#checkQuota(mentor_id)
    if (earlier !== undefined) throw new DomainError('external_id_taken')
    if (external_id !== null) {
      await this.sessions.requireFree(organisation_id, external_id)
      this.#digests.set(key, digest)
    }
    this.#ofMentor.add(mentor_id, 1)
    return { status: 'created', session: null }
  }

  async #checkQuota(mentor_id: string): Promise<void> {
    const { quota, queries } = this.sessions
    if (!quota) return
    quota.requireRoom((await queries.count({ mentor_id })) + this.#ofMentor.of(mentor_id))
  }
}
