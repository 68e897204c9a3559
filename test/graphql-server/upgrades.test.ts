import type { Instance } from '../support/instance'
import { Peer } from '../support/peer'
import { run } from '../support/process'
import { head, RawClient } from '../support/raw'
import { serving } from '../support/server'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import { until, within } from '../support/until'

const limitMs = 10_000

const upgrade = (path: string): string =>
  head(
    `GET ${path}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  )

describe('a process', () => {
  let database: TestDatabase
  let process: Instance
  let url: string
  beforeEach(async () => {
    database = await embeddedDatabase()
    process = run({ ...database.env, CONNECTIONS_PER_ADDRESS: '2' })
    url = await process.listening()
  })
  afterEach(() => database.drop())

  test.each([
    ['on another path', '/elsewhere'],
    ['past the limit of connections', '/graphql'],
  ])('survives upgrades %s with connections that are reset', async (_what, path) => {
    const peers = [await Peer.connect(url), await Peer.connect(url)]
    for (let i = 0; i < 50; i++) {
      const { socket } = (await RawClient.connect(url)).send(upgrade(path))
      await new Promise(resolve => setImmediate(resolve))
      socket.resetAndDestroy()
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    for (const { socket } of peers) socket.terminate()
    process.child.kill('SIGTERM')
    expect(await process.ended).toBe(0)
    expect(process.errors).toBe('')
  })

  test('stops even if a client leaves a refused upgrade half open', async () => {
    const client = await RawClient.connect(url, { allowHalfOpen: true })
    await client.send(upgrade('/elsewhere')).until('HTTP/1.1 404 ')
    process.child.kill('SIGTERM')
    expect(await within(limitMs, 'the end', process.ended)).toBe(0)
    client.socket.destroy()
  })

  test('refuses an upgrade after SIGTERM with 503, and exits', async () => {
    const [late, subscriber] = [await RawClient.connect(url), await (await Peer.connect(url)).init()]
    const [first, rest] = [upgrade('/graphql').slice(0, 40), upgrade('/graphql').slice(40)]
    late.send(first)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    process.child.kill('SIGTERM')
    await process.said('stopping')
    late.send(rest)
    expect(await within(limitMs, 'the refusal', late.whole)).toMatch(/^HTTP\/1.1 503 /)
    expect(await subscriber.closed).toBe(1012)
    expect(await within(limitMs, 'the end', process.ended)).toBe(0)
    late.socket.destroy()
  })
})

describe('a server with one allowed origin', () => {
  const server = serving(embeddedDatabase, { config: { CORS_ORIGIN: ['https://a.example'] } })
  const opened = (origin?: string): Promise<Peer> => Peer.connect(server.url, origin ? { origin } : {})

  test('refuses WebSockets from pages of other origins with 403', async () => {
    await expect(opened('https://b.example')).rejects.toThrow('403')
    await expect(opened('null')).rejects.toThrow('403')
  })

  test('accepts WebSockets from pages of that origin, from its own pages, and from clients other than browsers', async () => {
    for (const origin of ['https://a.example', server.url, undefined]) {
      const peer = await (await opened(origin)).init()
      peer.socket.terminate()
    }
  })

  test('refuses an invalid handshake with 400 and the supported version', async () => {
    const client = await RawClient.connect(server.url)
    client.send(upgrade('/graphql').replace('Version: 13', 'Version: 99'))
    const refusal = await within(limitMs, 'the refusal', client.whole)
    expect(refusal).toMatch(/^HTTP\/1.1 400 .*Sec-WebSocket-Version: 13\r\n/s)
    client.socket.destroy()
    await until(() => server.log.some(({ status }) => status === 400), limitMs, 'the line')
  })

  test('logs a line for each refusal, and for each connection with its close code', async () => {
    const { log, url } = server
    const line = (members: object) => () =>
      log.some(line => Object.entries(members).every(([name, value]) => line[name] === value))
    await expect(opened('https://b.example')).rejects.toThrow('403')
    await until(line({ method: 'GET', path: '/graphql', status: 403 }), limitMs, 'the refusal')
    const elsewhere = await RawClient.connect(url)
    elsewhere.send(upgrade('/%73hared/token?query'))
    await until(line({ method: 'GET', path: '/…', status: 404 }), limitMs, 'the refusal elsewhere')
    elsewhere.socket.destroy()
    const peer = await Peer.connect(url)
    peer.send({ type: 'none' })
    expect(await peer.closed).toBe(4400)
    await until(line({ method: 'WEBSOCKET', path: '/graphql', close_code: 4400 }), limitMs, 'the close')
    expect(log.filter(({ method }) => method === 'WEBSOCKET').every(line => !('status' in line))).toBe(true)
  })
})
