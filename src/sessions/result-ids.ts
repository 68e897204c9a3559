/**
 * Returns the id of a result in GraphQL, which is unique on this server. GraphQL clients cache objects by their ids, and
 * a `result_id` is unique only within its session.
 */
export const globalResultId = (session_id: string, result_id: string): string =>
  Buffer.from(`${session_id}:${result_id}`).toString('base64url')

/** Returns the `result_id` for an id that is either a `result_id` or a `globalResultId` of the session. */
export function resultIdOf(session_id: string, id: string): string {
  const text = Buffer.from(id, 'base64url').toString()
  return text.startsWith(`${session_id}:`) ? text.slice(session_id.length + 1) : id
}
