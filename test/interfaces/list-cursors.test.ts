import { ListCursors } from '../../src/sessions/list-cursors'
import { base } from '../support/interfaces'
import { describeCursors, graphqlList, nextOfBody, nextOfLink, restList } from '../support/list-cursors'

describeCursors([
  restList('sessions', `${base}?sort=created_at&`, nextOfLink),
  restList('links', '/api/v1/benefit-shares?', nextOfBody),
  graphqlList('sessions', 'sessions', 'id'),
  graphqlList('links', 'sharedLinks', 'session { id }'),
])

test('a list reads no cursor before the store is open, because it has no secret yet', () => {
  const cursors = new ListCursors({ secret: new Uint8Array() })
  expect(() => cursors.decode('sessions', 'any')).toThrow(expect.objectContaining({ code: 'unavailable' }))
})
