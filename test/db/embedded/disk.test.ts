import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import type { LogFollower } from '../../../src/db/store'
import type { Session } from '../../../src/domain/session'
import { holdIntervals } from '../../support/intervals'
import { calculation, changing, noon, stored } from '../../support/sessions'
import { embeddedDatabase, openEmbedded, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { smallDisk } from './small-disk'

const hour = 60 * 60 * 1000
const unavailable = { code: 'unavailable' }

/** Records what a store sends to its follower. */
class Hearing implements LogFollower {
  readonly sequences: number[] = []
  readonly failures: { error: unknown; doing: string | undefined }[] = []
  /** Thrown once, at the next entry. */
  fails: Error | undefined

  reset(): void {}
  append({ commit }: Parameters<LogFollower['append']>[0]): void {
    const { fails } = this
    this.fails = undefined
    if (fails) throw fails
    for (const { sequence } of commit.transitions) this.sequences.push(sequence)
  }
  advance(): void {}
  invalidate(): void {}
  failed(error: unknown, doing?: string): void {
    this.failures.push({ error, doing })
  }
}

/** Writes until the store is full. Returns the session as of the last successful write. */
async function writtenUntilFull(store: EmbeddedStore): Promise<Session> {
  let session = await stored(store)
  for (let i = 0; i < 400; i++) {
    const write = changing(session, calculation(i))
    try {
      await store.sessions.save(write, session.version)
    } catch (error) {
      expect(error).toMatchObject(unavailable)
      return session
    }
    session = write.session
  }
  throw new Error('the disk is not full')
}

/** Advances the clock and the timers as if hours had passed, so that due work is done once each. */
async function pruningIn(hours: number): Promise<void> {
  jest.setSystemTime(Date.now() + hours * hour)
  jest.advanceTimersByTime(60_000)
  await new Promise(resolve => setImmediate(resolve))
}

describe('a disk that is full', () => {
  const disk = smallDisk(1_024)
  const refused = 'refused' in disk ? disk.refused : undefined
  if (refused) process.stderr.write(`skipped: a disk that is full (${refused})\n`)
  const onFull = refused ? test.skip : test
  beforeEach(() => holdIntervals(noon))
  afterEach(() => jest.useRealTimers())
  afterAll(() => 'drop' in disk && disk.drop())

  onFull(
    'refuses writes as unavailable, loses none that was answered, serves reads, says once what it could not prune, and goes on when there is room',
    async () => {
      if ('refused' in disk) return
      const store = openEmbedded(join(disk.folder, 'sessions.db'))
      store.db.exec('CREATE TABLE scrap (number INTEGER)')
      const hearing = new Hearing()
      await store.log.follow(hearing)
      const session = await writtenUntilFull(store)
      expect(await store.sessions.read(session.session_id)).toEqual(session)
      expect(hearing.sequences).toEqual(Array.from({ length: session.version }, (_, i) => i + 1))

      // SQLite may still find a little room in its log. Use that up, too.
      writeFileSync(join(disk.folder, 'rest'), Buffer.alloc(disk.free()))
      const least = store.db.prepare('INSERT INTO scrap VALUES (?)')
      expect(() => {
        for (let i = 0; i < 1_000; i++) least.run(i)
      }).toThrow(/full/)
      await expect(stored(store)).rejects.toMatchObject(unavailable)
      await pruningIn(8 * 24)
      expect(hearing.failures).toEqual([
        { error: expect.objectContaining(unavailable), doing: 'pruning the data file' },
      ])

      disk.resize(16 * 1_024)
      await pruningIn(1)
      const pruned = () => store.db.prepare('SELECT count(*) FROM commits').pluck().get() === 0
      await until(pruned, 60_000, 'the pruning')
      const write = changing(session, calculation(1_000))
      expect(await store.sessions.save(write, session.version)).toBe(true)
      expect(hearing.failures).toHaveLength(1)
      await store.end()

      const again = openEmbedded(join(disk.folder, 'sessions.db'))
      expect(await again.sessions.read(session.session_id)).toEqual(write.session)
      await again.end()
    },
  )
})

test('a start on a full disk says so and what to do, and succeeds once there is room', async () => {
  const disk = smallDisk(8)
  if ('refused' in disk) return void process.stderr.write(`skipped: a start on a full disk (${disk.refused})\n`)
  const path = join(disk.folder, 'deep', 'sessions.db')
  expect(() => openEmbedded(path)).toThrow(/cannot be opened.*full.*: free some space, or set DATA_FILE to /)
  disk.resize(1_024)
  const store = openEmbedded(path)
  const session = await stored(store)
  expect(await store.sessions.read(session.session_id)).toEqual(session)
  await store.end()
  disk.drop()
})

describe('the embedded store', () => {
  let database: TestDatabase<EmbeddedStore>
  let store: EmbeddedStore
  const file = () => database.env.DATA_FILE as string
  beforeEach(async () => {
    database = await embeddedDatabase()
    store = await database.open()
  })
  afterEach(() => database.drop())

  test('answers each write of the turn in which the file became full truthfully: unavailable if it is not stored', async () => {
    const pages = store.db.pragma('page_count', { simple: true }) as number
    store.db.pragma(`max_page_count = ${pages + 4}`)
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        stored(store, { session_id: `s${i}`, mentor_id: 'm'.repeat(200) }).then(
          () => 'added',
          error => error.code,
        ),
      ),
    )
    store.db.pragma('max_page_count = 100000')
    const found = await Promise.all(answers.map((_, i) => store.sessions.read(`s${i}`)))
    expect(found.map(session => (session ? 'added' : 'unavailable'))).toEqual(answers)
    expect(answers).toContain('unavailable')
    await stored(store)
  })

  test('refuses writes as unavailable while its file system is read-only, and still serves reads', async () => {
    const session = await stored(store)
    store.db.pragma('query_only = ON')
    await expect(stored(store)).rejects.toMatchObject(unavailable)
    expect(await store.sessions.read(session.session_id)).toEqual(session)
    store.db.pragma('query_only = OFF')
    await stored(store)
  })

  test.each(['', '-wal'])('writes nothing and is not ready while its file%s is removed or replaced', async suffix => {
    const session = await stored(store)
    renameSync(file() + suffix, `${file()}.moved`)
    await expect(stored(store)).rejects.toMatchObject(unavailable)
    await expect(store.ping()).rejects.toMatchObject(unavailable)
    expect(await store.sessions.read(session.session_id)).toEqual(session)
    writeFileSync(file() + suffix, '')
    await expect(stored(store)).rejects.toMatchObject(unavailable)
    rmSync(file() + suffix)
    renameSync(`${file()}.moved`, file() + suffix)
    await stored(store)
    await store.ping()
  })

  test('a read that fails on disk is unavailable', () => {
    if (process.platform !== 'linux')
      return void process.stderr.write('skipped: what a process has open is asked of /proc\n')
    // In a process of its own, because the file is closed without SQLite's knowledge.
    const script = `
      const { closeSync, readdirSync, readlinkSync } = require('node:fs')
      const { openEmbeddedStore } = require(process.argv[1])
      const store = openEmbeddedStore(process.argv[2])
      store.db.pragma('wal_checkpoint(TRUNCATE)')
      store.db.pragma('shrink_memory')
      for (const fd of readdirSync('/proc/self/fd')) {
        let of = ''
        try { of = readlinkSync('/proc/self/fd/' + fd) } catch {}
        if (of.startsWith(process.argv[2])) closeSync(Number(fd))
      }
      const reads = {
        read: () => store.sessions.read('s'), snapshot: () => store.sessions.snapshot('s'), idempotencyRecord: () => store.sessions.idempotencyRecord(null, 'k', '2026-03-26T12:00:00Z'), list: () => store.lists.list({}, { limit: 1 }),
        count: () => store.lists.count({}), transitions: () => store.sessions.transitions('s', 0, 1),
        results: () => store.sessions.results('s'), shared: () => store.sessions.shared('t'), ping: () => store.ping(),
        history: () => store.log.history('0'.repeat(15), 1), add: () => store.sessions.add({ session: { session_id: 's' } }),
      }
      const said = Object.entries(reads).map(async ([name, read]) => {
        store.db.pragma('shrink_memory')
        return [name, await read().then(() => 'served', error => error.code + ' ' + error.cause?.code)]
      })
      Promise.all(said).then(all => { process.stdout.write(JSON.stringify(Object.fromEntries(all))); process.exit() })`
    const path = join(dirname(file()), 'failing', 'sessions.db')
    const module = join(__dirname, '../../../src/db/embedded/embedded-store.js')
    const said = JSON.parse(execFileSync(process.execPath, ['-e', script, module, path], { encoding: 'utf8' }))
    const failed = 'unavailable SQLITE_IOERR_READ'
    const reads = [
      'read',
      'snapshot',
      'idempotencyRecord',
      'list',
      'count',
      'transitions',
      'results',
      'shared',
      'ping',
      'history',
    ]
    expect(said).toEqual(Object.fromEntries([...reads, 'add'].map(name => [name, failed])))
  })

  test('an error thrown by the follower is reported to it, and the following entries still arrive', async () => {
    const hearing = new Hearing()
    await store.log.follow(hearing)
    hearing.fails = new Error('a follower that fails')
    const [first, second] = await Promise.all([stored(store), stored(store)])
    expect([first.version, second.version]).toEqual([1, 1])
    await until(() => hearing.sequences.length === 1, 60_000, 'the second commit')
    expect(hearing.failures).toEqual([{ error: new Error('a follower that fails'), doing: undefined }])
  })

  test('creates its file, log and folder for its own user only', async () => {
    const folder = join(dirname(file()), 'made', 'below')
    const made = openEmbedded(join(folder, 'sessions.db'))
    await stored(made)
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    const names = ['', '../', 'sessions.db', 'sessions.db-wal']
    expect(names.map(name => mode(join(folder, name)))).toEqual(['700', '700', '600', '600'])
    await made.end()
  })

  test('keeps the mode of an existing file and folder', async () => {
    const folder = join(dirname(file()), 'shared')
    mkdirSync(folder, { mode: 0o750 })
    writeFileSync(join(folder, 'sessions.db'), '', { mode: 0o640 })
    const opened = openEmbedded(join(folder, 'sessions.db'))
    await stored(opened)
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    const names = ['', 'sessions.db', 'sessions.db-wal']
    expect(names.map(name => mode(join(folder, name)))).toEqual(['750', '640', '640'])
    await opened.end()
  })
})
