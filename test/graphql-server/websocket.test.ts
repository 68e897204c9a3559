import { once } from 'node:events'
import { WebSocket } from 'ws'
import { graphqlBodyBytes } from '../../src/graphql-server/limits'
import { Instance } from '../support/instance'
import { Peer } from '../support/peer'
import { serving } from '../support/server'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'
import { type OpenWebSocketServer, openWebSocketServer } from '../support/web-socket-server'

const deep = (type: string): string => `{"type":"${type}","payload":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`

describe('a process with limits of 2 subscriptions per connection and 3 connections per address', () => {
  let database: TestDatabase
  let instance: Instance
  const peers: Peer[] = []
  beforeAll(async () => {
    database = await embeddedDatabase()
    const limits = { SUBSCRIPTIONS_PER_CONNECTION: '2', CONNECTIONS_PER_ADDRESS: '3' }
    instance = await Instance.start({ ...database.env, ...limits })
  })
  afterEach(async () => {
    for (const peer of peers) peer.socket.terminate()
    await Promise.all(peers.splice(0).map(({ closed }) => closed))
  })
  afterAll(async () => {
    await instance?.kill()
    await database?.drop()
  })

  async function connect(): Promise<Peer> {
    const peer = await Peer.connect(instance.url)
    peers.push(peer)
    return peer
  }

  test('refuses a third subscription as RATE_LIMITED, and accepts it after another one ends', async () => {
    const peer = await (await connect()).init()
    for (const id of ['1', '2', '3']) peer.subscribe(id)
    expect(await peer.next('error')).toMatchObject({ id: '3', payload: [{ extensions: { code: 'RATE_LIMITED' } }] })
    await peer.next('next')
    await peer.next('next')
    peer.send({ id: '1', type: 'complete' })
    peer.subscribe('4')
    expect(await peer.next('next')).toMatchObject({ id: '4' })
  })

  test('refuses a fourth WebSocket with 429, and accepts it after another one closes', async () => {
    await Promise.all([connect(), connect(), connect()])
    await expect(Peer.connect(instance.url)).rejects.toThrow('429')
    const [first] = peers.splice(0, 1) as [Peer]
    first.socket.terminate()
    await first.closed
    const isAccepted = () =>
      connect().then(
        () => true,
        () => false,
      )
    await until(isAccepted, 20_000, 'a connection')
  })

  test('refuses a fourth event stream as rate_limited', async () => {
    const leaving = new AbortController()
    const open = () =>
      fetch(`${instance.url}${feedPath}`, { headers: { Accept: 'text/event-stream' }, signal: leaving.signal })
    for (let i = 0; i < 3; i++) expect((await open()).status).toBe(200)
    const refused = await open()
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' })
    leaving.abort()
  })

  test('closes a connection with 1009 after an oversized message, and continues to serve others', async () => {
    const peer = await (await connect()).init()
    peer.subscribe('1', `subscription { feed { __typename } } ${' '.repeat(graphqlBodyBytes)}`)
    expect(await peer.closed).toBe(1009)
    await (await connect()).init()
  })

  test('closes a connection without connection_init within 3 seconds with 4408', async () => {
    expect(await (await connect()).closed).toBe(4408)
  })

  test('closes a connection that subscribes before the acknowledgement with 4401', async () => {
    const peer = await connect()
    peer.subscribe('1')
    expect(await peer.closed).toBe(4401)
  })

  test('closes a connection that sends no JSON with 4400, or asks for another subprotocol with 4406', async () => {
    const peer = await connect()
    peer.socket.send('{')
    expect(await peer.closed).toBe(4400)
    const socket = new WebSocket(`${instance.url.replace('http', 'ws')}/graphql`)
    expect(await new Peer(socket).closed).toBe(4406)
  })

  test.each([
    ['a message that only a server sends', { id: '1', type: 'next', payload: {} }],
    [
      'an id of more than 255 characters',
      { id: 'x'.repeat(256), type: 'subscribe', payload: { query: '{ __typename }' } },
    ],
    ['a ping that cannot be answered: its payload is nested too deep', deep('ping')],
  ])('closes a connection that sends %s with 4400', async (_what, message) => {
    const peer = await (await connect()).init()
    peer.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    expect(await peer.closed).toBe(4400)
  })

  test('answers a ping with its payload', async () => {
    const peer = await connect()
    peer.send({ type: 'ping', payload: { n: [1, { at: 'noon' }] } })
    expect(await peer.next('pong')).toEqual({ type: 'pong', payload: { n: [1, { at: 'noon' }] } })
    peer.send({ type: 'ping' })
    expect(await peer.next('pong')).toEqual({ type: 'pong' })
  })

  test('closes a connection that reuses an active id with 4409, however long the id is', async () => {
    const peer = await (await connect()).init()
    for (let i = 0; i < 2; i++) peer.subscribe('ü'.repeat(255))
    expect(await peer.closed).toBe(4409)
  })

  test('serves WebSockets on /graphql only', async () => {
    const peer = new Peer(new WebSocket(`${instance.url.replace('http', 'ws')}/`, 'graphql-transport-ws'))
    await expect(peer.opened).rejects.toThrow('404')
  })
})

describe('pings', () => {
  const server = serving(embeddedDatabase)
  let api: OpenWebSocketServer
  beforeAll(async () => {
    api = await openWebSocketServer(server, { pingMs: 200 })
  })
  afterAll(() => api.close())

  test('a peer that answers no ping is cut, even if it sends unsolicited messages, and a peer that answers stays', async () => {
    const live = await (await Peer.connect(api.url)).init()
    const dead = await (await Peer.connect(api.url, { autoPong: false })).init()
    const unasked = setInterval(() => {
      for (const data of ['', 'pong', '1']) dead.socket.pong(data)
    }, 10)
    expect(await dead.closed).toBe(1006)
    clearInterval(unasked)
    await once(live.socket, 'ping')
    live.subscribe('1')
    await live.next('next')
    live.socket.terminate()
  })
})
