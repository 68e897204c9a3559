import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import type { Instance } from './support/instance'
import { intercepting } from './support/intercepting'
import { base } from './support/interfaces'
import { run } from './support/process'
import { head, RawClient } from './support/raw'
import { startServer } from './support/server'
import { embeddedDatabase, type TestDatabase } from './support/stores'
import { feedPath } from './support/transports'
import { within } from './support/until'

const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
]
const stream = head(`GET ${feedPath}`, 'Accept: text/event-stream')

describe('SIGTERM ends the process with 0 within 10 seconds', () => {
  let database: TestDatabase
  let server: Instance
  let url: string
  const clients: RawClient[] = []
  beforeEach(async () => {
    database = await embeddedDatabase()
    server = run(database.env)
    url = await server.listening()
  })
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy()
    await database.drop()
  })

  async function connect(options = {}): Promise<RawClient> {
    const client = await RawClient.connect(url, options)
    clients.push(client)
    return client
  }

  async function ends(): Promise<void> {
    expect(await within(12_000, 'the end', server.ended)).toBe(0)
    expect(server.errors).toBe('')
  }

  test('while a client keeps a refused upgrade half open', async () => {
    const client = await connect({ allowHalfOpen: true })
    client.send(head('GET /nothing', ...upgrade))
    await client.whole
    server.child.kill('SIGTERM')
    await ends()
  })

  test('if a client upgrades its connection during the stop, after a request that was still running', async () => {
    const client = await connect()
    const body = '{"mentor_id":"m"}'
    const json = ['Content-Type: application/json', `Content-Length: ${body.length}`]
    client.send(head(`POST ${base}`, ...json, 'Expect: 100-continue'))
    await client.until('100 Continue')
    server.child.kill('SIGTERM')
    await server.said('stopping')
    client.send(body + head('GET /graphql', ...upgrade, 'Sec-WebSocket-Protocol: graphql-transport-ws'))
    await client.until('201 Created')
    await ends()
    expect(client.text).not.toContain('101 Switching')
  })

  test('if clients open several event streams on one connection, and stay or leave', async () => {
    for (const goes of [true, false]) {
      const client = await connect()
      client.send(stream.repeat(5))
      await client.until('event: ready')
      if (goes) client.socket.resetAndDestroy()
    }
    server.child.kill('SIGTERM')
    await ends()
  })

  test('if a client opens an event stream during the stop: it gets a retry time', async () => {
    const client = await connect()
    client.send(head('GET /healthz'))
    await client.until('"ok"')
    server.child.kill('SIGTERM')
    await server.said('stopping')
    client.send(stream)
    await client.until('retry: 1000\n')
    await client.until('\r\n0\r\n\r\n')
    await ends()
  })

  test('while a client reads nothing of an event stream, and another has sent half a request', async () => {
    const [sleeper, half] = [await connect(), await connect()]
    sleeper.send(stream)
    await sleeper.until('event: ready')
    sleeper.socket.pause()
    half.send('GET / HTTP/1.1\r\nHos')
    server.child.kill('SIGTERM')
    await ends()
  })

  test('and clients on kept-alive connections are answered until they are refused, without a reset', async () => {
    const agent = new Agent({ keepAlive: true })
    const start = () =>
      new Promise<number | string | undefined>(resolve => {
        const headers = { 'Content-Type': 'application/json' }
        const request = httpRequest(url + base, { agent, method: 'POST', headers }, async response => {
          response.resume()
          await once(response, 'end')
          resolve(response.statusCode)
        })
        request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
        request.end('{"mentor_id":"m"}')
      })
    let answered = 0
    const asking = Array.from({ length: 20 }, async () => {
      for (;;) {
        const got = await start()
        if (got !== 201) return got
        if (++answered === 200) server.child.kill('SIGTERM')
      }
    })
    const ended = new Set(await within(60_000, 'the refusals', Promise.all(asking)))
    expect(ended).toEqual(new Set(['ECONNREFUSED']))
    await ends()
    agent.destroy()
  })
})

test('a stop lasts no longer than SHUTDOWN_SECONDS, even if the store hangs', async () => {
  const database = await embeddedDatabase()
  const never = new Promise<never>(() => {})
  const server = await startServer(database, {
    config: { SHUTDOWN_SECONDS: 2 },
    store: opened => intercepting(opened, { sessions: { snapshot: () => never }, end: () => never }),
  })
  const client = await RawClient.connect(server.url)
  client.send(head(`GET ${base}/any`))
  client.send(head('GET /healthz', 'Connection: close'))
  const started = performance.now()
  await within(8_000, 'the stop', server.stop())
  expect(performance.now() - started).toBeGreaterThan(1_900)
  await database.drop()
})

test('a store that fails to close is logged, and the stop continues', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database, {
    store: opened =>
      intercepting(opened, {
        async end() {
          await opened.end()
          throw new Error('no end')
        },
      }),
  })
  await server.stop()
  expect(server.log.at(-1)).toMatchObject({
    level: 'error',
    msg: 'closing the store failed',
    err: { message: 'no end' },
  })
  await database.drop()
})

test('SIGTERM before the server listens ends the process with 0', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const server = run({ MONGODB_URI: `mongodb://127.0.0.1:${port}/` })
  const [socket] = await once(silent, 'connection')
  expect(await within(12_000, 'the end', server.stop())).toBe(0)
  expect([server.errors, server.lines.map(({ msg }) => msg)]).toEqual(['', ['stopping']])
  socket.destroy()
  silent.close()
})
