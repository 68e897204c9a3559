import type { Collection } from 'mongodb'
import { restingStates } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import type { Untouched } from '../store'
import type { SessionDocument } from './documents'

export const byAgeKey = { updated_at: 1 } as const

/** See Store.untouched. The hint makes MongoDB refuse the query if the index is missing: a scan would take too long. */
export async function untouched(
  sessions: Collection<SessionDocument>,
  before: Timestamp,
  limit: number,
  signal: AbortSignal,
): Promise<Untouched[]> {
  const left = { updated_at: { $lt: new Date(before) }, state: { $in: [...restingStates] } }
  const projection = { version: 1 }
  const found = sessions.find(left, { projection, hint: byAgeKey, sort: byAgeKey, limit, signal })
  return (await found.toArray()).map(({ _id, version }) => ({ session_id: _id, version }))
}
