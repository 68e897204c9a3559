import { OwnWrites } from '../../../src/capabilities/totals/own-writes'
import { Deadline, withDeadline } from '../../../src/concurrency/deadline'
import { waitsByPlace } from '../../../src/concurrency/waits'
import type { Store } from '../../../src/db/store'
import { calculation } from '../../support/sessions'
import { overStores, suiteDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
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

  test('if the log is late, an answer waits for it', async () => {
    const process = await processOn(await opened())
    await kept(process)
    const end = process.gap()
    await process.sessions.start({ mentor_id: 'late' })
    const summary = process.totals.summary({ mentor_id: 'late' })
    await until(() => waitsByPlace().totals === 1, 20_000, 'the wait')
    end()
    expect((await summary).sessions).toBe(1)
  })
})

describe('the writes of a process', () => {
  const made = async (): Promise<boolean> => true

  test('are awaited until the log delivers them, each on its own', async () => {
    await withDeadline({}, async deadline => {
      const own = new OwnWrites()
      expect(own.areReported).toBe(true)
      await own.make('a', 1, made)
      const first = own.reportedAll(deadline)
      await own.make('b', 1, made)
      const second = own.reportedAll(deadline)
      own.reported('b', 1)
      expect(own.areReported).toBe(false)
      own.reported('a', 1)
      await Promise.all([first, second])
      expect(own.areReported).toBe(true)
    })
  })

  test('are not awaited if the log delivered them before their response, or if they failed', async () => {
    const own = new OwnWrites()
    await own.make('a', 1, async () => {
      own.reported('a', 1)
      return true
    })
    await own.make('a', 2, async () => false)
    await own.make('a', 3, () => Promise.reject(new Error('no'))).catch(() => {})
    expect(own.areReported).toBe(true)
  })

  test('are awaited until the deadline, and no longer after a gap', async () => {
    const own = new OwnWrites()
    await own.make('a', 1, made)
    await expect(own.reportedAll(new Deadline({}, 1))).rejects.toThrow('unavailable')
    await withDeadline({}, async deadline => {
      const read = own.reportedAll(deadline)
      own.reset()
      await read
    })
    expect(own.areReported).toBe(true)
  })
})
