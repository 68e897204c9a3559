import { createHash } from 'node:crypto'

/** Two bodies have one digest when they say the same: members in any order, left out or null, a payload empty or none. */
export function digest(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(body)) ?? '')
    .digest('base64url')
}

function canonical(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  // No request that can succeed is as deep, and only those have answers that are kept.
  if (depth === 8) return 'deeper'
  if (Array.isArray(value)) return value.map(item => canonical(item, depth + 1))
  const members = Object.entries(value)
    .map(([name, member]) => [name, canonical(member, depth + 1)] as const)
    .filter(([, member]) => member !== null && member !== undefined && JSON.stringify(member) !== '{}')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members)
}
