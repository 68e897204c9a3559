import type { Filter } from '../../src/domain/list-query'
import { type Session, type Snapshot, withoutHistory } from '../../src/domain/session'
import { selects } from '../support/filters'
import { calculation, changing, failing, noon, secondsAfter, stored } from '../support/sessions'
import { gathered, overStores, suiteDatabase } from '../support/stores'
import { figures } from './every-kind'

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  let all: Session[]

  /** Creates 60 sessions with 3 mentors, 2 organisations or none, and 3 states. Four at a time share a second. */
  beforeAll(async () => {
    const { store } = database
    all = []
    for (let i = 0; i < 60; i++) {
      const period = { from: '2025-12-01', to: `2026-0${1 + (i % 4)}-28` }
      const commands = i % 4 === 0 ? [] : [i % 3 ? figures({ sessions: i, period }) : calculation(i)]
      const who = {
        session_id: `s${(i * 37) % 60}`,
        mentor_id: `m${i % 3}`,
        organisation_id: i % 5 === 0 ? null : `o${i % 2}`,
        external_id: `e${Math.floor(i / 2)}`,
      }
      let session = await stored(store, who, commands, secondsAfter(noon, Math.floor(i / 4)))
      if (i % 6 === 1) {
        const failed = changing(session, calculation(0), secondsAfter(noon, 60), failing)
        await store.sessions.save(failed, session.version)
        session = failed.session
      }
      all.push(session)
    }
  })

  const byAge = (a: Snapshot, b: Snapshot): number =>
    a.created_at === b.created_at ? (a.session_id < b.session_id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1

  const selected = (filter: Filter): string[] =>
    all
      .filter(session => selects(filter, session))
      .sort(byAge)
      .map(({ session_id }) => session_id)

  const ids = (sessions: Snapshot[]): string[] => sessions.map(({ session_id }) => session_id)

  async function byOffset(filter: Filter, limit: number): Promise<string[]> {
    const found: string[] = []
    for (;;) {
      const page = ids(await database.store.lists.list(filter, { limit, offset: found.length }))
      found.push(...page)
      if (page.length < limit) return found
    }
  }

  /** Reads the same pages, each counted from the end of the list. */
  async function byOffsetFromEnd(filter: Filter, limit: number): Promise<string[]> {
    const total = await database.store.lists.count(filter)
    const found: string[] = []
    while (found.length < total) {
      const left = total - found.length
      const page = { limit: Math.min(limit, left), offset: Math.max(left - limit, 0), fromEnd: true }
      found.push(...ids(await database.store.lists.list(filter, page)))
    }
    return found
  }

  async function byCursor(filter: Filter, limit: number, between?: () => Promise<unknown>): Promise<string[]> {
    const found: Snapshot[] = []
    for (;;) {
      const after = found.at(-1)
      const page = await database.store.lists.list(filter, { limit, ...(after && { after }) })
      found.push(...page)
      if (page.length < limit) return ids(found)
      await between?.()
    }
  }

  const filters: Filter[] = [
    {},
    { mentor_id: 'm1' },
    { organisation_id: 'o1' },
    { state: 'initial' },
    { state: 'loaded' },
    { state: 'error' },
    { state: 'loading' },
    { state: 'closed' },
    { mentor_id: 'nobody' },
    { mentor_id: 'm1', organisation_id: 'o0' },
    { mentor_id: 'm0', state: 'initial' },
    { organisation_id: 'o1', state: 'loaded' },
    { mentor_id: 'm1', organisation_id: 'o1', state: 'error' },
    { organisation_id: null },
    { mentor_id: 'm0', organisation_id: null, state: 'loaded' },
    { months: { from: '2026-02' } },
    { months: { to: '2026-02' } },
    { months: { from: '2026-03', to: '2026-03' } },
    { months: { from: '2026-04', to: '2027-01' }, state: 'loaded' },
    { months: { from: '2026-02', to: '2026-03' }, state: 'error' },
    { months: { from: '2026-02' }, mentor_id: 'm1' },
    { months: { to: '2026-03' }, mentor_id: 'm1', organisation_id: 'o1' },
    { months: { to: '2026-03' }, mentor_id: 'm1', state: 'loaded' },
    { months: { from: '2026-02' }, organisation_id: 'o0' },
    { months: { from: '2026-02' }, organisation_id: null },
    { months: { from: '2026-03' }, organisation_id: 'o1', state: 'loaded' },
    { months: { from: '2026-05' } },
    { external_id: 'e7' },
    { external_id: 'e7', organisation_id: null },
    { external_id: 'e7', mentor_id: 'm2', state: 'loaded' },
    { external_id: 'e7', months: { to: '2026-03' } },
  ]

  test.each(filters)(
    'the pages of %j, by offset from either end and by cursor, hold every selected session, newest first',
    async filter => {
      const expected = selected(filter)
      for (const limit of [1, 7, 100]) {
        expect(await byOffset(filter, limit)).toEqual(expected)
        expect(await byOffsetFromEnd(filter, limit)).toEqual(expected)
        expect(await byCursor(filter, limit)).toEqual(expected)
      }
      expect(await database.store.lists.count(filter)).toBe(expected.length)
    },
  )

  test.each(filters)('the pages of %j are the same when they are read from the end', async filter => {
    const expected = selected(filter)
    for (const limit of [1, 7, 100]) {
      const found: string[] = []
      for (let page = ['']; page.length > 0; found.unshift(...page)) {
        page = ids(await database.store.lists.list(filter, { limit, offset: found.length, fromEnd: true }))
      }
      expect(found).toEqual(expected)
    }
  })

  test.each(filters)('an export of %j has every selected session, newest first, each with its result', async filter => {
    const found = (await gathered(database.store.export(filter, new AbortController().signal))).flat()
    expect(ids(found)).toEqual(selected(filter))
    const { store } = database
    expect(found).toEqual(
      await Promise.all(
        found.map(async ({ session_id }) => {
          const [session, read] = await Promise.all([
            store.sessions.snapshot(session_id),
            store.sessions.read(session_id),
          ])
          return { ...session, result: read?.result }
        }),
      ),
    )
  })

  test('the filters of this suite select sessions in every resting state', () => {
    const sizes = filters.map(filter => selected(filter).length)
    expect(sizes.filter(size => size > 0 && size < 60)).toHaveLength(filters.length - 5)
  })

  test('a listed session has its identifying members only', async () => {
    const session = all[7] as Session
    const listed = await database.store.lists.list({}, { limit: 100, offset: 0 })
    expect(listed.find(({ session_id }) => session_id === session.session_id)).toEqual(withoutHistory(session))
  })

  test.each(filters)('a page of %j with results has each session with its current result', async filter => {
    const { store } = database
    const full = await Promise.all(selected(filter).map(id => store.sessions.withResult(id)))
    expect(await store.lists.list(filter, { limit: 100, offset: 0, withResults: true })).toEqual(full)
    expect(await store.lists.list(filter, { limit: 3, offset: 2, fromEnd: true, withResults: true })).toEqual(
      full.slice(0, full.length - 2).slice(-3),
    )
    const order = { by: 'label', descending: false, currency: null } as const
    const { sessions } = await store.lists.sorted(filter, order, { limit: 100, withResults: true })
    expect(sessions.map(({ session }) => session)).toEqual(
      sessions.map(({ session_id }) => full.find(session => session?.session_id === session_id)),
    )
    expect(sessions).toHaveLength(full.length)
  })

  test('a page past the last session is empty', async () => {
    expect(await database.store.lists.list({}, { limit: 10, offset: 1_000 })).toEqual([])
    expect(await database.store.lists.list({}, { limit: 10, offset: 1_000, fromEnd: true })).toEqual([])
    const after = { created_at: '2020-01-01T00:00:00.000Z', session_id: 'x' }
    expect(await database.store.lists.list({}, { limit: 10, after })).toEqual([])
  })

  test('a walk by cursor returns each existing session exactly once while others are added', async () => {
    const before = selected({})
    let added = 0
    const add = () =>
      Promise.all(
        [0, 1, 2].map(i =>
          // Newer than all, older than all, and in the same second as some.
          stored(database.store, { mentor_id: 'new' }, [], secondsAfter(noon, [100, -100, 7][i] as number)).then(
            () => added++,
          ),
        ),
      )
    const walked = await byCursor({}, 5, add)
    expect(added).toBeGreaterThan(20)
    expect(walked.filter(id => before.includes(id))).toEqual(before)
    expect(new Set(walked).size).toBe(walked.length)
  })
})
