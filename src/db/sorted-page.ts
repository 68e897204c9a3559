import type { Filter } from '../domain/list-query'
import { ownerMatches } from '../domain/owner'
import type { SortKey } from '../domain/sort-key'
import type { ListedSession, SortedPage, SortedSessions } from './store'

/** Selects sessions with a sort key if `haveKey` is true, and otherwise sessions without one. */
export interface SortKeyRange {
  haveKey: boolean
  limit: number
  /** Selects the sessions after this one. If undefined, the range begins with the first session. */
  after?: SortKey | undefined
}

interface SortedPageReads {
  sortKeys(range: SortKeyRange): Promise<SortKey[]>
  /** Returns the sessions in their current state, with null for each closed session. */
  sessions(ids: string[]): Promise<(ListedSession | null)[]>
}

/** Sessions without a sort key come last. */
export async function sortedPage(
  filter: Filter,
  { limit, after }: SortedPage,
  reads: SortedPageReads,
): Promise<SortedSessions> {
  // 1. Read the page's sort keys, and one more key to learn whether more sessions follow.
  const isPastKeys = after?.key === null
  const keyed = isPastKeys ? [] : await reads.sortKeys({ haveKey: true, limit: limit + 1, after })
  const left = limit + 1 - keyed.length
  const unkeyed =
    left > 0 ? await reads.sortKeys({ haveKey: false, limit: left, after: isPastKeys ? after : undefined }) : []
  const more = unkeyed.length === left

  // 2. Remove duplicates: a session that lost its sort key between the two reads is in both results.
  const ids = new Set(keyed.map(({ session_id }) => session_id))
  const page = [...keyed, ...unkeyed.filter(({ session_id }) => !ids.has(session_id))].slice(0, limit)

  // 3. Read the sessions. Omit sessions that were closed or no longer match the filter, for example after a
  //    reassignment. If no session remains on this page, read the next page.
  const found = await reads.sessions(page.map(({ session_id }) => session_id))
  const sessions = page.flatMap((sortKey, i) => {
    const session = found[i]
    return session && ownerMatches(filter, session) ? [{ ...sortKey, session }] : []
  })
  const last = page.at(-1)
  return sessions.length === 0 && last && more ? sortedPage(filter, { limit, after: last }, reads) : { sessions, more }
}
