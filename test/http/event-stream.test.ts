import { type EventStream, EventStreams } from '../../src/http/event-stream'
import { HttpServer } from '../../src/http/server'
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
async function opened(limitPerAddress = 10, untaken = 60_000) {
  const events = new EventStreams(limitPerAddress, () => '', commentMs)
  const streams: EventStream[] = []
  const { log, lines } = keptLog()
  const server = new HttpServer(
    (_request, response) => streams.push(events.open(response)),
    (_request, socket) => socket.destroy(),
    log,
    {},
    untaken,
  )
  servers.push(server)
  const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`
  const connect = async (): Promise<{ client: RawClient; stream: EventStream }> => {
    const client = await RawClient.connect(url)
    client.send(head('GET /'))
    await client.until('retry: 1000\n:\n')
    return { client, stream: streams.at(-1) as EventStream }
  }
  return { events, lines, connect }
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
  stream.write('data: more\n\n')
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
