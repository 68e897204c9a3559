import type { Store } from '../db/store'
import { DomainError } from '../domain/errors'
import type { IdempotencyRecord } from '../domain/idempotency-record'
import { type Snapshot, type Transition, withoutHistory } from '../domain/session'
import type { Timestamp } from '../domain/timestamp'
import { requestDigest } from './request-digest'

/** Maximum length of an idempotency key, in characters. */
export const keyLength = 255

/** Idempotency key of a request in flight, from its claim to its release. */
export interface ClaimedKey {
  /**
   * Returns the record of an earlier identical request, or null.
   * Throws idempotency_key_reused if the earlier request was different.
   */
  storedRecord(): Promise<IdempotencyRecord | null>
  /** Builds the idempotency record, to be stored in the same write as the change. */
  newRecord(session: Snapshot, transitions: Transition[]): IdempotencyRecord
  release(): void
}

/** Idempotency keys. A repeat of a request under its key gets the first response while its record is stored. */
export class IdempotencyKeys {
  readonly #inFlight = new Set<string>()

  constructor(
    readonly store: Pick<Store, 'idempotencyRecord'>,
    readonly now: () => Timestamp,
  ) {}

  /**
   * Claims a key for the request that `body` states: a key of a session, or a key for starts if `session_id` is null.
   * Returns undefined without a key.
   * Throws invalid_request if the key is malformed, and request_in_flight while this process serves another request
   * under it.
   * Callers must release the key. Each owner has separate keys for starts.
   */
  claim(session_id: string | null, stated: string | undefined, body: unknown, owner?: string): ClaimedKey | undefined {
    if (stated === undefined) return undefined
    if (stated.length < 1 || stated.length > keyLength) {
      const detail = `must have 1 to ${keyLength} characters`
      throw new DomainError('invalid_request', { errors: [{ detail, header: 'Idempotency-Key' }] })
    }
    const request = requestDigest(body)
    const key = owner === undefined ? stated : JSON.stringify([owner, stated])
    const place = JSON.stringify([session_id, key])
    if (this.#inFlight.has(place)) throw new DomainError('request_in_flight')
    this.#inFlight.add(place)
    return {
      storedRecord: async () => {
        const record = await this.store.idempotencyRecord(session_id, key, this.now())
        if (record && record.request !== request) throw new DomainError('idempotency_key_reused')
        return record
      },
      newRecord: (session, transitions) => ({
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
