import { type EventStream, EventStreams } from '../../src/http/event-stream'
import { HttpServer, requestsWaiting } from '../../src/http/server'
import { head, RawClient } from '../support/raw'
import { keptLog } from '../support/server'
import { until } from '../support/until'

const commentMs = 20
const megabytes = 'x'.repeat(8 * 1024 * 1024)

const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const stopped = server.stop()
    await server.resetAll()
    await stopped
  }
})

/** Starts a server that answers every request with an event stream. */
async function opened(limitPerAddress = 10, untaken = 60_000, heartbeatMs = commentMs) {
  const events = new EventStreams(limitPerAddress, () => '', heartbeatMs)
  const streams: EventStream[] = []
  const { log, lines } = keptLog()
  const server = new HttpServer({
    answer: (_request, response) => streams.push(events.open(response)),
    upgrade: (_request, socket) => socket.destroy(),
    log,
    unreadMs: untaken,
  })
  servers.push(server)
  const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`
  /** Sends a request, and waits until the server has started the stream. */
  const start = async (request: string): Promise<{ client: RawClient; stream: EventStream }> => {
    const client = await RawClient.connect(url)
    const before = streams.length
    client.send(request)
    await until(() => streams.length > before, 20_000, 'the stream')
    return { client, stream: streams.at(-1) as EventStream }
  }
  const connect = async (): Promise<{ client: RawClient; stream: EventStream }> => {
    const started = await start(head('GET /'))
    await started.client.until('retry: 1000\n:\n')
    return started
  }
  return { events, lines, start, connect }
}

test('comments keep an idle event stream open', async () => {
  const { connect } = await opened()
  const { client } = await connect()
  await client.until(':\n', 4)
  expect(client.text).not.toContain('\n\n')
  client.socket.destroy()
})

test('no comment follows the end, however slowly the client takes it', async () => {
  const { connect, lines } = await opened()
  const { client, stream } = await connect()
  const { client: other } = await connect()
  client.socket.pause()
  stream.end(`data: ${megabytes}\n\n`)
  await other.until(':\n', 6)
  client.socket.resume()
  await client.until('x\n\n')
  expect(client.text).toMatch(/x\n\n\r\n0\r\n\r\n$/)
  expect(lines).toEqual([])
  for (const { socket } of [client, other]) socket.destroy()
})

test('a write after the end is ignored, and its source is detached', async () => {
  const { events, connect, lines } = await opened()
  const { client, stream } = await connect()
  let detached = 0
  events.keep(stream, () => () => detached++)
  stream.end('data: last\n\n')
  expect(detached).toBe(1)
  void stream.write('data: more\n\n')
  stream.end('data: more\n\n')
  await client.until('\r\n0\r\n\r\n')
  expect(client.text).not.toContain('more')
  expect(lines).toEqual([])
  client.socket.destroy()
})

test('a stalled stream is cut, and its slot is free again', async () => {
  const { events, connect } = await opened(1, 500)
  const { client, stream } = await connect()
  let detached = false
  events.keep(stream, () => () => {
    detached = true
  })
  client.socket.pause()
  const taken = stream.write(`data: ${megabytes}\n\n`)
  expect(taken).toBeInstanceOf(Promise)
  await until(() => detached, 60_000, 'the end')
  await connect()
})

const request = head('GET /')
const upgrade = (to: string): string => head('GET /graphql', 'Connection: Upgrade', `Upgrade: ${to}`)
test.each([
  ['nothing', ''],
  ['a request', request],
  ['as many requests as may wait', request.repeat(requestsWaiting)],
  ['more requests', request.repeat(3 * requestsWaiting)],
  ['half a head', 'GET / HTTP/1.1\r\nHo'],
  ['half a body', `${head('POST /', 'Content-Length: 10')}half`],
  ['an upgrade to WebSocket', upgrade('websocket')],
  ['an upgrade to WebSocket, and more', `${upgrade('websocket')}more`],
  ['another upgrade', upgrade('h2c')],
  ['a tunnel', head('CONNECT h:443')],
  ['no HTTP', 'nonsense\r\n\r\n'],
])('the place of a stream is free as soon as its client leaves, after it sent %s behind it', async (_, behind) => {
  const { start } = await opened(1, 60_000, 60_000)
  for (const leave of ['destroy', 'end', 'resetAndDestroy'] as const) {
    for (const together of [true, false]) {
      const { client, stream } = await start(request + (together ? behind : ''))
      if (!together && behind) await new Promise(sent => client.socket.write(behind, sent))
      client.socket[leave]()
      await until(() => stream.isOver, 10_000, `the end after ${leave}`)
    }
  }
})

test('the place of a stream is free as soon as its client leaves, with an unread body of its request', async () => {
  const { start } = await opened(1, 60_000, 60_000)
  const { client, stream } = await start(head('GET /', 'Content-Length: 1000000') + 'x'.repeat(300_000))
  client.socket.destroy()
  await until(() => stream.isOver, 10_000, 'the end')
})

test('a drain ends open subscriptions, lets a single response finish, and ends later subscriptions at once', async () => {
  const { events, connect } = await opened()
  const [kept, answer, late] = [await connect(), await connect(), await connect()]
  events.keep(kept.stream, () => () => {})
  events.drain(0)
  await kept.client.until('\r\n0\r\n\r\n')
  const begin = jest.fn(() => () => {})
  events.keep(late.stream, begin)
  await late.client.until('\r\n0\r\n\r\n')
  expect(begin).not.toHaveBeenCalled()
  answer.stream.end('data: answered\n\n')
  await answer.client.until('data: answered\n\n')
})
