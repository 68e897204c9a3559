import { createHash } from 'node:crypto'
import { getIntrospectionQuery } from 'graphql'
import {
  maxAliases,
  maxDepth,
  maxFieldsOfOneName,
  maxFragments,
  maxObjects,
  maxTokens,
} from '../../src/graphql-server/limits'
import { configOf } from '../../src/startup/config'
import { overPost, type Said, ways } from '../support/ask'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const served = { status: expect.any(Number), data: expect.anything() }

/** Returns a query of this many levels, an odd number. */
const nested = (levels: number): string => {
  const pairs = (levels - 3) / 2
  return `{ sessions { nodes ${'{ transitions(first: 1) { session '.repeat(pairs)} { id } ${'} } '.repeat(pairs)} } }`
}

/** Returns the same query with at most three levels of brackets: each fragment has two levels of fields. */
const spread = (levels: number): string => {
  const pairs = (levels - 3) / 2
  const fragments = Array.from(
    { length: pairs },
    (_, i) => `fragment F${i} on Session { transitions(first: 1) { session { ...F${i + 1} } } }`,
  )
  return `{ sessions { nodes { ...F0 } } } ${fragments.join(' ')} fragment F${pairs} on Session { id }`
}

const aliases = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: __typename`).join(' ')} }`

describe.each(ways)('over %s', (_api, ask) => {
  test.each([
    ['', nested],
    [' through fragments', spread],
  ])('15 levels of fields%s are served, and 17 are refused', async (_how, document) => {
    expect(await ask(server, document(maxDepth))).toEqual(served)
    expect((await ask(server, document(maxDepth + 2))).errors).toEqual([
      {
        message: `Query depth limit of ${maxDepth} exceeded: found ${maxDepth + 2}.`,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ])
  })

  test('levels of values are not levels of fields', async () => {
    const [error] = (await ask(server, `{ session(id: ${'['.repeat(20)}${']'.repeat(20)}) { id } }`)).errors ?? []
    expect(error?.message).toMatch(/^ID cannot represent/)
  })

  test('30 aliases are served, and one more is refused', async () => {
    expect(await ask(server, aliases(maxAliases))).toEqual(served)
    expect((await ask(server, aliases(maxAliases + 1))).errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/alias/i),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      }),
    ])
  })

  test('lists of up to 10,000 objects are served, and more are refused with both numbers', async () => {
    const lists = (first: number) => `{ sessions(first: 100) { nodes { transitions(first: ${first}) { sequence } } } }`
    expect(await ask(server, lists(100))).toEqual(served)
    expect((await ask(server, lists(101))).errors).toEqual([
      {
        message: `This operation can return 10100 objects, but the maximum is ${maxObjects}. Request smaller pages or fewer lists.`,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ])
  })

  test('100 fields of one name are served, and one more is refused before they are compared', async () => {
    const alike = (count: number): string => `{ sessions { ${'totalCount '.repeat(count)} } }`
    expect(await ask(server, alike(maxFieldsOfOneName))).toEqual(served)
    expect((await ask(server, alike(maxFieldsOfOneName + 1))).errors).toEqual([
      {
        message: `The document has more than ${maxFieldsOfOneName} fields with the name totalCount.`,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ])
  })

  test('50 fragments are served, and one more is refused', async () => {
    const fragments = (count: number): string =>
      Array.from({ length: count }, (_, i) => `fragment F${i} on Query { ...F${i + 1} }`).join(' ')
    const text = (count: number): string =>
      `{ ...F0 } ${fragments(count - 1)} fragment F${count - 1} on Query { __typename }`
    expect(await ask(server, text(maxFragments))).toEqual(served)
    expect((await ask(server, text(maxFragments + 1))).errors).toEqual([
      {
        message: `The document has more than ${maxFragments} fragments.`,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ])
  })

  test('a document with too many tokens is refused before it is fully parsed', async () => {
    expect((await ask(server, `{ ${'id '.repeat(maxTokens)} }`)).errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/token/),
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      }),
    ])
  })

  test('the full introspection query is served', async () => {
    expect(await ask(server, getIntrospectionQuery({ descriptions: true, specifiedByUrl: true }))).toEqual(served)
  })
})

test('variables count towards the limit with their values', async () => {
  const query = 'query ($first: Int) { sessions(first: 100) { nodes { transitions(first: $first) { sequence } } } }'
  expect(await overPost(server, query, '{"first":100}')).toEqual(served)
  expect((await overPost(server, query, '{"first":101}')).errors?.[0]?.message).toMatch(/10100 objects/)
})

test('invalid variables are refused by name, not by the limits', async () => {
  const { errors } = await overPost(
    server,
    'query ($first: Int) { sessions(first: $first) { totalCount } }',
    '{"first":"many"}',
  )
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/\$first/),
      extensions: { code: 'BAD_USER_INPUT', errors: [{ detail: 'must be a number', pointer: '/first' }] },
    }),
  ])
})

test('batches are refused', async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify([{ query: '{ __typename }' }]),
  })
  expect(response.status).toBe(400)
})

test('a query may be requested by its hash once its text is known', async () => {
  const query = '{ __typename }'
  const sha256Hash = createHash('sha256').update(query).digest('hex')
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } })
  const get = async (search: Record<string, string>): Promise<Said> => {
    const response = await fetch(`${server.url}/graphql?${new URLSearchParams(search)}`)
    return (await response.json()) as Said
  }
  expect((await get({ extensions })).errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
  expect(await get({ extensions, query })).toEqual({ data: { __typename: 'Query' } })
  expect(await get({ extensions })).toEqual({ data: { __typename: 'Query' } })
})

test('a mutation by GET is refused', async () => {
  const query = 'mutation { startSession(input: { mentorId: "m" }) { replayed } }'
  const response = await fetch(`${server.url}/graphql?${new URLSearchParams({ query })}`)
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST')
})

test('introspection is on unless it is switched off', () => {
  expect(configOf({}).INTROSPECTION).toBe(true)
  expect(configOf({ INTROSPECTION: 'off' }).INTROSPECTION).toBe(false)
})
