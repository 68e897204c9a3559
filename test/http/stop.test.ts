import { once } from 'node:events'
import { Agent, request as httpRequest, type RequestListener } from 'node:http'
import { EventLoopStalls } from '../../src/concurrency/event-loop-stalls'
import { logRequests } from '../../src/http/middleware'
import { HttpServer } from '../../src/http/server'
import { head, RawClient } from '../support/raw'
import { keptLog } from '../support/server'
import { quiet } from '../support/sessions'
import { until, within } from '../support/until'

/** More than the network buffers. */
const megabytes = Buffer.alloc(16 * 1024 * 1024, 'x')

const stalls = new EventLoopStalls(quiet)
afterAll(() => stalls.end())

let server: HttpServer
let lines: ReturnType<typeof keptLog>['lines']
let url: string

async function serve(answer: RequestListener): Promise<void> {
  const kept = keptLog()
  lines = kept.lines
  const observed: RequestListener = (request, response) => {
    logRequests(response, kept.log, stalls)
    answer(request, response)
  }
  server = new HttpServer({ answer: observed, upgrade: (_request, socket) => socket.destroy(), log: kept.log })
  url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`
}
afterEach(async () => {
  const stopped = server.stop()
  await server.resetAll()
  await stopped
})

/** Connects a client that sends a request and does not read the response. */
async function asked(): Promise<RawClient> {
  const client = await RawClient.connect(url)
  client.socket.once('data', () => client.socket.pause())
  client.send(head('GET /'))
  await client.until('\r\n\r\n')
  return client
}

test('a stop waits for a download and completes it', async () => {
  await serve((_request, response) => response.writeHead(200, { 'Content-Length': megabytes.length }).end(megabytes))
  const client = await asked()
  const stopped = server.stop()
  client.socket.resume()
  const text = await client.whole
  expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(megabytes.length)
  await stopped
  expect(lines).toMatchObject([{ msg: 'request', status: 200 }])
  expect(lines[0]).not.toHaveProperty('aborted')
})

test.each([
  ['the server', () => server.resetAll()],
  ['its client', (client: RawClient) => client.socket.resetAndDestroy()],
])('a response cut off by %s is logged as aborted', async (_whom, cut) => {
  await serve((_request, response) => response.end(megabytes))
  const client = await asked()
  cut(client)
  await until(() => lines.length > 0, 60_000, 'the line')
  expect(lines).toMatchObject([{ msg: 'request', status: 200, aborted: true }])
  client.socket.destroy()
})

test('during a stop, only the last response of a connection says that it is the last', async () => {
  const answers: (() => void)[] = []
  await serve(({ url }, response) => answers.push(() => response.end(`${url} answered`)))
  const client = await RawClient.connect(url)
  client.send(head('GET /1') + head('GET /2') + head('GET /3'))
  await until(() => answers.length === 1, 60_000, 'the first')
  const stopped = server.stop()
  for (let n = 1; n <= 3; n++) {
    await until(() => answers.length === n, 60_000, `request ${n}`)
    answers.at(-1)?.()
  }
  const connections = (await client.whole).match(/(?<=Connection: )[\w-]+/g)
  expect(connections).toEqual(['keep-alive', 'keep-alive', 'close'])
  await stopped
})

test('during a stop, clients on kept-alive connections are answered and then refused, and no connection is reset', async () => {
  await serve((_request, response) => setImmediate(() => response.end('answered')))
  const agent = new Agent({ keepAlive: true })
  let answered = 0
  const ask = () =>
    new Promise<string | undefined>(resolve => {
      const request = httpRequest(url, { agent }, async response => {
        response.resume()
        await once(response, 'end')
        answered++
        resolve(undefined)
      })
      request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      request.end()
    })
  const asking = Array.from({ length: 20 }, async () => {
    for (;;) {
      const failed = await ask()
      if (failed) return failed
    }
  })
  await until(() => answered > 200, 60_000, 'answers')
  await within(10_000, 'the stop', server.stop())
  expect(new Set(await Promise.all(asking))).toEqual(new Set(['ECONNREFUSED']))
  agent.destroy()
})

test('during a stop, a late request is answered, and an idle connection is ended without a reset', async () => {
  await serve((_request, response) => response.end('answered'))
  const [idle, late, unfinished] = await Promise.all([1, 2, 3].map(() => RawClient.connect(url)))
  if (!idle || !late || !unfinished) throw new Error('not connected')
  for (const client of [idle, late, unfinished]) {
    client.send(head('GET /'))
    await client.until('answered')
  }
  const stopped = server.stop()
  late.send(head('GET /'))
  await late.until('answered', 2)
  expect(await late.whole).toContain('Connection: close')
  unfinished.send('GET /')
  for (const client of [idle, unfinished]) expect((await client.whole).match(/answered/g)).toHaveLength(1)
  await within(5_000, 'the stop', stopped)
})

test('the keep-alive timeout is longer than that of common proxies, and responses state it', async () => {
  await serve((_request, response) => response.end('answered'))
  const client = await RawClient.connect(url)
  client.send(head('GET /'))
  await client.until('answered')
  expect(Number(/Keep-Alive: timeout=(\d+)/.exec(client.text)?.[1])).toBeGreaterThan(120)
  client.socket.destroy()
})
