import { isDeepStrictEqual } from 'node:util'
import { groupOrderSchema } from '../../../src/capabilities/totals/model'
import { defaultBounds } from '../../../src/capabilities/totals/tallies'
import { waitsByPlace } from '../../../src/concurrency/waits'
import type { Store } from '../../../src/db/store'
import { changeAny } from '../../support/changes'
import { intercepting } from '../../support/intercepting'
import { randomFrom } from '../../support/random'
import { calculation, stored } from '../../support/sessions'
import { overStores, suiteDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { endProcesses, figures, kept, processOn, recounted } from './processes'

const many = 1_000

afterEach(endProcesses)

overStores(kind => {
  const database = suiteDatabase<Store>(() => kind.newDatabase() as Promise<TestDatabase<Store>>)
  /** Returns a store for a process of its own, if several may share the sessions. */
  const opened = async (): Promise<Store> => (kind.shared ? database.open() : database.store)
  const now = new Date('2026-03-26T12:30:00.000Z')
  const clock = () => now

  beforeAll(async () => {
    const start = (i: number) => stored(database.store, { mentor_id: `m${i % 50}` }, i % 2 ? [calculation(i)] : [])
    for (let i = 0; i < many; i += 500) await Promise.all(Array.from({ length: 500 }, (_, k) => start(i + k)))
  })

  test('sessions written while the projection fills count once', async () => {
    const random = randomFrom(4)
    const ids: string[] = []
    let steps = 0
    // Changes happen before, during and after each step.
    const over = (store: Store): Store =>
      intercepting(store, {
        totals: {
          async contributions(after, limit) {
            steps++
            await Promise.all([1, 2, 3, 4].map(() => changeAny(writer, ids, random)))
            const [read] = await Promise.all([
              store.totals.contributions(after, Math.min(limit, 40)),
              ...[1, 2, 3, 4].map(() => changeAny(writer, ids, random)),
            ])
            await Promise.all([1, 2, 3, 4].map(() => changeAny(writer, ids, random)))
            return read
          },
        },
      })
    // The embedded store has one follower, so the process that writes is also the one that fills.
    const apart = kind.shared ? await processOn(await opened(), { clock }) : undefined
    const process = await processOn(await opened(), { clock, over })
    const writer = apart ?? process
    await kept(process)
    expect(steps).toBeGreaterThan(many / 40)
    const expected = await figures(await recounted(database.store, clock))
    await until(async () => isDeepStrictEqual(await figures(process.totals), expected), 60_000, 'the log')
    expect(await figures(process.totals)).toEqual(expected)
    expect(process.asked).toEqual([])
  })

  test('other work gets its turn after each step', async () => {
    let turns = 0
    const turnsAtSteps: number[] = []
    const over = (store: Store): Store =>
      intercepting(store, {
        totals: {
          contributions(after, limit) {
            turnsAtSteps.push(turns)
            // At least as long as one turn of work.
            const until = performance.now() + 10
            while (performance.now() < until);
            return store.totals.contributions(after, Math.min(limit, 200))
          },
        },
      })
    const process = await processOn(await opened(), { clock, over })
    let isOver = false
    const turn = (): void => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    await kept(process)
    isOver = true
    expect(turnsAtSteps.length).toBeGreaterThan(4)
    for (const [i, at] of turnsAtSteps.entries()) if (i > 1) expect(at).toBeGreaterThan(turnsAtSteps[i - 1] ?? 0)
  })

  test('while the projection cannot be filled, answers wait until it is', async () => {
    let fails = true
    const over = (store: Store): Store =>
      intercepting(store, {
        totals: {
          contributions: (after, limit) =>
            fails ? Promise.reject(new Error('no')) : store.totals.contributions(after, limit),
        },
      })
    const process = await processOn(await opened(), { clock, over })
    const answers = figures(process.totals)
    await until(() => waitsByPlace().totals > 0, 20_000, 'the answers to wait')
    fails = false
    expect(await answers).toEqual(await figures(await recounted(database.store, clock)))
    expect(waitsByPlace().totals).toBe(0)
  })

  test.each([
    ['mentors and organisations', { groups: 20 }],
    ['sums', { sums: 10 }],
  ])('beyond the bound of %s all answers are errors, until the totals are filled again', async (_, few) => {
    const bounds = { ...defaultBounds, refillMs: 300, ...few }
    const process = await processOn(await opened(), { clock, bounds })
    const { totals } = process
    await until(() => totals.status.state === 'exceeded', 20_000, 'the bound')
    await expect(totals.summary({})).rejects.toThrow('memory limit')
    await expect(totals.organisations({}, { order: groupOrderSchema.parse({}), first: 1 })).rejects.toThrow(
      'memory limit',
    )
    const ended: unknown[] = []
    totals.summaries({}).attach({ take() {}, end: error => void ended.push(error) })
    await until(() => ended.length === 1, 20_000, 'the end of the subscription')
    expect(String(ended[0])).toContain('memory limit')
    expect(await totals.count({ mentor_id: 'm1' })).toBe(await database.store.lists.count({ mentor_id: 'm1' }))
    Object.assign(bounds, defaultBounds)
    await kept(process)
    expect((await totals.summary({})).sessions).toBe(await database.store.lists.count({}))
  })
})
