import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import type { Session } from '../../../src/domain/session'
import { Feed } from '../../../src/feed/feed'
import { closing, idempotencyRecordOf, noon, quiet, starting } from '../../support/sessions'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'

const never = { aborted: false }

describe('the log of a file after a mentor is erased', () => {
  let database: TestDatabase<EmbeddedStore>
  let store: EmbeddedStore
  let feed: Feed
  beforeEach(async () => {
    database = await embeddedDatabase()
    await open()
  })
  afterEach(() => database.drop())

  async function open(): Promise<void> {
    store = await database.open()
    feed = new Feed(store, quiet)
    await store.log.follow(feed)
  }

  const now = async (): Promise<string> => (await feed.page({ limit: 1 })).next

  /** Returns the items after a cursor, or the code of the refusal. */
  async function following(after: string): Promise<string[] | string> {
    try {
      const { items } = await feed.page({ after, limit: 1_000 })
      return items.map(({ commit, transition }) => `${commit.mentor_id || '?'} ${transition.event}`)
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  const end = async ({ session_id }: Session): Promise<void> => {
    const session = (await store.sessions.read(session_id)) as Session
    expect(await store.sessions.close(closing(session), session.version)).toBe(true)
  }

  test('is rewritten in steps, continues where an earlier erasure stopped, and keeps sessions started since', async () => {
    const before = await now()
    const write = starting({ mentor_id: 'gone' })
    await store.sessions.add({ ...write, idempotency: idempotencyRecordOf(write, 'old', noon) })
    await end(write.session)
    const rows = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)'
    const one = store.db.prepare('SELECT body FROM commits LIMIT 1').pluck().get()
    store.db.prepare(`${rows} INSERT INTO commits (at, body) SELECT ?, ? FROM n`).run(noon, one)
    const kept = store.db.prepare('SELECT body FROM starts').pluck().get()
    store.db.prepare(`${rows} INSERT INTO starts SELECT 'key ' || i, ?, ? FROM n`).run(noon, kept)
    const since = starting({ mentor_id: 'gone' })
    await store.sessions.add({ ...since, idempotency: idempotencyRecordOf(since, 'new', noon) })

    const left = () =>
      store.db
        .prepare(`SELECT (SELECT count(*) FROM starts), (SELECT count(*) FROM commits
      WHERE json_extract(body, '$.mentor_id') = 'gone')`)
        .raw()
        .get()
    const after = (times: number) => ({
      get aborted() {
        return times-- <= 0
      },
    })
    expect(await store.eraseMentor('gone', after(2))).toBe(false)
    expect(left()).toEqual([502, 1503])
    expect(await store.eraseMentor('gone', after(4))).toBe(false)
    expect(left()).toEqual([1, 503])
    expect(await store.eraseMentor('gone', never)).toBe(true)
    expect(left()).toEqual([1, 1])
    expect(await following(before)).toEqual(['? SessionClosed', 'gone SessionStarted'])
    expect(await store.sessions.idempotencyRecord(null, 'new', noon)).not.toBeNull()
    expect(await store.sessions.idempotencyRecord(null, 'old', noon)).toBeNull()
  })
})
