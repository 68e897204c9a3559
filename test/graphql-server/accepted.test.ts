import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createClient } from 'graphql-sse'
import { meros } from 'meros/node'
import { WebSocket } from 'ws'
import { head, RawClient, send } from '../support/raw'
import { json } from '../support/rest'
import { serving, startServer } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const multipart = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json'
const feed = 'subscription { feed { __typename ... on FeedTransition { transition { session { mentorId } } } } }'
const ready = { data: { feed: { __typename: 'FeedReady' } } }
const started = (mentorId: string) => ({
  data: { feed: { __typename: 'FeedTransition', transition: { session: { mentorId } } } },
})

const methods = ['POST', 'GET'] as const
type Method = (typeof methods)[number]

async function ask(method: Method, Accept: string, query: string, headers = {}): Promise<IncomingMessage> {
  const isGet = method === 'GET'
  const path = isGet ? `/graphql?${new URLSearchParams({ query })}` : '/graphql'
  const asked = request(server.url + path, { method, headers: { ...(!isGet && json), Accept, ...headers } })
  asked.end(isGet ? undefined : JSON.stringify({ query }))
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return response
}

async function read(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return text
}

/** Yields the events of a response, each with its name and parsed data. */
async function* eventsOf(response: IncomingMessage): AsyncGenerator<[name: string, data: unknown]> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const blocks = `${rest}${chunk}`.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: ?(.*)$/m.exec(block) ?? []
      yield [name, data && JSON.parse(data)]
    }
  }
}

/** Yields the parts of a multipart response, parsed by an independent client. */
async function* partsOf(response: IncomingMessage): AsyncGenerator<unknown> {
  const parts = await meros(response)
  if (!(Symbol.asyncIterator in parts) || 'headers' in parts) throw new Error('the answer has no parts')
  for await (const part of parts) yield part.body
}

test('the reference client of graphql-sse follows a subscription posted to /graphql', async () => {
  const client = createClient({ url: `${server.url}/graphql`, retryAttempts: 0 })
  const messages = client.iterate({ query: feed })
  expect((await messages.next()).value).toEqual(ready)
  await server.sessions.start({ mentor_id: 'one' })
  expect((await messages.next()).value).toEqual(started('one'))
  await messages.return?.()
  client.dispose()
})

describe.each(methods)('%s /graphql', method => {
  test('streams a subscription as Server-Sent Events that pages of other origins may read', async () => {
    const response = await ask(method, 'text/event-stream', feed, { Origin: 'https://gateway.example' })
    expect(response.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
    const events = eventsOf(response)
    expect((await events.next()).value).toEqual(['next', ready])
    await server.sessions.start({ mentor_id: 'sechs' })
    expect((await events.next()).value).toEqual(['next', started('sechs')])
    response.destroy()
  })

  test('answers any operation with events if the client accepts events only', async () => {
    const answered = async (query: string): Promise<unknown[]> => {
      const events: unknown[] = []
      for await (const event of eventsOf(await ask(method, 'text/event-stream', query))) events.push(event)
      return events
    }
    expect(await answered('{ __typename }')).toEqual([
      ['next', { data: { __typename: 'Query' } }],
      ['complete', ''],
    ])
    expect(await answered('{ nothing }')).toMatchObject([
      ['next', { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }],
      ['complete', ''],
    ])
  })

  test('streams a subscription in parts, each complete on arrival, with empty heartbeats', async () => {
    const response = await ask(method, multipart, feed)
    expect(response.headers['content-type']).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0')
    const parts = partsOf(response)
    expect((await parts.next()).value).toEqual({})
    expect((await parts.next()).value).toEqual({ payload: ready })
    await server.sessions.start({ mentor_id: 'zwölf' })
    expect((await parts.next()).value).toEqual({ payload: started('zwölf') })
    response.destroy()
  })

  test('ends a completed subscription with the final delimiter, and sends the errors of a refused one before it', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'm' })
    const of = (id: string): string => `subscription { sessionTransitions(sessionId: "${id}", after: 0) { sequence } }`
    const response = await ask(method, multipart, of(session.session_id))
    const text = read(response)
    await server.sessions.close(session.session_id)
    expect(await text).toMatch(/"sequence":2.*\r\n--graphql--\r\n$/s)
    const refused = await read(await ask(method, multipart, of('none')))
    expect(refused).toMatch(/\{"payload":\{"errors":\[.*"SESSION_NOT_FOUND".*\r\n--graphql--\r\n$/s)
  })

  test.each([
    ['multipart/mixed, text/event-stream', 'text/event-stream; charset=utf-8'],
    [
      'text/event-stream;q=0.5, multipart/mixed;subscriptionSpec="1.0"',
      'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    ],
    ['Text/Event-Stream', 'text/event-stream; charset=utf-8'],
    ['application/json, text/event-stream', 'text/event-stream; charset=utf-8'],
  ])('streams a subscription to a client that accepts %s as %s', async (accept, type) => {
    const response = await ask(method, accept, feed)
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toBe(type)
    response.destroy()
  })

  test.each([
    '*/*',
    'application/json',
    'multipart/mixed;deferSpec=20220824,application/json',
    'text/event-stream;q=0, application/json',
  ])(
    'refuses a subscription to a client that accepts %s, and a POST learns which transports serve it',
    async accept => {
      const response = await ask(method, accept, feed)
      const text = await read(response)
      if (method === 'GET') expect([response.statusCode, response.headers.allow]).toEqual([405, 'POST'])
      else {
        expect(response.statusCode).toBe(406)
        expect(text).toMatch(/WebSocket.*text\/event-stream.*multipart\/mixed.*\/graphql\/stream/)
      }
    },
  )

  test.each([
    'application/graphql-response+json, application/json, text/event-stream, multipart/mixed',
    'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
    '*/*',
  ])('answers a query as JSON to a client that accepts %s', async accept => {
    const response = await ask(method, accept, '{ __typename }')
    expect(response.headers['content-type']).toMatch(/^application\/(graphql-response\+)?json/)
    expect(JSON.parse(await read(response))).toEqual({ data: { __typename: 'Query' } })
  })
})

test.each(['application/json', 'text/event-stream', 'text/event-stream, application/json'])(
  'a mutation by GET is 405 and changes nothing, with Accept %s',
  async accept => {
    const mutation = 'mutation { startSession(input: { mentorId: "by_get" }) { session { id } } }'
    const response = await ask('GET', accept, mutation)
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'POST'])
    await read(response)
    const query = '{ sessions(filter: { mentorId: "by_get" }) { totalCount } }'
    expect(await read(await ask('POST', '*/*', query))).toContain('"totalCount":0')
  },
)

test('a stopping process ends its streams without saying that they are complete', async () => {
  const database = await embeddedDatabase()
  const stopping = await startServer(database)
  const sent = async (text: string): Promise<RawClient> => {
    const client = (await RawClient.connect(stopping.url)).send(text)
    await client.until('FeedReady')
    return client
  }
  const body = JSON.stringify({ query: feed })
  const fields = ['Content-Type: application/json', `Content-Length: ${body.length}`]
  const path = `/graphql?${new URLSearchParams({ query: feed })}`
  const clients = await Promise.all(
    [multipart, 'text/event-stream'].flatMap(accept => [
      sent(head('POST /graphql', `Accept: ${accept}`, ...fields) + body),
      sent(head(`GET ${path}`, `Accept: ${accept}`)),
    ]),
  )
  await stopping.stop()
  for (const { whole } of clients) expect(await whole).not.toMatch(/--graphql--|complete/)
  await database.drop()
})

test.each([
  ['/graphql', 'application/json', 400, 'application/json'],
  ['/graphql', 'application/graphql-response+json', 422, 'application/graphql-response+json'],
  ['/graphql', 'text/event-stream', 400, 'application/json'],
  ['/graphql', multipart, 400, 'application/json'],
  ['/graphql/stream', 'text/event-stream', 400, 'application/json'],
])('a batch posted to %s with Accept %s is %d, with advice', async (path, Accept, expected, type) => {
  for (const batch of ['[{"query":"{ __typename }"}]', '[]']) {
    const { status, headers, text } = await send(server.url, 'POST', path, { ...json, Accept }, batch)
    expect([status, headers['content-type']]).toEqual([expected, `${type}; charset=utf-8`])
    expect(JSON.parse(text)).toEqual({
      errors: [
        {
          message:
            'Batches are not supported. Send each operation in its own request, or select several fields in one operation.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    })
  }
})

test('a trailing slash makes no difference for /graphql and /graphql/stream', async () => {
  const body = '{"query":"{ __typename }"}'
  const answered = { data: { __typename: 'Query' } }
  expect(JSON.parse((await send(server.url, 'POST', '/graphql/', json, body)).text)).toEqual(answered)
  const stream = await send(server.url, 'POST', '/graphql/stream/', { ...json, Accept: 'text/event-stream' }, body)
  expect(stream.text).toContain(`data: ${JSON.stringify(answered)}`)
  const page = await send(server.url, 'GET', '/graphql/', { Accept: 'text/html' })
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql/`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.close()
})
