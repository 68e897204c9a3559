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
  const stated = [claim].flat().filter(isText)
  if (stated.length === 0) return undefined
  return roles.find(role => stated.includes(role)) ?? 'unknown'
}

/** Returns the claim with exactly this name. Otherwise follows the dots of the name into nested objects. */
function claimAt(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name as keyof object]
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const inner = claims[name.slice(0, dot) as keyof object] as unknown
    const found = isObject(inner) ? claimAt(inner, name.slice(dot + 1)) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
