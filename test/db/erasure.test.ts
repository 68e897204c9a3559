import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import type { Store } from '../../src/db/store'
import type { Session } from '../../src/domain/session'
import { Feed } from '../../src/feed/feed'
import type { FeedFilter, FeedMessage } from '../../src/feed/ring'
import { calculation, changing, closing, quiet, stored } from '../support/sessions'
import { overStores, type TestDatabase } from '../support/stores'
import { until } from '../support/until'

const never = { aborted: false }

overStores(({ name, newDatabase }) => {
  const databases: TestDatabase[] = []
  afterAll(() => Promise.all(databases.map(database => database.drop())))

  /** Opens a store on a database of the test, and the feed that it fills. */
  async function opened() {
    const database = await newDatabase()
    databases.push(database)
    let store: Store
    let feed: Feed

    async function open(): Promise<void> {
      store = await database.open()
      feed = new Feed(store, quiet)
      await store.log.follow(feed)
    }

    const now = async (): Promise<string> => (await feed.page({ limit: 1 })).next

    /** Returns the items after a cursor, or the code of the refusal. */
    async function following(after: string, filter?: FeedFilter): Promise<string[] | string> {
      try {
        const { items } = await feed.page({ after, limit: 1_000, filter })
        return items.map(({ commit, transition }) => `${commit.mentor_id || '?'} ${transition.event}`)
      } catch (error) {
        return (error as { code: string }).code
      }
    }

    const end = async ({ session_id }: Session): Promise<void> => {
      const session = (await store.sessions.read(session_id)) as Session
      expect(await store.sessions.close(closing(session), session.version)).toBe(true)
    }

    /** Commits sessions of two mentors and erases one of them. Returns cursors from before and among these commits. */
    async function erased(): Promise<{ before: string; among: string }> {
      const before = await now()
      const gone = await stored(store, { mentor_id: 'gone', organisation_id: 'o' }, [calculation(1)])
      const among = await now()
      const stays = await stored(store, { mentor_id: 'stays', organisation_id: 'o' }, [calculation(1)])
      await end(gone)
      await store.sessions.save(changing(stays, 'ShareRequested'), stays.version)
      // On a busy machine, MongoDB may take too long. A client tries again, too.
      const isErased = () =>
        store.eraseMentor('gone', never).catch(error => (error.code === 'unavailable' ? false : Promise.reject(error)))
      await until(isErased, 60_000, 'the erasure')
      return { before, among }
    }

    await open()
    return {
      stored: (of: Parameters<typeof stored>[1]) => stored(store, of),
      page: (after: string) => feed.page({ after, limit: 1_000 }),
      subscribe: (filter: FeedFilter) => feed.subscribe({ filter }),
      async reopen() {
        await store.end()
        await open()
      },
      file: () => (store as EmbeddedStore).db,
      now,
      following,
      erased,
    }
  }

  const calculated = ['CalculateRequested', 'CalculateRequested']
  const theRest = [
    ...['SessionStarted', ...calculated].map(event => `stays ${event}`),
    '? SessionClosed',
    'stays ShareRequested',
  ]

  // An erasure on MongoDB takes seconds, in which it only waits.
  test.concurrent("the log keeps only the closes of the mentor's sessions, without the mentor, and everything of others; every cursor stays valid", async () => {
    const { erased, following, page, reopen, file } = await opened()
    const { before, among } = await erased()
    for (let opening = 1; opening <= 2; opening++) {
      for (const filter of [{}, { organisation_id: 'o' }]) {
        expect(await following(before, filter)).toEqual(theRest)
        expect(await following(among, filter)).toEqual(theRest)
      }
      const { items } = await page(before)
      for (const { cursor } of items) {
        const rest = items.slice(items.findIndex(item => item.cursor === cursor) + 1)
        expect((await page(cursor)).items).toEqual(rest)
      }
      await reopen()
    }
    if (name === 'mongo') return
    const kept = file().prepare('SELECT body FROM commits').pluck().all().join()
    expect(kept).not.toContain('gone')
    expect(kept).toContain('"mentor_id":""')
  })

  test.concurrent("the log sends a gap to a cursor of the mentor's own feed from before the erasure, and nothing anonymous to a filtered feed", async () => {
    const { erased, following, now, reopen, stored } = await opened()
    const { before } = await erased()
    for (let opening = 1; opening <= 2; opening++) {
      expect(await following(before, { mentor_id: 'gone' })).toBe('cursor_expired')
      // The file no longer knows which mentor was erased.
      const stays = name === 'mongo' ? theRest.filter(said => said.startsWith('stays')) : 'cursor_expired'
      expect(await following(before, { mentor_id: 'stays' })).toEqual(stays)
      for (const mentor_id of ['gone', 'stays', '']) expect(await following(await now(), { mentor_id })).toEqual([])
      await reopen()
    }
    const after = await now()
    await stored({ mentor_id: 'stays' })
    await until(async () => (await following(after)).length > 0, 60_000, 'the commit')
    expect(await following(after, { mentor_id: 'stays' })).toEqual(['stays SessionStarted'])
  })

  test.concurrent('the log brings live subscribers each commit as it happened, and stalled subscribers only the rest', async () => {
    const { erased, subscribe } = await opened()
    const follow = (filter: FeedFilter, asleep: boolean) => {
      const told: string[] = []
      let wake = () => {}
      const sleep = new Promise<void>(resolve => {
        wake = resolve
      })
      const take = (message: FeedMessage): void | Promise<void> => {
        const said =
          message.kind === 'transition'
            ? `${message.commit.mentor_id || '?'} ${message.transition.event}`
            : message.kind
        told.push(said)
        if (asleep && message.kind === 'ready') return sleep
      }
      const leave = subscribe(filter).attach({ take, end: () => {} })
      return { told, wake, leave }
    }
    const followers = [
      follow({}, false),
      follow({ mentor_id: 'gone' }, false),
      follow({}, true),
      follow({ mentor_id: 'gone' }, true),
    ]
    await until(() => followers.every(({ told }) => told.length > 0), 60_000, 'ready')
    await erased()
    for (const { wake } of followers) wake()
    const all = ['gone SessionStarted', ...calculated.map(event => `gone ${event}`), ...theRest].map(said =>
      said.replace('?', 'gone'),
    )
    const expected = [all, all.filter(said => said.startsWith('gone')), theRest, ['gap', 'ready']]
    await until(
      () => followers.every(({ told }, i) => told.length > (expected[i] as string[]).length),
      60_000,
      'the rest',
    )
    expect(followers.map(({ told }) => told)).toEqual(expected.map(told => ['ready', ...told]))
    for (const { leave } of followers) leave()
  })
})
