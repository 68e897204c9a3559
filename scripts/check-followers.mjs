// Checks the feed with third-party clients: runs all programs in examples/followers at the same time while sessions
// change. Meanwhile, the script kills the server, restarts it, stops it, and restarts it again. Each program must print
// all transitions in the order of the server's log.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { programs, versions } from './clients/page.mjs'
import { kinds, kindsHere, modules, pinned, start } from './clients/tools.mjs'
import { serve } from './served.mjs'

/** For each program in docs/how-to/clients.md: its toolchain, and the packages whose versions the page states. */
const followers = {
  EventSource: ['npm', 'eventsource'],
  'fetch-event-source': ['npm', '@microsoft/fetch-event-source'],
  'httpx-sse': ['python', 'httpx-sse'],
  'sseclient-py': ['python', 'sseclient-py'],
  'Apollo Client over HTTP': ['npm', '@apollo/client', 'apollo-client-3'],
  'Apollo Client over WebSocket': ['npm', '@apollo/client', 'apollo-client-3'],
  'urql over HTTP': ['npm', '@urql/core'],
  'urql over WebSocket': ['npm', '@urql/core'],
  'graphql-sse': ['npm', 'graphql-sse'],
  'Hive Gateway': ['npm', '@graphql-hive/gateway-runtime'],
}

/** Changes to a program's code before this script runs it, besides the server's address. */
const written = {
  // This package works only in web pages. The added code imitates a page that is always visible.
  '@microsoft/fetch-event-source': code =>
    `globalThis.window = globalThis
    globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} }
    ${code.replace(/^import (.*) from (.*)$/m, 'const $1 = await import($2)')}`,
  // For each request, this package adds a listener to its own AbortSignal, which stays until it is garbage-collected.
  // Node.js prints a warning at the eleventh listener.
  '@graphql-hive/gateway-runtime': code => `import { setMaxListeners } from 'node:events'\nsetMaxListeners(0)\n${code}`,
  // Node.js requires the full path of the module, which bundlers resolve automatically.
  'apollo-client-3': code => code.replace(/'@apollo\/client\/(.*)'/g, "'apollo-client-3/$1/index.js'"),
}

/** A program that follows the feed, and the transitions that it has printed. */
class Follower {
  lines = []
  #said = ''

  constructor(name, child) {
    this.name = name
    this.child = child
    createInterface(child.stdout).on('line', line => this.lines.push(line))
    child.stderr.on('data', data => (this.#said += data))
    child.once('error', error => (this.#said += error.message))
  }

  get #ended() {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  async #until(has) {
    const deadline = performance.now() + 60_000
    while (!has()) {
      if (this.#ended || performance.now() > deadline)
        throw new Error(
          `${this.name} ${this.#ended ? 'has ended' : 'is silent'} after ${this.lines.length} transitions\n${this.#said}`,
        )
      await wait(50)
    }
  }

  /** Waits until the program has printed more lines. */
  goesOn() {
    const { length } = this.lines
    return this.#until(() => this.lines.length > length)
  }

  printed(line) {
    return this.#until(() => this.lines.includes(line))
  }

  /**
   * Returns the first difference between the program's output and the log, starting at the output's first line. Any
   * output on stderr is a fault too.
   */
  fault(log) {
    if (this.#said) return `${this.name} wrote to stderr: ${this.#said}`
    const expected = log.slice(log.indexOf(this.lines[0]))
    for (let i = 0; i < Math.max(expected.length, this.lines.length); i++)
      if (this.lines[i] !== expected[i])
        return `${this.name}: line ${i + 1} is ${this.lines[i]}, expected ${expected[i]}, after ${expected[i - 1]}`
  }

  async stop() {
    this.child.kill('SIGKILL')
    if (!this.#ended) await new Promise(resolve => this.child.once('exit', resolve))
  }
}

const started = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'check-followers-'))
const running = []
const federation = { FEDERATION: 'on' }
let server = await serve(folder, 0, federation)
const { url } = server
const { port, host } = new URL(url)
const sessions = `${url}/api/v1/benefit-calculator-sessions`
const events = `${url}/api/v1/benefit-calculator-events`

const send = async (method, address, body) => {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${method} ${address}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
const startSession = async () => (await send('POST', sessions, { mentor_id: 'mentor_001' })).session_id

/** Keeps changing sessions until `writing` is false. Ignores errors, because the server is down at times. */
let writing = true
async function write() {
  for (let n = 1; writing; n++) {
    try {
      const id = await startSession()
      const payload = { sessions: n, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }
      await send('PUT', `${sessions}/${id}`, { event: 'CalculateRequested', payload })
      await wait(20)
      await send('DELETE', `${sessions}/${id}`)
    } catch {
      await wait(50)
    }
  }
}

const allGoOn = () => Promise.all(running.map(follower => follower.goesOn()))

/**
 * Responds with 502 in place of the stopped server, as a proxy does, until the programs have sent two requests each on
 * average.
 */
async function badGateway() {
  let asked = 0
  const proxy = createServer((request, response) => {
    const isChange = request.url.startsWith('/api/') && request.method !== 'GET'
    if (!isChange) asked++
    response.writeHead(502, { Connection: 'close' }).end()
  })
  await new Promise(resolve => proxy.listen(port, '127.0.0.1', resolve))
  while (asked < 2 * running.length) await wait(50)
  await new Promise(resolve => proxy.close(resolve))
}

async function readLog(after) {
  const { data, next } = await send('GET', `${events}?limit=1000&after=${after}`)
  const lines = data.map(({ session_id, sequence }) => `${session_id} ${sequence}`)
  return data.length === 0 ? lines : [...lines, ...(await readLog(next))]
}

try {
  const here = kindsHere(['npm', 'python'])
  await Promise.all(here.map(kind => kinds[kind].install()))
  symlinkSync(modules, join(folder, 'node_modules'))
  mkdirSync(join(folder, 'followers/node_modules'), { recursive: true })
  symlinkSync(resolve('packages/client'), join(folder, 'followers/node_modules/benefit-sessions-client'))

  const beginning = (await send('GET', events)).next
  const writers = [write(), write()]
  for (const [title, [kind, ...packages]] of Object.entries(followers)) {
    if (!here.includes(kind)) continue
    const version = packages.map(name => pinned(kind, name)).join(', ')
    if (versions[title] !== version)
      throw new Error(`docs/how-to/clients.md says ${versions[title]} of ${title}: it is ${version}`)
    const program = programs[title]
    if (!program) throw new Error(`docs/how-to/clients.md links no program of ${title}`)
    const type = extname(program)
    for (const name of packages) {
      const file = join('followers', `${title} ${name}`.replaceAll(/\W/g, '-') + type)
      const code = readFileSync(program, 'utf8').replaceAll('127.0.0.1:4000', host)
      writeFileSync(join(folder, file), written[name]?.(code) ?? code)
      const child = start({ '.mjs': process.execPath, '.py': 'python3' }[type], [file], { cwd: folder })
      running.push(new Follower(`${title} ${pinned(kind, name)}`, child))
    }
  }
  await allGoOn()

  await server.stop('SIGKILL')
  const killed = server
  server = await serve(folder, port, federation)
  await allGoOn()

  await server.stop()
  const stopped = server
  await badGateway()
  server = await serve(folder, port, federation)
  await allGoOn()

  writing = false
  await Promise.all(writers)
  const last = `${await startSession()} 1`
  await Promise.all(running.map(follower => follower.printed(last)))
  const log = await readLog(beginning)
  const faults = running.map(follower => follower.fault(log)).filter(Boolean)
  if (faults.length > 0) throw new Error(faults.join('\n'))
  for (const { name, lines } of running)
    process.stdout.write(`${name}: ${lines.length} transitions, each once and in order\n`)
  const errors = killed.errors() + stopped.errors() + server.errors()
  if (errors > 0) throw new Error(`The servers logged ${errors} errors.`)
  process.stdout.write(`followers: ${running.length} in ${Math.round((performance.now() - started) / 1_000)} s\n`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  writing = false
  await Promise.all(running.map(follower => follower.stop()))
  await server.stop()
  rmSync(folder, { recursive: true })
}
