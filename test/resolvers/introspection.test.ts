import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { ways } from '../support/ask'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedPlace } from '../support/stores'

const server = serving(embeddedPlace, { config: { INTROSPECTION: false } })
const { get } = client(server)
const schema = '{ __schema { queryType { name } } }'

test('a schema that may not be asked for is refused by every door, and what is in it is served', async () => {
  const http = JSON.parse((await get(`/graphql?query=${encodeURIComponent(schema)}`)).text)
  expect(http.errors[0].message).toMatch(/introspection/i)
  expect(JSON.parse((await get('/graphql?query={__typename}')).text).data).toEqual({ __typename: 'Query' })

  const stream = await get(`/graphql/stream?query=${encodeURIComponent(schema)}`, { Accept: 'text/event-stream' })
  expect(stream.text).toMatch(/^event: next\ndata: \{"errors":.*introspection/im)

  const ws = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket })
  const refused = await new Promise<unknown>(resolve =>
    ws.subscribe({ query: schema }, { next: resolve, error: resolve, complete: () => resolve('complete') }),
  )
  expect(JSON.stringify(refused)).toMatch(/introspection has been disabled/i)
  await ws.dispose()
})

describe('where the schema may not be asked for, no refusal tells what else is in it', () => {
  test.each([
    ['a field', '{ session(id: "s") { mentrId } }', '{}'],
    ['a type', '{ session(id: "s") { ... on Sesion { id } } }', '{}'],
    ['an argument', '{ session(idd: "s") { id } }', '{}'],
    ['a value', '{ sessions(filter: {state: LOADE}) { totalCount } }', '{}'],
    ['a member', '{ sessions(filter: {mentrId: "m"}) { totalCount } }', '{}'],
    [
      'a value of a variable',
      'query ($f: SessionFilter) { sessions(filter: $f) { totalCount } }',
      '{"f":{"state":"LOADE"}}',
    ],
    [
      'a member of a variable',
      'query ($f: SessionFilter) { sessions(filter: $f) { totalCount } }',
      '{"f":{"mentrId":"m"}}',
    ],
    [
      'a filter of a subscription',
      'subscription ($f: FeedFilter) { feed(filter: $f) { __typename } }',
      '{"f":{"mentrId":"m"}}',
    ],
  ])('of %s that is misspelt', async (_, text, variables) => {
    for (const [way, ask] of ways) {
      const { errors = [] } = await ask(server, text, variables)
      if (text.startsWith('subscription') && !/Events|Socket/.test(way)) continue
      expect(errors.length).toBeGreaterThan(0)
      expect(JSON.stringify(errors)).not.toMatch(/Did you mean|mentorId|LOADED|"Session"/)
    }
  })
})
