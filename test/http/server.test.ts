import type { RequestListener } from 'node:http'
import { waitsByPlace } from '../../src/concurrency/waits'
import { HttpServer, requestsWaiting } from '../../src/http/server'
import { Telemetry } from '../../src/telemetry/telemetry'
import { base } from '../support/interfaces'
import { head, RawClient } from '../support/raw'
import { keptLog, serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

describe('an Upgrade to a protocol other than WebSocket is ignored', () => {
  const server = serving(embeddedDatabase)
  const opened = () => RawClient.connect(server.url)
  const h2c = [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
  ]
  const body = '{"mentor_id":"m"}'
  const json = ['Content-Type: application/json', `Content-Length: ${body.length}`]
  const lines = () => server.log.filter(({ msg }) => msg === 'request')

  test('the request and those after it are answered and logged as usual', async () => {
    const client = await opened()
    for (let n = 1; n <= 3; n++) {
      client.send(head('GET /healthz', ...h2c, `X-Request-Id: h2c-${n}`))
      await client.until('{"status":"ok"}', n)
    }
    client.send(head('GET /healthz', 'Connection: close'))
    expect((await client.whole).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4)
    const logged = () => lines().filter(({ request_id }) => String(request_id).startsWith('h2c-'))
    await until(() => logged().length === 3, 60_000, 'the lines')
    expect(logged()).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }])
  })

  test('its body is read', async () => {
    const client = await opened()
    client.send(head(`POST ${base}`, ...h2c, ...json) + body)
    await client.until('HTTP/1.1 201 Created')
    client.send(head(`POST ${base}`, ...json, ...h2c, 'Expect: 100-continue'))
    await client.until('100 Continue')
    client.send(body)
    await client.until('HTTP/1.1 201 Created', 2)
    client.send(
      `${head(`POST ${base}`, ...h2c, json[0] as string, 'Transfer-Encoding: chunked')}11\r\n${body}\r\n0\r\n\r\n`,
    )
    await client.until('HTTP/1.1 201 Created', 3)
    client.socket.destroy()
  })

  test('its head may be as long as any other', async () => {
    const client = await opened()
    client.send(head('GET /healthz', ...h2c, ...Array(3_900).fill('a:')))
    await client.until('{"status":"ok"}')
    client.socket.destroy()
  })

  test('a POST that asks for a WebSocket is served as a POST', async () => {
    const client = await opened()
    client.send(head(`POST ${base}`, 'Connection: Upgrade', 'Upgrade: websocket', ...json) + body)
    await client.until('HTTP/1.1 201 Created')
    client.socket.destroy()
  })
})

const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const stopped = server.stop()
    await server.resetAll()
    await stopped
  }
})

/** Starts a server with this request listener. */
async function served(answer: RequestListener, untaken?: number, leastRate?: number) {
  const { log, lines } = keptLog()
  const server = new HttpServer({
    answer,
    upgrade: (_request, socket) => socket.destroy(),
    log,
    unreadMs: untaken,
    leastRate,
  })
  servers.push(server)
  return { server, url: `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`, lines }
}

test('the requests of a connection are served one after the other', async () => {
  const begun: string[] = []
  const answers: (() => void)[] = []
  const { url } = await served((request, response) => {
    begun.push(String(request.url))
    answers.push(() => response.end(`${request.url} answered`))
  })
  const client = await RawClient.connect(url)
  client.send(head('GET /1') + head('GET /2') + head('GET /3'))
  for (const n of [1, 2, 3]) {
    await until(() => begun.length > 0, 60_000, 'a request')
    expect(begun.splice(0)).toEqual([`/${n}`])
    answers.shift()?.()
  }
  await client.until('/3 answered')
  client.socket.destroy()
})

test('a connection with the maximum of queued requests is not read further', async () => {
  const count = 2_500
  const filler = 8_000
  let begun = 0
  let bytesRead = () => 0
  let first: (() => void) | undefined
  const { url } = await served((request, response) => {
    bytesRead = () => request.socket.bytesRead
    begun++
    const answer = () => response.end('answered')
    if (begun === 1) first = answer
    else answer()
  })
  const client = await RawClient.connect(url)
  client.send(head('GET /', `X-Filler: ${'x'.repeat(filler)}`).repeat(count))
  await until(() => first !== undefined, 60_000, 'the first')
  let before = 0
  const rests = async () => {
    before = bytesRead()
    await new Promise(resolve => setTimeout(resolve, 300))
    return bytesRead() === before
  }
  await until(rests, 60_000, 'the end of the reading')
  // The queued requests, and the bytes that the socket had read by then.
  expect(bytesRead()).toBeLessThan(requestsWaiting * filler + 3 * 65_536)

  first?.()
  await client.until('answered', count)
  expect(begun).toBe(count)
  client.socket.destroy()
})

describe('a response that its client does not take', () => {
  const untaken = 600
  const megabytes = Buffer.alloc(16 * 1024 * 1024, 'x')

  test('is a wait at `slow_reader`, then cut and counted, even if the client keeps sending requests', async () => {
    const telemetry = Telemetry.of(0)
    let closed = false
    const { url } = await served((_request, response) => {
      response.once('close', () => {
        closed = true
      })
      response.end(megabytes)
    }, untaken)
    const client = await RawClient.connect(url)
    client.socket.pause()
    const started = performance.now()
    client.send(head('GET /'))
    const asking = setInterval(() => client.send(head('GET /')), untaken / 10)
    await until(() => waitsByPlace().slow_reader === 1, 60_000, 'the wait')
    await until(() => closed, 60_000, 'the end')
    expect(waitsByPlace().slow_reader).toBe(0)
    clearInterval(asking)
    expect(performance.now() - started).toBeGreaterThanOrEqual(untaken)
    expect(await telemetry?.metrics?.registry.metrics()).toMatch(/^benefit_sessions_http_connections_cut_total 1$/m)
    telemetry?.end()
    client.socket.destroy()
  })

  test('is not cut while the client takes it, however slowly', async () => {
    const { url } = await served((_request, response) => response.end(megabytes), untaken)
    const client = await RawClient.connect(url)
    let taken = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', data => {
      taken += data.length
      client.socket.pause()
    })
    const started = performance.now()
    const reading = setInterval(() => client.socket.resume(), 10)
    client.send(head('GET /', 'Connection: close'))
    await client.whole
    clearInterval(reading)
    expect(taken).toBeGreaterThan(megabytes.length)
    expect(performance.now() - started).toBeGreaterThan(2 * untaken)
  })
})

test('a client that takes less per second than the least is cut, although it always takes some', async () => {
  const megabyte = 1_024 * 1_024
  // Linux takes output again only when a third of its buffer is free: about a megabyte.
  const body = Buffer.alloc(64 * megabyte, 'x')
  const { url } = await served((_request, response) => response.end(body), 2_000, 100 * megabyte)
  const client = await RawClient.connect(url)
  client.socket.removeAllListeners('data')
  client.socket.on('data', () => client.socket.pause())
  const reading = setInterval(() => client.socket.resume(), 10)
  client.send(head('GET /', 'Connection: close'))
  await expect(client.whole).rejects.toThrow('ECONNRESET')
  clearInterval(reading)
})

test('a request without a response yet is not cut as stalled', async () => {
  const untaken = 100
  let answer: (() => void) | undefined
  const { url } = await served((_request, response) => {
    answer = () => response.end('at last')
  }, untaken)
  const client = await RawClient.connect(url)
  client.send(head('GET /'))
  await new Promise(resolve => setTimeout(resolve, 3 * untaken))
  answer?.()
  await client.until('at last')
  client.socket.destroy()
})

test('a write after the end of a response only causes a line in the log', async () => {
  const { url, lines } = await served((_request, response) => {
    response.end('ended')
    response.write('more')
  })
  const client = await RawClient.connect(url)
  client.send(head('GET /'))
  await client.until('ended')
  await until(() => lines.length > 0, 60_000, 'the line')
  expect(lines).toMatchObject([{ level: 'warn', msg: 'response error', err: { code: 'ERR_STREAM_WRITE_AFTER_END' } }])
  client.send(head('GET /'))
  await client.until('ended', 2)
  client.socket.destroy()
})
