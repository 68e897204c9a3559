import type { Collection, Document } from 'mongodb'
import { isAmount } from '../../domain/order'
import type { SortKey } from '../../domain/sort-key'
import { timestamp } from '../../domain/timestamp'
import type { Filter, OtherOrder } from '../store'
import { newestFirst, type SessionDocument, selection } from './documents'
import { sortField, sortIndex, unstated } from './sort-fields'

/** Returns the document field that holds the sort key. */
const fieldOf = ({ by }: OtherOrder): string => (by === 'updated_at' || by === 'mentor_id' ? by : sortField(by))

/** Returns the condition for sessions that have a sort key, or undefined if all sessions have one. */
function keyed({ by, currency }: OtherOrder): Document | undefined {
  if (by === 'updated_at' || by === 'mentor_id') return undefined
  if (isAmount(by)) return { [sortField('currency')]: currency ?? unstated }
  return { [sortField(by)]: by === 'label' || by === 'period_to' ? { $gt: '' } : { $gte: 0 } }
}

const negated = (condition: Document): Document =>
  Object.fromEntries(
    Object.entries(condition).map(([name, value]) => [
      name,
      typeof value === 'string' ? { $ne: value } : { $not: value },
    ]),
  )

/** The index of a mentor's sessions. It does not hold the sort keys, so MongoDB reads the documents too. */
const mentorsKey = { mentor_id: 1, state: 1, ...newestFirst } as const

/**
 * Reads the first sort keys, or those after `after`, as a snapshot. It reads either sessions that have a key or
 * sessions without one.
 */
export async function sortKeys(
  sessions: Collection<SessionDocument>,
  filter: Filter,
  order: OtherOrder,
  { haveKey, limit, after }: { haveKey: boolean; limit: number; after: SortKey | undefined },
  signal: AbortSignal,
): Promise<SortKey[]> {
  const selected = selection(filter)
  const condition = keyed(order)
  if (!selected || (!haveKey && !condition)) return []
  const field = fieldOf(order)
  const direction = order.descending ? -1 : 1
  const conditions = [selected, ...(condition ? [haveKey ? condition : negated(condition)] : [])]
  if (after) conditions.push(haveKey ? beyond(order, field, after) : { _id: beyondOf(order, after.session_id) })
  const found = sessions.find({ $and: conditions } as Document, {
    projection: haveKey ? { [field]: 1 } : { _id: 1 },
    sort: { ...(haveKey && { [field]: direction }), _id: direction },
    limit,
    hint: filter.mentor_id === undefined ? sortIndex : mentorsKey,
    readConcern: { level: 'snapshot' },
    signal,
  })
  return (await found.toArray()).map(document => ({
    key: haveKey ? keyIn(document, field) : null,
    session_id: document._id,
  }))
}

const beyondOf = ({ descending }: OtherOrder, value: unknown): Document => ({ [descending ? '$lt' : '$gt']: value })

function beyond(order: OtherOrder, field: string, { key, session_id }: SortKey): Document {
  const value = order.by === 'updated_at' ? new Date(String(key)) : key
  return {
    [field]: { [order.descending ? '$lte' : '$gte']: value },
    $or: [{ [field]: beyondOf(order, value) }, { _id: beyondOf(order, session_id) }],
  }
}

function keyIn(document: Document, field: string): string | number {
  const value = field.split('.').reduce((within, name) => within[name], document) as unknown as string | number | Date
  return value instanceof Date ? timestamp(value) : value
}
