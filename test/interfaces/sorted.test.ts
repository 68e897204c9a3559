import type { Store } from '../../src/db/store'
import type { SessionOrder, SessionOrderField } from '../../src/domain/order'
import { sessionOrderFields, sortKeyOf } from '../../src/domain/order'
import type { Session } from '../../src/domain/session'
import { compareSortKeys } from '../../src/domain/sort-key'
import { deepReadsOfPrincipal, deepReadsWaiting } from '../../src/sessions/session-queries'
import { storeInManyOrders } from '../db/every-kind'
import { intercepting } from '../support/intercepting'
import { base, camelled, type Filter, query } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { type Server, serving } from '../support/server'
import { overStores } from '../support/stores'
import { until } from '../support/until'

interface Sorted {
  ids: string[]
  total: number
  /** Reads the following page. */
  next?: () => Promise<Sorted>
}

interface Connection {
  edges: { cursor: string; node: { id: string } }[]
  nodes: { id: string }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  totalCount: number
}

type Asked = Pick<SessionOrder, 'by' | 'descending'> & { currency?: string | null }

const names: Record<SessionOrderField, string> = {
  created_at: 'CREATED',
  updated_at: 'UPDATED',
  label: 'LABEL',
  mentor_id: 'MENTOR',
  period_to: 'PERIOD',
  total_hours: 'TOTAL_HOURS',
  programme_cost: 'PROGRAMME_COST',
  time_value: 'TIME_VALUE',
  net_benefit: 'NET_BENEFIT',
  benefit_cost_ratio: 'BENEFIT_COST_RATIO',
}

const text = `query ($filter: SessionFilter, $orderBy: SessionOrder, $first: Int, $after: String) {
  sessions(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    edges { cursor node { id } } nodes { id } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`

async function connection(server: Server, variables: object): Promise<Connection> {
  const { data, errors } = await query(server, text, variables)
  expect(errors).toBeUndefined()
  return data?.sessions as Connection
}

async function overGraphql(
  server: Server,
  filter: Filter,
  order: Asked,
  first: number,
  after?: string,
): Promise<Sorted> {
  const orderBy = { ...order, by: names[order.by] }
  const { edges, nodes, pageInfo, totalCount } = await connection(server, {
    filter: camelled({ ...filter, ...(filter.state && { state: filter.state.toUpperCase() }) }),
    orderBy,
    first,
    after,
  })
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo
  expect(edges.map(({ node }) => node)).toEqual(nodes)
  expect([startCursor, endCursor]).toEqual([edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null])
  expect(hasPreviousPage).toBe(after !== undefined)
  return {
    ids: nodes.map(({ id }) => id),
    total: totalCount,
    ...(hasNextPage && { next: () => overGraphql(server, filter, order, first, String(endCursor)) }),
  }
}

async function overRest(server: Server, path: string): Promise<Sorted> {
  const { status, text, headers } = await client(server).get(path)
  expect(status).toBe(200)
  const { data, pagination } = JSON.parse(text)
  const [, next] = /<([^>]+)>; rel="next"/.exec(String(headers.link)) ?? []
  return {
    ids: data.map(({ session_id }: { session_id: string }) => session_id),
    total: pagination.total,
    ...(next && { next: () => overRest(server, next) }),
  }
}

const apis: [string, (server: Server, filter: Filter, order: Asked, limit: number) => Promise<Sorted>][] = [
  ['graphql', overGraphql],
  [
    'rest',
    (server, filter, { by, descending, currency }, limit) => {
      const sort = `${descending ? '-' : ''}${by}`
      const parameters = { ...filter, sort, limit: String(limit), ...(currency && { currency }) }
      return overRest(server, `${base}?${new URLSearchParams(parameters)}`)
    },
  ],
]

overStores(({ newDatabase }) => {
  let held: Promise<void> | undefined
  let begun = 0
  const server = serving(newDatabase, {
    store: opened =>
      intercepting<Store>(opened, {
        lists: {
          async sorted(...asked) {
            begun++
            await held
            return opened.lists.sorted(...asked)
          },
        },
      }),
  })
  let all: Session[]

  beforeAll(async () => {
    all = await storeInManyOrders(server.store, 18)
  })

  const expected = (filter: Filter, order: Asked): string[] => {
    const whole = { ...order, currency: order.currency ?? null }
    return all
      .filter(session =>
        Object.entries(filter).every(([name, value]) => session[name as keyof Omit<Filter, 'from' | 'to'>] === value),
      )
      .map(session => sortKeyOf(whole, session))
      .sort(compareSortKeys(whole))
      .map(({ session_id }) => session_id)
  }

  describe.each(apis)('over %s', (_, read) => {
    test.each(sessionOrderFields)('pages by %s hold every selected session in order, in either direction', async by => {
      for (const descending of [true, false]) {
        for (const currency of [null, 'GBP']) {
          for (const filter of [{}, { organisation_id: 'o1' }, { mentor_id: 'm2', state: 'loaded' as const }]) {
            const order = { by, descending, currency }
            const ids = expected(filter, order)
            const found: string[] = []
            for (let next: Sorted['next'] = () => read(server, filter, order, 5); next; ) {
              const page: Sorted = await next()
              expect(page.total).toBe(ids.length)
              found.push(...page.ids)
              next = page.next
            }
            expect(found).toEqual(ids)
          }
        }
      }
    })
  })

  test('an empty order means newest first, and its cursors work without an order', async () => {
    const plain = await connection(server, { first: 5 })
    expect(await connection(server, { first: 5, orderBy: {} })).toEqual(plain)
    expect(
      await connection(server, { first: 5, orderBy: { by: 'CREATED', descending: true, currency: 'GBP' } }),
    ).toEqual(plain)
    const after = plain.pageInfo.endCursor
    expect(await connection(server, { orderBy: {}, after })).toEqual(await connection(server, { after }))
  })

  test('a cursor works in the order that it was made for, and in no other', async () => {
    const orders = [
      undefined,
      { by: 'CREATED', descending: false },
      { by: 'UPDATED' },
      { by: 'UPDATED', descending: false },
      { by: 'LABEL' },
      { by: 'TIME_VALUE' },
      { by: 'TIME_VALUE', currency: 'GBP' },
    ]
    const cursors = await Promise.all(
      orders.map(async orderBy => (await connection(server, { orderBy })).pageInfo.endCursor),
    )
    for (const [i, orderBy] of orders.entries()) {
      for (const [j, after] of cursors.entries()) {
        const { errors } = await query(server, text, { orderBy, after })
        expect(errors?.[0]?.extensions).toEqual(
          i === j
            ? undefined
            : {
                code: 'INVALID_CURSOR',
                errors: [
                  { detail: 'is not a cursor of this list in this order: start again without it', pointer: '/after' },
                ],
              },
        )
      }
    }
    const labels = encodeURIComponent(String(cursors[4]))
    expect((await client(server).get(`${base}?sort=-label&after=${labels}`)).status).toBe(200)
    for (const wrong of [`sort=label&after=${labels}`, 'sort=-label&after=none', 'sort=updated_at&after=']) {
      expect(problem(await client(server).get(`${base}?${wrong}`))).toMatchObject({
        status: 400,
        code: 'invalid_cursor',
        errors: [{ detail: 'is not a cursor of this list in this order: start again without it', parameter: 'after' }],
      })
    }
  })

  test.each([
    [['LABEL', false, null], 5, 's1'],
    [['label', false, null], 5, 's1'],
    [['label', false, null], null, 7],
    [['updated_at', false, null], 'yesterday', 's1'],
    [['updated_at', false, null], null, 's1'],
    [['time_value', false, null], 1.5, 's1'],
  ])('a signed cursor made of %j, %j, %j is refused in every order', async (...members) => {
    const after = server.sessions.queries.cursors.encode('sessions', members)
    const orderBy = { by: String(members[0][0]).toUpperCase().replace('_AT', ''), descending: false }
    const { errors } = await query(server, text, { orderBy, after })
    expect(errors?.[0]?.extensions.code).toBe('INVALID_CURSOR')
  })

  test('links of a sorted list state order, currency and filters, and lead to the first and the next page', async () => {
    const { headers } = await client(server).get(`${base}?sort=-time_value&currency=GBP&limit=2&state=loaded`)
    const stated = 'limit=2&sort=-time_value&currency=GBP&state=loaded'
    const links = String(headers.link).split(', ')
    expect(links[0]).toBe(`<${base}?page=1&${stated}>; rel="first"`)
    expect(links[1]).toMatch(
      /^<[^>]+\?page=2&limit=2&sort=-time_value&currency=GBP&state=loaded&after=[\w-]+>; rel="next"$/,
    )
    expect(links).toHaveLength(2)
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(String(headers.link)) ?? []
    expect(JSON.parse((await client(server).get(next)).text).pagination).toMatchObject({ page: 2, limit: 2 })
  })

  test.each([
    ['sort=name', 'sort', /^must be one of created_at, -created_at, updated_at, /],
    ['sort=-', 'sort', /^must be one of /],
    ['sort=label&sort=-label', 'sort', /^must appear only once$/],
    ['sort=time_value&currency=pounds', 'currency', /^must be an ISO 4217 code such as GBP$/],
    ['sort=label&page=2', 'page', /^cannot be chosen in a sorted list: follow the Link header from the first page$/],
  ])('the query %s is refused, with the parameter named: %s', async (stated, parameter, detail) => {
    expect(problem(await client(server).get(`${base}?${stated}`))).toMatchObject({
      status: 400,
      code: 'invalid_query',
      errors: [{ parameter, detail: expect.stringMatching(detail) }],
    })
  })

  test('an unknown order is refused with its pointer', async () => {
    const { errors } = await query(server, text, { orderBy: { by: 'TIME_VALUE', currency: 'pounds' } })
    expect(errors?.[0]?.extensions).toEqual({
      code: 'VALIDATION_FAILED',
      errors: [{ detail: 'must be an ISO 4217 code such as GBP', pointer: '/orderBy/currency' }],
    })
  })

  test('a few sorted pages are read at once, identical requests share a read, and no other request waits', async () => {
    let letGo = (): void => {}
    held = new Promise(resolve => {
      letGo = resolve
    })
    begun = 0
    const read = (limit: number) => client(server).get(`${base}?sort=label&limit=${limit}`)
    const same = Array.from({ length: 40 }, () => read(1))
    await until(() => begun === 1, 60_000, 'the first read')
    // The identical requests wait for the first one with one place in the queue, and without a slot.
    const others = Array.from({ length: deepReadsWaiting }, (_, i) => read(2 + i))
    const refused = await Promise.any([read(90), read(91), read(92)])
    expect(problem(refused)).toMatchObject({ status: 503, code: 'unavailable' })
    expect((await client(server).get(base)).status).toBe(200)
    expect(begun).toBe(deepReadsOfPrincipal)
    letGo()
    held = undefined
    const answers = await Promise.all([...same, ...others])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(begun).toBeLessThan(others.length + 5)
  })
})
