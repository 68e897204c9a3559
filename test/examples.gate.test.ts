import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Checker } from './support/checker'
import { Instance } from './support/instance'
import { seed } from './support/load'
import { freePort } from './support/port'
import { overStores, type TestDatabase } from './support/stores'
import { until } from './support/until'
import { Writers } from './support/writers'

const root = join(__dirname, '../..')

/** A copy of the examples with their dependencies. */
const folder = mkdtempSync(join(tmpdir(), 'examples-'))
beforeAll(() => {
  cpSync(join(root, 'examples'), folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  const installed = { 'benefit-sessions-client': 'packages/client' }
  for (const name of ['eventsource', 'graphql-ws', 'ws']) Object.assign(installed, { [name]: `node_modules/${name}` })
  for (const [name, place] of Object.entries(installed))
    symlinkSync(join(root, place), join(folder, 'node_modules', name))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Row {
  id: string
  state: string
  version: number
}

interface Page {
  nodes: Row[]
  pageInfo: { hasNextPage: boolean; endCursor: string }
}

/** Runs an example as a user does, and collects its output by line. */
class Example {
  readonly lines: string[] = []
  readonly child: ChildProcess
  errors = ''

  constructor(command: string, file: string, url: string, ...more: string[]) {
    this.child = spawn(command, [join(folder, file), url, ...more], { stdio: ['ignore', 'pipe', 'pipe'] })
    createInterface(this.child.stdout as NodeJS.ReadableStream).on('line', line => this.lines.push(line))
    this.child.stderr?.on('data', data => {
      this.errors += data
    })
  }

  /** Returns the table that its lines describe: the last line of each session, without closed sessions. */
  table(): string[] {
    const rows = new Map(this.lines.map(line => JSON.parse(line) as Row).map(row => [row.id, row]))
    return [...rows.values()]
      .filter(({ state }) => !/closed/i.test(state))
      .map(({ id, state, version }) => `${id} ${state.toLowerCase()} ${version}`)
      .sort()
  }
}

async function listed(url: string): Promise<string[]> {
  const rows: string[] = []
  for (let after: string | null = null; ; ) {
    const query = `{ sessions(first: 100, after: ${JSON.stringify(after)}) { nodes { id state version } pageInfo { hasNextPage endCursor } } }`
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
    const { data, errors } = (await response.json()) as { data: { sessions: Page } | null; errors?: unknown }
    if (!data) throw new Error(JSON.stringify(errors))
    const { sessions } = data
    rows.push(...sessions.nodes.map(({ id, state, version }) => `${id} ${state.toLowerCase()} ${version}`))
    if (!sessions.pageInfo.hasNextPage) return rows.sort()
    after = sessions.pageInfo.endCursor
  }
}

overStores(({ newDatabase }) => {
  let database: TestDatabase
  let instance: Instance
  const running: Example[] = []
  afterEach(async () => {
    for (const { child } of running.splice(0)) child.kill('SIGKILL')
    await instance?.kill()
    await database?.drop()
  })

  test("the examples end up with the store's state, although they join during the writing and the server is killed", async () => {
    database = await newDatabase()
    const env = { ...database.env, PORT: String(await freePort()) }
    instance = await Instance.start(env)
    const { url } = instance
    const writers = new Writers(new Checker(), () => url, { count: 8, seed, pauseMs: 30 })
    const written = (count: number) => until(() => writers.times.length >= count, 60_000, `${count} writes`)
    await written(100)
    const cursor = JSON.parse(await (await fetch(`${url}/api/v1/benefit-calculator-events`)).text()).next as string
    const joins = ['follow-sessions.mjs', 'join-eventsource.mjs'].map(file => new Example(process.execPath, file, url))
    const poll = new Example('sh', 'poll.sh', url, cursor)
    const resuming = new Example(process.execPath, 'resuming-client.mjs', url)
    running.push(...joins, poll, resuming)
    await until(
      () => running.every(({ lines }) => lines.length > 30),
      60_000,
      () => `lines; ${running.map(one => one.errors)}`,
    )
    await instance.kill()
    instance = await Instance.start(env)
    await written(writers.times.length + 150)
    await writers.stop()

    const expected = await listed(url)
    const shows = () =>
      `the store's table: ${joins.map(one => one.table().length)} of ${expected.length}; ${joins.map(one => one.errors)}`
    await until(() => joins.every(one => one.table().join() === expected.join()), 60_000, shows)

    // The client that retries by itself printed every transition from its first one, once and in order.
    const { items, versions } = await everything(url, cursor)
    const [first = ''] = resuming.lines
    const stepOf = (line: string) => {
      const { sessionId, version } = JSON.parse(line)
      return `${sessionId} ${version}`
    }
    const from = versions.indexOf(stepOf(first))
    await until(
      () => resuming.lines.length >= versions.length - from,
      60_000,
      () => `${versions.length - from} lines of resuming-client.mjs: ${resuming.errors}`,
    )
    expect(resuming.lines.map(stepOf)).toEqual(versions.slice(from))

    // The poller printed every transition after its cursor, once and in order.
    await until(
      () => poll.lines.length >= items.length,
      60_000,
      () => `${items.length} lines of poll.sh: ${poll.errors}`,
    )
    expect(poll.lines.map(line => JSON.parse(line).cursor)).toEqual(items)
    poll.child.kill('SIGTERM')
    await until(() => poll.errors.includes(`resume after: ${items.at(-1)?.split('.')[0]}`), 60_000, 'its last word')
  })
})

interface Told {
  cursor: string
  session_id: string
  sequence: number
}

/** Returns the cursors of everything after a cursor, and the session and version of each. */
async function everything(url: string, after: string): Promise<{ items: string[]; versions: string[] }> {
  const items: string[] = []
  const versions: string[] = []
  for (let next = after; ; ) {
    const response = await fetch(`${url}/api/v1/benefit-calculator-events?limit=1000&after=${next}`)
    const page = (await response.json()) as { data: Told[]; next: string }
    items.push(...page.data.map(({ cursor }) => cursor))
    versions.push(...page.data.map(({ session_id, sequence }) => `${session_id} ${sequence}`))
    if (page.data.length === 0) return { items, versions }
    next = page.next
  }
}
