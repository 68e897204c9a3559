import { stallMs } from '../../src/concurrency/event-loop-stalls'
import { fullPageBytes } from '../../src/rest/resources/events'
import { sessionsPath } from '../../src/rest/resources/sessions'
import { figures } from '../db/every-kind'
import { nowOf } from '../support/feed-pages'
import { addResults, addShares, copy, repeat } from '../support/full'
import { longestTurnOf } from '../support/longest-turn'
import { send } from '../support/raw'
import { json } from '../support/rest'
import { serving } from '../support/server'
import { noon, stored } from '../support/sessions'
import { embeddedDatabase, overStores } from '../support/stores'
import { feedPath } from '../support/transports'

const clock = () => new Date(noon)

/** As much of the largest objects as a response may have, and more than it may. */
const queries: [string, (ids: { shared: string[]; calculated: string[] }) => string][] = [
  ['share', () => '{ sessions(first: 100) { nodes { id share { token } } } }'],
  ['shares', () => '{ sessions(first: 30) { nodes { id shares { token expiresAt } } } }'],
  ['sharedResult', ({ shared }) => `{ ${repeat(30, n => `a${n}: sharedResult(token: "${shared[n]}") { method } `)} }`],
  ['result', ({ shared }) => `{ ${repeat(30, n => `a${n}: session(id: "${shared[n]}") { result { id } }`)} }`],
  [
    'results',
    ({ calculated }) => `{ ${repeat(20, n => `a${n}: session(id: "${calculated[n]}") { results { id } }`)} }`,
  ],
  [
    'results, too large',
    ({ calculated }) =>
      `{ ${repeat(20, n => `a${n}: session(id: "${calculated[n]}") { results { id inputs { label } outputs { timeValue netBenefit totalHours roiPercent undefinedBecause { output } } } }`)} }`,
  ],
  ['transitions', () => '{ session(id: "full") { transitions(first: 1000) { session { id result { id } } } } }'],
  [
    'transitions, too large',
    () =>
      `{ session(id: "full") { ${repeat(9, n => `a${n}: transitions(first: ${1_000 - n}) { session { mentorId result { id } } }`)} } }`,
  ],
  [
    'introspection',
    () =>
      `{ __schema { types { ${repeat(8, n => `a${n}: fields { name description type { name fields { name } } }`)} } } }`,
  ],
]

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { clock, config: { FEDERATION: true } })
  let beforeFull = ''
  const ids: { shared: string[]; calculated: string[]; tokens: string[] } = { shared: [], calculated: [], tokens: [] }

  beforeAll(async () => {
    await copy(
      server.store,
      await stored(server.store, { session_id: 'old', mentor_id: 'm' }, [
        figures({ period: { from: '2016-01-01', to: '2016-02-28' } }),
      ]),
      20_000,
      1,
    )
    beforeFull = await nowOf(server)
    ids.shared = await copy(server.store, await addShares(server.store, 'shared'), 300, 1)
    const full = await addResults(server.store, 'full')
    ids.calculated = await copy(server.store, full, 20, 499)
    for (const id of ids.shared.slice(0, 30))
      ids.tokens.push((await server.store.sessions.latestShare(id))?.token ?? '')
  }, 300_000)

  const post = (body: object) => () => send(server.url, 'POST', '/graphql', json, JSON.stringify(body))

  test.each(queries)('a query of %s holds up other work for less than a stall', async (name, query) => {
    const shared = name === 'sharedResult' ? ids.tokens : ids.shared
    const ask = post({ query: query({ ...ids, shared }) })
    const { text } = await ask()
    expect(text).toMatch(/"data":|larger than/)
    expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
  })

  test.each([
    [10, 'id state'],
    [3, 'result { id outputs { timeValue } }'],
    [3, 'share { token }'],
  ])('%d times the sessions of a gateway with %s hold up other work for less than a stall', async (times, selected) => {
    const of = Array.from({ length: 1_000 }, (_, i) => ({ __typename: 'Session', id: ids.shared[i % 300] }))
    const field = `_entities(representations: $of) { ... on Session { ${selected} } }`
    const query = `query ($of: [_Any!]!) { ${repeat(times, n => `a${n}: ${field}`)} }`
    expect(await longestTurnOf(post({ query, variables: { of } }))).toBeLessThan(stallMs)
  })

  test.each([
    `${sessionsPath}?limit=100`,
    `${sessionsPath}?limit=100&sort=label`,
    `${sessionsPath}?limit=100&view=full`,
    `${sessionsPath}?limit=100&from=2016-01&to=2016-12`,
    `${sessionsPath}?format=csv`,
    `${sessionsPath}?format=csv&to=2016-12`,
    `${sessionsPath}/full/results`,
    `${sessionsPath}/full/events?limit=1000`,
    `${sessionsPath}/shared/shares`,
    `${sessionsPath}/shared/share`,
  ])('GET %s holds up other work for less than a stall', async path => {
    const ask = () => send(server.url, 'GET', path)
    expect((await ask()).status).toBe(200)
    expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
  })

  test('a page of the feed with the sessions of full transitions holds up other work for less than a stall', async () => {
    const ask = () => send(server.url, 'GET', `${feedPath}?view=full&limit=1000&after=${beforeFull}`)
    const { text } = await ask()
    expect(text.length).toBeGreaterThan(fullPageBytes / 4)
    expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
  })
})

describe('on the embedded store', () => {
  const server = serving(embeddedDatabase, { clock })

  test('the many sessions of a mentor in another organisation hold up other work for less than a stall', async () => {
    const who = { session_id: 'x', mentor_id: 'mentor', organisation_id: 'a' }
    await copy(server.store, await stored(server.store, who), 400_000, 0)
    const ask = () => send(server.url, 'GET', `${sessionsPath}?mentor_id=mentor&organisation_id=b`)
    expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
  })
})
