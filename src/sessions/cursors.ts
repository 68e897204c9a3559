import { cursorOf, membersOf } from '../domain/cursor'
import { DomainError } from '../domain/errors'
import { isNewestFirst, type SessionOrder, sessionKeySchema } from '../domain/order'
import type { Place } from '../domain/place'
import { timestamp } from '../domain/timestamp'

/** Names a place of an order, and the order: of newest first it is only the place, as before there were others. */
export const sessionCursorOf = (order: SessionOrder, { key, session_id }: Place): string =>
  isNewestFirst(order)
    ? Buffer.from(`${key} ${session_id}`).toString('base64url')
    : cursorOf([orderOf(order), key, session_id])

const orderOf = ({ by, descending, currency }: SessionOrder): unknown[] => [by, descending, currency]

/** The place that a cursor names in this order. Throws invalid_cursor where it was issued for another, or not at all. */
export function placeAt(order: SessionOrder, cursor: string): Place {
  const place = isNewestFirst(order) ? placeInList(cursor) : placeInOrder(order, cursor)
  if (place) return place
  throw new DomainError('invalid_cursor', { errors: [{ detail: 'is not a cursor of this list', parameter: 'after' }] })
}

function placeInList(cursor: string): Place | undefined {
  const [, time = '', session_id] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  const created_at = new Date(time)
  return session_id && !Number.isNaN(created_at.getTime()) ? { key: timestamp(created_at), session_id } : undefined
}

function placeInOrder(order: SessionOrder, cursor: string): Place | undefined {
  const [of, stated, session_id] = membersOf(cursor)
  const key = sessionKeySchema(order).safeParse(stated)
  const isOfOrder = JSON.stringify(of) === JSON.stringify(orderOf(order))
  return isOfOrder && key.success && typeof session_id === 'string' ? { key: key.data, session_id } : undefined
}
