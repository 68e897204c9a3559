import type { Collection } from 'mongodb'
import { restingStates } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import type { IdleSession } from '../store'
import type { SessionDocument } from './documents'

export const idleIndex = { updated_at: 1 } as const

/** See Store.untouched. The hint makes MongoDB refuse the query if the index is missing: a scan would take too long. */
export async function idleSessions(
  sessions: Collection<SessionDocument>,
  before: Timestamp,
  limit: number,
  signal: AbortSignal,
): Promise<IdleSession[]> {
  const left = { updated_at: { $lt: new Date(before) }, state: { $in: [...restingStates] } }
  const projection = { version: 1 }
  const found = sessions.find(left, { projection, hint: idleIndex, sort: idleIndex, limit, signal })
  return (await found.toArray()).map(({ _id, version }) => ({ session_id: _id, version }))
}
