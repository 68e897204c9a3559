import type { Caller } from '../domain/caller'

/** Strongest first. */
export const roles = ['admin', 'coordinator', 'mentor', 'reader'] as const
export type Role = (typeof roles)[number]

/** A principal, as the claims of its token describe it. */
export interface Principal {
  /** `unknown`: the token states a role, but none of these. */
  role?: Role | 'unknown'
  mentor_id?: string
  organisation_id?: string
  name?: string
  subject?: string
}

/** Names of the claims that hold these members. */
export interface ClaimNames {
  role: string
  mentor_id: string
  organisation_id: string
  name: string
}

/** Extracts the principal from a token's claims. */
export function principalOf(claims: object, names: ClaimNames): Principal {
  const role = roleOf(claimAt(claims, names.role))
  const texts = Object.entries({ ...names, subject: 'sub' })
    .filter(([member]) => member !== 'role')
    .map(([member, name]) => [member, claimAt(claims, name)])
    .filter(([, value]) => isText(value))
  return { ...(role && { role }), ...Object.fromEntries(texts) }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.isWellFormed()

function roleOf(claim: unknown): Principal['role'] {
  const claimed = [claim].flat().filter(isText)
  if (claimed.length === 0) return undefined
  return roles.find(role => claimed.includes(role)) ?? 'unknown'
}

/** Returns the claim with exactly this name. Otherwise follows the dots of the name into nested objects. */
function claimAt(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name as keyof object]
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const inner = claims[name.slice(0, dot) as keyof object] as unknown
    const claim = isObject(inner) ? claimAt(inner, name.slice(dot + 1)) : undefined
    if (claim !== undefined) return claim
  }
  return undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Returns why a principal has no permission here. The text quotes nothing of the token. */
export function whyForbidden({ role }: Principal): string {
  switch (role) {
    case undefined:
      return 'The token has no role. `AUTH_ROLE_CLAIM` names the claim.'
    case 'unknown':
      return `The role of the token is unknown. Known roles: ${roles.join(', ')}.`
    case 'mentor':
      return 'The token has no mentor, which its role requires. `AUTH_MENTOR_CLAIM` names the claim.'
    default:
      return 'The token has no organisation, which its role requires. `AUTH_ORGANISATION_CLAIM` names the claim.'
  }
}

/** Returns the scope and the permission of a principal. Undefined if it has no role here. */
export function permissionsOf({
  role,
  mentor_id,
  organisation_id,
}: Principal): Pick<Caller, 'scope' | 'may'> | undefined {
  switch (role ?? 'mentor') {
    case 'admin':
      return { scope: {}, may: 'administer' }
    case 'coordinator':
      return organisation_id === undefined ? undefined : { scope: { organisation_id }, may: 'change' }
    case 'reader':
      return organisation_id === undefined ? undefined : { scope: { organisation_id }, may: 'read' }
    case 'mentor':
      if (mentor_id === undefined) return undefined
      return { scope: { mentor_id, ...(organisation_id !== undefined && { organisation_id }) }, may: 'change' }
    case 'unknown':
      return undefined
  }
}
