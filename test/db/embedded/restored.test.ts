import { copyFileSync } from 'node:fs'
import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import { HistoryGone } from '../../../src/domain/errors'
import { Feed } from '../../../src/feed/feed'
import { type FeedMessage, feedCursorOf } from '../../../src/feed/ring'
import { calculation, quiet, sessionsOver, stored } from '../../support/sessions'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'

/** Error code for a cursor that this log did not issue. */
const unknown = 'invalid_cursor'

describe('an embedded file', () => {
  let database: TestDatabase<EmbeddedStore>
  const file = () => database.env.DATA_FILE as string
  beforeEach(async () => {
    database = await embeddedDatabase()
  })
  afterEach(() => database.drop())

  interface Opened {
    store: EmbeddedStore
    feed: Feed
  }

  async function opened(ringSize?: number): Promise<Opened> {
    const store = await database.open()
    const feed = new Feed(store, quiet, ringSize)
    await store.log.follow(feed)
    return { store, feed }
  }

  const nowOf = async ({ feed }: Opened): Promise<string> => (await feed.page({ limit: 1 })).next

  /** Returns the sequences after a cursor, or the code of the refusal. */
  async function following({ feed }: Opened, after: string): Promise<number[] | string> {
    try {
      const { items } = await feed.page({ after, limit: 1_000 })
      return items.map(({ transition }) => transition.sequence)
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  /** Returns the first message to a subscriber with this cursor. */
  async function subscribed({ feed }: Opened, after: string): Promise<object | undefined> {
    const told: FeedMessage[] = []
    const leave = feed.subscribe({ after }).attach({ take: message => void told.push(message), end: () => {} })
    await until(() => told.length > 0, 60_000, 'an answer')
    leave()
    return told[0]
  }

  test('keeps every cursor valid when it is closed and reopened', async () => {
    const first = await opened()
    const { session_id } = await stored(first.store)
    const start = feedCursorOf(first.store, { position: '0'.repeat(15), skip: 0 })
    const cursors = [start, await nowOf(first)]
    await sessionsOver(first.store).dispatch(session_id, calculation(1))
    await until(async () => (await following(first, start)).length === 3, 60_000, 'the calculation')
    cursors.push(...(await first.feed.page({ after: start, limit: 10 })).items.map(({ cursor }) => cursor))
    const expected = [[1, 2, 3], [2, 3], [2, 3], [3], []]
    expect(await Promise.all(cursors.map(cursor => following(first, cursor)))).toEqual(expected)
    await first.store.end()
    for (let opening = 1; opening <= 3; opening++) {
      const again = await opened(opening % 2 ? 1 : undefined)
      expect(await Promise.all(cursors.map(cursor => following(again, cursor)))).toEqual(expected)
      // Commits of this opening come after those of earlier ones.
      await stored(again.store)
      for (const sequences of expected) sequences.push(1)
      await until(async () => (await following(again, start)).length === 3 + opening, 60_000, 'the new one')
      expect(await Promise.all(cursors.map(cursor => following(again, cursor)))).toEqual(expected)
      await again.store.end()
    }
  })

  for (const [name, size] of [
    ['in memory', undefined],
    ['in the file', 1],
  ] as const) {
    test(`restored from a copy accepts the cursors up to the copy and no later ones, with the history ${name}`, async () => {
      const first = await opened(size)
      const { session_id } = await stored(first.store)
      const sessions = sessionsOver(first.store)
      await sessions.dispatch(session_id, calculation(1))
      const copied = await nowOf(first)
      first.store.db.pragma('wal_checkpoint(TRUNCATE)')
      copyFileSync(file(), `${file()}.copy`)
      await sessions.dispatch(session_id, calculation(2))
      await sessions.dispatch(session_id, calculation(3))
      await until(async () => (await following(first, copied)).length === 4, 60_000, 'the calculations')
      const lost = (await first.feed.page({ after: copied, limit: 10 })).items.map(({ cursor }) => cursor)
      expect(await Promise.all(lost.map(cursor => following(first, cursor)))).toEqual([
        [5, 6, 7].slice(0, 3),
        [6, 7],
        [7],
        [],
      ])
      await first.store.end()

      copyFileSync(`${file()}.copy`, file())
      const second = await opened(size)
      for (const cursor of lost) expect(await following(second, cursor)).toBe(unknown)
      expect(await following(second, copied)).toEqual([])
      // New commits reuse the numbers of the lost ones.
      for (let i = 0; i < 4; i++) await sessionsOver(second.store).dispatch(session_id, calculation(10 + i))
      await until(async () => (await following(second, copied)).length === 8, 60_000, 'the calculations')
      for (const cursor of lost) {
        expect(await following(second, cursor)).toBe(unknown)
        expect(await subscribed(second, cursor)).toEqual({ kind: 'gap', after: cursor, reason: 'unknown' })
      }
      expect(await subscribed(second, copied)).toEqual({ kind: 'ready', cursor: copied })
      await second.store.end()

      const third = await opened(size)
      for (const cursor of lost) expect(await following(third, cursor)).toBe(unknown)
      expect(await following(third, copied)).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
    })
  }

  test('from before openings were recorded keeps its cursors valid', async () => {
    const first = await opened()
    for (let i = 0; i < 3; i++) await stored(first.store)
    first.store.db.exec('DROP TABLE openings')
    await first.store.end()
    const second = await opened()
    await stored(second.store)
    const old = (number: number) => feedCursorOf(second.store, { position: String(number).padStart(15, '0'), skip: 0 })
    await until(async () => (await following(second, old(0))).length === 4, 60_000, 'the new one')
    expect(await Promise.all([0, 1, 2, 3].map(number => following(second, old(number))))).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1],
      [1, 1],
      [1],
    ])
    expect(await following(second, old(4))).toBe(unknown)
  })

  test('records no more openings than it has commits to tell apart', async () => {
    for (let i = 0; i < 5; i++) await (await database.open()).end()
    const store = await database.open()
    const openings = () => store.db.prepare('SELECT count(*) FROM openings').pluck().get()
    expect(openings()).toBe(1)
  })

  test.each(['000000000000009', '1', '', 'zzz', `${'0'.repeat(15)}2aaaaaaaa`, `${'9'.repeat(15)}0aaaaaaaa`])(
    'refuses %j as a position that it never issued',
    async position => {
      const store = await database.open()
      await expect(store.log.history(position, 1)).rejects.toEqual(new HistoryGone('unknown'))
    },
  )
})
