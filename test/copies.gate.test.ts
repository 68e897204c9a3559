import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Checker } from './support/checker'
import { Instance } from './support/instance'
import { base } from './support/interfaces'
import { seed } from './support/load'
import { freePort } from './support/port'
import { overStores, type TestDatabase } from './support/stores'
import { until } from './support/until'
import { Writers } from './support/writers'

const root = join(__dirname, '../..')
const program = join(root, 'examples/copy-sessions.mjs')

interface Copied {
  session_id: string
  removed?: true
}

/** The program, and the copy that it keeps, as its output describes it. */
class Copy {
  readonly sessions = new Map<string, string>()
  /** Number of times that it has read all sessions. */
  beginnings = 0
  errors = ''
  readonly child: ChildProcess

  constructor(url: string) {
    this.child = spawn(process.execPath, [program, url], { stdio: ['ignore', 'pipe', 'pipe'] })
    createInterface(this.child.stdout as NodeJS.ReadableStream).on('line', line => this.#apply(line))
    this.child.stderr?.on('data', data => {
      this.errors += data
    })
  }

  #apply(line: string): void {
    const change = JSON.parse(line) as Copied | { cleared: true }
    if ('cleared' in change) {
      this.sessions.clear()
      this.beginnings++
    } else if (change.removed) this.sessions.delete(change.session_id)
    else this.sessions.set(change.session_id, line)
  }
}

/** Returns the full sessions in the server's list, as JSON by id. */
async function listed(url: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (let page = 1; ; page++) {
    const response = await fetch(`${url}${base}?view=full&limit=100&page=${page}`)
    const { data } = (await response.json()) as { data: Copied[] }
    for (const session of data) found.set(session.session_id, JSON.stringify(session))
    if (data.length === 0) return found
  }
}

overStores(({ newDatabase }) => {
  const databases: TestDatabase[] = []
  let instance: Instance
  let copy: Copy
  const placed = async (): Promise<TestDatabase> => {
    const database = await newDatabase()
    databases.push(database)
    return database
  }
  const isEqual = async (): Promise<void> => {
    const expected = [...(await listed(instance.url))].sort()
    expect(expected.length).toBeGreaterThan(0)
    await until(
      () => JSON.stringify([...copy.sessions].sort()) === JSON.stringify(expected),
      60_000,
      () => `the copy: ${copy.sessions.size} of ${expected.length} sessions; ${copy.errors}`,
    )
  }
  afterEach(async () => {
    copy?.child.kill('SIGKILL')
    await instance?.kill()
    for (const database of databases.splice(0)) await database.drop()
  })

  test('examples/copy-sessions.mjs copies the sessions exactly, although the server is killed five times while clients write', async () => {
    const env = { ...(await placed()).env, PORT: String(await freePort()) }
    instance = await Instance.start(env)
    const { url } = instance
    const writers = new Writers(new Checker(), () => url, { count: 8, seed, pauseMs: 20 })
    const written = async (more: number): Promise<void> => {
      const count = writers.times.length + more
      await until(() => writers.times.length >= count, 60_000, `${count} writes`)
    }
    await written(100)
    copy = new Copy(url)
    for (let kills = 0; kills < 5; kills++) {
      await written(100)
      await instance.kill()
      instance = await Instance.start(env)
    }
    await written(100)
    await writers.stop()
    await isEqual()
    expect(copy.beginnings).toBe(1)
  })

  test('the program begins anew when the server has another store', async () => {
    const port = String(await freePort())
    const start = async (): Promise<void> => {
      instance = await Instance.start({ ...(await placed()).env, PORT: port })
      for (let i = 0; i < 3; i++) {
        const body = JSON.stringify({ mentor_id: `mentor_${i}` })
        await fetch(instance.url + base, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
      }
    }
    await start()
    copy = new Copy(instance.url)
    await isEqual()
    await instance.kill()
    await start()
    await isEqual()
    expect(copy.beginnings).toBe(2)
  })
})
