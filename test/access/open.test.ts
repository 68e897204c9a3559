import { accessWorld, type CallerName } from '../support/access'
import { eventsUntil } from '../support/event-stream'
import type { RawAnswer } from '../support/raw'
import { json } from '../support/rest'
import { embeddedDatabase } from '../support/stores'

const world = accessWorld(embeddedDatabase)
const token = () => world.found.d.token

interface Asked {
  query?: unknown
  variables?: unknown
  operationName?: unknown
  extensions?: unknown
}

type Way = (caller: CallerName, asked: Asked) => Promise<RawAnswer>

const search = (asked: Asked): string =>
  new URLSearchParams(
    Object.entries(asked).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString()

/** Every way to send a GraphQL operation over HTTP. */
const ways: Record<string, Way> = {
  'by POST': (caller, asked) => world.rest(caller).post('/graphql', JSON.stringify(asked)),
  'by GET': (caller, asked) => world.rest(caller).get(`/graphql?${search(asked)}`, { Accept: 'application/json' }),
  'by GET, as events': (caller, asked) =>
    world.rest(caller).get(`/graphql?${search(asked)}`, { Accept: 'text/event-stream' }),
  'by POST, as events': (caller, asked) =>
    world.rest(caller).post('/graphql', JSON.stringify(asked), { ...json, Accept: 'text/event-stream' }),
  'on /graphql/stream by POST': (caller, asked) =>
    world.rest(caller).post('/graphql/stream', JSON.stringify(asked), { ...json, Accept: 'text/event-stream' }),
  'on /graphql/stream by GET': (caller, asked) =>
    world.rest(caller).get(`/graphql/stream?${search(asked)}`, { Accept: 'text/event-stream' }),
}

const shown = '{ sharedResult(token: $token) { method } }'
const open: [string, () => Asked, string][] = [
  ['a shared result', () => ({ query: `query ($token: ID!) ${shown}`, variables: { token: token() } }), '"method"'],
  ['it under an alias', () => ({ query: `{ a: sharedResult(token: "${token()}") { method } }` }), '"a":{"method"'],
  ['a token that is none', () => ({ query: '{ sharedResult(token: "none") { method } }' }), 'SHARE_NOT_FOUND'],
  [
    'it in fragments',
    () => ({
      query: `query ($token: ID!) { ...Outer } fragment Outer on Query { ... on Query { ...Inner } }
        fragment Inner on Query { ... @include(if: true) { shared: sharedResult(token: $token) { method } } }`,
      variables: { token: token() },
    }),
    '"shared":{"method"',
  ],
  ['the schema', () => ({ query: '{ __schema { queryType { name } } }' }), '"queryType"'],
  ['a type of it', () => ({ query: '{ t: __type(name: "Session") { name } }' }), '"t":{"name":"Session"}'],
  ['the name of a type', () => ({ query: '{ __typename }' }), '"__typename":"Query"'],
  ['the name of the type of changes', () => ({ query: 'mutation { __typename }' }), 'Mutation'],
  [
    'all of them',
    () => ({
      query: `query ($token: ID!) { __typename __schema { queryType { name } } sharedResult(token: $token) { method } }`,
      variables: { token: token() },
    }),
    '"method"',
  ],
  [
    'an operation of several that is',
    () => ({ query: 'query Open { __typename } query Closed { sessions { totalCount } }', operationName: 'Open' }),
    '"__typename":"Query"',
  ],
]

const list = '{ sessions { totalCount } }'
const closed: [string, () => Asked][] = [
  ['a query', () => ({ query: list })],
  ['a calculation', () => ({ query: '{ calculate(inputs: {}) { totalMinutes } }' })],
  ['a session that there is not', () => ({ query: '{ session(id: "none") { id } }' })],
  ['a change', () => ({ query: 'mutation { startSession(input: { mentorId: "m" }) { session { id } } }' })],
  ['a subscription', () => ({ query: 'subscription { feed { __typename } }' })],
  ['a query under the name of what is open', () => ({ query: '{ sharedResult: sessions { totalCount } }' })],
  ['a query in a fragment', () => ({ query: `{ ...F } fragment F on Query ${list}` })],
  ['a query in a fragment in place', () => ({ query: `{ __typename ... on Query ${list} }` })],
  ['a query that is left out', () => ({ query: `{ __typename sessions @skip(if: true) { totalCount } }` })],
  [
    'what is open beside what is not',
    () => ({ query: `{ sharedResult(token: "${token()}") { method } sessions { totalCount } }` }),
  ],
  [
    'an operation of several that is not open',
    () => ({ query: 'query Open { __typename } query Closed { sessions { totalCount } }', operationName: 'Closed' }),
  ],
  ['several operations without a name', () => ({ query: 'query A { __typename } query B { __typename }' })],
  ['an operation that there is not', () => ({ query: 'query A { __typename }', operationName: 'B' })],
  ['no operation', () => ({ query: 'fragment F on Query { __typename }' })],
  ['what cannot be parsed', () => ({ query: '{ sharedResult(' })],
  ['a field that there is not', () => ({ query: '{ sharedResult(token: "x") { method } unheard }' })],
  ['an argument that there is not', () => ({ query: '{ sharedResult(token: "x", more: 1) { method } }' })],
  ['an empty text', () => ({ query: '' })],
  ['no text', () => ({})],
  ['a text that is none', () => ({ query: 7 })],
  ['a text by its hash alone', () => ({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } })],
  ['variables that are none', () => ({ query: '{ __typename }', variables: 'none' })],
]

describe.each(Object.entries(ways))('%s', (way, ask) => {
  test.each(open)('%s is public', async (_, asked, told) => {
    const isChangeByGet = String(asked().query).startsWith('mutation') && way.includes('GET')
    for (const caller of ['without a token', 'with a bad token', 'without a role', 'mentor'] as const) {
      const { status, text } = await ask(caller, asked())
      if (isChangeByGet) expect(status).toBe(405)
      else expect(text).toContain(told)
    }
  })

  test.each(closed)('%s is not public: without a token it is 401', async (_, asked) => {
    const { status, headers, text } = await ask('without a token', asked())
    expect({ status, challenge: headers['www-authenticate'] }).toEqual({ status: 401, challenge: 'Bearer' })
    expect(JSON.parse(text).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    expect(await ask('with a bad token', asked())).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringContaining('invalid_token') },
    })
    expect((await ask('without a role', asked())).status).toBe(403)
  })
})

test.each(['/graphql', '/graphql/stream'])(
  '%s ignores a second query parameter, so it cannot bypass the check of the first',
  async path => {
    const two = `${path}?query=${encodeURIComponent('{__typename}')}&query=${encodeURIComponent(list)}`
    const reversed = `${path}?query=${encodeURIComponent(list)}&query=${encodeURIComponent('{__typename}')}`
    for (const at of [two, reversed]) {
      const { text } = await world.rest('without a token').get(at, { Accept: 'text/event-stream, application/json' })
      expect(text).not.toContain('"sessions":')
    }
  },
)

test('a batch is not public, and the last of duplicate members counts', async () => {
  const { post } = world.rest('without a token')
  expect((await post('/graphql', '[{"query":"{ __typename }"}]')).status).toBe(401)
  const twice = `{"query":"{ __typename }","query":"${list}"}`
  expect((await post('/graphql', twice)).status).toBe(401)
})

test('without a token, a body that is not JSON is 401, and a large body is not read', async () => {
  const { post } = world.rest('without a token')
  for (const body of ['{', '', 'null', '"text"']) expect((await post('/graphql', body)).status).toBe(401)
  const large = JSON.stringify({ query: '{ __typename }', variables: { large: 'x'.repeat(100_000) } })
  expect((await post('/graphql', large)).status).toBe(401)
})

test('a token in a URL does not count', async () => {
  const [, stated] = String(world.authorization('admin')).split(' ')
  const { get } = world.rest('without a token')
  for (const name of ['access_token', 'authorization', 'token']) {
    for (const path of ['/api/v1/benefit-calculator-sessions?', `/graphql?query=${encodeURIComponent(list)}&`]) {
      expect((await get(`${path}${name}=${stated}`)).status).toBe(401)
    }
  }
  const { status } = await eventsUntil(
    `${world.server.url}/api/v1/benefit-calculator-events?access_token=${stated}`,
    () => true,
  )
  expect(status).toBe(401)
})

test('a GET executes the operation in its URL, whatever its body contains', async () => {
  const query =
    '{ calculate(inputs: { sessions: 1, avgMinutes: 1, costPerSession: 1, costPerHour: 1 }) { totalMinutes } }'
  const body = JSON.stringify({ query })
  expect(JSON.parse((await world.rest('admin').post('/graphql', body)).text)).toHaveProperty('data.calculate')
  // Without a length, the body of a GET would be parsed as another request.
  const length = { 'Content-Length': String(Buffer.byteLength(body)) }
  for (const path of ['/graphql', '/graphql/stream']) {
    for (const caller of ['without a token', 'admin'] as const) {
      const at = `${path}?query=${encodeURIComponent('{ __typename }')}`
      const { text } = await world
        .rest(caller)
        .call('GET', at, { ...json, ...length, Accept: 'application/json, text/event-stream' }, body)
      expect(text).toContain('"__typename":"Query"')
      expect(text).not.toContain('calculate')
    }
  }
})
