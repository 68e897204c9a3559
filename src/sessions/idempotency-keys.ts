import { createHash } from 'node:crypto'
import type { SessionStore } from '../db/store'
import { DomainError } from '../domain/errors'
import type { IdempotencyRecord } from '../domain/idempotency-record'
import { type Snapshot, type Transition, withoutHistory } from '../domain/session'
import type { Timestamp } from '../domain/timestamp'

/** Maximum length of an idempotency key, in characters. */
export const keyLength = 255

/** Idempotency keys. While the record of a request is stored, a repeat with the same key gets the first response. */
export class IdempotencyKeys {
  readonly inFlight = new Set<string>()

  constructor(
    readonly store: Pick<SessionStore, 'idempotencyRecord'>,
    readonly now: () => Timestamp,
  ) {}

  /**
   * Claims a key for the request with this body. The key belongs to a session, or to starts if `session_id` is null.
   * Keys are separate for each `owner`, a digest of the caller. Returns undefined without a key. Throws invalid_request
   * if the key is malformed, and request_in_flight while this process serves another request with it. Callers must
   * release the key.
   */
  claim(session_id: string | null, key: string | undefined, body: unknown, owner?: string): ClaimedKey | undefined {
    if (key === undefined) return undefined
    if (key.length < 1 || key.length > keyLength) {
      const detail = `must have 1 to ${keyLength} characters`
      throw new DomainError('invalid_request', { errors: [{ detail, header: 'Idempotency-Key' }] })
    }
    const ownedKey = owner === undefined ? key : JSON.stringify([owner, key])
    const claim = new ClaimedKey(this, session_id, ownedKey, requestDigest(body))
    if (this.inFlight.has(claim.name)) throw new DomainError('request_in_flight')
    this.inFlight.add(claim.name)
    return claim
  }
}

/** Idempotency key of a request in progress, from its claim to its release. */
export class ClaimedKey {
  /** Unique among the keys of all sessions and of starts. */
  readonly name: string

  constructor(
    readonly keys: IdempotencyKeys,
    readonly session_id: string | null,
    readonly key: string,
    readonly request: string,
  ) {
    this.name = JSON.stringify([session_id, key])
  }

  /**
   * Returns the record of an earlier identical request, or null. Throws idempotency_key_reused if the earlier request
   * was different.
   */
  async storedRecord(): Promise<IdempotencyRecord | null> {
    const record = await this.keys.store.idempotencyRecord(this.session_id, this.key, this.keys.now())
    if (record && record.request !== this.request) throw new DomainError('idempotency_key_reused')
    return record
  }

  /** Builds the idempotency record, to be stored in the same write as the change. */
  newRecord(session: Snapshot, transitions: Transition[]): IdempotencyRecord {
    const { key, request } = this
    return { key, request, at: this.keys.now(), session: withoutHistory(session), transitions }
  }

  release(): void {
    this.keys.inFlight.delete(this.name)
  }
}

/**
 * Returns a digest of a request body, regardless of the order of members. A member that is null or {} counts as
 * omitted, except in a reassignment, where an organisation of null means none.
 */
function requestDigest(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(body)) ?? '')
    .update(movesToNoOrganisation(body) ? 'organisation_id: null' : '')
    .digest('base64url')
}

function movesToNoOrganisation(body: unknown): boolean {
  const { event, payload } = Object(body) as { event?: unknown; payload?: unknown }
  return event === 'ReassignRequested' && Object(payload).organisation_id === null
}

function canonical(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  // Stop here: no valid request is this deep, and only successful requests get an idempotency record.
  if (depth === 8) return 'deeper'
  if (Array.isArray(value)) return value.map(item => canonical(item, depth + 1))
  const members = Object.entries(value)
    .map(([name, member]) => [name, canonical(member, depth + 1)] as const)
    .filter(([, member]) => member !== null && member !== undefined && JSON.stringify(member) !== '{}')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members)
}
