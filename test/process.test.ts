import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { base } from './support/doors'
import { run } from './support/process'
import { describeMongo, embeddedPlace, mongoPlace, type Place, stores } from './support/stores'

describe.each(stores.filter(({ available }) => available))('over the $name store', ({ place: make }) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  })
  afterAll(() => place.drop())

  test('it says where it listens, answers there, and its sessions outlive it', async () => {
    const first = run(place.env)
    const { url } = await first.said('listening')
    const headers = { 'Content-Type': 'application/json' }
    const start = await fetch(`${url}${base}`, { method: 'POST', headers, body: '{"mentor_id":"m"}' })
    expect(start.status).toBe(201)
    const { session_id } = (await start.json()) as { session_id: string }
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)

    const second = run(place.env)
    const again = await second.said('listening')
    expect((await fetch(`${again.url}${base}/${session_id}`)).status).toBe(200)
  })
})

describeMongo('over MongoDB', () => {
  test('two processes serve one database', async () => {
    const place = await mongoPlace()
    const [first, second] = [run(place.env), run(place.env)]
    const urls = await Promise.all([first.said('listening'), second.said('listening')])
    for (const { url } of urls) expect((await fetch(`${url}/readyz`)).status).toBe(200)
    for (const { child, ended } of [first, second]) {
      child.kill('SIGTERM')
      expect(await ended).toBe(0)
    }
    await place.drop()
  })
})

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', signal => {
  let place: Place
  beforeEach(async () => {
    place = await embeddedPlace()
  })
  afterEach(() => place.drop())

  test('lets what is in flight finish, takes nothing new, and ends with 0', async () => {
    const { child, said, ended, errors, lines } = run(place.env)
    const { port } = new URL(String((await said('listening')).url))
    const body = '{"mentor_id":"in flight"}'
    const socket = await opened(Number(port))
    const answer = received(socket)
    socket.write(
      `POST ${base} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    await answer.until('100 Continue') // now the request is known to the server

    child.kill(signal)
    await said('stopping')
    await refusesConnections(Number(port))
    socket.write(body)
    expect(await answer.whole).toContain('HTTP/1.1 201 Created')
    expect(await ended).toBe(0)
    expect(errors()).toBe('')
    expect(lines.filter(({ msg }) => msg === 'request')).toMatchObject([{ status: 201 }])
  })

  test('ends an idle connection at once', async () => {
    const { child, said, ended } = run(place.env)
    const { url } = await said('listening')
    const socket = await opened(Number(new URL(String(url)).port))
    const answer = received(socket)
    socket.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
    await answer.until('{"status":"ok"}')
    child.kill(signal)
    await answer.whole
    expect(await ended).toBe(0)
  })
})

test('what does not finish is not waited for longer than 10 seconds', async () => {
  const place = await embeddedPlace()
  const { child, said, ended, lines } = run(place.env)
  const socket = await opened(Number(new URL(String((await said('listening')).url)).port))
  const answer = received(socket)
  socket.write(
    `POST ${base} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n`,
  )
  await answer.until('100 Continue')
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  const [stopping, request] = ['stopping', 'request'].map(msg => lines.find(line => line.msg === msg))
  expect(request).toMatchObject({ status: expect.any(Number), aborted: true })
  const waited = Date.parse(String(request?.time)) - Date.parse(String(stopping?.time))
  expect(waited).toBeGreaterThanOrEqual(9_900)
  await place.drop()
})

function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

function received(socket: Socket): { until(text: string): Promise<void>; whole: Promise<string> } {
  let text = ''
  socket.on('data', data => {
    text += data
  })
  const whole = once(socket, 'end').then(() => text)
  return {
    whole,
    async until(expected) {
      while (!text.includes(expected)) await once(socket, 'data')
    },
  }
}

/** Connects until it is refused: the server has closed its port then. */
async function refusesConnections(port: number): Promise<void> {
  for (;;) {
    const refused = await opened(port).then(
      socket => void socket.destroy(),
      (error: NodeJS.ErrnoException) => error.code,
    )
    if (refused === 'ECONNREFUSED') return
  }
}
