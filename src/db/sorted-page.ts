import type { Snapshot } from '../domain/session'
import type { SortKey } from '../domain/sort-key'
import type { SortedPage, SortedSessions } from './store'

/** The two reads that a store provides for a sorted page. */
interface SortedPageReads {
  /** Returns the first sort keys after `after`, either of sessions that have a key or of sessions without one. */
  sortKeys(haveKey: boolean, limit: number, after?: SortKey): Promise<SortKey[]>
  /** Returns the current snapshots, null for sessions that are gone. */
  snapshots(ids: string[]): Promise<(Snapshot | null)[]>
}

/** Reads a page in sort order: first the sessions that have a key, then those without one. */
export async function sortedPage({ limit, after }: SortedPage, reads: SortedPageReads): Promise<SortedSessions> {
  const wanted = limit + 1
  const found = after?.key === null ? [] : await reads.sortKeys(true, wanted, after)
  const left = wanted - found.length
  const behind = left > 0 ? await reads.sortKeys(false, left, after?.key === null ? after : undefined) : []
  const more = behind.length === left
  // A session that lost its key between the two reads is in both.
  const known = new Set(found.map(({ session_id }) => session_id))
  found.push(...behind.filter(({ session_id }) => !known.has(session_id)))
  const places = found.slice(0, limit)
  const snapshots = await reads.snapshots(places.map(({ session_id }) => session_id))
  const sessions = places.flatMap((place, i) => {
    const session = snapshots[i]
    return session ? [{ ...place, session }] : []
  })
  const last = places.at(-1)
  return sessions.length === 0 && last && more ? sortedPage({ limit, after: last }, reads) : { sessions, more }
}
