import fc from 'fast-check'
import { type Ask, type Said, ways } from '../support/ask'
import { send } from '../support/raw'
import { json } from '../support/rest'
import { linesOf, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
const deepObject = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const codes = ({ errors = [] }: Said): string[] => errors.map(({ extensions }) => extensions.code)

/** Expects a client error: no status of 500, no INTERNAL, nothing logged as an error. */
function isTheirs(said: Said): void {
  // A WebSocket is closed with 4400 after a malformed message.
  if (said.status !== 4400) expect(said.status).toBeLessThan(500)
  expect(codes(said)).not.toContain('INTERNAL')
  const logged = server.log.filter(({ level }) => level === 'error')
  expect(logged).toEqual([])
}

describe.each(ways)('over %s', (way, ask) => {
  const say = async (...asked: Parameters<Ask> extends [unknown, ...infer Rest] ? Rest : never): Promise<Said> => {
    const said = await ask(server, ...asked)
    isTheirs(said)
    return said
  }
  const subscribes = way === 'Server-Sent Events' || way === 'a WebSocket'

  test('a query that costs too much is refused as an invalid document', async () => {
    const said = await say('{ sessions(first: 100) { nodes { results { id } } } }')
    expect(codes(said)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(said.errors?.[0]?.message).toBe(
      'This operation can return 49900 objects, but the maximum is 10000. Request smaller pages or fewer lists.',
    )
    expect(said.data).toBeUndefined()
    if (!subscribes) expect(said.status).toBe(way === 'POST for application/json' ? 200 : 422)
  })

  test.each([
    ['defer', '{ sessions { nodes { id ... @defer { version } } } }'],
    ['stream', '{ sessions { nodes @stream(initialCount: 0) { id } } }'],
  ])('@%s is refused with advice', async (name, text) => {
    const said = await say(text)
    expect(codes(said)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(said.errors?.[0]?.message).toBe(
      `@${name} is not supported. Leave it out, and request these fields in a separate operation.`,
    )
    if (!subscribes) expect(said.status).toBe(way === 'POST for application/json' ? 200 : 422)
  })

  test('invalid variables are refused by name, however costly the query', async () => {
    const text = 'query ($first: Int) { sessions(first: $first) { nodes { results { id } } } }'
    const said = await say(text, '{"first":"many"}')
    expect(codes(said)).toEqual(['BAD_USER_INPUT'])
    expect(said.errors?.[0]?.message).toMatch(/\$first/)
    expect(said.errors?.[0]?.extensions.errors).toEqual([{ detail: 'must be a number', pointer: '/first' }])
  })

  test('an invalid variable of a subscription has its pointer, too', async () => {
    if (!subscribes) return
    const text = 'subscription ($id: ID!) { sessionTransitions(sessionId: $id) { sequence } }'
    const { errors } = await say(text, '{"id":{}}')
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'BAD_USER_INPUT', errors: [{ detail: 'must be a string', pointer: '/sessionId' }] },
    ])
  })

  test('an invalid null variable hides no cost', async () => {
    const text = 'query ($id: ID = "s") { session(id: $id) { id } sessions(first: 100) { nodes { results { id } } } }'
    expect((await say(text, '{"id":null}')).errors?.[0]?.message).toMatch(/49900 objects/)
  })

  test.each(['@skip(if: true)', '@include(if: $no)'])(
    'a subscription with %s on its field is invalid',
    async condition => {
      const text = `subscription ($no: Boolean = false) { feed ${condition} { __typename } }`
      const fragment = `subscription ($no: Boolean = false) { ...F } fragment F on Subscription { feed ${condition} { __typename } }`
      for (const asked of [text, fragment]) {
        const said = await say(asked)
        if (way === 'GET' && said.status === 405) continue
        expect(codes(said)).toContain('GRAPHQL_VALIDATION_FAILED')
      }
    },
  )

  test('a subscription is served over streams, and refused elsewhere with the names of the transports', async () => {
    const said = await say('subscription { feed { __typename } }')
    if (subscribes) expect(said.data).toEqual({ feed: { __typename: 'FeedReady' } })
    else if (way === 'GET') expect(said.status).toBe(405)
    else {
      expect(said.status).toBe(406)
      expect(codes(said)).toEqual(['NOT_ACCEPTABLE'])
      expect(said.errors?.[0]?.message).toMatch(/WebSocket.*\/graphql\/stream/)
    }
  })

  test.each([100, 3_000, 7_000, 30_000])('unused variables of %d levels cause no server error', async levels => {
    for (const variables of [
      `{"unused":${deep(levels)}}`,
      deepObject(Math.ceil(levels / 3)),
      `{"filter":${deep(levels)}}`,
    ]) {
      if (variables.length > 14_000 && !way.startsWith('POST') && way !== 'a WebSocket') continue
      await say('query ($filter: SessionFilter) { sessions(filter: $filter) { totalCount } }', variables)
      if (subscribes) await say('subscription { feed { __typename } }', variables)
    }
  })

  test('an alias may be as long as the limit, and no longer', async () => {
    expect((await say(`{ ${'a'.repeat(100)}: __typename }`)).errors).toBeUndefined()
    expect(codes(await say(`{ ${'a'.repeat(101)}: __typename }`))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  test('no document and no variables cause a server error', async () => {
    await fc.assert(
      fc.asyncProperty(
        documents,
        variables,
        fc.option(fc.constantFrom('A', 'B', '', '__proto__'), { nil: undefined }),
        async (...asked) => void (await say(...asked)),
      ),
      { numRuns: 60 },
    )
  })
})

const value = fc.constantFrom(
  '0',
  '1',
  '-1',
  '1e9',
  '2147483648',
  '99999999999999999999',
  '1.5',
  'null',
  'true',
  '"s"',
  '""',
  '"\\u0000"',
  'LOADED',
  'toString',
  '[]',
  '{}',
  '[[1]]',
  '{state: LOADED}',
  '{mentorId: null}',
  '{__proto__: 1}',
  '{by: RESULTS, currency: "x"}',
  '$v',
  '$w',
  '$undefined',
  '"""block"""',
)
const argument = fc
  .tuple(
    fc.constantFrom('id', 'first', 'after', 'filter', 'token', 'inputs', 'input', 'x', 'sessionId', 'last', 'orderBy'),
    value,
  )
  .map(([name, said]) => `${name}: ${said}`)
const directive = fc.constantFrom(
  '',
  '',
  '',
  '',
  '@skip(if: $v)',
  '@include(if: true)',
  '@skip',
  '@include(if: null)',
  '@deprecated',
  '@skip(if: false) @skip(if: true)',
)
const name = fc.constantFrom(
  'session',
  'sessions',
  'nodes',
  'edges',
  'node',
  'results',
  'result',
  'share',
  'transitions',
  'totalCount',
  'summary',
  'trend',
  'mentors',
  'organisations',
  'amounts',
  'id',
  'state',
  'feed',
  'sessionTransitions',
  'startSession',
  'closeSession',
  'dispatchEvent',
  '__typename',
  '__schema',
  'types',
  '__type',
  'constructor',
  'calculate',
)
const selection = fc.letrec<{ field: string; set: string }>(tie => ({
  field: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(name, directive).map(([of, under]) => `${of} ${under}`),
    fc.constantFrom(
      '...F',
      '...G',
      '... on Session { id }',
      '... on Query { __typename }',
      '... @skip(if: true) { id }',
    ),
    fc
      .tuple(name, fc.array(argument, { maxLength: 2 }), directive, tie('set'))
      .map(([of, given, under, set]) => `${of}${given.length > 0 ? `(${given.join(' ')})` : ''} ${under} ${set}`),
  ),
  set: fc.array(tie('field'), { minLength: 1, maxLength: 3 }).map(fields => `{ ${fields.join(' ')} }`),
}))
const head = fc.constantFrom(
  '',
  'query',
  'query A',
  'query A($v: Int)',
  'query A($v: Boolean!)',
  'query A($v: SessionFilter = {state: LOADED})',
  'query A($v: [ID!]!)',
  'mutation A($v: ID)',
  'mutation',
  'subscription',
  'subscription A($v: String $w: FeedFilter)',
  'query A query B',
  'query A($v: Nothing)',
)
const fragments = fc.constantFrom(
  '',
  '',
  'fragment F on Session { id }',
  'fragment F on Query { ...F }',
  'fragment F on Session { ...G } fragment G on Session { result { id } }',
  'fragment F on Nothing { id }',
  'type Query { id: ID }',
  'fragment F on SessionState { x }',
)
const documents = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(head, selection.set, fragments).map(parts => parts.join(' ')) },
  { weight: 1, arbitrary: fc.string({ maxLength: 50 }).filter(text => text !== '') },
)
const variables = fc.oneof(
  fc.jsonValue().map(said => JSON.stringify({ v: said })),
  fc.constantFrom(
    '{}',
    'null',
    '{"v":null}',
    '{"v":{"state":"LOADED"}}',
    '{"__proto__":{"v":1}}',
    '{"v":1e400,"w":[]}',
    '{"v":"s","w":{"mentorId":1}}',
  ),
)

test('POST /graphql refuses a body that is nested too deeply', async () => {
  const bodies = [deep(30_000), deepObject(8_000), `{"query":"{ __typename }","extensions":${deepObject(5_000)}}`]
  for (const body of bodies) {
    const answer = await send(server.url, 'POST', '/graphql', { ...json, 'X-Request-Id': 'deep' }, body)
    expect([answer.status, answer.text]).toEqual([400, expect.not.stringMatching(/INTERNAL/)])
  }
  await linesOf(server, 'deep')
  expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
})
