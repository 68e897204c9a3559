import { WebSocket } from 'ws'
import { SessionsClient } from '../../../packages/client/src/index'
import { clientInputs as inputs } from '../../support/inputs'
import { serving } from '../../support/server'
import { embeddedDatabase, gathered } from '../../support/stores'
import { until, within } from '../../support/until'

const waitMs = 20_000

const server = serving(embeddedDatabase)
let client: SessionsClient
beforeAll(() => {
  client = new SessionsClient({ url: server.url })
})

test('totals, trends and groups are read', async () => {
  for (let i = 0; i < 3; i++) {
    const { session } = await client.startSession({ mentorId: `listed_${i}`, organisationId: 'listed' })
    await client.calculate(session, { ...inputs, currency: 'EUR' })
  }
  const filter = { organisationId: 'listed' }
  expect(await client.getSummary({ filter })).toMatchObject({
    results: 3,
    amounts: [{ currency: 'EUR', netBenefit: 862.5 }],
  })
  expect((await client.getTrend({ filter, last: 2 })).at(-1)).toMatchObject({ results: 3 })
  expect(await client.listMentors({ filter, search: 'listed_', first: 2 })).toMatchObject({
    nodes: [{ id: 'listed_0' }, { id: 'listed_1' }],
    totalCount: 3,
  })
  expect((await client.listOrganisations({ search: 'listed' })).nodes).toMatchObject([{ id: 'listed', sessions: 3 }])
})

test('all pages of groups are read one after the other', async () => {
  const mentors = Array.from({ length: 210 }, (_, i) => `paged_${String(i).padStart(3, '0')}`)
  await Promise.all(mentors.map(mentorId => client.startSession({ mentorId, organisationId: 'paged' })))
  expect((await gathered(client.allMentors({ search: 'paged_' }))).map(({ id }) => id)).toEqual(mentors)
  expect(await gathered(client.allOrganisations({ search: 'paged' }))).toMatchObject([{ sessions: 210 }])
})

test('a summary is sent when it changes, and a slow reader gets only the latest', async () => {
  const filter = { mentorId: 'summed' }
  const leaving = new AbortController()
  const summaries = client.followSummary({ filter, signal: leaving.signal })
  expect((await summaries.next()).value).toMatchObject({ summary: { sessions: 0 } })
  for (let count = 1; count <= 3; count++) await client.startSession(filter)
  for (let count = 0; count !== 3; ) count = (await summaries.next()).value?.summary.sessions ?? Number.NaN
  await client.startSession(filter)
  leaving.abort()
  await expect(summaries.next()).resolves.toEqual({ done: true, value: undefined })
})

test('close ends the following of a summary without an error, and closes the socket', async () => {
  const sockets: WebSocket[] = []
  class Watched extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given)
      sockets.push(this)
    }
  }
  const closing = new SessionsClient({ url: server.url, webSocketImpl: Watched })
  const summaries = closing.followSummary()
  await summaries.next()
  closing.close()
  expect(await within(waitMs, 'the end', summaries.next())).toEqual({ done: true, value: undefined })
  await until(() => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED), waitMs, 'the end of the socket')
  expect(sockets).toHaveLength(1)
})

describe('an option at the wrong place', () => {
  const client = new SessionsClient({ url: 'http://localhost:1' })
  const refused: [string, () => unknown, string][] = [
    [
      'a filter of getSession',
      // @ts-expect-error: an id selects one session.
      () => client.getSession('session_1', { filter: {} }),
      '`getSession` has no option `filter`. This option belongs to `followSessions`, `listSessions`, `allSessions`, `countSessions`, `listSharedLinks`, `allSharedLinks`, `useSessions`, `followSummary`, `getSummary`, `getTrend`, `listMentors`, `allMentors`, `listOrganisations`, `allOrganisations`, `useSummary`, `find`.',
    ],
    [
      'a page size of allSessions',
      // @ts-expect-error: it reads all pages.
      () => client.allSessions({ first: 10 }),
      '`allSessions` has no option `first`. This option belongs to `listSessions`, `listTransitions`, `listSharedLinks`, `listMentors`, `listOrganisations`, `find`.',
    ],
    [
      'an order of the client',
      // @ts-expect-error: it belongs to a list.
      () => new SessionsClient({ url: 'http://localhost:1', orderBy: { by: 'CREATED', descending: true } }),
      '`new SessionsClient` has no option `orderBy`. This option belongs to `listSessions`, `allSessions`, `listMentors`, `allMentors`, `listOrganisations`, `allOrganisations`.',
    ],
    [
      'an unknown option of getTrend',
      // @ts-expect-error: it is called `last`.
      () => client.getTrend({ years: 3 }),
      '`getTrend` has no option `years`. The known options are `signal`, `maxAttempts`, `onRetry`, `filter`, `last`.',
    ],
  ]

  test.each(refused)('%s is refused, and the message says where it belongs', async (_, call, message) => {
    // A promise rejects, everything else throws at once.
    await expect((async () => call())()).rejects.toThrow(new TypeError(message))
  })
})
