import { summariesPath } from '../../../src/capabilities/totals/rest'
import { stallMs } from '../../../src/concurrency/event-loop-stalls'
import { monthsUpTo } from '../../support/filters'
import { addEveryCurrency, allAmounts, repeat } from '../../support/full'
import { longestTurnOf } from '../../support/longest-turn'
import { send } from '../../support/raw'
import { json } from '../../support/rest'
import { serving } from '../../support/server'
import { noon } from '../../support/sessions'
import { embeddedDatabase } from '../../support/stores'
import { fullTotals } from './full'

const months = monthsUpTo(noon, 120)

/** As much of the largest objects as a response may have, and more than it may. */
const queries: [string, () => string][] = [
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
]

// Totals are computed in memory, over any store.
describe('totals in every currency', () => {
  const server = serving(embeddedDatabase, { clock: () => new Date(noon) })

  beforeAll(async () => {
    await addEveryCurrency(server.store, 'mentor', months)
    for (let i = 0; i < 100; i++) await addEveryCurrency(server.store, `m${i}`, months.slice(-1))
  }, 300_000)

  test.each(queries)('a query of %s holds up other work for less than a stall', async (_, query) => {
    const ask = () => send(server.url, 'POST', '/graphql', json, JSON.stringify({ query: query() }))
    const { text } = await ask()
    expect(text).toMatch(/"data":|larger than/)
    expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
  })

  test('GET of a summary holds up other work for less than a stall', async () => {
    const ask = () => send(server.url, 'GET', summariesPath)
    expect((await ask()).status).toBe(200)
    expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
  })
})

test('a page of as many mentors as the totals hold holds up other work for less than a stall', async () => {
  const totals = await fullTotals()
  for (const by of ['id', 'results', 'net_benefit'] as const) {
    const page = { order: { by, descending: true, currency: null }, first: 100, search: 'M' }
    expect(await longestTurnOf(() => totals.mentors({}, page))).toBeLessThan(stallMs)
  }
  totals.end()
}, 300_000)
