import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import { asyncapi } from '../../../src/rest/description/asyncapi'
import { eventsUntil, type StreamEvent } from '../../support/event-stream'
import { base } from '../../support/interfaces'
import { Peer } from '../../support/peer'
import { send, sendRaw } from '../../support/raw'
import { client, json } from '../../support/rest'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'

interface Channel {
  address: string
  description: string
  bindings?: { ws: { headers: { properties: { 'Sec-WebSocket-Protocol': { const: string } } } } }
}

interface Streams {
  id: string
  channels: Record<string, Channel>
  components: { messages: Record<string, { examples: { payload: unknown; headers: unknown }[] }> }
}

const document = asyncapi() as unknown as Streams
const ajv = new Ajv({ strict: false })
addFormats.default(ajv)
// The description's own `id` is not a schema keyword.
const { id: _, ...schemas } = document
ajv.addSchema(schemas, 'streams')
const seen = new Set<string>()

/** Throws if a part of a message does not match the description. */
function hold(message: string, part: 'payload' | 'headers', value: unknown): void {
  const validate = ajv.getSchema(`streams#/components/messages/${message}/${part}`)
  if (!validate) throw new Error(`${message} has no ${part} that is described`)
  if (!validate(value)) throw new Error(`${message} ${part}: ${ajv.errorsText(validate.errors)}`)
  seen.add(message)
}

const server = serving(embeddedDatabase)
const { call, get, ...make } = client(server)
const feed = '/api/v1/benefit-calculator-events'

/** Checks the events of a path against a channel, up to the last requested event. Returns their names. */
async function events(channel: string, path: string, isLast: (event: StreamEvent) => boolean): Promise<string[]> {
  const streamed = await eventsUntil(server.url + path, isLast)
  return streamed.events.map(({ data, ...headers }) => {
    const name = headers.event ?? 'transition'
    hold(`${channel}.${name}`, 'headers', headers)
    hold(`${channel}.${name}`, 'payload', JSON.parse(data))
    return name
  })
}

// @asyncapi/parser checks it against the specification (npm run check:api).
test('the description states that it is AsyncAPI 3.1', async () => {
  const { text, headers } = await get('/asyncapi.json')
  expect(headers['cache-control']).toBe('public, max-age=300')
  expect(JSON.parse(text).asyncapi).toBe('3.1.0')
})

test('every example matches its schema', () => {
  for (const [message, { examples }] of Object.entries(document.components.messages)) {
    for (const example of examples) {
      hold(message, 'payload', example.payload)
      hold(message, 'headers', example.headers)
    }
  }
  seen.clear()
})

test('every message of the REST streams is described, and every described one but the errors is sent', async () => {
  const { next } = JSON.parse((await get(feed)).text)
  const path = await make.loaded()
  let closing: Promise<unknown> | undefined
  const closes = (): boolean => {
    closing ??= call('DELETE', path)
    return false
  }
  expect(await events('sessionEvents', `${path}/events`, closes)).toEqual(Array(4).fill('transition'))
  await closing
  const all = await events('feed', `${feed}?after=${next}`, ({ data }) => data.includes('SessionClosed'))
  expect(all).toEqual(['ready', ...Array(4).fill('transition')])
  expect(await events('feed', `${feed}?after=none`, ({ event }) => event === 'ready')).toEqual(['gap', 'ready'])

  const sent = Object.keys(document.components.messages).filter(message => !/\.error$/.test(message))
  expect([...seen].sort()).toEqual(sent.sort())
})

test('the GraphQL streams link to their protocols and follow them', async () => {
  const { graphqlStream, graphql } = document.channels
  expect(graphqlStream?.description).toContain(
    'https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode',
  )
  const query = '{ sessions(first: 1) { totalCount } }'
  const asked = { method: 'POST', headers: json, body: JSON.stringify({ query }) }
  const isOver = ({ event }: StreamEvent): boolean => event === 'complete'
  const streamed = await eventsUntil(`${server.url}${graphqlStream?.address}`, isOver, asked)
  expect(streamed.events).toEqual([
    { event: 'next', data: expect.stringMatching(/^\{"data":\{"sessions":/) },
    { event: 'complete', data: '' },
  ])

  expect(graphql?.description).toContain('https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md')
  const peer = await Peer.connect(server.url)
  expect(graphql?.bindings?.ws.headers.properties['Sec-WebSocket-Protocol'].const).toBe(peer.socket.protocol)
  peer.send({ type: 'connection_init' })
  await peer.next('connection_ack')
  peer.send({ type: 'subscribe', id: '1', payload: { query } })
  expect(await peer.next('next')).toMatchObject({ id: '1', payload: { data: { sessions: {} } } })
  peer.socket.close()
  await peer.closed
})

test('the described addresses are those of the streams', async () => {
  const addresses = Object.values(document.channels).map(({ address }) => address)
  expect(addresses).toEqual([`${base}/{session_id}/events`, feed, '/graphql/stream', '/graphql'])
})

const serversFor = async (at: { url: string }, headers: Record<string, string> = {}) =>
  JSON.parse((await send(at.url, 'GET', '/asyncapi.json', headers)).text).servers

test.each(['sessions.example.com', 'sessions.example.com:8443', '[::1]:4000'])(
  'the described server is the one that the client asks: %s',
  async Host => {
    const description = 'This server.'
    expect(await serversFor(server, { Host })).toEqual({
      http: { host: Host, protocol: 'http', description },
      websocket: { host: Host, protocol: 'ws', description },
    })
  },
)

test('without a Host header, the description names the port of the server', async () => {
  const answer = await sendRaw(server.url, 'GET /asyncapi.json HTTP/1.0\r\n\r\n')
  const { servers } = JSON.parse(answer.split('\r\n\r\n')[1] ?? '')
  expect(servers).toMatchObject({ http: { host: `localhost:${new URL(server.url).port}` } })
})

describe('behind a proxy', () => {
  const behind = serving(embeddedDatabase, { config: { TRUST_PROXY: 1 } })
  const Host = 'sessions.example.com'

  test('that ends TLS, the described server has https and wss', async () => {
    const headers = { Host, 'X-Forwarded-Proto': 'https' }
    expect(await serversFor(behind, headers)).toMatchObject({
      http: { host: Host, protocol: 'https' },
      websocket: { host: Host, protocol: 'wss' },
    })
    expect(await serversFor(behind, { ...headers, 'X-Forwarded-Proto': 'javascript' })).toMatchObject({
      http: { protocol: 'http' },
      websocket: { protocol: 'ws' },
    })
  })

  test('that is not trusted, its headers are ignored, and X-Forwarded-Host always is', async () => {
    const headers = { Host, 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example' }
    expect(await serversFor(server, headers)).toMatchObject({ http: { host: Host, protocol: 'http' } })
    expect(await serversFor(behind, headers)).toMatchObject({ http: { host: Host, protocol: 'https' } })
  })

  test('each host has its own ETag', async () => {
    const etagFor = async (Host: string) =>
      (await send(server.url, 'GET', '/asyncapi.json', { Host })).headers.etag as string
    const [a, b] = [await etagFor('a.example'), await etagFor('b.example')]
    expect(a).not.toBe(b)
    const answer = await send(server.url, 'GET', '/asyncapi.json', { Host: 'a.example', 'If-None-Match': a })
    expect(answer.status).toBe(304)
  })
})
