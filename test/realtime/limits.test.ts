import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import { Documents } from '../../src/resolvers/documents'
import { Executions } from '../../src/resolvers/executions'
import { bodyLimit } from '../../src/resolvers/http'
import { schema } from '../../src/resolvers/schema'
import { Streams } from '../../src/resolvers/stream'
import { WebSocketDoor } from '../../src/resolvers/websocket'
import { Instance } from '../support/instance'
import { Peer } from '../support/peer'
import { serving } from '../support/server'
import { quiet } from '../support/sessions'
import { embeddedPlace, type Place } from '../support/stores'
import { feedPath } from '../support/transports'

describe('a process that allows 2 subscriptions a connection and 3 connections an address', () => {
  let place: Place
  let instance: Instance
  const peers: Peer[] = []
  beforeAll(async () => {
    place = await embeddedPlace()
    const limits = { SUBSCRIPTIONS_PER_CONNECTION: '2', CONNECTIONS_PER_ADDRESS: '3' }
    instance = await Instance.start({ ...place.env, ...limits })
  }, 30_000)
  afterEach(async () => {
    for (const peer of peers) peer.socket.terminate()
    await Promise.all(peers.splice(0).map(({ closed }) => closed))
  })
  afterAll(async () => {
    await instance?.kill()
    await place?.drop()
  })

  async function connect(): Promise<Peer> {
    const peer = await Peer.connect(instance.url)
    peers.push(peer)
    return peer
  }

  test('refuses the third subscription of a connection as RATE_LIMITED, and takes it when another is left', async () => {
    const peer = await (await connect()).init()
    for (const id of ['1', '2', '3']) peer.subscribe(id)
    expect(await peer.next('error')).toMatchObject({ id: '3', payload: [{ extensions: { code: 'RATE_LIMITED' } }] })
    await peer.next('next')
    await peer.next('next')
    peer.send({ id: '1', type: 'complete' })
    peer.subscribe('4')
    expect(await peer.next('next')).toMatchObject({ id: '4' })
  })

  test('refuses the fourth WebSocket of an address with 429, and takes it when another is gone', async () => {
    await Promise.all([connect(), connect(), connect()])
    await expect(Peer.connect(instance.url)).rejects.toThrow('429')
    const [first] = peers.splice(0, 1) as [Peer]
    first.socket.terminate()
    await first.closed
    for (;;) {
      const again = await connect().catch(() => undefined)
      if (again) break
    }
  })

  test('refuses the fourth event stream of an address as rate_limited', async () => {
    const leaving = new AbortController()
    const open = () =>
      fetch(`${instance.url}${feedPath}`, { headers: { Accept: 'text/event-stream' }, signal: leaving.signal })
    for (let i = 0; i < 3; i++) expect((await open()).status).toBe(200)
    const refused = await open()
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' })
    leaving.abort()
  })

  test('closes a connection that sends more than a message may have with 1009, and goes on serving', async () => {
    const peer = await (await connect()).init()
    peer.subscribe('1', `subscription { feed { __typename } } ${' '.repeat(bodyLimit)}`)
    expect(await peer.closed).toBe(1009)
    await (await connect()).init()
  })

  test('closes a connection that does not introduce itself within 3 seconds with 4408', async () => {
    expect(await (await connect()).closed).toBe(4408)
  })

  test('closes one that subscribes before it is acknowledged with 4401', async () => {
    const peer = await connect()
    peer.subscribe('1')
    expect(await peer.closed).toBe(4401)
  })

  test('closes one that speaks no JSON with 4400, or another subprotocol with 4406', async () => {
    const peer = await connect()
    peer.socket.send('{')
    expect(await peer.closed).toBe(4400)
    const socket = new WebSocket(`${instance.url.replace('http', 'ws')}/graphql`)
    expect(await new Peer(socket).closed).toBe(4406)
  })

  test('serves WebSockets on /graphql alone', async () => {
    const peer = new Peer(new WebSocket(`${instance.url.replace('http', 'ws')}/`, 'graphql-transport-ws'))
    await expect(peer.opened).rejects.toThrow('404')
  })
})

describe('a peer that answers no ping', () => {
  const held = serving(embeddedPlace)

  test('is cut off, and one that answers is not', async () => {
    const context = { sessions: held.server.sessions, feed: held.server.feed }
    const limits = { CONNECTIONS_PER_ADDRESS: 10, SUBSCRIPTIONS_PER_CONNECTION: 10 }
    const admission = { addressOf: () => '', allowsOrigin: () => true, limit: () => {} }
    const door = new WebSocketDoor(
      new Documents(schema),
      new Streams(new Executions(), quiet),
      context,
      admission,
      quiet,
      limits,
      50,
    )
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    server.on('upgrade', door.upgrade)
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const live = await (await Peer.connect(url)).init()
    const dead = await (await Peer.connect(url, { autoPong: false })).init()
    expect(await dead.closed).toBe(1006)
    await once(live.socket, 'ping')
    live.subscribe('1')
    await live.next('next')
    await door.drain(0)
    expect(await live.closed).toBe(1012)
    server.close()
  })
})
