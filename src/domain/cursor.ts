/** A cursor that says nothing to those who hand it back. */
export const cursorOf = (members: unknown[]): string => Buffer.from(JSON.stringify(members)).toString('base64url')

/** What a cursor was made of; nothing where it was not made here. */
export function membersOf(cursor: string): unknown[] {
  try {
    const members: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(members) ? members : []
  } catch {
    return []
  }
}
