import { once } from 'node:events'
import { connect } from 'node:net'
import { base } from './support/interfaces'
import { run } from './support/process'
import { head, RawClient } from './support/raw'
import { describeMongo, embeddedDatabase, mongoDatabase, stores, type TestDatabase } from './support/stores'

/** Returns the head of a start request. Its body of this length is sent after 100 Continue. */
const start = (length: number): string =>
  head(`POST ${base}`, 'Content-Type: application/json', `Content-Length: ${length}`, 'Expect: 100-continue')

describe.each(stores.filter(({ available }) => available))('over the $name store', ({ newDatabase }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await newDatabase()
  })
  afterAll(() => database.drop())

  test('it logs its address, answers there, and its sessions survive it', async () => {
    const first = run(database.env)
    const url = await first.listening()
    const headers = { 'Content-Type': 'application/json' }
    const started = await fetch(`${url}${base}`, { method: 'POST', headers, body: '{"mentor_id":"m"}' })
    expect(started.status).toBe(201)
    const { session_id } = (await started.json()) as { session_id: string }
    expect(await first.stop()).toBe(0)

    const second = run(database.env)
    expect((await fetch(`${await second.listening()}${base}/${session_id}`)).status).toBe(200)
  })
})

test('it starts in spite of variables that have no effect, and logs a warning for each', async () => {
  const database = await embeddedDatabase()
  const server = run({ ...database.env, METRICS_PORT: 'tcp://10.0.0.1:9090', INTROSPECTON: 'off' })
  await server.listening()
  expect(server.lines.filter(({ level }) => level === 'warn')).toMatchObject([
    { msg: expect.stringMatching(/^METRICS_PORT=tcp:\/\/10\.0\.0\.1:9090 has no effect/) },
    { msg: expect.stringMatching(/^INTROSPECTON has no effect/) },
  ])
  expect(await server.stop()).toBe(0)
  await database.drop()
})

test('the kernel holds all connections of a storm until the process accepts them', async () => {
  const database = await embeddedDatabase()
  const server = run(database.env)
  const { hostname, port } = new URL(await server.listening())
  server.child.kill('SIGSTOP')
  // Node's default is 511.
  const sockets = Array.from({ length: 2_000 }, () => connect(Number(port), hostname))
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
  for (const socket of sockets) socket.destroy()
  server.child.kill('SIGCONT')
  expect(await server.stop()).toBe(0)
  await database.drop()
})

describeMongo('over MongoDB', () => {
  test('two processes share one database', async () => {
    const database = await mongoDatabase()
    const [first, second] = [run(database.env), run(database.env)]
    const urls = await Promise.all([first.listening(), second.listening()])
    for (const url of urls) expect((await fetch(`${url}/readyz`)).status).toBe(200)
    for (const instance of [first, second]) expect(await instance.stop()).toBe(0)
    await database.drop()
  })
})

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', signal => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await embeddedDatabase()
  })
  afterEach(() => database.drop())

  test('lets running requests finish, accepts nothing new, and exits with 0', async () => {
    const server = run(database.env)
    const url = await server.listening()
    const body = '{"mentor_id":"in flight"}'
    const client = await RawClient.connect(url)
    client.send(start(body.length))
    await client.until('100 Continue') // The server has now received the head.

    server.child.kill(signal)
    await server.said('stopping')
    await refusesConnections(url)
    client.send(body)
    expect(await client.whole).toContain('HTTP/1.1 201 Created')
    expect(await server.ended).toBe(0)
    expect(server.errors).toBe('')
    expect(server.lines.filter(({ msg }) => msg === 'request')).toMatchObject([{ status: 201 }])
  })

  test('ends an idle connection at once', async () => {
    const server = run(database.env)
    const client = await RawClient.connect(await server.listening())
    client.send(head('GET /healthz'))
    await client.until('{"status":"ok"}')
    server.child.kill(signal)
    await client.whole
    expect(await server.ended).toBe(0)
  })
})

test('unfinished requests are cut after SHUTDOWN_SECONDS', async () => {
  const database = await embeddedDatabase()
  const server = run({ ...database.env, SHUTDOWN_SECONDS: '2' })
  const client = await RawClient.connect(await server.listening())
  client.send(start(9))
  await client.until('100 Continue')
  expect(await server.stop()).toBe(0)
  const [stopping, request] = ['stopping', 'request'].map(msg => server.lines.find(line => line.msg === msg))
  expect(request).toMatchObject({ status: expect.any(Number), aborted: true })
  const waited = Date.parse(String(request?.time)) - Date.parse(String(stopping?.time))
  expect(waited).toBeGreaterThanOrEqual(1_900)
  expect(waited).toBeLessThan(9_000)
  await database.drop()
})

/** Connects until the server has closed its port. */
async function refusesConnections(url: string): Promise<void> {
  for (;;) {
    const refused = await RawClient.connect(url).then(
      ({ socket }) => void socket.destroy(),
      (error: NodeJS.ErrnoException) => error.code,
    )
    if (refused === 'ECONNREFUSED') return
  }
}
