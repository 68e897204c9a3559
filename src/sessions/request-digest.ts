import { createHash } from 'node:crypto'

/**
 * Returns a digest of a request body.
 * The order of members does not matter. A member that is null or {} counts as left out.
 */
export function requestDigest(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(body)) ?? '')
    .digest('base64url')
}

function canonical(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  // No valid request is this deep, and only successful requests get an idempotency record.
  if (depth === 8) return 'deeper'
  if (Array.isArray(value)) return value.map(item => canonical(item, depth + 1))
  const members = Object.entries(value)
    .map(([name, member]) => [name, canonical(member, depth + 1)] as const)
    .filter(([, member]) => member !== null && member !== undefined && JSON.stringify(member) !== '{}')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members)
}
