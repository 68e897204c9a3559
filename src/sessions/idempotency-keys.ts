import { createHash } from 'node:crypto'
import type { SessionStore } from '../db/store'
import { DomainError } from '../domain/errors'
import type { IdempotencyRecord } from '../domain/idempotency-record'
import { fieldsWithNull } from '../domain/schema-parts'
import { payloadSchemas, type Snapshot, sessionEvents, type Transition, withoutHistory } from '../domain/session'
import type { Timestamp } from '../domain/timestamp'

/** Maximum length of an idempotency key, in characters. */
export const keyLength = 255

interface KeyedRequest {
  /** Id of the session to change, or null if the request starts a session. */
  session_id: string | null
  /** The request's idempotency key, or undefined if the request has none. */
  key: string | undefined
  body: unknown
  /** Digest of the caller. */
  subject?: string | undefined
}

/**
 * Manages idempotency keys. While a key's record is stored, a repeated request with the same key gets the first
 * response.
 */
export class IdempotencyKeys {
  readonly inFlight = new Set<string>()

  constructor(
    readonly store: Pick<SessionStore, 'idempotencyRecord'>,
    readonly now: () => Timestamp,
  ) {}

  /**
   * Claims a request's idempotency key. The caller must release the returned key once the request has ended. Each
   * `subject` has separate idempotency keys for each session, and for session starts. Returns undefined if the request
   * has no idempotency key. Throws invalid_request if the idempotency key is malformed, and request_in_flight while
   * this process serves another request with the same key.
   */
  claim({ session_id, key, body, subject }: KeyedRequest): ClaimedKey | undefined {
    if (key === undefined) return undefined
    if (key.length < 1 || key.length > keyLength) {
      const detail = `must have 1 to ${keyLength} characters`
      throw new DomainError('invalid_request', { errors: [{ detail, header: 'Idempotency-Key' }] })
    }
    const keyOfSubject = subject === undefined ? key : JSON.stringify([subject, key])
    const claim = new ClaimedKey(this, { session_id, key: keyOfSubject, request: requestDigest(body) })
    if (this.inFlight.has(claim.name)) throw new DomainError('request_in_flight')
    this.inFlight.add(claim.name)
    return claim
  }
}

/** The idempotency key of a request in progress. */
export class ClaimedKey {
  /** Unique name of the idempotency key, which combines the session id, the subject and the key. */
  readonly name: string

  constructor(
    readonly keys: IdempotencyKeys,
    readonly claim: { session_id: string | null; key: string; request: string },
  ) {
    this.name = JSON.stringify([claim.session_id, claim.key])
  }

  /**
   * Returns the idempotency record of an earlier request with this key, or null. Throws idempotency_key_reused if the
   * earlier request had a different body.
   */
  async storedRecord(): Promise<IdempotencyRecord | null> {
    const { session_id, key, request } = this.claim
    const record = await this.keys.store.idempotencyRecord(session_id, key, this.keys.now())
    if (record && record.request !== request) throw new DomainError('idempotency_key_reused')
    return record
  }

  /** Builds the idempotency record, which must be stored in the same write as the session change. */
  newRecord(session: Snapshot, transitions: Transition[]): IdempotencyRecord {
    const { key, request } = this.claim
    return { key, request, at: this.keys.now(), session: withoutHistory(session), transitions }
  }

  release(): void {
    this.keys.inFlight.delete(this.name)
  }
}

/** Names of the fields of each event's payload whose null differs from an omitted field. */
const fieldsWithNullOf = new Map<unknown, string[]>(
  sessionEvents.map(event => [event, fieldsWithNull(payloadSchemas[event])]),
)

/**
 * Returns a digest of a request body. The digest does not depend on the order of the body's fields. Body fields that
 * are null or {} count as omitted, except for null in a field whose null differs from an omitted field.
 */
function requestDigest(body: unknown): string {
  const { event, payload } = Object(body) as { event?: unknown; payload?: unknown }
  const nulls = fieldsWithNullOf.get(event)?.filter(name => Object(payload)[name] === null) ?? []
  return createHash('sha256')
    .update(JSON.stringify(canonical(body)) ?? '')
    .update(nulls.map(name => `${name}: null`).join())
    .digest('base64url')
}

function canonical(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  // Ignore fields nested more than 8 levels deep: no valid request has such fields, and only successful requests get an
  // idempotency record.
  if (depth === 8) return 'deeper'
  if (Array.isArray(value)) return value.map(item => canonical(item, depth + 1))
  const members = Object.entries(value)
    .map(([name, member]) => [name, canonical(member, depth + 1)] as const)
    .filter(([, member]) => member !== null && member !== undefined && JSON.stringify(member) !== '{}')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members)
}
