import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import type { ExportedSession } from '../../../src/db/store'
import type { Session } from '../../../src/domain/session'
import { exportsHeld } from '../../support/exports'
import { calculation, changing, closing, noon, secondsAfter, starting, stored } from '../../support/sessions'
import { embeddedDatabase, type TestDatabase } from '../../support/stores'

/** More sessions than one step reads. */
const count = 150
const unavailable = { code: 'unavailable' }
const never = new AbortController().signal

describe('an export of the embedded store', () => {
  let database: TestDatabase<EmbeddedStore>
  let store: EmbeddedStore
  /** Oldest first. */
  let sessions: Session[]
  beforeEach(async () => {
    database = await embeddedDatabase()
    store = await database.open()
    const make = (_: unknown, i: number) =>
      stored(store, { session_id: `s${i}`, mentor_id: 'm'.repeat(200) }, [], secondsAfter(noon, i))
    sessions = await Promise.all(Array.from({ length: count }, make))
  })
  afterEach(() => database.drop())

  async function begun(): Promise<AsyncIterator<ExportedSession[]>> {
    const read = store.export({}, never)[Symbol.asyncIterator]()
    const { value } = await read.next()
    expect(value.length).toBeLessThan(count)
    return read
  }
  const rest = async (read: AsyncIterator<ExportedSession[]>): Promise<ExportedSession[]> => {
    const { value, done } = await read.next()
    return done ? [] : [...value, ...(await rest(read))]
  }
  const oldest = (read: ExportedSession[]) => read.slice(-3).map(({ session_id, version }) => [session_id, version])
  const asTheyWere = [2, 1, 0].map(i => [`s${i}`, 1])

  test('shows each session as it was, whether or not an earlier write was rolled back', async () => {
    const read = await begun()
    const [first, second, third] = sessions as [Session, Session, Session]
    const older = starting({ session_id: 'older' }, secondsAfter(noon, -1))
    const writes = () => [
      store.sessions.close(closing(first), 1),
      store.sessions.save(changing(second, calculation(1)), 1),
      store.sessions.add(older),
      store.sessions.save(changing(third, calculation(1)), 1),
    ]
    store.db.exec(`CREATE TEMP TRIGGER undoing BEFORE INSERT ON main.commits BEGIN SELECT RAISE(ABORT, 'undone'); END`)
    for (const outcome of await Promise.allSettled(writes())) expect(outcome.status).toBe('rejected')
    store.db.exec('DROP TRIGGER undoing')
    expect(await Promise.all(writes().slice(0, 3))).toEqual([true, true, true])
    expect(oldest(await rest(read))).toEqual(asTheyWere)
    expect(await exportsHeld(store)).toBe(0)
  })

  test('is aborted if there is no room for the copies of changed sessions, and writes continue', async () => {
    const read = await begun()
    const other = await begun()
    const { page_count } = (store.db.pragma('export_0.page_count') as { page_count: number }[])[0] ?? {}
    store.db.pragma(`export_0.max_page_count = ${page_count}`)
    const change = (session: Session) => store.sessions.save(changing(session, calculation(1)), 1)
    const outcomes = await Promise.allSettled(sessions.slice(0, 40).map(change))
    // SQLite may roll back the whole batch when it finds no room.
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(unavailable)
    }
    expect(await Promise.all(sessions.slice(40, 45).map(change))).toEqual([true, true, true, true, true])
    await expect(rest(read)).rejects.toMatchObject(unavailable)
    expect(oldest(await rest(other))).toEqual(asTheyWere)
    expect(await exportsHeld(store)).toBe(0)
  })

  test('copies a session once, and only if the export has yet to read it and selects it', async () => {
    const read = await begun()
    const ofOther = store.export({ mentor_id: 'other' }, never)[Symbol.asyncIterator]()
    const pending = ofOther.next()
    const kept = () => store.db.prepare('SELECT count(*) FROM export_0.images').pluck().get()
    const [first, newest] = [sessions[0] as Session, sessions[count - 1] as Session]
    let session = first
    for (let i = 0; i < 5; i++) {
      const write = changing(session, calculation(i))
      await store.sessions.save(write, session.version)
      session = write.session
    }
    await store.sessions.save(changing(newest, calculation(1)), 1)
    expect(kept()).toBe(1)
    await pending
    expect(oldest(await rest(read))).toEqual(asTheyWere)
  })

  test('ends with its store', async () => {
    const read = await begun()
    await store.end()
    await expect(read.next()).rejects.toMatchObject(unavailable)
  })
})
