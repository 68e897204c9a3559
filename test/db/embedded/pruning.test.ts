import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import { holdIntervals } from '../../support/intervals'
import { idempotencyRecordOf, noon, secondsAfter, starting } from '../../support/sessions'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'

const day = 24 * 60 * 60
const many = 20_000
/** Rows pruned in one step, before the event loop gets its turn. */
const step = 500

describe('the embedded store', () => {
  let database: TestDatabase<EmbeddedStore>
  let store: EmbeddedStore
  const countOf = (table: string) => store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
  const now = secondsAfter(noon, 8 * day)

  beforeEach(async () => {
    holdIntervals(now)
    database = await embeddedDatabase()
    store = await database.open()
    const rows = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})`
    store.db.exec(`${rows} INSERT INTO starts SELECT 'key ' || i, '${noon}', '{}' FROM n`)
    store.db.exec(`${rows} INSERT INTO commits (at, body) SELECT '${noon}', '{}' FROM n`)
  })
  afterEach(async () => {
    jest.useRealTimers()
    await database.drop()
  })

  const startUnder = (key: string) => {
    const write = starting({}, now)
    return store.sessions.add({ ...write, idempotency: idempotencyRecordOf(write, key, now) })
  }

  test('a keyed start prunes no other key, and an expired key is free before it is pruned', async () => {
    expect(await startUnder('a new key')).toBe(true)
    expect(countOf('starts')).toBe(many + 1)
    expect(await startUnder('key 7')).toBe(true)
    expect(await startUnder('key 7')).toBe(false)
    expect(countOf('starts')).toBe(many + 1)
  })

  test.each(['starts', 'commits'])('old rows of its %s are pruned in steps, and the others stay', async table => {
    await startUnder('a new key')
    jest.advanceTimersByTime(60_000)
    expect(countOf(table)).toBe(many + 1 - step)
    await until(
      () => countOf(table) === 1,
      60_000,
      () => `${countOf(table)} rows`,
    )
    expect(await store.sessions.idempotencyRecord(null, 'a new key', now)).not.toBeNull()
  })

  test('closing the store between two steps ends the pruning', async () => {
    jest.advanceTimersByTime(60_000)
    await store.end()
    await new Promise(resolve => setImmediate(resolve))
    const again = await database.open()
    expect(again.db.prepare('SELECT count(*) FROM starts').pluck().get()).toBe(many - step)
  })
})
