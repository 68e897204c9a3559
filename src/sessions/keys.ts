import type { Store } from '../db/store'
import { DomainError } from '../domain/errors'
import type { KeptAnswer } from '../domain/kept'
import { type Snapshot, type Transition, withoutHistory } from '../domain/session'
import type { Timestamp } from '../domain/timestamp'
import { digest } from './digest'

/** Characters of an idempotency key at most. */
export const keyLength = 255

/** The key of the request that is being served, from its claim until it is released. */
export interface ClaimedKey {
  /** What the same request was answered before, if it was; idempotency_key_reused where another one was. */
  earlierAnswer(): Promise<KeptAnswer | null>
  /** This answer, to be kept in the same write as the change. */
  keptAnswer(session: Snapshot, transitions: Transition[]): KeptAnswer
  release(): void
}

/** Idempotency keys: a repeat of a request under its key gets the first answer again, for as long as that is kept. */
export class Keys {
  readonly #inFlight = new Set<string>()

  constructor(
    readonly store: Pick<Store, 'kept'>,
    readonly now: () => Timestamp,
  ) {}

  /**
   * Claims a key of a session, or of the starts where `session_id` is null, for the request that `body` states; undefined
   * where there is no key. Throws invalid_request where it is none, request_in_flight while this process serves another
   * request under it. Who claims it releases it. The keys of one owner's starts are apart from another's.
   */
  claim(session_id: string | null, stated: string | undefined, body: unknown, owner?: string): ClaimedKey | undefined {
    if (stated === undefined) return undefined
    if (stated.length < 1 || stated.length > keyLength) {
      const detail = `must have 1 to ${keyLength} characters`
      throw new DomainError('invalid_request', { errors: [{ detail, header: 'Idempotency-Key' }] })
    }
    const request = digest(body)
    const key = owner === undefined ? stated : JSON.stringify([owner, stated])
    const place = JSON.stringify([session_id, key])
    if (this.#inFlight.has(place)) throw new DomainError('request_in_flight')
    this.#inFlight.add(place)
    return {
      earlierAnswer: async () => {
        const kept = await this.store.kept(session_id, key, this.now())
        if (kept && kept.request !== request) throw new DomainError('idempotency_key_reused')
        return kept
      },
      keptAnswer: (session, transitions) => ({
        key,
        request,
        at: this.now(),
        session: withoutHistory(session),
        transitions,
      }),
      release: () => this.#inFlight.delete(place),
    }
  }
}
