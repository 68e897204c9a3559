import type { ExportedSession, Store } from '../../src/db/store'
import type { Filter } from '../../src/domain/list-query'
import { type Session, withoutHistory } from '../../src/domain/session'
import { exportsHeld as held } from '../support/exports'
import { selects } from '../support/filters'
import { calculation, changing, closing, noon, secondsAfter, starting } from '../support/sessions'
import { gathered, overStores, type TestDatabase } from '../support/stores'
import { until } from '../support/until'
import { figures } from './every-kind'

const count = 600

const monthFilters: Filter[] = [
  { months: { from: '2026-03', to: '2026-03' } },
  { months: { to: '2026-03' }, state: 'loaded' },
  { months: { from: '2026-02' }, organisation_id: 'o' },
  { months: { from: '2026-01' }, mentor_id: 'm1', organisation_id: null },
]

overStores(kind => {
  let store: Store
  let database: TestDatabase
  let sessions: Session[]
  const never = new AbortController().signal

  const exportedOf = (session: Session): ExportedSession => ({ ...withoutHistory(session), result: session.result })
  const expected = (selected: (session: Session) => boolean = () => true): ExportedSession[] =>
    sessions
      .filter(selected)
      .sort((a, b) => (a.created_at + a.session_id < b.created_at + b.session_id ? 1 : -1))
      .map(exportedOf)

  /** Creates sessions of two mentors, half of them with a result. */
  beforeEach(async () => {
    database = await kind.newDatabase()
    store = await database.open()
    const make = async (i: number): Promise<Session> => {
      const write = starting({ mentor_id: `m${i % 2}`, organisation_id: i % 3 ? 'o' : null }, secondsAfter(noon, i % 7))
      await store.sessions.add(write)
      if (i % 4 < 2) return write.session
      const period = { from: '2025-01-01', to: `2026-0${1 + (i % 5)}-15` }
      const loaded = changing(write.session, i % 3 ? calculation(i) : figures({ period }))
      await store.sessions.save(loaded, write.session.version)
      return loaded.session
    }
    sessions = await Promise.all(Array.from({ length: count }, (_, i) => make(i)))
  })
  afterEach(() => database.drop())

  /** Starts, changes and closes sessions: afterwards every session has changed or is gone. */
  async function changeAll(): Promise<void> {
    const change = async (session: Session, i: number): Promise<void> => {
      if (i % 3 === 0) await store.sessions.close(closing(session), session.version)
      else {
        const event = session.state === 'loaded' && i % 3 === 1 ? 'ResetRequested' : calculation(1_000 + i)
        const first = changing(session, event)
        await store.sessions.save(first, session.version)
        const second = changing(first.session, calculation(2_000 + i))
        await store.sessions.save(second, first.session.version)
      }
    }
    const started = Array.from({ length: 50 }, (_, i) =>
      starting({ mentor_id: 'm0', organisation_id: 'o' }, secondsAfter(noon, (i % 20) - 10)),
    )
    await Promise.all([...sessions.map(change), ...started.map(write => store.sessions.add(write))])
  }

  test.each([
    [{}, () => true],
    [{ mentor_id: 'm1' }, ({ mentor_id }: Session) => mentor_id === 'm1'],
    [{ state: 'loaded' }, ({ state }: Session) => state === 'loaded'],
    [
      { state: 'initial', organisation_id: 'o' },
      ({ state, organisation_id }: Session) => state === 'initial' && organisation_id === 'o',
    ],
    [
      { mentor_id: 'm0', organisation_id: 'o' },
      ({ mentor_id, organisation_id }: Session) => mentor_id === 'm0' && organisation_id === 'o',
    ],
    ...monthFilters.map(filter => [filter, (session: Session) => selects(filter, session)] as const),
  ] as const)(
    'an export of %j shows the sessions as of its beginning, whatever changes before it reads them',
    async (filter, selected) => {
      const all = store.export(filter, never)[Symbol.asyncIterator]()
      const first = (await all.next()).value as ExportedSession[]
      const whole = expected(selected)
      expect(first.length).toBeLessThan(whole.length / 2 + 150)
      await changeAll()
      const rest = (await gathered({ [Symbol.asyncIterator]: () => all })).flat()
      expect([...first, ...rest]).toEqual(whole)
      expect(await held(store)).toBe(0)
    },
  )

  test('concurrent exports each show their own moment', async () => {
    const begin = async () => {
      const all = store.export({}, never)[Symbol.asyncIterator]()
      return { whole: expected(), first: (await all.next()).value as ExportedSession[], all }
    }
    const begun = [await begin()]
    for (let round = 0; round < 3; round++) {
      const reset = async (session: Session, i: number): Promise<Session> => {
        if (i % 3 !== round) return session
        const write = changing(session, calculation(5_000 + round))
        await store.sessions.save(write, session.version)
        return write.session
      }
      sessions = await Promise.all(sessions.map(reset))
      begun.push(await begin())
    }
    for (const { whole, first, all } of begun) {
      const rest = (await gathered({ [Symbol.asyncIterator]: () => all })).flat()
      expect([...first, ...rest]).toEqual(whole)
    }
    expect(await held(store)).toBe(0)
  })

  test('an abandoned export leaves nothing behind, and an aborted export ends', async () => {
    for await (const batch of store.export({}, never)) {
      expect(batch.length).toBeGreaterThan(0)
      expect(await held(store)).toBe(1)
      break
    }
    await until(async () => (await held(store)) === 0, 60_000, 'nothing')
    const abort = new AbortController()
    const read = gathered(
      (async function* () {
        for await (const batch of store.export({}, abort.signal)) {
          yield batch
          abort.abort()
        }
      })(),
    )
    await expect(read).rejects.toThrow()
    await until(async () => (await held(store)) === 0, 60_000, 'nothing')
    await changeAll()
  })
})
