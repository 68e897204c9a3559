import type { Collection, Document } from 'mongodb'
import type { Snapshot } from '../../domain/session'
import type { ListPage } from '../store'
import { newestFirst, oldestFirst, type SessionDocument, snapshotFields, snapshotOf } from './documents'

/** See Store.list. `selected` is the query of the filter. */
export async function list(
  sessions: Collection<SessionDocument>,
  selected: Document,
  page: ListPage,
  signal: AbortSignal,
): Promise<Snapshot[]> {
  const conditions = { ...selected }
  const { fromEnd: isReversed = false } = page
  if ('after' in page && page.after) {
    const { session_id } = page.after
    const created_at = new Date(page.after.created_at)
    const beyond = isReversed ? '$gt' : '$lt'
    conditions.created_at = { [`${beyond}e`]: created_at }
    conditions.$or = [{ created_at: { [beyond]: created_at } }, { _id: { [beyond]: session_id } }]
  }
  const documents = await sessions
    .find(conditions, { projection: snapshotFields, signal })
    .sort(isReversed ? oldestFirst : newestFirst)
    .skip('offset' in page ? page.offset : 0)
    .limit(page.limit)
    .toArray()
  const found = documents.map(snapshotOf)
  return isReversed ? found.reverse() : found
}
