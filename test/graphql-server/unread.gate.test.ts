import { WebSocketServer } from 'ws'
import type { Store } from '../../src/db/store'
import type { Cursors } from '../../src/domain/list-query'
import { newestFirst, sessionCursorOf } from '../../src/domain/order'
import { operationTextBytes } from '../../src/graphql-server/websocket-connection'
import { WebSocketWriter } from '../../src/graphql-server/websocket-writer'
import { HttpServer } from '../../src/http/server'
import { intercepting } from '../support/intercepting'
import { restApi } from '../support/interfaces'
import { figures } from '../support/metrics'
import { Peer } from '../support/peer'
import { head, RawClient } from '../support/raw'
import { keptLog, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'
import { type OpenWebSocketServer, openWebSocketServer } from '../support/web-socket-server'

const limitMs = 30_000
const megabyte = 1024 * 1024
const keyed = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']

/** Counts the reads of lists and their maximum concurrency. Each read is slowed down. */
class Counting {
  read = 0
  most = 0
  #now = 0
  /** Duration of each read, in ms. */
  ms = 0

  over = (store: Store): Store =>
    intercepting(store, {
      lists: {
        list: async (...given) => {
          this.read++
          this.most = Math.max(this.most, ++this.#now)
          await new Promise(resolve => setTimeout(resolve, this.ms))
          this.#now--
          return store.lists.list(...given)
        },
      },
    })
}

/**
 * Returns a query with a response of 120 KB. Each starts after a different future time, so that no two share a read.
 */
const fat = (n: number, cursors: Cursors): string => {
  const cursor = sessionCursorOf(cursors, newestFirst, { key: '2999-01-01T00:00:00.000Z', session_id: String(n) })
  const names = Array.from({ length: 29 }, (_, i) => `a${i}: mentorId`).join(' ')
  return `{ sessions(first: 10, after: "${cursor}") { nodes { ${names} mentorId } } }`
}

/** Returns the figure once it has not changed for a second. */
async function rested(figure: () => number): Promise<number> {
  let before: number | undefined
  const rests = async () => {
    const last = before
    before = figure()
    await new Promise(resolve => setTimeout(resolve, 1_000))
    return last !== undefined && figure() === last
  }
  await until(rests, limitMs, () => `${before} to rest`)
  return figure()
}

describe('a peer that does not read', () => {
  const counting = new Counting()
  const server = serving(embeddedDatabase, { store: counting.over, config: { METRICS_PORT: 0 } })
  let api: OpenWebSocketServer
  beforeAll(async () => {
    for (let i = 0; i < 10; i++) await restApi(server).start({ mentor_id: 'ü'.repeat(200) })
  })
  beforeEach(() => {
    counting.read = 0
    counting.most = 0
    counting.ms = 0
  })
  afterEach(() => api.close())

  async function asleep(times = {}): Promise<Peer> {
    api = await openWebSocketServer(server, times)
    const peer = await (await Peer.connect(api.url)).init()
    peer.socket.pause()
    return peer
  }

  test('is not read from either: its pings stay in its socket', async () => {
    const peer = await asleep()
    const ping = JSON.stringify({ type: 'ping', payload: { filler: 'x'.repeat(60_000) } })
    let sent = 0
    const more = (): void => {
      if (sent >= 100 * megabyte) return
      sent += ping.length
      peer.socket.send(ping, more)
    }
    more()
    expect(await rested(() => sent)).toBeLessThan(50 * megabyte)
    peer.socket.terminate()
  })

  test('is answered up to a bound, and gets the rest when it reads again', async () => {
    const peer = await asleep()
    const count = 300
    for (let i = 0; i < count; i++) peer.subscribe(String(i), fat(i, server.sessions.queries.cursors))
    expect(await rested(() => counting.read)).toBeLessThan(count * 0.6)
    peer.socket.resume()
    const complete = () => peer.received.filter(({ type }) => type === 'complete').length
    await until(
      () => complete() === count,
      limitMs,
      () => `all answers: ${complete()}`,
    )
    expect(peer.received.filter(({ type }) => type === 'next')).toHaveLength(count)
    peer.socket.terminate()
  })

  test('is closed with 1013 and counted if it stays stalled', async () => {
    const peer = await asleep({ fullMs: 300 })
    for (let i = 0; i < 300; i++) peer.subscribe(String(i), fat(i, server.sessions.queries.cursors))
    const closes = () => api.log.filter(({ method }) => method === 'WEBSOCKET')
    await until(() => closes().length > 0, limitMs, 'the close')
    expect(closes()).toMatchObject([{ close_code: 1013 }])
    expect(await figures(server, 'websockets_closed_total', 'code')).toMatchObject({ 1013: 1 })
    peer.socket.terminate()
  })
})

describe('a peer that reads slowly', () => {
  const server = serving(embeddedDatabase)
  beforeAll(async () => {
    for (let i = 0; i < 10; i++) await restApi(server).start({ mentor_id: 'ü'.repeat(200) })
  })

  test('is not cut while a ping waits behind messages that it has not read', async () => {
    const api = await openWebSocketServer(server, { pingMs: 200 })
    const peer = await (await Peer.connect(api.url)).init()
    peer.socket.pause()
    // Few enough for the buffers of the network, so that the socket is not full.
    const count = 10
    for (let i = 0; i < count; i++) peer.subscribe(String(i), fat(i, server.sessions.queries.cursors))
    // Several pings of the server.
    await new Promise(resolve => setTimeout(resolve, 2_000))
    peer.socket.resume()
    const complete = () => peer.received.filter(({ type }) => type === 'complete').length
    await until(() => complete() === count, limitMs, 'all answers')
    peer.subscribe('next', '{ __typename }')
    await until(() => complete() === count + 1, limitMs, 'the answer to a later operation')
    peer.socket.terminate()
    await api.close()
  })

  test('is not closed while its full socket drains, however long that takes', async () => {
    const fullMs = 600
    let stuck = 0
    let drained = false
    const ended = Promise.withResolvers<void>()
    const sockets = new WebSocketServer({ noServer: true })
    const api = new HttpServer({
      answer: (_request, response) => response.end(),
      upgrade: (request, wire, head) =>
        sockets.handleUpgrade(request, wire, head, socket => {
          const turned = (): void => {
            if (writer.isFull) return
            drained = true
            ended.resolve()
          }
          const isStuck = (): void => {
            stuck++
            ended.resolve()
          }
          const callbacks = { backpressureChanged: turned, stuck: isStuck, expired() {} }
          const writer = new WebSocketWriter(socket, wire, { ...callbacks, facts: {}, fullMs })
          writer.send('x'.repeat(24 * megabyte))
        }),
      log: keptLog().log,
    })
    const client = await RawClient.connect(`http://127.0.0.1:${await api.listen(0, '127.0.0.1')}`)
    client.socket.removeAllListeners('data')
    client.socket.on('data', () => client.socket.pause())
    const began = performance.now()
    client.send(head('GET /', 'Connection: Upgrade', 'Upgrade: websocket', ...keyed))
    const reading = setInterval(() => client.socket.resume(), 10)
    await ended.promise
    clearInterval(reading)
    expect([stuck, drained]).toEqual([0, true])
    expect(performance.now() - began).toBeGreaterThan(2 * fullMs)
    await Promise.all([api.stop(), api.resetAll()])
  })
})

describe('a connection', () => {
  const counting = new Counting()
  const server = serving(embeddedDatabase, { store: counting.over })
  let api: OpenWebSocketServer
  let peer: Peer
  beforeAll(async () => {
    api = await openWebSocketServer(server)
  })
  beforeEach(async () => {
    peer = await (await Peer.connect(api.url)).init()
  })
  afterEach(() => peer.socket.terminate())
  afterAll(() => api.close())

  test('has 8 concurrent operations, and stays connected while more wait unread', async () => {
    counting.ms = 600
    const pinging = await openWebSocketServer(server, { pingMs: 200 })
    const peer = await (await Peer.connect(pinging.url)).init()
    for (let i = 0; i < 20; i++) peer.subscribe(String(i), fat(i, server.sessions.queries.cursors))
    await until(
      () => peer.received.filter(({ type }) => type === 'complete').length === 20,
      limitMs,
      () => `all answers, ${peer.received.length}`,
    )
    await pinging.close()
    expect(counting.most).toBe(8)
  })

  test('may hold 2 MiB of operation text in all, and gets room when operations end', async () => {
    const query = `subscription { feed { __typename } } ${' '.repeat(60_000)}`
    const bytes = JSON.stringify({ id: '10', type: 'subscribe', payload: { query } }).length
    const allowed = Math.floor(operationTextBytes / bytes)
    const ask = (id: number) => peer.subscribe(String(id), query)
    for (let id = 10; id < 10 + allowed + 1; id++) ask(id)
    const refused = await peer.next('error')
    expect(refused).toMatchObject({ id: String(10 + allowed), payload: [{ extensions: { code: 'RATE_LIMITED' } }] })
    peer.send({ id: '10', type: 'complete' })
    ask(99)
    await until(
      () => peer.received.some(({ id, type }) => id === '99' && type === 'next'),
      limitMs,
      'the first message',
    )
  })

  test('has its messages processed for 5 ms per turn of the event loop, so that others get their turn', async () => {
    let taken = 0
    let most = 0
    const limit = (): undefined => {
      if (taken++ === 0) {
        setImmediate(() => {
          taken = 0
        })
      }
      most = Math.max(most, taken)
      const end = performance.now() + 1
      while (performance.now() < end);
    }
    const counted = await openWebSocketServer(server, { limit })
    const senders = await Promise.all([1, 2].map(async () => (await Peer.connect(counted.url)).init()))
    for (const sender of senders) {
      sender.atOnce(() => {
        for (let i = 0; i < 200; i++) sender.subscribe(String(i), '{ none }')
      })
    }
    await until(() => senders.every(({ received }) => received.length === 200), limitMs, 'all refusals')
    await counted.close()
    expect(most).toBeLessThanOrEqual(6)
  })

  test('is cut if it sends more than 100 pings or pongs at once', async () => {
    for (const send of ['ping', 'pong'] as const) {
      const sender = await (await Peer.connect(api.url)).init()
      sender.atOnce(() => {
        for (let i = 0; i < 1_000; i++) sender.socket[send]()
      })
      expect(await sender.closed).toBe(1006)
    }
  })
})
