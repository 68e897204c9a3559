import { cursorOf, membersOf } from '../domain/cursor'
import { DomainError } from '../domain/errors'
import { type SessionOrder, sessionKeySchema } from '../domain/order'
import type { Place } from '../domain/place'

/** Names a place of an order, and the order. */
export const sessionCursorOf = (order: SessionOrder, { key, session_id }: Place): string =>
  cursorOf([orderOf(order), key, session_id])

const orderOf = ({ by, descending, currency }: SessionOrder): unknown[] => [by, descending, currency]

/** The place that a cursor names in this order. Throws invalid_cursor where it was issued for another, or not at all. */
export function placeAt(order: SessionOrder, cursor: string): Place {
  const [of, stated, session_id] = membersOf(cursor)
  const key = sessionKeySchema(order).safeParse(stated)
  const isOfOrder = JSON.stringify(of) === JSON.stringify(orderOf(order))
  if (isOfOrder && key.success && typeof session_id === 'string') return { key: key.data, session_id }
  throw new DomainError('invalid_cursor', { errors: [{ detail: 'is not a cursor of this list', parameter: 'after' }] })
}
