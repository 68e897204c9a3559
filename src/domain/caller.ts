import type { DomainError } from './errors'
import type { Owner, StoredTransition } from './session'

/** The sessions that a caller may see. An absent member means no restriction. */
export interface Scope {
  mentor_id?: string
  organisation_id?: string
}

/** The time for which a caller has access: until its token or service key expires, or the key is revoked. */
export interface Access {
  /**
   * Expiry, on the clock of Date.now() in ms. That of a service key can be extended. Undefined means that the access
   * never expires.
   */
  readonly expires_at: number | undefined
  readonly hasEnded: boolean
  /** Throws unauthenticated if the access has ended. */
  require(): void
  /** Runs the work once when the access ends, or now if it has ended. Returns a function that cancels it. */
  onEnd(work: (reason: DomainError) => void): () => void
}

/** The sender of a request, with its scope and permission. */
export interface Caller {
  scope: Scope
  /** Permission within the scope. `read` allows no changes. Only `administer` allows erasing mentors. */
  may: 'read' | 'change' | 'administer'
  /** Whether the caller may start sessions only without an organisation, even if it may see those of organisations. */
  startsWithoutOrganisation?: true
  /**
   * Digest that identifies the token's subject or the service key, without revealing either. Absent if the request has
   * no valid token.
   */
  digest?: string
  /**
   * Address of the client. Only if authentication is off, because the server then knows nothing else about the client.
   */
  address?: string
  /** Name that signs the caller's transitions. */
  by?: string
  /** Time for which the caller's requests are served. Absent if authentication is off. */
  access?: Access
  /**
   * Time for which streams deliver to the caller, if it is shorter than `access`. The clock-skew tolerance extends only
   * the time for requests: streams end when the token expires.
   */
  streamAccess?: Access | undefined
}

export const streamAccessOf = ({ access, streamAccess = access }: Caller): Access | undefined => streamAccess

/**
 * Returns the key by which slots and queues distinguish callers: the subject, or the address without authentication.
 */
export const principalKey = ({ digest, address }: Caller): string => digest ?? address ?? ''

/**
 * Whether the caller manages an organisation's reports and webhooks. Admins and coordinators do, within their scope.
 */
export const managesOrganisation = ({ scope, may }: Caller): boolean =>
  may === 'administer' || (may === 'change' && scope.mentor_id === undefined)

/**
 * Returns the organisation for an object that the caller creates: the requested one, or by default the scope's. Null
 * means no organisation. Undefined means that the scope excludes the requested one.
 */
export function organisationFor({ scope }: Caller, requested: string | null | undefined): string | null | undefined {
  const own = scope.organisation_id
  if (own === undefined) return requested ?? null
  return requested == null || requested === own ? own : undefined
}

/** The caller of every request if authentication is off. */
export const everyone: Caller = { scope: {}, may: 'administer' }

/** A mentor id that no session has: ids contain no control characters, and the id of an erased mentor is empty. */
const noMentor = '\n'

/** The caller of a public operation, if authentication is on. It sees no session. */
export const nobody: Caller = { scope: { mentor_id: noMentor }, may: 'read' }

export const isWithin = (scope: Scope, { mentor_id, organisation_id }: Owner): boolean =>
  (scope.mentor_id === undefined || scope.mentor_id === mentor_id) &&
  (scope.organisation_id === undefined || scope.organisation_id === organisation_id)

/**
 * Returns the owner to show with a transition: the owner at that time or, if that is outside the scope, the present
 * one.
 */
export const visibleOwner = (scope: Scope, { past, present }: NonNullable<StoredTransition['owners']>): Owner =>
  isWithin(scope, past) ? past : present

/** Whether a scope restricts anything. */
export const isNarrow = ({ mentor_id, organisation_id }: Scope): boolean =>
  mentor_id !== undefined || organisation_id !== undefined

/** Intersects a filter with a scope. If they contradict each other, the result matches no session. */
export function narrowed<F extends { [name in keyof Scope]?: string | null | undefined }>(filter: F, scope: Scope): F {
  if (!isNarrow(scope)) return filter
  const both = { ...filter, ...scope }
  const contradicts = (name: keyof Scope): boolean => filter[name] !== undefined && filter[name] !== both[name]
  return contradicts('mentor_id') || contradicts('organisation_id') ? { ...both, mentor_id: noMentor } : both
}
