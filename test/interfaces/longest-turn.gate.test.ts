import { reportTotals } from '../../src/capabilities/reports/report-sums'
import { monthsUpTo } from '../../src/capabilities/totals/model'
import { summariesPath } from '../../src/capabilities/totals/rest'
import { Totals } from '../../src/capabilities/totals/totals'
import { stallMs } from '../../src/concurrency/event-loop-stalls'
import type { Store } from '../../src/db/store'
import { contributionOf } from '../../src/domain/session'
import { sessionsPath } from '../../src/rest/resources/sessions'
import { addEveryCurrency, addResults, addShares, allAmounts, copy, repeat } from '../support/full'
import { longestTurnOf } from '../support/longest-turn'
import { send } from '../support/raw'
import { json } from '../support/rest'
import { serving } from '../support/server'
import { calculation, changing, noon, quiet, starting, stored } from '../support/sessions'
import { embeddedDatabase, overStores } from '../support/stores'
import { until } from '../support/until'

const months = monthsUpTo(noon, 120)
const clock = () => new Date(noon)

/** As much of the largest objects as a response may have, and more than it may. */
const queries: [string, (ids: { shared: string[]; calculated: string[] }) => string][] = [
  ['summary', () => `{ ${repeat(30, n => `a${n}: summary { ${allAmounts} }`)} }`],
  ['trend', () => `{ trend(last: 120) { month results ${allAmounts} } }`],
  ['trend, too large', () => `{ ${repeat(2, n => `a${n}: trend(last: ${120 - n}) { month results ${allAmounts} }`)} }`],
  [
    'mentors',
    () => `{ mentors(first: 100, orderBy: {by: NET_BENEFIT, descending: true}) { nodes { ${allAmounts} } } }`,
  ],
  ['organisations', () => `{ organisations(first: 100) { nodes { ${allAmounts} } edges { node { ${allAmounts} } } } }`],
  ['summary of months', () => `{ summary(filter: {months: {from: "0001-01"}}) { ${allAmounts} } }`],
  ['trend of months', () => `{ trend(filter: {months: {to: "${months.at(-1)}"}}) { month ${allAmounts} } }`],
  [
    'mentors of months',
    () =>
      `{ mentors(first: 100, orderBy: {by: NET_BENEFIT}, filter: {months: {from: "${months[0]}", to: "${months.at(-1)}"}}) { nodes { ${allAmounts} } } }`,
  ],
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
      `{ __schema { types { ${repeat(9, n => `a${n}: fields { name description type { name fields { name } } }`)} } } }`,
  ],
]

overStores(({ place }) => {
  const server = serving(place, { clock, config: { FEDERATION: true } })
  const ids: { shared: string[]; calculated: string[]; tokens: string[] } = { shared: [], calculated: [], tokens: [] }

  beforeAll(async () => {
    await addEveryCurrency(server.store, 'mentor', months)
    for (let i = 0; i < 100; i++) await addEveryCurrency(server.store, `m${i}`, months.slice(-1))
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
    summariesPath,
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

  test('totals that the store adds up hold up other work for less than a stall', async () => {
    const totals = new Totals({
      store: server.store,
      log: quiet,
      clock,
      bounds: { groups: 0, sums: 0, labelBytes: 0, refillMs: 60_000 },
    })
    totals.reset('')
    const page = { order: { by: 'net_benefit', descending: true, currency: 'GBP' }, first: 100 } as const
    const range = { months: { from: '2020-01' } }
    const works = [
      () => totals.summary({}),
      () => totals.trend({}, 120),
      () => totals.trend(range),
      () => totals.mentors({}, page),
      () => reportTotals(totals, { months: { from: '2020-01', to: '2020-01' } }),
      () => reportTotals(totals, { months: { from: '2010-01', to: '2019-12' } }).catch(() => {}),
    ]
    for (const work of works) expect(await longestTurnOf(work)).toBeLessThan(stallMs)
    totals.end()
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

test('a page of as many mentors as the totals hold, and a find in all of them, hold up other work for less than a stall', async () => {
  const sessions = Array.from({ length: 240_000 }, (_, i) => {
    const { session } = starting({ session_id: `s${i}`, mentor_id: `m${i}`, organisation_id: 'o' })
    return changing(session, calculation(i % 1_000)).session
  })
  const store = {
    contributions: async () => ({
      sessions: sessions.map(({ session_id, mentor_id, organisation_id, created_at, ...session }) => ({
        session_id,
        mentor_id,
        organisation_id,
        created_at,
        label: `Label of ${session_id}`,
        contribution: contributionOf({ ...session }),
      })),
      next: null,
      position: '1',
      reached: '1',
    }),
  }
  const totals = new Totals({ store: { totals: store } as unknown as Store, log: quiet, clock })
  totals.reset('1')
  await until(() => totals.status.state === 'kept', 60_000, 'the totals')
  for (const by of ['id', 'results', 'net_benefit'] as const) {
    const page = { order: { by, descending: true, currency: null }, first: 100, search: 'M' }
    expect(await longestTurnOf(() => totals.mentors({}, page))).toBeLessThan(stallMs)
  }
  for (const text of ['m2', 'autumn', 'label']) {
    for (const filter of [{ state: 'error' }, { organisation_id: 'none' }] as const) {
      expect(await longestTurnOf(() => totals.find(filter, { text, first: 50 }))).toBeLessThan(stallMs)
    }
  }
  const months = { from: '2020-01', to: '2029-12' }
  expect((await reportTotals(totals, { months })).mentors).toBe(240_000)
  expect(await longestTurnOf(() => reportTotals(totals, { months }))).toBeLessThan(stallMs)
  totals.end()
}, 300_000)
