import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import { asyncapi } from '../../../src/rest/description/asyncapi'
import { base } from '../../support/doors'
import { type Asked, eventsUntil, type StreamEvent } from '../../support/event-stream'
import { Peer } from '../../support/peer'
import { client, json } from '../../support/rest'
import { serving } from '../../support/server'
import { embeddedPlace } from '../../support/stores'

interface Streams {
  id: string
  channels: Record<string, { address: string }>
  components: { messages: Record<string, { examples: { payload: unknown; headers?: unknown }[]; headers?: object }> }
}

const document = asyncapi() as unknown as Streams
const ajv = new Ajv({ strict: false })
addFormats.default(ajv)
// The `id` of the description is no keyword of a schema.
const { id: _, ...schemas } = document
ajv.addSchema(schemas, 'streams')
const seen = new Set<string>()

/** Throws where a part of a message is not what the description says. */
function hold(message: string, part: 'payload' | 'headers', value: unknown): void {
  const validate = ajv.getSchema(`streams#/components/messages/${message}/${part}`)
  if (!validate) throw new Error(`${message} has no ${part} that is described`)
  if (!validate(value)) throw new Error(`${message} ${part}: ${ajv.errorsText(validate.errors)}`)
  seen.add(message)
}

const server = serving(embeddedPlace)
const { call, get, ...make } = client(server)
const feed = '/api/v1/benefit-calculator-events'

/** Holds the Server-Sent Events of a path against a channel, up to the last that is asked for, and gives their names. */
async function events(
  channel: string,
  path: string,
  isLast: (event: StreamEvent) => boolean,
  asked: Asked = {},
): Promise<string[]> {
  const streamed = await eventsUntil(server.url + path, isLast, asked)
  return streamed.events.map(({ data, ...headers }) => {
    const name = headers.event ?? 'transition'
    hold(`${channel}.${name}`, 'headers', headers)
    hold(`${channel}.${name}`, 'payload', data === '' ? '' : JSON.parse(data))
    return name
  })
}

// @asyncapi/parser holds it to the specification (npm run check:api).
test('the description says that it is AsyncAPI 3.1', async () => {
  const { text, headers } = await get('/asyncapi.json')
  expect(headers['cache-control']).toBe('public, max-age=300')
  expect(JSON.parse(text).asyncapi).toBe('3.1.0')
})

test('every example is what its schema says', () => {
  for (const [message, { examples, headers }] of Object.entries(document.components.messages)) {
    for (const example of examples) {
      hold(message, 'payload', example.payload)
      if (headers) hold(message, 'headers', example.headers)
    }
  }
  seen.clear()
})

test('what the streams say is described: every message of theirs but the failure', async () => {
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

  const query = '{ sessions(first: 1) { totalCount } }'
  const asked = { method: 'POST', headers: json, body: JSON.stringify({ query }) }
  const isOver = ({ event }: StreamEvent): boolean => event === 'complete'
  expect(await events('graphqlStream', '/graphql/stream', isOver, asked)).toEqual(['next', 'complete'])

  expect(await overWebSocket()).toEqual(['connection_ack', 'pong', 'next', 'error', 'next', 'complete'])
  const sent = Object.keys(document.components.messages).filter(
    message => !/\.error$/.test(message) || /graphql/.test(message),
  )
  expect([...seen].sort()).toEqual(sent.sort())
})

/** Speaks graphql-transport-ws, holding each message of both sides, and gives the types of those that came. */
async function overWebSocket(): Promise<string[]> {
  const peer = await Peer.connect(server.url)
  const came: string[] = []
  peer.socket.on('message', data => {
    const message = JSON.parse(String(data))
    hold(`graphql.${message.type}`, 'payload', message)
    came.push(message.type)
  })
  const say = (message: { type: string; id?: string; payload?: object }): void => {
    hold(`graphql.${message.type}`, 'payload', message)
    peer.send(message)
  }
  const ask = (id: string, query: string): void => say({ type: 'subscribe', id, payload: { query } })
  say({ type: 'connection_init' })
  await peer.next('connection_ack')
  say({ type: 'ping' })
  await peer.next('pong')
  say({ type: 'pong' })
  ask('1', 'subscription { feed { __typename } }')
  await peer.next('next')
  say({ type: 'complete', id: '1' })
  ask('2', 'subscription { nothing }')
  await peer.next('error')
  ask('3', '{ sessions { totalCount } }')
  await peer.next('complete')
  peer.socket.close()
  await peer.closed
  return came
}

test('the addresses are those at which the streams are served', async () => {
  const addresses = Object.values(document.channels).map(({ address }) => address)
  expect(addresses).toEqual([`${base}/{session_id}/events`, feed, '/graphql/stream', '/graphql'])
})
