import { OwnWrites, ownReadsWaiting } from '../../../src/capabilities/totals/own-writes'
import { waitsByPlace } from '../../../src/concurrency/waits'
import type { Store } from '../../../src/db/store'
import { calculation, sessionsOver } from '../../support/sessions'
import { overStores, suiteDatabase, type TestDatabase } from '../../support/stores'
import { endProcesses, kept, processOn } from './processes'

afterEach(endProcesses)

overStores(kind => {
  const database = suiteDatabase<Store>(() => kind.newDatabase() as Promise<TestDatabase<Store>>)
  /** Returns a store for a process of its own, if several may share the sessions. */
  const opened = async (): Promise<Store> => (kind.shared ? database.open() : database.store)

  test('a read after an acknowledged write includes it, without a query to the store', async () => {
    const process = await processOn(await opened())
    const { sessions, totals } = process
    await kept(process)
    const loop = async (mentor_id: string): Promise<void> => {
      for (let i = 1; i <= 20; i++) {
        const { session } = await sessions.start({ mentor_id })
        expect(await totals.count({ mentor_id })).toBe(i)
        await sessions.dispatch(session.session_id, calculation(100 + i))
        expect((await totals.summary({ mentor_id })).amounts).toMatchObject([{ results: i }])
        // A no-op has no commit, so no read waits for it.
        await sessions.dispatch(session.session_id, calculation(100 + i), { idempotency_key: `${mentor_id} ${i}` })
        expect(await totals.count({ mentor_id })).toBe(i)
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, i) => loop(`m${i}`)))
    expect(process.asked).toEqual([])
  })

  test('if the log is late, the store answers', async () => {
    const process = await processOn(await opened())
    await kept(process)
    const end = process.gap()
    const { session } = await process.sessions.start({ mentor_id: 'late' })
    expect(await process.totals.count({ mentor_id: 'late' })).toBe(1)
    expect(process.asked).toEqual(['count'])
    expect(await sessionsOver(database.store).queries.get(session.session_id)).toMatchObject({ version: 1 })
    end()
  })
})

describe('the writes of a process', () => {
  const made = async (): Promise<boolean> => true

  test('are awaited until the log delivers them, each on its own', async () => {
    const own = new OwnWrites()
    expect(own.areReported()).toBe(true)
    await own.make('a', 1, made)
    const first = own.areReported()
    await own.make('b', 1, made)
    const second = own.areReported()
    own.reported('b', 1)
    own.reported('a', 1)
    expect(await Promise.all([first, second])).toEqual([true, true])
    expect(own.areReported()).toBe(true)
  })

  test('are not awaited if the log delivered them before their response, or if they failed', async () => {
    const own = new OwnWrites()
    await own.make('a', 1, async () => {
      own.reported('a', 1)
      return true
    })
    await own.make('a', 2, async () => false)
    await own.make('a', 3, () => Promise.reject(new Error('no'))).catch(() => {})
    expect(own.areReported()).toBe(true)
  })

  test('are awaited for a limited time, and no longer after a gap', async () => {
    const own = new OwnWrites()
    await own.make('a', 1, made)
    const read = own.areReported()
    expect(waitsByPlace().own_writes).toBe(1)
    expect(await read).toBe(false)
    expect(waitsByPlace().own_writes).toBe(0)
    own.reset()
    expect(own.areReported()).toBe(true)
  })

  test('are awaited by a bounded number of reads', async () => {
    const own = new OwnWrites()
    await own.make('a', 1, made)
    const reads = Array.from({ length: ownReadsWaiting }, () => own.areReported())
    expect(own.areReported()).toBe(false)
    own.reported('a', 1)
    expect(new Set(await Promise.all(reads))).toEqual(new Set([true]))
  })
})
