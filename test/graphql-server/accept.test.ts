import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const { call } = client(server)
const subscription = JSON.stringify({ query: 'subscription { feed { __typename } }' })

test.each([
  'application/json',
  'application/graphql-response+json',
  '*/*',
  'text/html',
  'text/plain, application/xml;q=0.5',
  'multipart/mixed',
  'multipart/mixed;deferSpec=20220824',
  'multipart/mixed;subscriptionSpec=2.0',
  'multipart/mixed, application/json',
  'text/*',
  'text/event-stream;q=0',
  'image/png, text/event-stream;q=0',
])('a subscription by POST that accepts %s is 406, with the names of the transports', async Accept => {
  const { status, headers, text } = await call('POST', '/graphql', { ...json, Accept }, subscription)
  expect(headers['content-type']).toMatch(/^application\/(graphql-response\+)?json/)
  expect(status).toBe(406)
  const { errors } = JSON.parse(text) as { errors: { message: string; extensions: object }[] }
  expect(errors).toMatchObject([{ extensions: { code: 'NOT_ACCEPTABLE' } }])
  expect(errors[0]?.message).toMatch(
    /WebSocket \(graphql-transport-ws\).*text\/event-stream.*multipart\/mixed;subscriptionSpec=1\.0.*\/graphql\/stream/,
  )
})

test.each(['', 'subscription {', 'subscription { nothing }'])(
  'a faulty subscription %j says what is wrong with it, if the client accepts JSON',
  async query => {
    const { text } = await call('POST', '/graphql', json, JSON.stringify({ query }))
    expect(text).not.toContain('NOT_ACCEPTABLE')
  },
)

test('a query that accepts no JSON is 406', async () => {
  const body = '{"query":"{ __typename }"}'
  const { status } = await call('POST', '/graphql', { ...json, Accept: 'text/html' }, body)
  expect(status).toBe(406)
})
