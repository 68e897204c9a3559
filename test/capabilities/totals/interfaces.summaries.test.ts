import type { Group, MonthTotals } from '../../../src/capabilities/totals/model'
import type { Inputs } from '../../../src/domain/calculator'
import { hours, inputsOf } from '../../support/inputs'
import { type Api, done, type Filter, graphqlApi, type Json, query, restApi, type Who } from '../../support/interfaces'
import { randomFrom } from '../../support/random'
import { clockAt, type Server, serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { withTotals } from './api'
import { sumsOf } from './sums'

const amountFields = `amounts { ...Amounts }`
const groupFields = `nodes { id sessions results ${amountFields} } edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount`

interface Groups {
  nodes: Group[]
  edges: { cursor: string; node: { id: string | null } }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  totalCount: number
}

type Order = { by?: string; descending?: boolean; currency?: string | null }

async function asked<T>(server: Server, text: string, variables: object): Promise<T> {
  const { data, errors } = await query(server, text, variables)
  expect(errors).toBeUndefined()
  return Object.values(data ?? {})[0] as T
}

const mentors = (server: Server, variables: object): Promise<Groups> =>
  asked(
    server,
    `query ($filter: SessionFilter, $search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
      mentors(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after) { ${groupFields} } }`,
    variables,
  )

const organisations = (server: Server, variables: object): Promise<Groups> =>
  asked(
    server,
    `query ($search: String, $orderBy: GroupOrder, $first: Int, $after: String) {
      organisations(search: $search, orderBy: $orderBy, first: $first, after: $after) { ${groupFields} } }`,
    variables,
  )

const trend = (server: Server, variables: object): Promise<MonthTotals[]> =>
  asked(
    server,
    `query ($filter: SessionFilter, $last: Int) { trend(filter: $filter, last: $last) { month results ${amountFields} } }`,
    variables,
  )

const ids = ({ nodes }: Groups): (string | null)[] => nodes.map(({ id }) => id)

/** Starts a session, with a result if inputs are given. */
async function added(api: Api, who: Who, inputs?: Inputs): Promise<string> {
  const { session_id } = done(await api.start(who)).session
  if (inputs) done(await api.dispatch(session_id, 'CalculateRequested', inputs))
  return session_id
}

overStores(({ newDatabase }) => {
  describe('a summary', () => {
    const clock = clockAt('2026-03-26T09:15:42.000Z')
    const server = serving(newDatabase, { clock })
    const [rest, graphql] = [withTotals(restApi(server)), withTotals(graphqlApi(server))]

    beforeAll(async () => {
      for (const [currency, count] of [
        ['USD', 1],
        ['GBP', 1],
        [null, 1],
        ['JPY', 1],
        ['GBP', 2],
        ['USD', 2],
        [null, 2],
      ] as const) {
        await added(rest, { mentor_id: `m${count}`, organisation_id: 'org' }, hours(count, currency))
      }
      await added(graphql, { mentor_id: 'm1' })
      const reset = await added(graphql, { mentor_id: 'm2' }, hours(99, 'GBP'))
      done(await graphql.dispatch(reset, 'ResetRequested'))
      done(await rest.close(await added(rest, { mentor_id: 'm1', organisation_id: 'org' }, hours(99, 'GBP'))))
    })

    test('lists amounts by number of results, ties by currency, no currency last, and never adds currencies together', async () => {
      const { summary } = done(await graphql.summary())
      expect(summary).toMatchObject({ sessions: 9, results: 7 })
      expect(summary.states).toEqual([
        { state: 'initial', count: 2 },
        { state: 'loaded', count: 7 },
        { state: 'error', count: 0 },
      ])
      expect(summary.amounts).toEqual([
        sumsOf('GBP', 2, 3),
        sumsOf('USD', 2, 3),
        sumsOf(null, 2, 3),
        sumsOf('JPY', 1, 1),
      ])
    })

    test('counts the calculations of each of the last 30 minutes, including former results, without closed sessions', async () => {
      const { calculations } = done(await graphql.summary()).summary
      expect(calculations).toHaveLength(30)
      expect(calculations.at(0)).toEqual({ minute: '2026-03-26T08:46:00Z', count: 0 })
      expect(calculations.at(-1)).toEqual({ minute: '2026-03-26T09:15:00Z', count: 8 })
    })

    test.each<Filter>([
      {},
      { mentor_id: 'm1' },
      { mentor_id: 'm2', organisation_id: 'org' },
      { organisation_id: 'org', state: 'loaded' },
      { state: 'initial' },
      { state: 'loading' },
      { mentor_id: 'nobody' },
    ])('is the same in REST and GraphQL, with the filter %j', async filter => {
      const { summary } = done(await rest.summary(filter))
      expect(done(await graphql.summary(filter)).summary).toEqual(summary)
      expect(summary.sessions).toBe(done(await rest.list(filter)).total)
    })

    test('covers the sessions that the filter selects, and their calculations', async () => {
      const { summary } = done(await rest.summary({ mentor_id: 'm2', organisation_id: 'org' }))
      expect(summary).toMatchObject({ sessions: 3, results: 3, calculations: { 29: { count: 3 } } })
      expect(summary.amounts).toEqual([sumsOf('GBP', 1, 2), sumsOf('USD', 1, 2), sumsOf(null, 1, 2)])
      expect(done(await rest.summary({ state: 'initial' })).summary).toMatchObject({
        sessions: 2,
        results: 0,
        amounts: [],
      })
    })

    test('includes changes made just before the request, in REST and GraphQL', async () => {
      for (const [first, second] of [
        [rest, graphql],
        [graphql, rest],
      ] as const) {
        for (let count = 1; count <= 5; count++) {
          await added(first, { mentor_id: first.name }, hours(1))
          expect(done(await second.summary({ mentor_id: first.name })).summary).toMatchObject({
            sessions: count,
            amounts: [sumsOf(null, count, count)],
          })
        }
      }
    })
  })

  describe('a trend', () => {
    const clock = clockAt('2026-01-01T00:00:00.000Z')
    const server = serving(newDatabase, { clock })
    const api = withTotals(restApi(server))
    const during = (from: string, to: string): Partial<Inputs> => ({ period: { from, to } })

    beforeAll(async () => {
      for (const [at, inputs] of [
        ['2026-01-31T23:59:59.999Z', hours(1)],
        ['2026-02-01T00:00:00.000Z', hours(2, 'GBP')],
        ['2026-04-10T12:00:00.000Z', { ...hours(3), ...during('2025-11-01', '2026-01-31') }],
        ['2026-04-10T12:00:00.000Z', { ...hours(4, 'GBP'), ...during('2025-01-01', '2025-12-31') }],
        ['2026-04-10T12:00:00.000Z', { ...hours(5), ...during('2026-04-30', '2026-05-01') }],
        ['2026-04-30T23:59:59.999Z', hours(6, 'JPY')],
      ] as const) {
        clock.set(at)
        await added(api, { mentor_id: `m${inputs.sessions}`, organisation_id: 'org' }, inputs)
      }
    })

    test('puts each result in the UTC month in which its period ends, or else in which it was computed', async () => {
      expect(await trend(server, { last: 5 })).toEqual([
        { month: '2025-12-01', results: 1, amounts: [sumsOf('GBP', 1, 4)] },
        { month: '2026-01-01', results: 2, amounts: [sumsOf(null, 2, 4)] },
        { month: '2026-02-01', results: 1, amounts: [sumsOf('GBP', 1, 2)] },
        { month: '2026-03-01', results: 0, amounts: [] },
        { month: '2026-04-01', results: 1, amounts: [sumsOf('JPY', 1, 6)] },
      ])
    })

    test('ends with the current month and has the requested number of months: 12 by default, 120 at most', async () => {
      expect(await trend(server, { last: 1 })).toMatchObject([{ month: '2026-04-01' }])
      for (const variables of [{}, { last: null }, { last: 12 }]) {
        const months = await trend(server, variables)
        expect(months.map(({ month }) => month)).toEqual([
          ...[5, 6, 7, 8, 9, 10, 11, 12].map(month => `2025-${String(month).padStart(2, '0')}-01`),
          ...[1, 2, 3, 4].map(month => `2026-0${month}-01`),
        ])
      }
      const most = await trend(server, { last: 120 })
      expect(most).toHaveLength(120)
      expect(most[0]).toEqual({ month: '2016-05-01', results: 0, amounts: [] })
      clock.set('2026-05-01T00:00:00.000Z')
      expect(await trend(server, { last: 1 })).toEqual([
        { month: '2026-05-01', results: 1, amounts: [sumsOf(null, 1, 5)] },
      ])
      clock.set('2026-04-30T23:59:59.999Z')
    })

    test('covers the sessions that the filter selects', async () => {
      expect(await trend(server, { filter: { mentorId: 'm3' }, last: 4 })).toMatchObject([
        { month: '2026-01-01', amounts: [sumsOf(null, 1, 3)] },
        { results: 0 },
        { results: 0 },
        { results: 0 },
      ])
      const months = await trend(server, { filter: { organisationId: 'org', state: 'LOADED' }, last: 5 })
      expect(months).toEqual(await trend(server, { last: 5 }))
      const none = await trend(server, { filter: { state: 'INITIAL' }, last: 5 })
      expect(none.map(({ results }) => results)).toEqual([0, 0, 0, 0, 0])
    })
  })

  describe('groups', () => {
    const server = serving(newDatabase, { clock: clockAt('2026-03-26T09:15:00.000Z') })
    const api = withTotals(restApi(server))

    beforeAll(async () => {
      const free = { ...hours(9, 'GBP'), cost_per_session: 0 }
      for (const [mentor_id, organisation_id, inputs] of [
        ['Ada', 'north', hours(3, 'GBP')],
        ['adele', 'north', hours(5)],
        ['Bo', 'south', hours(1, 'GBP')],
        ['Bo', 'south', hours(1, 'JPY')],
        ['Bo', 'South', undefined],
        ['cy', undefined, { ...hours(2, 'GBP'), cost_per_hour: 25 }],
        ['dee', undefined, free],
        ['eve', 'south', undefined],
        ['eve', 'south', undefined],
      ] as const) {
        await added(api, { mentor_id, ...(organisation_id && { organisation_id }) }, inputs)
      }
    })

    test('of mentors have their organisation if there is one, and else their number', async () => {
      const overBoth = async (filter: { organisation_id?: string; from?: string }): Promise<unknown[]> => {
        const { organisation_id, from } = filter
        const selected = {
          ...(organisation_id && { organisationId: organisation_id }),
          ...(from && { months: { from } }),
        }
        const text = `query ($filter: SessionFilter) {
          mentors(filter: $filter) { nodes { id organisationId organisations } } }`
        const { nodes } = await asked<{ nodes: unknown[] }>(server, text, { filter: selected })
        const response = await fetch(`${server.url}/api/v1/benefit-mentors?${new URLSearchParams(filter)}`)
        const { data } = (await response.json()) as { data: Json[] }
        expect(
          data.map(({ mentor_id, organisation_id, organisations }) => [mentor_id, organisation_id, organisations]),
        ).toEqual((nodes as Json[]).map(({ id, organisationId, organisations }) => [id, organisationId, organisations]))
        return data.map(({ mentor_id, organisation_id, organisations }) => [mentor_id, organisation_id, organisations])
      }
      const all = [
        ['Ada', 'north', 1],
        ['Bo', null, 2],
        ['adele', 'north', 1],
        ['cy', null, 1],
        ['dee', null, 1],
        ['eve', 'south', 1],
      ]
      expect(await overBoth({})).toEqual(all)
      // Without a result, a session is in no month.
      expect(await overBoth({ from: '2026-03' })).toEqual([all[0], ['Bo', 'south', 1], ...all.slice(2, 5)])
      expect(await overBoth({ organisation_id: 'south' })).toEqual([['Bo', 'south', 1], all[5]])
      const { data } = await query(server, '{ organisations { nodes { organisationId organisations } } }')
      expect(JSON.stringify(data)).not.toMatch(/north|[0-9]/)
    })

    test('have the totals of their sessions', async () => {
      const { nodes, totalCount } = await mentors(server, {})
      expect(totalCount).toBe(6)
      expect(nodes).toEqual([
        { id: 'Ada', sessions: 1, results: 1, amounts: [sumsOf('GBP', 1, 3)] },
        { id: 'Bo', sessions: 3, results: 2, amounts: [sumsOf('GBP', 1, 1), sumsOf('JPY', 1, 1)] },
        { id: 'adele', sessions: 1, results: 1, amounts: [sumsOf(null, 1, 5)] },
        {
          id: 'cy',
          sessions: 1,
          results: 1,
          amounts: [{ ...sumsOf('GBP', 1, 2), time_value: 50, net_benefit: 30, benefit_cost_ratio: 2.5 }],
        },
        {
          id: 'dee',
          sessions: 1,
          results: 1,
          amounts: [{ ...sumsOf('GBP', 1, 9), programme_cost: 0, net_benefit: 180, benefit_cost_ratio: null }],
        },
        { id: 'eve', sessions: 2, results: 0, amounts: [] },
      ])
      for (const { id, ...rest } of nodes) {
        const { summary } = done(await api.summary({ mentor_id: String(id) }))
        expect(summary).toMatchObject(rest)
      }
      const all = await organisations(server, {})
      expect(all.nodes.map(({ id, sessions, results }) => [id, sessions, results])).toEqual([
        ['South', 1, 0],
        ['north', 2, 2],
        ['south', 4, 2],
        [null, 2, 2],
      ])
    })

    test.each<[Order, (string | null)[]]>([
      [{}, ['Ada', 'Bo', 'adele', 'cy', 'dee', 'eve']],
      [{ descending: true }, ['eve', 'dee', 'cy', 'adele', 'Bo', 'Ada']],
      [{ by: 'SESSIONS' }, ['Ada', 'adele', 'cy', 'dee', 'eve', 'Bo']],
      [{ by: 'SESSIONS', descending: true }, ['Bo', 'eve', 'Ada', 'adele', 'cy', 'dee']],
      [{ by: 'RESULTS' }, ['eve', 'Ada', 'adele', 'cy', 'dee', 'Bo']],
      [{ by: 'RESULTS', descending: true, currency: 'JPY' }, ['Bo', 'Ada', 'adele', 'cy', 'dee', 'eve']],
      [{ by: 'TOTAL_HOURS', currency: 'GBP' }, ['Bo', 'cy', 'Ada', 'dee', 'adele', 'eve']],
      [{ by: 'TOTAL_HOURS', currency: 'GBP', descending: true }, ['dee', 'Ada', 'cy', 'Bo', 'adele', 'eve']],
      [{ by: 'TOTAL_HOURS' }, ['adele', 'Ada', 'Bo', 'cy', 'dee', 'eve']],
      [{ by: 'TOTAL_HOURS', currency: null }, ['adele', 'Ada', 'Bo', 'cy', 'dee', 'eve']],
      [{ by: 'PROGRAMME_COST', currency: 'GBP' }, ['dee', 'Bo', 'cy', 'Ada', 'adele', 'eve']],
      [{ by: 'TIME_VALUE', currency: 'JPY', descending: true }, ['Bo', 'Ada', 'adele', 'cy', 'dee', 'eve']],
      [{ by: 'NET_BENEFIT', currency: 'GBP' }, ['Bo', 'Ada', 'cy', 'dee', 'adele', 'eve']],
      [{ by: 'BENEFIT_COST_RATIO', currency: 'GBP' }, ['Ada', 'Bo', 'cy', 'adele', 'dee', 'eve']],
      [{ by: 'BENEFIT_COST_RATIO', currency: 'GBP', descending: true }, ['cy', 'Ada', 'Bo', 'adele', 'dee', 'eve']],
    ])('come in the requested order, ties by id, groups without the figure last: %j', async (orderBy, expected) => {
      expect(ids(await mentors(server, { orderBy }))).toEqual(expected)
      const seen: (string | null)[] = []
      for (let after: string | null = null, more = true; more; ) {
        const { edges, nodes, pageInfo, totalCount }: Groups = await mentors(server, { orderBy, first: 2, after })
        expect(edges.map(({ node }) => node.id)).toEqual(nodes.map(({ id }) => id))
        expect(pageInfo).toMatchObject({
          hasPreviousPage: after !== null,
          startCursor: edges[0]?.cursor,
          endCursor: edges.at(-1)?.cursor,
        })
        expect(totalCount).toBe(6)
        seen.push(...nodes.map(({ id }) => id))
        after = pageInfo.endCursor
        more = pageInfo.hasNextPage
      }
      expect(seen).toEqual(expected)
    })

    test('without an organisation come last by id, in both directions', async () => {
      expect(ids(await organisations(server, {}))).toEqual(['South', 'north', 'south', null])
      expect(ids(await organisations(server, { orderBy: { descending: true } }))).toEqual([
        'south',
        'north',
        'South',
        null,
      ])
      const { pageInfo } = await organisations(server, { orderBy: { descending: true }, first: 3 })
      expect(pageInfo.hasNextPage).toBe(true)
      expect(await organisations(server, { orderBy: { descending: true }, after: pageInfo.endCursor })).toMatchObject({
        nodes: [{ id: null, sessions: 2, results: 2 }],
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
      })
      expect(ids(await organisations(server, { orderBy: { by: 'RESULTS', descending: true } }))).toEqual([
        'north',
        'south',
        null,
        'South',
      ])
    })

    test('are searched by the beginning of their names, ignoring case', async () => {
      for (const search of ['ad', 'AD', 'Ad']) expect(ids(await mentors(server, { search }))).toEqual(['Ada', 'adele'])
      expect(await mentors(server, { search: 'd', first: 1 })).toMatchObject({ nodes: [{ id: 'dee' }], totalCount: 1 })
      expect((await mentors(server, { search: 'da' })).totalCount).toBe(0)
      for (const search of ['', null]) expect((await mentors(server, { search })).totalCount).toBe(6)
      expect(ids(await organisations(server, { search: 'sou' }))).toEqual(['South', 'south'])
      expect((await organisations(server, { search: 'null' })).totalCount).toBe(0)
      const page = await mentors(server, { search: 'a', first: 1 })
      expect(page).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } })
      expect(ids(await mentors(server, { search: 'a', after: page.pageInfo.endCursor }))).toEqual(['adele'])
    })

    test('of mentors cover the sessions that the filter selects', async () => {
      expect((await mentors(server, { filter: { organisationId: 'south' } })).nodes).toEqual([
        { id: 'Bo', sessions: 2, results: 2, amounts: [sumsOf('GBP', 1, 1), sumsOf('JPY', 1, 1)] },
        { id: 'eve', sessions: 2, results: 0, amounts: [] },
      ])
      expect((await mentors(server, { filter: { state: 'INITIAL' } })).nodes).toEqual([
        { id: 'Bo', sessions: 1, results: 0, amounts: [] },
        { id: 'eve', sessions: 2, results: 0, amounts: [] },
      ])
      expect(ids(await mentors(server, { filter: { mentorId: 'cy' } }))).toEqual(['cy'])
      expect((await mentors(server, { filter: { mentorId: 'c' } })).totalCount).toBe(0)
    })

    test('past the end are empty, with no next page', async () => {
      const { pageInfo } = await mentors(server, {})
      expect(pageInfo.hasNextPage).toBe(false)
      expect(await mentors(server, { after: pageInfo.endCursor })).toEqual({
        nodes: [],
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
        totalCount: 6,
      })
    })
  })

  describe('a walk through groups that change meanwhile', () => {
    const server = serving(newDatabase)
    const api = withTotals(restApi(server))

    test.each([
      { by: 'ID' },
      { by: 'ID', descending: true },
      { by: 'SESSIONS' },
      { by: 'TIME_VALUE', descending: true },
      { by: 'BENEFIT_COST_RATIO', descending: true },
    ])('returns each group that keeps its sort position once, by %j', async orderBy => {
      const random = randomFrom(11)
      const of = JSON.stringify(orderBy)
      const staying = Array.from({ length: 12 }, (_, i) => `${of} ${String.fromCharCode(97 + 2 * i)} stays`)
      for (const [i, mentor_id] of staying.entries()) {
        await added(api, { mentor_id }, { ...inputsOf(10 + Math.floor(i / 2)), cost_per_session: 1 + (i % 3) })
      }
      const moving: string[] = []
      const met: (string | null)[] = []
      for (let after: string | null = null, more = true; more; ) {
        const { nodes, pageInfo }: Groups = await mentors(server, { search: of, orderBy, first: 2, after })
        met.push(...nodes.map(({ id }) => id))
        after = pageInfo.endCursor
        more = pageInfo.hasNextPage
        for (let i = 0; i < 3; i++) {
          const letter = String.fromCharCode(97 + Math.floor(random() * 26))
          moving.push(await added(api, { mentor_id: `${of} ${letter} moves` }, inputsOf(Math.ceil(random() * 30))))
        }
        const moved = moving.splice(Math.floor(random() * moving.length), 1)[0] as string
        if (random() < 0.5) done(await api.close(moved))
        else done(await api.dispatch(moved, 'CalculateRequested', inputsOf(31 + Math.ceil(random() * 30))))
      }
      expect(met.filter(id => id?.endsWith('stays')).sort()).toEqual(staying)
    })
  })
})
