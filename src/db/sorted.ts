import type { Place } from '../domain/place'
import type { Snapshot } from '../domain/session'
import type { Sorted, SortedPage } from './store'

/** What a store reads a page of an order by. */
interface Reads {
  /** The first of those that have a key, or of those that have none, after a place. */
  places(haveKey: boolean, limit: number, after?: Place): Promise<Place[]>
  /** Each as it is, null where it is gone. */
  snapshots(ids: string[]): Promise<(Snapshot | null)[]>
}

/** A page of an order: of those that have a key first, then of those that have none. */
export async function sortedPage({ limit, after }: SortedPage, reads: Reads): Promise<Sorted> {
  const wanted = limit + 1
  const found = after?.key === null ? [] : await reads.places(true, wanted, after)
  const left = wanted - found.length
  const behind = left > 0 ? await reads.places(false, left, after?.key === null ? after : undefined) : []
  const more = behind.length === left
  // One that lost its key between the two reads was found already.
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
