import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedPlace } from '../support/stores'

const held = serving(embeddedPlace, { config: { INTROSPECTION: false } })
const { get } = client(held)
const schema = '{ __schema { queryType { name } } }'

test('a schema that may not be asked for is refused by every door, and what is in it is served', async () => {
  const http = JSON.parse((await get(`/graphql?query=${encodeURIComponent(schema)}`)).text)
  expect(http.errors[0].message).toMatch(/introspection/i)
  expect(JSON.parse((await get('/graphql?query={__typename}')).text).data).toEqual({ __typename: 'Query' })

  const stream = await get(`/graphql/stream?query=${encodeURIComponent(schema)}`, { Accept: 'text/event-stream' })
  expect(stream.text).toMatch(/^event: next\ndata: \{"errors":.*introspection/im)

  const ws = createClient({ url: `${held.server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket })
  const refused = await new Promise<unknown>(resolve =>
    ws.subscribe({ query: schema }, { next: resolve, error: resolve, complete: () => resolve('complete') }),
  )
  expect(JSON.stringify(refused)).toMatch(/introspection has been disabled/i)
  await ws.dispose()
})
