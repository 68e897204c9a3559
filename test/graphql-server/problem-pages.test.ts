import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApolloServerErrorCode, ApolloServerValidationErrorCode } from '@apollo/server/errors'
import { errorCodes } from '../../src/domain/errors'
import { graphqlErrorCodes } from '../../src/domain/graphql-errors'
import { send } from '../support/raw'
import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { get, post, call } = client(server)

/** Codes of Apollo Server that this server never sends, and why. */
const neverSent: Record<string, string> = {
  INTERNAL_SERVER_ERROR: 'it is INTERNAL, as over REST',
  PERSISTED_QUERY_NOT_SUPPORTED: 'persisted queries are on',
  INTROSPECTION_DISABLED: 'the rule of graphql-js refuses introspection, as GRAPHQL_VALIDATION_FAILED',
  MAX_RECURSIVE_SELECTIONS_EXCEEDED: 'the server has limits of its own',
}

/** Returns the codes in the source of the GraphQL server. */
function codesInSource(): string[] {
  const folder = join(__dirname, '../../../src/graphql-server')
  const text = readdirSync(folder)
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  return [...text.matchAll(/['"]([A-Z]+(?:_[A-Z]+)+)['"]/g)].flatMap(([, code = '']) => code)
}

const apolloCodes = Object.values({ ...ApolloServerErrorCode, ...ApolloServerValidationErrorCode })

/** Every code that GraphQL can send, as it sends it. */
const sent = new Set([
  ...errorCodes().map(code => code.toUpperCase()),
  ...graphqlErrorCodes.map(code => code.toUpperCase()),
  ...apolloCodes.filter(code => !(code in neverSent)),
  ...codesInSource().filter(code => !(code in neverSent)),
])

test.each([...sent])('%s has a page and JSON at /problems, in capitals and in lower case', async code => {
  const explained = await get(`/problems/${code}`)
  expect(explained.status).toBe(200)
  expect(await get(`/problems/${code.toLowerCase()}`)).toMatchObject({ status: 200, text: explained.text })
  const { type, title, when, remedy } = JSON.parse(explained.text)
  expect(type).toBe(`/problems/${code.toLowerCase()}`)
  for (const sentences of [when, remedy]) expect(sentences).toMatch(/^[A-Z`].*\.$/)
  const page = await get(`/problems/${code}`, { Accept: 'text/html' })
  expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
  expect(page.text).toContain(`<h1>${title}</h1>`)
})

test('every code of Apollo Server has a page or a reason', () => {
  const explained = new Set(graphqlErrorCodes.map(code => code.toUpperCase()))
  expect(apolloCodes.filter(code => !explained.has(code)).toSorted()).toEqual(Object.keys(neverSent).toSorted())
})

interface Refusal {
  name: string
  code: string
  /** Status as application/json, and as application/graphql-response+json if it differs. */
  statuses: [number, number?]
  body?: string
  query?: string
  headers?: Record<string, string>
}

const hash = (version: number) => `{"extensions":{"persistedQuery":{"version":${version},"sha256Hash":"ab"}}}`

const refusals: Refusal[] = [
  { name: 'a syntax error', code: 'GRAPHQL_PARSE_FAILED', statuses: [200, 400], body: '{"query":"{"}' },
  { name: 'an unknown field', code: 'GRAPHQL_VALIDATION_FAILED', statuses: [200, 422], body: '{"query":"{ nope }"}' },
  {
    name: 'a missing variable',
    code: 'BAD_USER_INPUT',
    statuses: [200, 422],
    body: '{"query":"query ($id: ID!) { session(id: $id) { id } }"}',
  },
  { name: 'an unknown hash', code: 'PERSISTED_QUERY_NOT_FOUND', statuses: [200, 422], body: hash(1) },
  { name: 'an unknown version of a hash', code: 'OPERATION_RESOLUTION_FAILURE', statuses: [400, 422], body: hash(2) },
  {
    name: 'an unknown operation',
    code: 'OPERATION_RESOLUTION_FAILURE',
    statuses: [400, 422],
    body: '{"query":"{ __typename }","operationName":"other"}',
  },
  { name: 'an empty object', code: 'BAD_REQUEST', statuses: [400, 422], body: '{}' },
  { name: 'JSON that is no object', code: 'BAD_REQUEST', statuses: [400, 422], body: '"text"' },
  { name: 'a batch', code: 'BAD_REQUEST', statuses: [400, 422], body: '[{"query":"{ __typename }"}]' },
  {
    name: 'variables that are a text',
    code: 'BAD_REQUEST',
    statuses: [400, 422],
    body: '{"query":"{a}","variables":"x"}',
  },
  { name: 'a GET without a query', code: 'BAD_REQUEST', statuses: [400, 422], query: '' },
  {
    name: 'a mutation by GET',
    code: 'METHOD_NOT_ALLOWED',
    statuses: [405],
    query: 'mutation { startSession(input: { mentorId: "m" }) { replayed } }',
  },
  {
    name: 'a subscription by GET',
    code: 'METHOD_NOT_ALLOWED',
    statuses: [405],
    query: 'subscription { feed { __typename } }',
  },
]

const types = ['application/json', 'application/graphql-response+json']

test.each(refusals)('$name is refused with a code that is explained', async ({ code, statuses, body, query }) => {
  for (const [i, Accept] of types.entries()) {
    const answer =
      body === undefined
        ? await get(`/graphql?query=${encodeURIComponent(query ?? '')}`, { Accept })
        : await post('/graphql', body, { ...json, Accept })
    const { errors } = JSON.parse(answer.text)
    const status = statuses[i] ?? statuses[0]
    expect([answer.status, answer.headers['content-type'], errors[0].extensions.code]).toEqual([
      status,
      `${Accept}; charset=utf-8`,
      code,
    ])
    expect(sent).toContain(code)
    if (status === 405) expect(answer.headers.allow).toBe('POST')
  }
})

describe('a request that is not one of GraphQL is refused as over REST, with the same headers:', () => {
  const rest = '/api/v1/benefit-calculations'
  const text = { 'Content-Type': 'text/plain' }

  test.each<[string, Record<string, string>, string | Buffer]>([
    ['another media type', text, '{}'],
    ['no media type', {}, '{"query":"{ __typename }"}'],
    ['another charset', { 'Content-Type': 'application/json; charset=latin1' }, '{}'],
    ['no JSON', json, '{"query"'],
    ['no UTF-8', json, Buffer.from([0x22, 0xff, 0x22])],
    ['no body', json, ''],
  ])('%s', async (_, headers, body) => {
    const expected = await send(server.url, 'POST', rest, headers, body)
    const { detail, code, errors } = JSON.parse(expected.text)
    for (const path of ['/graphql', '/graphql/stream']) {
      for (const Accept of path === '/graphql' ? types : ['text/event-stream']) {
        const answer = await send(server.url, 'POST', path, { ...headers, Accept }, body)
        expect(answer.status).toBe(expected.status)
        for (const name of ['accept', 'accept-post']) expect(answer.headers[name]).toBe(expected.headers[name])
        expect(JSON.parse(answer.text)).toEqual({
          errors: [{ message: detail, extensions: { code: code.toUpperCase(), ...(errors && { errors }) } }],
        })
      }
    }
  })

  test('a content encoding', async () => {
    const answer = await post('/graphql', '{}', { ...json, 'Content-Encoding': 'gzip' })
    expect([answer.status, answer.headers['accept-encoding']]).toEqual([415, 'identity'])
    const refused = await post(rest, '{}', { ...json, 'Content-Encoding': 'compress' })
    expect(JSON.parse(answer.text).errors[0].message).toBe(JSON.parse(refused.text).detail)
  })

  test('a method', async () => {
    for (const path of ['/graphql', '/graphql/stream']) {
      const { status, headers, text } = await call('DELETE', path)
      expect([status, headers.allow]).toEqual([405, 'GET, POST, OPTIONS'])
      expect(JSON.parse(text).errors).toEqual([
        { message: '`DELETE` is not allowed here. Allowed: GET, POST.', extensions: { code: 'METHOD_NOT_ALLOWED' } },
      ])
    }
  })

  test.each([
    ['/graphql', 'application/json, application/graphql-response+json, text/event-stream'],
    ['/graphql/stream', 'text/event-stream'],
  ])('a media type that %s does not have. Nothing is executed', async (path, available) => {
    const mutation = JSON.stringify({ query: 'mutation { startSession(input: { mentorId: "m" }) { replayed } }' })
    const { status, text } = await post(path, mutation, { ...json, Accept: 'image/png' })
    expect(status).toBe(406)
    expect(JSON.parse(text).errors).toEqual([
      { message: `Not available as image/png. Available: ${available}.`, extensions: { code: 'NOT_ACCEPTABLE' } },
    ])
    expect(await server.queries.count({})).toBe(0)
  })
})
