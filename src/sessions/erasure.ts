import type { Store } from '../db/store'
import { DomainError } from '../domain/errors'

/** Sessions that are closed together, and how long one request goes on with an erasure. */
export const erasedAtOnce = 50
const erasingMs = 10_000

/** What one request did of an erasure. */
export interface Erased {
  mentor_id: string
  /** Sessions that it closed. */
  closed: number
  /** Sessions that are left. */
  remaining: number
  /** Nothing is left; otherwise the same request goes on. */
  erased: boolean
}

/** Closes a mentor's sessions, each as any close does, and then has the store forget what it keeps of closed ones. */
export async function erase(
  mentor_id: string,
  store: Pick<Store, 'list' | 'count' | 'forget'>,
  close: (session_id: string) => Promise<void>,
  wanted: () => boolean,
): Promise<Erased> {
  const until = performance.now() + erasingMs
  const goesOn = (): boolean => wanted() && performance.now() < until
  let closed = 0
  while (goesOn()) {
    const found = await store.list({ mentor_id }, { limit: erasedAtOnce, offset: 0 })
    if (found.length === 0) break
    const ends = await Promise.allSettled(found.map(({ session_id }) => close(session_id)))
    for (const end of ends) {
      if (end.status === 'fulfilled') closed++
      else if (!(end.reason instanceof DomainError && end.reason.code === 'session_not_found')) throw end.reason
    }
  }
  const remaining = await store.count({ mentor_id })
  const erased = remaining === 0 && (await store.forget(mentor_id, goesOn))
  return { mentor_id, closed, remaining, erased }
}
