import {
  comparisonOf,
  maxInTotal,
  maxOfOwner,
  ownerKey,
  readExisting,
  type SendExistingQuery,
} from '../../../dashboard/src/capabilities/import/existing'
import { maxConcurrent } from '../../../dashboard/src/concurrency'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

const owner = (mentorId: string, organisationId: string | null = null) => ({ mentorId, organisationId })
const inputs = {
  sessions: 25,
  avgMinutes: 30,
  costPerSession: 3.5,
  costPerHour: 30,
  label: 'Spring',
  currency: 'GBP',
  period: { from: '2026-01-01', to: '2026-03-31' },
  costPerHourRange: { low: 25, high: 35.5 },
}
const same = comparisonOf(owner('m', 'o'), inputs)

test.each([
  ['another mentor', comparisonOf(owner('n', 'o'), inputs)],
  ['no organisation', comparisonOf(owner('m'), inputs)],
  ['another label', comparisonOf(owner('m', 'o'), { ...inputs, label: 'spring' })],
  ['no currency', comparisonOf(owner('m', 'o'), { ...inputs, currency: null })],
  ['no period', comparisonOf(owner('m', 'o'), { ...inputs, period: null })],
  ['a number that differs in its last decimal', comparisonOf(owner('m', 'o'), { ...inputs, costPerSession: 3.5001 })],
  ['another range', comparisonOf(owner('m', 'o'), { ...inputs, costPerHourRange: { low: 25, high: 35.4 } })],
])('a calculation with %s is another one', (_, other) => {
  expect(other).not.toBe(same)
})

test('a missing member is the same as null, and white space around a label does not count', () => {
  const { label, costPerHourRange, ...stated } = inputs
  expect(comparisonOf(owner('m', 'o'), { ...inputs, label: ' Spring ' })).toBe(same)
  expect(comparisonOf(owner('m'), { ...stated, label: null, costPerHourRange: null })).toBe(
    comparisonOf(owner('m'), stated),
  )
})

describe('existing calculations', () => {
  const server = serving(embeddedDatabase)
  const send: SendExistingQuery = async (query, variables) => {
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ query, variables })
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
    return ((await response.json()) as { data: unknown }).data
  }
  const payload = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
  const calculate = async (mentor_id: string, organisation_id: string | null, cost_per_hour: number) => {
    const { session_id } = (await server.sessions.start({ mentor_id, organisation_id })).session
    await server.sessions.dispatch(session_id, { event: 'CalculateRequested', payload: { ...payload, cost_per_hour } })
    return session_id
  }

  test('are read of each mentor, in the organisation or in none', async () => {
    const inside = await calculate('a', 'o', 30)
    const outside = await calculate('a', null, 30)
    await calculate('b', 'o', 30)
    await server.sessions.start({ mentor_id: 'a', organisation_id: 'o' })
    const owners = [owner('a', 'o'), owner('a'), owner('nobody')]
    const existing = await readExisting(owners, send, () => true)
    const { label, currency, period, costPerHourRange, ...numbers } = inputs
    expect([...existing.sessions]).toEqual([
      [comparisonOf(owner('a', 'o'), numbers), inside],
      [comparisonOf(owner('a'), numbers), outside],
    ])
    expect([...existing.owners]).toEqual(owners.map(owner => [ownerKey(owner), true]))
  })

  test('are read only up to a maximum of one mentor, the latest first, and the rest is known to be missing', async () => {
    const latest: string[] = []
    for (let at = 0; at <= maxOfOwner; at++) latest.unshift(await calculate('many', 'o', at))
    const existing = await readExisting([owner('many', 'o'), owner('many')], send, () => true)
    expect([...existing.sessions.values()].sort()).toEqual(latest.slice(0, maxOfOwner).sort())
    expect([...existing.owners.values()].sort()).toEqual([false, true])
  })

  test('are read only up to a maximum in total', async () => {
    let requests = 0
    const full = { nodes: Array(100).fill({ id: 's', result: null }), pageInfo: { hasNextPage: true, endCursor: 'c' } }
    const owners = Array.from({ length: 2_000 }, (_, at) => owner(`m-${at}`))
    const existing = await readExisting(
      owners,
      async () => {
        requests++
        return { sessions: full }
      },
      () => true,
    )
    expect(requests).toBe(maxInTotal / 100)
    expect([...existing.owners.values()]).toEqual(Array(2_000).fill(false))
  })

  test('are not read after a failed request', async () => {
    let requests = 0
    const refuse = async () => {
      requests++
      throw new Error('no response')
    }
    const owners = Array.from({ length: 100 }, (_, at) => owner(`m-${at}`))
    const existing = await readExisting(owners, refuse, () => true)
    expect(requests).toBe(maxConcurrent)
    expect([...existing.owners.values()]).toEqual(Array(100).fill(false))
  })
})
