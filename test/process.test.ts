import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { base } from './support/doors'
import { startStandalone } from './support/mongod'
import { describeMongo, embeddedPlace, mongoPlace, type Place, stores } from './support/stores'

const main = join(__dirname, '../src/main.js')

interface Process {
  child: ChildProcess
  lines: Record<string, unknown>[]
  errors: () => string
  /** The first line of the log that says this. */
  said(msg: string): Promise<Record<string, unknown>>
  ended: Promise<number | null>
}

const started: ChildProcess[] = []
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-'))
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The real process, with this environment and nothing of the test's own but the path. */
function run(env: Record<string, string>): Process {
  const child = spawn(process.execPath, [main], { cwd: folder, env: { PATH: process.env.PATH, PORT: '0', ...env } })
  started.push(child)
  const lines: Record<string, unknown>[] = []
  const waiting = new Set<() => void>()
  let errors = ''
  child.stderr.on('data', data => {
    errors += data
  })
  createInterface(child.stdout).on('line', line => {
    lines.push(JSON.parse(line))
    for (const look of waiting) look()
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const said = (msg: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const look = () => {
        const line = lines.find(line => line.msg === msg)
        if (line) resolve(line)
      }
      waiting.add(look)
      look()
      ended.then(code => reject(new Error(`ended with ${code} before it said ${msg}: ${errors}`)))
    })
  return { child, lines, errors: () => errors, said, ended }
}

/** The end of a process that cannot start: its code and what it says, which is all that it says. */
async function refusal(env: Record<string, string>): Promise<{ code: number | null; said: string; logged: unknown[] }> {
  const { ended, errors, lines } = run(env)
  const code = await ended
  return { code, said: errors(), logged: lines }
}

const sentence = (text: RegExp) => ({ code: 1, said: expect.stringMatching(new RegExp(`^${text.source}[^\\n]*\\.?\\n$`)), logged: [] })

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
    socket.write(`POST ${base} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`)
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

describe('it does not start, and says why in one sentence', () => {
  test.each(['http', '-1', '65536', '4000.5', '4 000'])('with PORT %j', async PORT => {
    expect(await refusal({ PORT })).toEqual(sentence(/PORT must be a port number, 0 to 65535\./))
  })

  test('with a LOG_LEVEL that is none', async () => {
    expect(await refusal({ LOG_LEVEL: 'loud' })).toEqual(sentence(/LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent\./))
  })

  test('on a port that is in use', async () => {
    const server: Server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const env = { PORT: String(port), DATA_FILE: join(folder, 'port.db') }
    expect(await refusal(env)).toEqual(sentence(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use: `)))
    server.close()
  })

  test('on a host that is not its own', async () => {
    const env = { HOST: '192.0.2.1', DATA_FILE: join(folder, 'host.db') }
    expect(await refusal(env)).toEqual(sentence(/192\.0\.2\.1:0 cannot be listened on /))
  })

  test('on a data file that another process holds, which goes on serving', async () => {
    const env = { DATA_FILE: join(folder, 'held.db') }
    const { url } = await run(env).said('listening')
    expect(await refusal(env)).toEqual(sentence(/\S+held\.db is in use by another process: /))
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  test('on a data file that cannot be written', async () => {
    expect(await refusal({ DATA_FILE: '/dev/null/sessions.db' })).toEqual(sentence(/\/dev\/null\/sessions\.db cannot be opened and written /))
  })

  test.each(['nonsense', 'http://127.0.0.1', 'mongodb://'])('with MONGODB_URI %j', async MONGODB_URI => {
    expect(await refusal({ MONGODB_URI })).toEqual(sentence(/MONGODB_URI is not a MongoDB connection string: /))
  })
})

describeMongo('it does not start, and says why in one sentence', () => {
  test('on a MongoDB that is a standalone server', async () => {
    const standalone = await startStandalone()
    expect(await refusal({ MONGODB_URI: standalone.getUri() })).toEqual(sentence(/MongoDB at \S+ is a standalone server, /))
    await standalone.stop({ doCleanup: true, force: true })
  }, 30_000)

  test('on a MongoDB that cannot be reached', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const env = { MONGODB_URI: `mongodb://127.0.0.1:${port}/db?replicaSet=rs0` }
    expect(await refusal(env)).toEqual(sentence(new RegExp(`MongoDB at 127\\.0\\.0\\.1:${port} cannot be reached `)))
  }, 30_000)

  test('never, when two processes hold one database', async () => {
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
