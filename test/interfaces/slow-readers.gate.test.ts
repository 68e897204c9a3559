import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { base } from '../support/interfaces'
import { head } from '../support/raw'
import { serving } from '../support/server'
import { stored } from '../support/sessions'
import { embeddedDatabase } from '../support/stores'
import { feedPath } from '../support/transports'

/** Sessions with ids of the maximum length. Their files and feeds are larger than the buffers of the network. */
const count = 5_000
const long = '☕'.repeat(200)
/** Rates of the readers, in bytes per second. */
const rates = [5_000, 28_000]
/** Longer than servers usually wait for a client that takes nothing. */
const readMs = 75_000

/** Reads from a socket at a rate. */
function readAt(rate: number, socket: Socket): void {
  socket.on('data', data => {
    socket.pause()
    setTimeout(() => socket.resume(), (1_000 * data.length) / rate)
  })
}

const server = serving(embeddedDatabase)
let after: string
beforeAll(async () => {
  const feed = await fetch(server.url + feedPath)
  after = ((await feed.json()) as { next: string }).next
  await Promise.all(
    Array.from({ length: count }, () => stored(server.store, { mentor_id: long, organisation_id: long })),
  )
})

const query = `subscription ($after: String) {
  feed(after: $after) { ... on FeedTransition { cursor transition { session { id mentorId organisationId } } } }
}`

/** Starts to read a response. Returns its socket. */
async function overHttp(rate: number, path: string, accept: string, body?: string): Promise<Socket> {
  const fields = [
    `Accept: ${accept}`,
    ...(body ? ['Content-Type: application/json', `Content-Length: ${body.length}`] : []),
  ]
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {})
  socket.write(head(`${body ? 'POST' : 'GET'} ${path}`, ...fields) + (body ?? ''))
  readAt(rate, socket)
  return socket
}

async function overWebSocket(rate: number): Promise<Socket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send('{"type":"connection_init"}')
  await once(socket, 'message')
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query, variables: { after } } }))
  const { _socket: wire } = socket as unknown as { _socket: Socket }
  readAt(rate, wire)
  return wire
}

const subscription = (): string => JSON.stringify({ query, variables: { after } })
const readers: Record<string, (rate: number) => Promise<Socket>> = {
  'a CSV file': rate => overHttp(rate, `${base}?format=csv`, 'text/csv'),
  'the feed as events': rate => overHttp(rate, `${feedPath}?after=${after}`, 'text/event-stream'),
  'a subscription as events': rate => overHttp(rate, '/graphql', 'text/event-stream', subscription()),
  'a subscription in parts': rate => overHttp(rate, '/graphql', 'multipart/mixed;subscriptionSpec=1.0', subscription()),
  'a subscription over a WebSocket': overWebSocket,
}

test('a client that always reads some kilobytes a second is not cut, over any transport', async () => {
  const started = Object.values(readers).flatMap(read => rates.map(rate => read(rate)))
  const sockets = await Promise.all(started)
  await wait(readMs)
  expect(server.log.filter(({ msg }) => msg === 'request').slice(1)).toEqual([])
  // Less than half of what each is sent: the server still has output for all of them.
  for (const { bytesRead } of sockets) expect(bytesRead).toBeLessThan(3_000_000)
  for (const socket of sockets) socket.destroy()
}, 180_000)
