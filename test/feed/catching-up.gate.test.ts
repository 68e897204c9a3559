import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { newRequester } from '../../src/concurrency/fair-queue'
import type { Store } from '../../src/db/store'
import { Feed } from '../../src/feed/feed'
import { readersOfPrincipal, readersWaiting, readsOfPrincipal } from '../../src/feed/log-reads'
import { type FeedMessage, feedCursorOf } from '../../src/feed/ring'
import { Instance } from '../support/instance'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { calculation, quiet, sessionsOver, stored } from '../support/sessions'
import { embeddedDatabase, openEmbedded, overStores, suiteDatabase, type TestDatabase } from '../support/stores'
import { feedPath } from '../support/transports'
import { until, within } from '../support/until'

/** In commits. So small that a later subscriber reads the store's history. */
const smallRing = 4

/** CPU time in ms that the process has used, from Linux's ticks of 10 ms. On other systems, the wall clock. */
function busyMs({ child }: Instance): number {
  if (process.platform !== 'linux') return performance.now()
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

describe('over an embedded file with 50,000 commits', () => {
  const commits = 50_000
  /** Longest acceptable wait of any other request, in ms, even on a busy machine. */
  const patienceMs = 1_000
  let database: TestDatabase
  let instance: Instance
  let start: string

  beforeAll(async () => {
    database = await embeddedDatabase()
    const store = openEmbedded(database.env.DATA_FILE as string)
    const { session_id } = await stored(store, { mentor_id: 'busy' })
    start = feedCursorOf(store, { position: '0'.repeat(15), skip: 0 })
    store.db.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${commits})
       INSERT INTO commits (at, body) SELECT at, replace(body, '${session_id}', 'session_' || i) FROM commits, n`,
    )
    await store.end()
    instance = await Instance.start(database.env)
  })
  afterAll(async () => {
    await instance?.kill()
    await database?.drop()
  })

  /**
   * Returns the longest response time of the health check, in ms, until `work` is done. On Linux it counts only the CPU
   * time of the server's own process, so that other load on the machine does not count.
   */
  async function worstWait(work: Promise<unknown>): Promise<number> {
    let over = false
    const end = () => {
      over = true
    }
    work.then(end, end)
    let worst = 0
    while (!over) {
      const asked = busyMs(instance)
      await (await fetch(`${instance.url}/healthz`)).text()
      worst = Math.max(worst, busyMs(instance) - asked)
      await wait(5)
    }
    await work
    return worst
  }

  const startSession = (mentor_id: string) =>
    fetch(instance.url + base, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ mentor_id }),
    })

  /** Reads the feed from its beginning and only counts the events, which costs this process little. */
  function counting(mentor_id?: string) {
    const query = mentor_id === undefined ? '' : `&mentor_id=${mentor_id}`
    const headers = { Accept: 'text/event-stream' }
    const reader = { events: 0, cut: (): void => {} }
    const request = get(`${instance.url}${feedPath}?after=${start}${query}`, { headers, agent: false }, response => {
      response.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf('id: '); at >= 0; at = chunk.indexOf('id: ', at + 1)) reader.events++
      })
      response.on('error', () => {})
    })
    request.on('error', () => {})
    reader.cut = () => void request.destroy()
    return reader
  }

  test('100 readers that start at the beginning and match nothing delay no other request', async () => {
    const worst = await worstWait(
      (async () => {
        const readers = Array.from({ length: 100 }, (_, i) => counting(i % 2 ? 'late' : `late${i % 10}`))
        await until(() => readers.every(({ events }) => events === 1), 60_000, 'ready')
        for (const mentor_id of ['late', 'late0', 'late2', 'late4', 'late6', 'late8']) await startSession(mentor_id)
        await until(() => readers.every(({ events }) => events === 2), 60_000, 'the first that matches')
        for (const { cut } of readers) cut()
      })(),
    )
    process.stdout.write(`100 readers that match nothing: /healthz waited ${Math.round(worst)} ms at most\n`)
    expect(worst).toBeLessThan(patienceMs)
  })

  test('20 readers that start at the beginning and match everything delay no other request', async () => {
    const worst = await worstWait(
      (async () => {
        const readers = Array.from({ length: 20 }, () => counting())
        const most = () => `all of it: ${readers.map(({ events }) => events)}`
        await until(() => readers.every(({ events }) => events > commits / 5), 120_000, most)
        for (const { cut } of readers) cut()
      })(),
    )
    process.stdout.write(`20 readers that take all: /healthz waited ${Math.round(worst)} ms at most\n`)
    expect(worst).toBeLessThan(patienceMs)
  })

  test('100 plain GETs that match nothing reach the end of the feed and delay no other request', async () => {
    const nexts: string[] = []
    const ask = async (mentor_id: string) => {
      const path = `${feedPath}?after=${start}&mentor_id=${mentor_id}`
      const { data, next } = (await (await fetch(instance.url + path)).json()) as { data: unknown[]; next: string }
      expect(data).toEqual([])
      nexts.push(next)
    }
    const worst = await worstWait(Promise.all(Array.from({ length: 100 }, (_, i) => ask(`nobody${i}`))))
    process.stdout.write(`100 pages that match nothing: /healthz waited ${Math.round(worst)} ms at most\n`)
    expect(worst).toBeLessThan(patienceMs)
    const now = ((await (await fetch(instance.url + feedPath)).json()) as { next: string }).next
    expect(new Set(nexts)).toEqual(new Set([now]))
  })
})

interface Looked {
  calls: number
  /** Largest number of concurrent reads of history. */
  most: number
  /** If set, each read waits for this promise. */
  gate: Promise<void> | undefined
  positions: string[]
}

/** Wraps the store so that reads of history are counted and can be held up. */
function watched(store: Store): { store: Store; looked: Looked } {
  const looked: Looked = { calls: 0, most: 0, gate: undefined, positions: [] }
  let underWay = 0
  const history: Store['log']['history'] = async (after, ...more) => {
    looked.calls++
    looked.positions.push(after)
    looked.most = Math.max(looked.most, ++underWay)
    try {
      await looked.gate
      return await store.log.history(after, ...more)
    } finally {
      underWay--
    }
  }
  return { store: intercepting(store, { log: { history } }), looked }
}

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  const commits = 300

  async function fed(): Promise<{ feed: Feed; looked: Looked; start: string; cursors: string[] }> {
    const { store, looked } = watched(database.store)
    const feed = new Feed(store, quiet, smallRing)
    await store.log.follow(feed)
    const start = (await feed.page({ limit: 1 })).next
    const taken: FeedMessage[] = []
    const leave = feed.subscribe({ after: start }).attach({ take: message => void taken.push(message), end: () => {} })
    await until(() => taken.length > 0, 60_000, 'ready')
    await Promise.all(Array.from({ length: commits }, () => stored(store, { mentor_id: 'm' })))
    await until(() => taken.length > commits, 60_000, 'the commits')
    leave()
    looked.calls = 0
    looked.positions = []
    return { feed, looked, start, cursors: taken.flatMap(message => ('cursor' in message ? message.cursor : [])) }
  }

  function reading(feed: Feed, after: string, requester = newRequester()) {
    const taken: FeedMessage[] = []
    const leave = feed
      .subscribe({ after, requester })
      .attach({ take: message => void taken.push(message), end: () => {} })
    return { taken, leave }
  }

  test('readers at the same cursor share their reads of history', async () => {
    const { feed, looked, start } = await fed()
    const readers = Array.from({ length: 100 }, () => reading(feed, start))
    await until(() => readers.every(({ taken }) => taken.length > commits), 60_000, 'all of it')
    // One read checks the cursor, three read batches of 128. One more may occur where the log moved on without a
    // commit.
    expect(looked.calls).toBeLessThanOrEqual(6)
    const [first] = readers
    for (const { taken, leave } of readers) {
      expect(taken.slice(1).every((message, i) => message === first?.taken[i + 1])).toBe(true)
      leave()
    }
  })

  test('readers at many cursors read a bounded number of batches at once, and a reader that leaves the queue causes no read', async () => {
    const { feed, looked, cursors } = await fed()
    const places = cursors.slice(0, 50)
    looked.most = 0
    let open = (): void => {}
    looked.gate = new Promise(resolve => {
      open = resolve
    })
    const readers = places.map(cursor => reading(feed, cursor))
    await until(() => looked.calls === readsOfPrincipal, 60_000, 'the first reads')
    for (const { leave } of readers.slice(readsOfPrincipal, 40)) leave()
    open()
    const rest = [...readers.slice(0, readsOfPrincipal), ...readers.slice(40)]
    await until(
      () =>
        rest.every(({ taken }, i) => taken.length > commits - (i < readsOfPrincipal ? i : i + 40 - readsOfPrincipal)),
      60_000,
      'the rest',
    )
    expect(looked.most).toBe(readsOfPrincipal)
    const begun = new Set(looked.positions)
    for (const cursor of places.slice(readsOfPrincipal, 40)) expect(begun).not.toContain(cursor.split('.')[1])
    for (const { leave } of rest) leave()
  })

  test('a read of history is refused as unavailable while too many readers wait', async () => {
    const { feed, looked, start, cursors } = await fed()
    let open = (): void => {}
    looked.gate = new Promise(resolve => {
      open = resolve
    })
    const page = (principal: string, i: number) =>
      within(60_000, 'a page', feed.page({ after: cursors[i] as string, limit: 1, requester: newRequester(principal) }))
    const readersOf = (principal: string) =>
      Array.from({ length: readersOfPrincipal }, () => reading(feed, start, newRequester(principal)).leave)
    const leaves = readersOf('ann')
    await expect(page('ann', 1)).rejects.toMatchObject({ code: 'unavailable' })
    const ofBob = page('bob', 1)
    while (leaves.length < readersWaiting) leaves.push(...readersOf(`other ${leaves.length}`))
    const ofEve = page('eve', 2)
    open()
    expect((await ofBob).items).toHaveLength(1)
    expect((await ofEve).items).toHaveLength(1)
    for (const leave of leaves) leave()
    expect((await page('ann', 3)).items).toHaveLength(1)
  })

  test('a queued page is not read once its client has left', async () => {
    const { feed, looked, cursors } = await fed()
    let open = (): void => {}
    looked.gate = new Promise(resolve => {
      open = resolve
    })
    const asked = cursors.slice(1, 1 + readsOfPrincipal).map(cursor => feed.page({ after: cursor, limit: 1 }))
    await until(() => looked.calls === readsOfPrincipal, 60_000, 'the first reads')
    const signal = { aborted: false }
    const left = feed.page({ after: cursors[20] as string, limit: 1, signal })
    signal.aborted = true
    open()
    await expect(left).rejects.toMatchObject({ code: 'unavailable' })
    await Promise.all(asked)
    expect(looked.calls).toBe(readsOfPrincipal)
  })

  test('a cursor within a commit loses and repeats nothing when it is used with another filter', async () => {
    const { store } = database
    const feed = new Feed(store, quiet, smallRing)
    await store.log.follow(feed)
    const start = (await feed.page({ limit: 1 })).next
    const sessions = sessionsOver(store)
    const started = await Promise.all(['a', 'b', 'c'].map(mentor_id => stored(store, { mentor_id })))
    for (let i = 0; i < 4; i++) {
      for (const { session_id } of started) await sessions.dispatch(session_id, calculation(i))
    }
    const said = ({ items }: Awaited<ReturnType<Feed['page']>>) =>
      items.map(({ commit, transition }) => `${commit.session_id} ${transition.sequence}`)
    const whole = async () => said(await feed.page({ after: start, limit: 1_000 }))
    await until(async () => (await whole()).length === 27, 60_000, 'all of it')
    const all = await whole()
    const mentorOf = (one: string) => started.find(({ session_id }) => one.startsWith(session_id))?.mentor_id

    for (const mentor_id of ['a', 'b', 'c']) {
      let after = start
      for (;;) {
        const page = await feed.page({ after, limit: 1, filter: { mentor_id } })
        const [one] = said(page)
        if (!one) break
        after = page.next
        const following = all.slice(all.indexOf(one) + 1)
        expect(said(await feed.page({ after, limit: 1_000 }))).toEqual(following)
        for (const other of ['a', 'b', 'c']) {
          expect(said(await feed.page({ after, limit: 1_000, filter: { mentor_id: other } }))).toEqual(
            following.filter(one => mentorOf(one) === other),
          )
        }
      }
    }
  })
})
