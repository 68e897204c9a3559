import { once } from 'node:events'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import WebSocket from 'ws'
import { asyncapi } from '../../../src/rest/description/asyncapi'
import { base } from '../../support/doors'
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
const asEvents = { Accept: 'text/event-stream' }

/** Holds the Server-Sent Events of a text against a channel, and gives their names. */
function events(channel: string, text: string): string[] {
  const blocks = text.split('\n\n').filter(block => /^data:/m.test(block))
  return blocks.map(block => {
    const fields = Object.fromEntries(
      block.split('\n').map(line => {
        const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? []
        return [name, value]
      }),
    )
    const { data = '', ...headers } = fields
    const name = fields.event ?? 'transition'
    hold(`${channel}.${name}`, 'headers', headers)
    hold(`${channel}.${name}`, 'payload', data === '' ? '' : JSON.parse(data))
    return name
  })
}

/** What a stream says until it has said this. */
async function until(path: string, last: RegExp, init: RequestInit = {}): Promise<string> {
  const stop = new AbortController()
  const response = await fetch(server.url + path, {
    ...init,
    headers: { ...asEvents, ...init.headers },
    signal: stop.signal,
  })
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    if (last.test(text)) break
  }
  stop.abort()
  return text
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
  const stream = get(`${path}/events`, asEvents)
  await call('DELETE', path)
  expect(events('sessionEvents', (await stream).text)).toEqual(Array(4).fill('transition'))
  expect(events('feed', await until(`${feed}?after=${next}`, /SessionClosed/))).toEqual([
    'ready',
    ...Array(4).fill('transition'),
  ])
  expect(events('feed', await until(`${feed}?after=none`, /event: ready/))).toEqual(['gap', 'ready'])

  const query = '{ sessions(first: 1) { totalCount } }'
  const init = { method: 'POST', headers: json, body: JSON.stringify({ query }) }
  expect(events('graphqlStream', await until('/graphql/stream', /event: complete/, init))).toEqual(['next', 'complete'])

  expect(await overWebSocket()).toEqual(['connection_ack', 'pong', 'next', 'error', 'next', 'complete'])
  const sent = Object.keys(document.components.messages).filter(
    message => !/\.error$/.test(message) || /graphql/.test(message),
  )
  expect([...seen].sort()).toEqual(sent.sort())
})

/** Speaks graphql-transport-ws, holding each message of both sides, and gives the types of those that came. */
async function overWebSocket(): Promise<string[]> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  const came: { type: string; id?: string }[] = []
  socket.on('message', data => {
    const message = JSON.parse(String(data))
    hold(`graphql.${message.type}`, 'payload', message)
    came.push(message)
  })
  const say = (message: { type: string; id?: string; payload?: object }): void => {
    hold(`graphql.${message.type}`, 'payload', message)
    socket.send(JSON.stringify(message))
  }
  const answered = async (type: string, id?: string): Promise<void> => {
    while (!came.some(message => message.type === type && message.id === id)) await once(socket, 'message')
  }
  say({ type: 'connection_init' })
  await answered('connection_ack')
  say({ type: 'ping' })
  await answered('pong')
  say({ type: 'pong' })
  say({ type: 'subscribe', id: '1', payload: { query: 'subscription { feed { __typename } }' } })
  await answered('next', '1')
  say({ type: 'complete', id: '1' })
  say({ type: 'subscribe', id: '2', payload: { query: 'subscription { nothing }' } })
  await answered('error', '2')
  say({ type: 'subscribe', id: '3', payload: { query: '{ sessions { totalCount } }' } })
  await answered('complete', '3')
  socket.close()
  await once(socket, 'close')
  return came.map(({ type }) => type)
}

test('the addresses are those at which the streams are served', async () => {
  const addresses = Object.values(document.channels).map(({ address }) => address)
  expect(addresses).toEqual([`${base}/{session_id}/events`, feed, '/graphql/stream', '/graphql'])
})
