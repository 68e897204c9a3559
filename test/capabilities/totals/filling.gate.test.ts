import { isDeepStrictEqual } from 'node:util'
import type { SummaryAt } from '../../../src/capabilities/totals/summaries'
import { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { changeAny } from '../../support/changes'
import { intercepting } from '../../support/intercepting'
import { randomFrom } from '../../support/random'
import { calculation, quiet, stored } from '../../support/sessions'
import { overStores, suiteDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { endProcesses, figures, kept, processOn } from './processes'

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
    const asked = new Totals({ store: database.store, log: quiet, clock })
    const expected = await figures(asked)
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

  test('while the projection fills, or cannot be filled, the store answers', async () => {
    let fails = true
    const over = (store: Store): Store =>
      intercepting(store, {
        totals: {
          contributions: (after, limit) =>
            fails ? Promise.reject(new Error('no')) : store.totals.contributions(after, limit),
        },
      })
    const process = await processOn(await opened(), { clock, over })
    const asked = new Totals({ store: database.store, log: quiet, clock })
    expect(await figures(process.totals)).toEqual(await figures(asked))
    expect(process.asked).toContain('totals')
    fails = false
    await kept(process)
    expect(await figures(process.totals)).toEqual(await figures(asked))
    expect(process.asked).toEqual([])
  })

  test.each([
    ['mentors and organisations', { groups: 20, sums: 1_000_000, labelBytes: 1_000_000, refillMs: 600_000 }],
    ['sums', { groups: 1_000_000, sums: 10, labelBytes: 1_000_000, refillMs: 600_000 }],
  ])('beyond the bound of %s the store answers, with correct figures', async (what, bounds) => {
    const process = await processOn(await opened(), { clock, bounds })
    const asked = new Totals({ store: database.store, log: quiet, clock })
    if (what !== 'sums') {
      await kept(process)
      await process.totals.summary({})
      expect(process.asked).toEqual([])
    }
    const of = Array.from({ length: 10 }, (_, i) => ({ mentor_id: `m${5 * i}` }))
    expect(await figures(process.totals, of)).toEqual(await figures(asked, of))
    expect(process.asked).toContain('totals')

    // A subscriber to a group beyond the bound also gets a summary at once, and after each change.
    const told: SummaryAt[] = []
    const leave = process.totals.summaries({ mentor_id: 'm49' }).attach({ take: at => void told.push(at), end() {} })
    await until(() => told.length === 1, 60_000, 'the first summary')
    await process.sessions.start({ mentor_id: 'm49' })
    await until(() => told.length > 1, 60_000, 'the second')
    expect(told.at(-1)?.summary).toEqual(await asked.summary({ mentor_id: 'm49' }))
    leave()
  })
})
