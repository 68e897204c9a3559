import { waitsByPlace } from '../../src/concurrency/waits'
import type { Feed } from '../../src/feed/feed'
import { collected } from '../support/gc'
import { intercepting } from '../support/intercepting'
import { Peer } from '../support/peer'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'
import { type OpenWebSocketServer, openWebSocketServer } from '../support/web-socket-server'

const limitMs = 20_000
const server = serving(embeddedDatabase)
const start = (mentor_id = 'm') => server.sessions.start({ mentor_id })

/** Sources of subscriptions. A reader keeps its source in memory. */
const sources: WeakRef<object>[] = []

function noted<T extends object>(source: T): T {
  sources.push(new WeakRef(source))
  return source
}

const watched = (feed: Feed): Feed =>
  intercepting(feed, {
    subscribe: (...given) => noted(feed.subscribe(...given)),
    transitions: (...given) => noted(feed.transitions(...given)),
  })

/** Returns the number of subscriptions still in memory. */
const left = (): number => sources.filter(source => source.deref() !== undefined).length

const leaves = (count: number) =>
  until(
    async () => {
      await collected()
      return left() === count
    },
    limitMs,
    () => `${count} to be left of ${sources.length}: ${left()}`,
  )

let api: OpenWebSocketServer
beforeAll(async () => {
  api = await openWebSocketServer(server, { feed: watched(server.feed) })
})
beforeEach(() => {
  sources.length = 0
})
afterAll(() => api.close())

const subscribed = (peer: Peer) => peer.received.filter(({ type }) => type === 'next').length
const fields = Array.from({ length: 29 }, (_, i) => `a${i}: mentorId`).join(' ')
const fat = `subscription { feed { ... on FeedTransition { transition { session { ${fields} } } } } }`

test('100 stalled subscriptions leave nothing in memory after their peer disconnects', async () => {
  const peer = await (await Peer.connect(api.url)).init()
  for (let i = 0; i < 100; i++) peer.subscribe(String(i), fat)
  await until(() => subscribed(peer) === 100, limitMs, 'ready')
  await leaves(100)
  peer.socket.pause()
  for (let i = 0; i < 20; i++) await start('ü'.repeat(200))
  await until(() => waitsByPlace().slow_reader === 1, limitMs, 'a full socket')
  peer.socket.terminate()
  await start()
  await leaves(0)
  expect(waitsByPlace().slow_reader).toBe(0)
})

test('subscriptions of peers that disconnect during the start leave nothing in memory', async () => {
  const { session } = await start()
  const query = `subscription { sessionTransitions(sessionId: "${session.session_id}", after: 0) { sequence } }`
  const peers = await Promise.all(Array.from({ length: 20 }, async () => (await Peer.connect(api.url)).init()))
  for (const peer of peers) {
    for (let i = 0; i < 10; i++) peer.subscribe(String(i), query)
    peer.socket.once('message', () => peer.socket.terminate())
  }
  await Promise.all(peers.map(({ closed }) => closed))
  await leaves(0)
})

test('an id that is completed and reused at once has one subscription, and none after its completion', async () => {
  const peer = await (await Peer.connect(api.url)).init()
  peer.atOnce(() => {
    for (let i = 0; i < 20; i++) {
      peer.subscribe('again')
      peer.send({ id: 'again', type: 'complete' })
    }
    peer.subscribe('again')
    peer.subscribe('another')
  })
  await until(() => peer.received.some(({ id }) => id === 'another'), limitMs, 'the first message')
  await leaves(2)
  for (const id of ['again', 'another']) peer.send({ id, type: 'complete' })
  await leaves(0)
  peer.socket.terminate()
})
