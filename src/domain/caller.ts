import type { DomainError } from './errors'
import { ownerMatches } from './owner'
import type { Owner, StoredTransition } from './session'

/** Restricts which sessions a caller can see. An absent field imposes no restriction. */
export interface Scope {
  mentor_id?: string
  organisation_id?: string
}

/** A caller's access, which ends when its token or service key expires, or when the key is revoked. */
export interface Access {
  /** In ms since the Unix epoch. If undefined, the access never expires. A service key's expiry can be extended. */
  readonly expires_at: number | undefined
  readonly hasEnded: boolean
  /** Throws unauthenticated if the access has ended. */
  require(): void
  /** Calls `work` once when the access ends, or immediately if it has ended. Returns a function that cancels it. */
  onEnd(work: (reason: DomainError) => void): () => void
}

/** The sender of a request, with its scope and permission. */
export interface Caller {
  scope: Scope
  /** Permission within the scope. `read` allows no changes. Only `administer` allows erasing mentors. */
  may: 'read' | 'change' | 'administer'
  /** Whether the caller can start sessions only without an organisation, even if it can see sessions that have one. */
  startsWithoutOrganisation?: true
  /** Identifies the token's subject or the service key, without revealing it. Missing without a valid token. */
  digest?: string
  /** IP address of the client. Set only if authentication is off, because nothing else identifies the client. */
  address?: string
  /** Name recorded as the author of the caller's transitions. */
  by?: string
  /** Period in which the server accepts the caller's requests. `access` is absent if authentication is off. */
  access?: Access
  /** Access of event streams, which end when the token expires, without the clock-skew tolerance of `access`. */
  streamAccess?: Access | undefined
}

export const streamAccessOf = ({ access, streamAccess = access }: Caller): Access | undefined => streamAccess

/** Identifies the caller in per-principal limits and queues. If authentication is off, this is the IP address. */
export const principalKey = ({ digest, address }: Caller): string => digest ?? address ?? ''

/** Caller roles, from the role with the most rights to the role with the fewest rights. */
export const roles = ['admin', 'coordinator', 'mentor', 'reader'] as const
export type Role = (typeof roles)[number]

export function roleOf({ scope, may }: Caller): Role {
  if (may === 'administer') return 'admin'
  if (may === 'read') return 'reader'
  return scope.mentor_id === undefined ? 'coordinator' : 'mentor'
}

/** Admins and coordinators can, for example, assign sessions to other mentors. */
export const managesOrganisation = ({ scope, may }: Caller): boolean =>
  may === 'administer' || (may === 'change' && scope.mentor_id === undefined)

/**
 * Returns a caller for results that several callers share: all callers with these permissions get the same results. It
 * has neither the identity nor the access of a single caller. An empty digest means that authentication is on.
 */
export const anyoneLike = ({
  digest,
  address: _,
  by: __,
  access: ___,
  streamAccess: ____,
  ...permissions
}: Caller): Caller => (digest === undefined ? permissions : { ...permissions, digest: '' })

/** The caller of every request if authentication is off. */
export const everyone: Caller = { scope: {}, may: 'administer' }

/** A mentor id that no session has: ids contain no control characters, and the id of an erased mentor is empty. */
const noMentor = '\n'

/** The caller of a public operation if authentication is on. This caller sees no sessions. */
export const nobody: Caller = { scope: { mentor_id: noMentor }, may: 'read' }

export const isWithin = (scope: Scope, owner: Owner): boolean => ownerMatches(scope, owner)

/** Returns the owner at the time of the transition or, if the scope excludes that owner, the present owner. */
export const visibleOwner = (scope: Scope, { past, present }: NonNullable<StoredTransition['owners']>): Owner =>
  isWithin(scope, past) ? past : present

export const isNarrow = ({ mentor_id, organisation_id }: Scope): boolean =>
  mentor_id !== undefined || organisation_id !== undefined

/** Intersects a filter with a scope. If the filter contradicts the scope, the resulting filter matches no session. */
export function narrowed<F extends { [name in keyof Scope]?: string | null | undefined }>(filter: F, scope: Scope): F {
  if (!isNarrow(scope)) return filter
  const both = { ...filter, ...scope }
  const contradicts = (name: keyof Scope): boolean => filter[name] !== undefined && filter[name] !== both[name]
  return contradicts('mentor_id') || contradicts('organisation_id') ? { ...both, mentor_id: noMentor } : both
}
