import type { ChangeStreamUpdateDocument } from 'mongodb'
import {
  commonWordEntries,
  countEntriesSql,
  newestSearched,
  nextEntriesSql,
  sessionsOfWordSql,
} from '../../../src/capabilities/search/embedded'
import { IndexFilling, searchesWaiting } from '../../../src/capabilities/search/search'
import { searchedWords } from '../../../src/capabilities/search/words'
import { withDeadline } from '../../../src/concurrency/deadline'
import { type EmbeddedStore, openEmbeddedStore } from '../../../src/db/embedded/embedded-store'
import { type MongoStore, mongoStore } from '../../../src/db/mongo/mongo-store'
import { foldedWords } from '../../../src/domain/folding'
import type { Filter } from '../../../src/domain/list-query'
import { isInRange } from '../../../src/domain/months'
import { type Result, resultContributionOf } from '../../../src/domain/session'
import { SessionCommands } from '../../../src/sessions/session-commands'
import { changeAny, failingAtTimes, inputsFrom } from '../../support/changes'
import { inputsOf } from '../../support/inputs'
import { randomFrom } from '../../support/random'
import { noon, quiet, secondsAfter, stored } from '../../support/sessions'
import { embeddedDatabase, gathered, overStores, type TestDatabase } from '../../support/stores'

const labels = ['Spring 2026', 'Größe und Maß', 'Year 9 reading', 'Élèves', '☃ 12', 'O’Brien, Łódź', '数学']
const texts = ['SPRING', 'gross', 'eleves', '9 r', 'mass groß', 'reading 2026', 'm', 'O', "lodz o'brien", '数', 'm1 y']
const filters = [
  {},
  { state: 'error' },
  { mentor_id: 'm0' },
  { organisation_id: 'o0' },
  { organisation_id: null, state: 'loaded' },
  { mentor_id: 'm1', organisation_id: 'o0' },
  { months: { from: '2026-01', to: '2026-03' } },
] as const

overStores(kind => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await kind.newDatabase()
  })
  afterEach(() => database.drop())

  type Opened = Awaited<ReturnType<TestDatabase['open']>>
  const signal = new AbortController().signal
  const matches = (store: Opened, filter: Filter, words: string[], limit = 1_000): Promise<string[]> =>
    withDeadline({}, deadline => store.search.matches(filter, words, limit, deadline))

  async function change(store: Opened, ids: string[], random: () => number, times = 60, now = noon): Promise<void> {
    const sessions = new SessionCommands({ store, log: quiet, calculator: failingAtTimes, clock: () => new Date(now) })
    for (let i = 0; i < times; i++) {
      await changeAny({ sessions }, ids, random)
      const id = ids[Math.floor(random() * ids.length)]
      const label = labels[Math.floor(random() * labels.length)]
      const command = { event: 'CalculateRequested', payload: { ...inputsFrom(random), ...(label && { label }) } }
      if (id) await sessions.dispatch(id, command).catch(() => {})
    }
  }

  /** Compares the matches with those among all sessions of the store. */
  async function compare(store: Opened): Promise<void> {
    for (const filter of filters as readonly Filter[]) {
      const { months, ...others } = filter
      const all = (await gathered(store.export(others, signal))).flat()
      for (const text of texts) {
        const expected = all.filter(session => {
          const label = session.result?.inputs.label
          const words = [label ?? '', session.mentor_id, session.organisation_id ?? ''].flatMap(foldedWords)
          const isMatch = foldedWords(text).every(start => words.some(word => word.startsWith(start)))
          return (
            label && isMatch && (!months || isInRange(months, resultContributionOf(session.result as Result).month))
          )
        })
        const found = await matches(store, filter, searchedWords(text))
        expect({ filter, text, found }).toEqual({ filter, text, found: expected.map(({ session_id }) => session_id) })
      }
    }
  }

  test('a search finds what a scan of all sessions finds, after any changes and a new start', async () => {
    const store = await database.open()
    const random = randomFrom(11)
    const ids: string[] = []
    await change(store, ids, random)
    await compare(store)
    if (!kind.shared) await store.end()
    const next = await database.open()
    await next.search.fill(signal)
    await compare(next)
    await change(next, ids, random, 20)
    await compare(next)
  })

  test('sessions that were stored without the index are found once it is filled, also after an interruption', async () => {
    const store = await database.open()
    const random = randomFrom(12)
    await change(store, [], random)
    await Promise.all(
      Array.from({ length: 250 }, (_, i) =>
        stored(store, { mentor_id: 'm' }, [
          { event: 'CalculateRequested', payload: { ...inputsOf(1), label: `L ${i}` } },
        ]),
      ),
    )
    await withoutIndex(store)
    expect(await matches(store, {}, ['L'])).not.toHaveLength(250)
    let checks = 0
    await store.search.fill({
      get aborted() {
        return ++checks > 1
      },
    })
    const fill = store.search.fill(signal)
    await change(store, [], random, 5)
    await fill
    expect(await matches(store, {}, ['L'])).toHaveLength(250)
    await compare(store)
  })

  /** Makes the sessions look as if a version without the index had stored them. */
  async function withoutIndex(store: Opened): Promise<void> {
    if (kind.name === 'embedded') {
      ;(store as EmbeddedStore).db.exec('DELETE FROM search_words; UPDATE search_index SET filled = 0')
      return
    }
    const { db } = store as MongoStore
    await db.collection('sessions').updateMany({}, { $unset: { search: 1 } })
    await db.collection('search').deleteMany({})
  }

  if (!kind.shared) {
    test('after a program without the index has written to the file, the index is filled again', async () => {
      const store = await database.open()
      const random = randomFrom(13)
      const ids: string[] = []
      await change(store, ids, random)
      await store.end()
      const other = openEmbeddedStore(String(database.env.DATA_FILE))
      await change(other, ids, random)
      await other.end()
      const next = await database.open()
      await next.search.fill(signal)
      await compare(next)
      const words = (next as EmbeddedStore).db.prepare('SELECT count(*) FROM search_words').pluck()
      const filled = words.get()
      await next.end()
      const again = await database.open()
      expect((again as EmbeddedStore).db.prepare('SELECT filled FROM search_index').pluck().get()).toBeNull()
      await again.search.fill(signal)
      expect((again as EmbeddedStore).db.prepare('SELECT count(*) FROM search_words').pluck().get()).toBe(filled)
    })
  }

  if (kind.shared) {
    test('sessions that a process without the index changes during an upgrade are found after another filling', async () => {
      const store = await database.open()
      const random = randomFrom(14)
      const ids: string[] = []
      await change(store, ids, random)
      await store.search.fill(signal)
      const other = mongoStore(String(database.env.MONGODB_URI))
      await other.open()
      await change(other as Opened, ids, random, 60, new Date().toISOString())
      await store.search.fill(signal)
      await compare(store)
      await other.end()
    })
  }

  test('a change that keeps label, mentor and organisation writes nothing to the index', async () => {
    const store = await database.open()
    const payload = { ...inputsOf(1), label: 'Spring' }
    const { session_id } = await stored(store, { mentor_id: 'm' }, [{ event: 'CalculateRequested', payload }])
    const sessions = new SessionCommands({ store, log: quiet, calculator: failingAtTimes, clock: () => new Date(noon) })
    const written = await watched(store)
    await sessions.dispatch(session_id, { event: 'CalculateRequested', payload: { ...inputsOf(2), label: 'Spring' } })
    await sessions.dispatch(session_id, { event: 'ShareRequested' })
    expect(await written(2)).toBe(false)
    await sessions.dispatch(session_id, { event: 'CalculateRequested', payload: { ...inputsOf(2), label: 'Autumn' } })
    expect(await written(1)).toBe(true)
  })

  /** Returns a function that returns whether one of so many later changes has written to the index. */
  async function watched(store: Opened): Promise<(changes: number) => Promise<boolean>> {
    if (kind.name === 'embedded') {
      const { db } = store as EmbeddedStore
      db.exec(`CREATE TEMP TABLE writes (word TEXT);
        CREATE TEMP TRIGGER written AFTER INSERT ON main.search_words BEGIN INSERT INTO writes VALUES (NEW.word); END;`)
      return async () => db.prepare('DELETE FROM writes').run().changes > 0
    }
    const stream = (store as MongoStore).db.collection('sessions').watch()
    await stream.tryNext()
    return async changes => {
      let isWritten = false
      for (let i = 0; i < changes; i++) {
        const { updateDescription } = (await stream.next()) as ChangeStreamUpdateDocument
        isWritten ||= Object.keys(updateDescription.updatedFields ?? {}).some(name => name.startsWith('search'))
      }
      return isWritten
    }
  }

  test('a search for a rare word reads its index entries, and one for a common word reads the newest sessions', async () => {
    const store = await database.open()
    const named = (label: string) => [{ event: 'CalculateRequested' as const, payload: { ...inputsOf(1), label } }]
    const add = (labels: string[]) =>
      Promise.all(labels.map((label, i) => stored(store, { mentor_id: 'm' }, named(label), secondsAfter(noon, i))))
    const [rare] = await add(['The one', ...Array.from({ length: 999 }, (_, i) => `The ${i}`)])
    if (kind.name === 'embedded') {
      expect(commonWordEntries).toBeLessThan(20_000)
      for (const sql of [countEntriesSql, sessionsOfWordSql, nextEntriesSql]) {
        const plan = (store as EmbeddedStore).db
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all(...(sql === nextEntriesSql ? ['A', 0, 'B'] : ['A', 'B'])) as {
          detail: string
        }[]
        expect(plan.some(({ detail }) => /^SEARCH search_words USING PRIMARY KEY .*word<[?]/.test(detail))).toBe(true)
        expect(plan.some(({ detail }) => detail.startsWith('SCAN search_words'))).toBe(false)
      }
    } else await (store as MongoStore).db.command({ profile: 2 })
    expect(await matches(store, {}, ['ONE', 'THE'], 5)).toEqual([rare?.session_id])
    expect(await matches(store, {}, ['THE'], 5)).toHaveLength(5)
    if (kind.name === 'embedded') return
    const { db } = store as MongoStore
    await db.command({ profile: 0 })
    const profiled = await db.collection('system.profile').find({ 'command.find': 'sessions' }).toArray()
    expect(profiled).toHaveLength(2)
    for (const { docsExamined } of profiled) expect(docsExamined).toBeLessThan(300)
  })
})

test('sessions that have common words together are found, however old they are and whatever the filter is', async () => {
  const database = await embeddedDatabase()
  const store = (await database.open()) as EmbeddedStore
  const payload = { ...inputsOf(1), label: 'Both early and late' }
  const both = [{ event: 'CalculateRequested' as const, payload }]
  const [oldest, next] = await Promise.all([
    stored(store, { mentor_id: 'm' }, both),
    stored(store, { mentor_id: 'm', organisation_id: 'o' }, both, secondsAfter(noon, 1)),
  ])
  const columns = store.db.pragma('table_info(sessions)') as { name: string }[]
  const copied = (label: string) =>
    columns.map(({ name }) =>
      name === 'session_id' ? `'${label}' || i` : name === 'label' ? `'${label}'` : name === 'created_at' ? '?' : name,
    )
  for (const label of ['Early', 'Late']) {
    store.db
      .prepare(`INSERT INTO sessions WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers LIMIT ?)
        SELECT ${copied(label)} FROM sessions, numbers WHERE session_id = ?`)
      .run(Math.max(commonWordEntries, newestSearched), secondsAfter(noon, 2), oldest.session_id)
  }
  store.db.exec('UPDATE search_index SET filled = 0')
  await store.search.fill(new AbortController().signal)
  const find = (words: string[], filter: Filter = {}, limit = 5): Promise<string[]> =>
    withDeadline({}, deadline => store.search.matches(filter, words, limit, deadline))
  expect(await find(['EAR', 'LAT'])).toEqual([next.session_id, oldest.session_id])
  expect(await find(['EAR', 'LAT'], { organisation_id: null })).toEqual([oldest.session_id])
  expect(await find(['EAR'], { organisation_id: 'o' })).toEqual([next.session_id])
  expect(await find(['M', 'LATE'])).toHaveLength(5)
  await database.drop()
})

test('while the index is being filled, searches wait, up to a bound, and a failed filling is repeated', async () => {
  let failures = 1
  const filled = Promise.withResolvers<void>()
  const store = {
    search: {
      async fill() {
        if (failures-- > 0) throw new Error('no disk')
        await filled.promise
      },
    },
  }
  const filling = new IndexFilling(store as never, quiet)
  void filling.start()
  const waiting = Array.from({ length: searchesWaiting }, () => filling.finished())
  await expect(filling.finished()).rejects.toMatchObject({ code: 'unavailable' })
  filled.resolve()
  await Promise.all(waiting)
  await filling.finished()
  filling.stop()
})
