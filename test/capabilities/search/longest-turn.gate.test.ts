import { withDeadline } from '../../../src/concurrency/deadline'
import type { openEmbeddedStore } from '../../../src/db/embedded/embedded-store'
import { figures } from '../../db/every-kind'
import { longestTurnOf } from '../../support/longest-turn'
import { stored } from '../../support/sessions'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'

const sessions = 100_000
/** Limit in ms for a read of the embedded store. */
const turnMs = 20

describe('in many sessions with the same words', () => {
  let database: TestDatabase
  let store: Awaited<ReturnType<typeof openEmbeddedStore>>
  const signal = new AbortController().signal
  beforeAll(async () => {
    database = await embeddedDatabase()
    store = (await database.open()) as typeof store
    await stored(store, { session_id: 'x', mentor_id: 'Ada Brown' }, [figures({ label: 'a b c d e f g h i j' })])
    const columns = store.db.pragma('table_info(sessions)') as { name: string }[]
    const others = columns.map(({ name }) => name).filter(name => name !== 'session_id' && name !== 'search')
    store.db.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${sessions})
        INSERT INTO sessions (session_id, ${others}) SELECT 'x' || i, ${others} FROM n, sessions WHERE session_id = 'x';
      UPDATE search_index SET filled = 0;
    `)
  }, 300_000)
  afterAll(async () => {
    await store.end()
    await database.drop()
  })

  test('no step of the filling of the index, and of a search for the words that all have, takes long', async () => {
    expect(await longestTurnOf(() => store.search.fill(signal))).toBeLessThan(turnMs)
    const words = [...'ABCDEFGHIJ']
    for (const [filter, count] of [
      [{}, 50],
      [{ state: 'error' }, 0],
      [{ organisation_id: 'none' }, 0],
    ] as const) {
      const find = () => withDeadline({}, deadline => store.search.matches(filter, words, 50, deadline))
      expect(await find()).toHaveLength(count)
      expect(await longestTurnOf(find)).toBeLessThan(turnMs)
    }
  }, 300_000)
})
