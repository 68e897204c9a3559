import { ownerMatches } from '../domain/commit'
import type { SortKey } from '../domain/sort-key'
import type { Filter, ListedSession, SortedPage, SortedSessions } from './store'

/** The sort keys to read: of sessions with or without a key, the first ones or those after a key. */
export interface SortKeyRange {
  haveKey: boolean
  limit: number
  after?: SortKey | undefined
}

/** The two reads that a store provides for a sorted page. */
interface SortedPageReads {
  /** Returns the sort keys in order. */
  sortKeys(range: SortKeyRange): Promise<SortKey[]>
  /** Returns the sessions in their current state, with null for those that are gone. */
  sessions(ids: string[]): Promise<(ListedSession | null)[]>
}

/** Reads a page in sort order: first the sessions that have a key, then those without one. */
export async function sortedPage(
  filter: Filter,
  { limit, after }: SortedPage,
  reads: SortedPageReads,
): Promise<SortedSessions> {
  // 1. Read the sort keys of the page, and one more.
  const isPastKeys = after?.key === null
  const keyed = isPastKeys ? [] : await reads.sortKeys({ haveKey: true, limit: limit + 1, after })
  const left = limit + 1 - keyed.length
  const unkeyed =
    left > 0 ? await reads.sortKeys({ haveKey: false, limit: left, after: isPastKeys ? after : undefined }) : []
  const more = unkeyed.length === left

  // 2. A session that lost its key between the two reads is in both. Keep the first.
  const ids = new Set(keyed.map(({ session_id }) => session_id))
  const page = [...keyed, ...unkeyed.filter(({ session_id }) => !ids.has(session_id))].slice(0, limit)

  // 3. Read the sessions. A session that was reassigned meanwhile may be outside the caller's scope. If all of them are
  // gone, return the next page.
  const found = await reads.sessions(page.map(({ session_id }) => session_id))
  const sessions = page.flatMap((sortKey, i) => {
    const session = found[i]
    return session && ownerMatches(filter, session) ? [{ ...sortKey, session }] : []
  })
  const last = page.at(-1)
  return sessions.length === 0 && last && more ? sortedPage(filter, { limit, after: last }, reads) : { sessions, more }
}
