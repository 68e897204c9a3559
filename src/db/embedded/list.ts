import { type Snapshot, snapshotMembers } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import type { Filter, IdleSession, ListPage } from '../store'
import type { EmbeddedFile } from './file'
import { selection, whereClause } from './selection'
import { entriesAStep, rowsAStep } from './stepwise-reads'

/** See Store.list. An offset is skipped in steps, between which other work has its turn. */
export async function list(file: EmbeddedFile, filter: Filter, page: ListPage): Promise<Snapshot[]> {
  const { where, values } = selection(filter)
  const after = 'after' in page ? page.after : undefined
  const { fromEnd = false } = page
  const order = fromEnd ? 'ASC' : 'DESC'
  let place = after ? [after.created_at, after.session_id] : []
  const found = (columns: string, limit: number, offset: number): Snapshot[] => {
    const behind = place.length > 0 ? [`(created_at, session_id) ${fromEnd ? '>' : '<'} (?, ?)`] : []
    return file.all<Snapshot>(
      `SELECT ${columns} FROM sessions ${whereClause([...where, ...behind])}
       ORDER BY created_at ${order}, session_id ${order} LIMIT ? OFFSET ?`,
      ...values,
      ...place,
      limit,
      offset,
    )
  }
  // No index covers both filters, so SQLite reads the row of each entry.
  const isByBoth = filter.mentor_id !== undefined && filter.organisation_id !== undefined
  const step = isByBoth ? rowsAStep : entriesAStep
  let offset = 'offset' in page ? page.offset : 0
  for (; offset > step; offset -= step) {
    const [last] = found('created_at, session_id', 1, step - 1)
    if (!last) return []
    place = [last.created_at, last.session_id]
    await file.turn()
  }
  const sessions = found(snapshotMembers.join(', '), page.limit, offset)
  return fromEnd ? sessions.reverse() : sessions
}

/** See Store.untouched. */
export const idleSessions = (file: EmbeddedFile, before: Timestamp, limit: number): IdleSession[] =>
  file.all<IdleSession>(
    'SELECT session_id, version FROM sessions INDEXED BY by_age WHERE updated_at < ? ORDER BY updated_at LIMIT ?',
    before,
    limit,
  )
