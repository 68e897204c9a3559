/** Encodes members as an opaque cursor. */
export const cursorOf = (members: unknown[]): string => Buffer.from(JSON.stringify(members)).toString('base64url')

/** Decodes a cursor into its members. Returns [] for a text that is not an encoded array. */
export function membersOf(cursor: string): unknown[] {
  try {
    const members: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(members) ? members : []
  } catch {
    return []
  }
}
