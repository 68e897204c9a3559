import { cursorOf, membersOf } from '../domain/cursor'
import { DomainError } from '../domain/errors'
import { type SessionOrder, sortKeySchema } from '../domain/order'
import type { SortKey } from '../domain/sort-key'

/** Encodes a sort key and its order as a cursor. */
export const sessionCursorOf = (order: SessionOrder, { key, session_id }: SortKey): string =>
  cursorOf([orderOf(order), key, session_id])

const orderOf = ({ by, descending, currency }: SessionOrder): unknown[] => [by, descending, currency]

/** Decodes a cursor to a sort key. Throws invalid_cursor if it is malformed or belongs to another order. */
export function sortKeyFromCursor(order: SessionOrder, cursor: string): SortKey {
  const [of, stated, session_id] = membersOf(cursor)
  const key = sortKeySchema(order).safeParse(stated)
  const isOfOrder = JSON.stringify(of) === JSON.stringify(orderOf(order))
  if (isOfOrder && key.success && typeof session_id === 'string') return { key: key.data, session_id }
  throw new DomainError('invalid_cursor', {
    errors: [{ detail: 'is not a cursor of this list in this order', parameter: 'after' }],
  })
}
