import type { Place } from '../domain/place'
import type { Snapshot } from '../domain/session'
import type { Sorted, SortedPage } from './store'

/** The two reads that a store provides for a sorted page. */
interface Reads {
  /** Returns the first sort keys after `after`, either of sessions that have a key or of sessions without one. */
  places(haveKey: boolean, limit: number, after?: Place): Promise<Place[]>
  /** Returns the current snapshots, null for sessions that are gone. */
  snapshots(ids: string[]): Promise<(Snapshot | null)[]>
}

/** Reads a page in sort order: first the sessions that have a key, then those without one. */
export async function sortedPage({ limit, after }: SortedPage, reads: Reads): Promise<Sorted> {
  const wanted = limit + 1
  const found = after?.key === null ? [] : await reads.places(true, wanted, after)
  const left = wanted - found.length
  const behind = left > 0 ? await reads.places(false, left, after?.key === null ? after : undefined) : []
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
