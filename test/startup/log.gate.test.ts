import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { unreadLogBytes } from '../../src/startup/log'
import type { Line } from '../support/instance'
import { freePort } from '../support/port'
import { run } from '../support/process'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import { until, within } from '../support/until'

let database: TestDatabase
beforeEach(async () => {
  database = await embeddedDatabase()
})
afterEach(() => database.drop())

const asked = (url: string, request_id: string) =>
  fetch(`${url}/healthz`, { headers: { 'X-Request-Id': request_id } }).then(response => response.text())

test('a line is written within a second', async () => {
  const server = run(database.env)
  const url = await server.listening()
  await asked(url, 'one')
  await until(() => server.lines.some(({ request_id }) => request_id === 'one'), 1_000, 'its line')
})

test('a killed process loses at most the lines of its last second', async () => {
  const server = run(database.env)
  const url = await server.listening()
  const answered: number[] = []
  const began = performance.now()
  while (performance.now() - began < 1_500) {
    await asked(url, `${answered.length}`)
    answered.push(performance.now())
  }
  const killed = performance.now()
  await server.kill()
  const lines = new Set(server.lines.map(({ request_id }) => request_id))
  const lost = answered.filter((_, i) => !lines.has(`${i}`))
  expect(answered[0]).toBeLessThan(killed - 1_000)
  expect(lost.filter(at => at < killed - 1_000)).toEqual([])
})

test('a process that exits writes all of its lines', async () => {
  const server = run(database.env)
  const url = await server.listening()
  await Promise.all(Array.from({ length: 50 }, (_, i) => asked(url, `${i}`)))
  expect(await server.stop()).toBe(0)
  expect(server.lines.filter(({ msg }) => msg === 'request')).toHaveLength(50)
  const others = server.lines.filter(({ msg }) => msg !== 'event loop blocked')
  expect(others.at(-1)).toMatchObject({ msg: 'stopping' })
})

test('a process continues after its log reader has gone, and SIGTERM ends it with 0', async () => {
  const server = run(database.env)
  const url = await server.listening()
  server.child.stdout.destroy()
  for (let i = 0; i < 200; i++) expect(await asked(url, `${i}`)).toBe('{"status":"ok"}')
  expect(await within(10_000, 'the end', server.stop())).toBe(0)
  expect(server.errors).toBe('')
})

describe.each(['pipe', 'socket'] as const)('while the reader of a %s is stalled', kind => {
  let folder: string
  let child: ChildProcess
  let reader: Readable
  let url: string
  let ended: Promise<unknown[]>
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'log-'))
    const port = await freePort()
    const env = { PATH: process.env.PATH, PORT: `${port}`, ...database.env }
    const main = join(__dirname, '../../src/main.js')
    if (kind === 'socket') {
      // Node's spawn gives the child a pair of sockets.
      child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      reader = child.stdout as Readable
    } else {
      const fifo = join(folder, 'log')
      execFileSync('mkfifo', [fifo])
      const read = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
      const write = openSync(fifo, 'w')
      child = spawn(process.execPath, [main], { env, stdio: ['ignore', write, 'inherit'] })
      closeSync(write)
      reader = new Socket({ fd: read, readable: true, writable: false }).pause()
    }
    ended = once(child, 'exit')
    url = `http://127.0.0.1:${port}`
    const listens = () => fetch(`${url}/healthz`).then(Boolean, () => false)
    await until(listens, 60_000, 'a server that listens')
  })
  afterEach(() => {
    child.kill('SIGKILL')
    reader.destroy()
    rmSync(folder, { recursive: true })
  })

  /** Causes half as many log lines again as there is room for, of 240 bytes each. Returns the number of requests. */
  async function fill(): Promise<number> {
    const path = `${url}/unknown`
    const requests = Math.ceil((1.5 * unreadLogBytes) / 240)
    const headers = { 'X-Request-Id': 'i'.repeat(128) }
    let left = requests
    const ask = async (): Promise<void> => {
      while (left-- > 0) await (await fetch(path, { headers })).text()
    }
    await Promise.all(Array.from({ length: 20 }, ask))
    return requests
  }

  test('the process continues, and reports the number of dropped lines when reading resumes', async () => {
    const requests = await fill()
    let text = ''
    reader.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
    reader.resume()
    await until(() => text.includes('log lines dropped'), 60_000, 'the log line')
    await asked(url, 'afterwards')
    await until(() => text.includes('afterwards'), 60_000, 'the next line')
    const lines: Line[] = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    const dropped = lines.filter(({ msg }) => msg === 'log lines dropped')
    expect(dropped).toEqual([
      { level: 'warn', time: expect.any(String), lines: expect.any(Number), msg: expect.any(String) },
    ])
    const logged = lines.filter(({ path }) => path === '/…')
    expect(Number(dropped[0]?.lines)).toBeGreaterThan(0)
    // Other lines may be among the dropped ones.
    const others = logged.length + Number(dropped[0]?.lines) - requests
    expect(others).toBeGreaterThanOrEqual(0)
    expect(others).toBeLessThan(20)
  })

  test('SIGTERM ends the process with 0', async () => {
    await fill()
    child.kill('SIGTERM')
    expect(await within(60_000, 'the end', ended)).toEqual([0, null])
  })
})
