import { type Caller, type Role, roles } from '../domain/caller'

/** Maximum length in characters of a caller's name, which is stored with each of the caller's transitions. */
export const nameCharacters = 200

export interface Principal {
  /** `unknown` means that the token names only roles that this server does not know. */
  role?: Role | 'unknown'
  mentor_id?: string
  organisation_id?: string
  name?: string
  subject?: string
  /** Claim of the wrong type, if any. It denies all access, because ignoring it could widen the principal's scope. */
  malformed?: ScopeClaim
}

export interface ClaimNames {
  role: string
  mentor_id: string
  organisation_id: string
  name: string
}

const scopeClaims = ['role', 'organisation_id', 'mentor_id'] as const
type ScopeClaim = (typeof scopeClaims)[number]

export function principalOf(claims: object, names: ClaimNames): Principal {
  const role = roleOf(claimAt(claims, names.role))
  const texts = Object.entries({ ...names, subject: 'sub' })
    .filter(([member]) => member !== 'role')
    .map(([member, name]) => [member, claimAt(claims, name)])
    .filter(([, value]) => isText(value) && value !== '')
  const malformed = scopeClaims.find(member => isMalformed(member, claimAt(claims, names[member])))
  return { ...(role && { role }), ...Object.fromEntries(texts), ...(malformed && { malformed }) }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()
const isEmpty = (claim: unknown): boolean => claim === undefined || claim === null || claim === ''

/** An organisation or mentor must be a string, and a role a string or a list of strings. */
function isMalformed(member: ScopeClaim, claim: unknown): boolean {
  if (member === 'role' && Array.isArray(claim)) return !claim.every(isText)
  return !isEmpty(claim) && !isText(claim)
}

function roleOf(claim: unknown): Principal['role'] {
  const claimed = [claim].flat().filter(entry => !isEmpty(entry))
  if (claimed.length === 0) return undefined
  return roles.find(role => claimed.includes(role)) ?? 'unknown'
}

/** A nested claim whose path contains a value that is not an object counts as malformed, not as absent. */
const unreachable = Symbol('unreachable claim')

/** If no claim has exactly the name `name`, the dots in `name` form a path into nested objects. */
function claimAt(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name as keyof object]
  let isBlocked = false
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const prefix = name.slice(0, dot)
    const inner: unknown = Object.hasOwn(claims, prefix) ? claims[prefix as keyof object] : undefined
    const claim = isObject(inner) ? claimAt(inner, name.slice(dot + 1)) : undefined
    if (claim !== undefined) return claim
    isBlocked ||= !isObject(inner) && !isEmpty(inner)
  }
  return isBlocked ? unreachable : undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const malformedReasons: Record<ScopeClaim, string> = {
  role: "The token's role claim is neither a string nor a list of strings. Check the issuer, and `AUTH_ROLE_CLAIM`.",
  organisation_id: "The token's organisation claim is not a string. Check the issuer, and `AUTH_ORGANISATION_CLAIM`.",
  mentor_id: "The token's mentor claim is not a string. Check the issuer, and `AUTH_MENTOR_CLAIM`.",
}

/** The error message never quotes the token's content. */
export function whyForbidden({ role, malformed }: Principal): string {
  if (malformed) return malformedReasons[malformed]
  switch (role) {
    case undefined:
      return 'The token has no role. `AUTH_ROLE_CLAIM` names the claim that must contain it.'
    case 'unknown':
      return `The token's role is unknown. Known roles: ${roles.join(', ')}.`
    case 'mentor':
      return 'The token has no mentor, which its role requires. `AUTH_MENTOR_CLAIM` names the claim that must contain it.'
    default:
      return 'The token has no organisation, which its role requires. `AUTH_ORGANISATION_CLAIM` names the claim that must contain it.'
  }
}

export type Permissions = Pick<Caller, 'scope' | 'may' | 'startsWithoutOrganisation'>

/**
 * Returns a principal's permissions. Returns undefined if the principal has an unknown role or a malformed claim, or
 * lacks the mentor or organisation that its role requires. With `mentorsChoose`, a mentor without an organisation is
 * allowed to start sessions in any organisation.
 */
export function permissionsOf(
  { role, mentor_id, organisation_id, malformed }: Principal,
  mentorsChoose: boolean,
): Permissions | undefined {
  if (malformed) return undefined
  switch (role ?? 'mentor') {
    case 'admin':
      return { scope: {}, may: 'administer' }
    case 'coordinator':
      return organisation_id === undefined ? undefined : { scope: { organisation_id }, may: 'change' }
    case 'reader':
      return organisation_id === undefined ? undefined : { scope: { organisation_id }, may: 'read' }
    case 'mentor':
      if (mentor_id === undefined) return undefined
      if (organisation_id !== undefined) return { scope: { mentor_id, organisation_id }, may: 'change' }
      return { scope: { mentor_id }, may: 'change', ...(!mentorsChoose && { startsWithoutOrganisation: true }) }
    case 'unknown':
      return undefined
  }
}
