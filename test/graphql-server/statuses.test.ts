import { createHash } from 'node:crypto'
import { maxTokens } from '../../src/graphql-server/limits'
import { head, RawClient, send } from '../support/raw'
import { json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const graphqlResponse = 'application/graphql-response+json'

let session_id: string
beforeAll(async () => {
  session_id = (await server.sessions.start({ mentor_id: 'm', organisation_id: null })).session.session_id
})

/** A field of the session is an error. The session may be null, so the other field has data. */
const partial = '{ __typename session(id: "SESSION") { transitions(first: 0) { sequence } } }'
/** Replaces the id of the session. */
const withSession = (document: string): string => document.replace('SESSION', session_id)
const byHash = { version: 1, sha256Hash: createHash('sha256').update('{ __typename }').digest('hex') }

/** What is asked, with its status as application/graphql-response+json, and as application/json. */
const rows: [what: string, body: object, status: number, asJson: number][] = [
  ['data', { query: '{ __typename }' }, 200, 200],
  ['data with errors', { query: partial }, 294, 200],
  ['null as data with errors', { query: '{ sharedResult(token: "none") { method } }' }, 294, 200],
  ['a document with a syntax error', { query: '{' }, 400, 200],
  ['a document with too many tokens', { query: `{ ${'a '.repeat(maxTokens)} }` }, 400, 200],
  ['a document that is invalid', { query: '{ nothing }' }, 422, 200],
  ['a query that costs too much', { query: '{ sessions(first: 100) { nodes { results { id } } } }' }, 422, 200],
  ['a variable that is missing', { query: 'query ($id: ID!) { session(id: $id) { id } }' }, 422, 200],
  [
    'a variable that can not be coerced',
    { query: 'query ($first: Int) { sessions(first: $first) { totalCount } }', variables: { first: 'many' } },
    422,
    200,
  ],
  ['a hash of an unknown query', { extensions: { persistedQuery: byHash } }, 422, 200],
  ['one of two operations, without its name', { query: 'query A { __typename } query B { __typename }' }, 422, 400],
  ['no query', { operationName: 'A' }, 422, 400],
  ['variables that are a list', { query: '{ __typename }', variables: [7] }, 422, 400],
  ['extensions that are a list', { query: '{ __typename }', extensions: [7] }, 422, 400],
  ['an empty query', { query: '' }, 422, 400],
  ['a hash with its query', { query: '{ __typename }', extensions: { persistedQuery: byHash } }, 200, 200],
  ['the hash of another query', { query: '{ caller }', extensions: { persistedQuery: byHash } }, 422, 400],
  [
    'a hash of another version',
    { query: '{ __typename }', extensions: { persistedQuery: { ...byHash, version: 2 } } },
    422,
    400,
  ],
]

/** Returns the URL of a GET with the members of a body. */
function pathOf(body: object): string {
  const members = Object.entries(body).map(([name, value]) => [
    name,
    typeof value === 'string' ? withSession(value) : JSON.stringify(value),
  ])
  return `/graphql?${new URLSearchParams(Object.fromEntries(members))}`
}

test.each(rows)('%s has its status, whether the text is known or not', async (_, body, status, asJson) => {
  const post = async (Accept: string) =>
    (await send(server.url, 'POST', '/graphql', { ...json, Accept }, withSession(JSON.stringify(body)))).status
  const get = async (Accept: string) => (await send(server.url, 'GET', pathOf(body), { Accept })).status
  for (const ask of [post, post, get]) {
    expect(await ask(graphqlResponse)).toBe(status)
    expect(await ask(`${graphqlResponse}, application/json;q=0.9`)).toBe(status)
    expect(await ask('application/json')).toBe(asJson)
  }
})

test.each([
  ['a query that is no text', { query: 7 }],
  ['an operation name that is no text', { query: '{ __typename }', operationName: 7 }],
  ['variables as text', { query: '{ __typename }', variables: '{}' }],
  ['a batch', [{ query: '{ __typename }' }]],
])('%s in a body is BAD_REQUEST', async (_, body) => {
  const answer = await send(server.url, 'POST', '/graphql', json, JSON.stringify(body))
  expect([answer.status, JSON.parse(answer.text).errors[0].extensions]).toEqual([400, { code: 'BAD_REQUEST' }])
})

test('a parameter that a URL has twice is BAD_REQUEST', async () => {
  const answer = await send(server.url, 'GET', '/graphql?query=%7B__typename%7D&query=%7B__typename%7D')
  expect([answer.status, JSON.parse(answer.text).errors[0].extensions]).toEqual([400, { code: 'BAD_REQUEST' }])
})

test('variables in a URL that are not JSON are 422', async () => {
  const path = '/graphql?query=%7B__typename%7D&variables=%7B'
  expect((await send(server.url, 'GET', path, { Accept: graphqlResponse })).status).toBe(422)
})

test('a body that is not JSON is 400, in the media type that the client accepts', async () => {
  const { status, headers } = await send(server.url, 'POST', '/graphql', { ...json, Accept: graphqlResponse }, '{')
  expect([status, headers['content-type']]).toEqual([400, `${graphqlResponse}; charset=utf-8`])
})

test('294 has a reason phrase', async () => {
  const client = await RawClient.connect(server.url)
  client.send(head(`GET ${pathOf({ query: partial })}`, `Accept: ${graphqlResponse}`))
  await client.until('"data"')
  expect(client.text).toMatch(/^HTTP\/1\.1 294 Partial Success\r\n/)
  client.socket.destroy()
})
