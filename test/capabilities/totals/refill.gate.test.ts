import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { SummaryAt } from '../../../src/capabilities/totals/summaries'
import { type Bounds, defaultBounds } from '../../../src/capabilities/totals/tallies'
import { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { changeAny } from '../../support/changes'
import { inputsOf } from '../../support/inputs'
import { intercepting } from '../../support/intercepting'
import { randomFrom } from '../../support/random'
import { quiet } from '../../support/sessions'
import { overStores, suiteDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { endProcesses, figures, type Process, processOn } from './processes'

afterEach(endProcesses)

const everyMentor = { order: { by: 'id', descending: false, currency: null }, first: 100 } as const

/** Waits until the totals answer everything from their projection. */
const keptWhole = ({ totals, asked }: Process): Promise<void> =>
  until(
    async () => {
      asked.length = 0
      await totals.mentors({}, everyMentor)
      return asked.length === 0
    },
    20_000,
    'the totals to be kept whole',
  )

const minuteNow = (): number => Math.floor(Date.now() / 60_000)

/** Whether the store must add up for some answers. */
async function isFull({ totals, asked }: Process): Promise<boolean> {
  asked.length = 0
  await totals.mentors({}, everyMentor)
  return asked.length > 0
}

overStores(kind => {
  const database = suiteDatabase<Store>(() => kind.newDatabase() as Promise<TestDatabase<Store>>)
  const opened = async (): Promise<Store> => (kind.shared ? database.open() : database.store)
  const bounds = (more: Partial<Bounds>): Bounds => ({
    ...defaultBounds,
    groups: 1_000,
    sums: 1_000,
    refillMs: 20,
    ...more,
  })

  /** Compares every figure with a recount, once the log has reported everything. */
  async function agreed({ totals }: Process): Promise<void> {
    const asked = new Totals({ store: database.store, log: quiet })
    await until(
      async () => JSON.stringify(await totals.summary({})) === JSON.stringify(await asked.summary({})),
      20_000,
      'the log',
    )
    // Figures of two minutes would differ.
    let [minute, now, recount] = [minuteNow(), await figures(totals), await figures(asked)]
    while (minute !== minuteNow()) [minute, now, recount] = [minuteNow(), await figures(totals), await figures(asked)]
    expect(now).toEqual(recount)
  }

  async function closeAll({ sessions }: Process, ids: string[]): Promise<void> {
    for (const id of ids.splice(0)) await sessions.close(id).catch(() => undefined)
  }

  test.each([
    ['mentors and organisations', { groups: 8 }],
    ['sums', { sums: 40 }],
  ])(
    'totals beyond the bound of %s are kept again once sessions are closed, as often as that happens',
    async (_, few) => {
      const process = await processOn(await opened(), { bounds: bounds(few) })
      await keptWhole(process)
      const [seen, seenOfMentor]: [SummaryAt[], SummaryAt[]] = [[], []]
      const leave = [
        process.totals.summaries({}).attach({ take: at => void seen.push(at), end() {} }),
        process.totals.summaries({ mentor_id: 'm1' }).attach({ take: at => void seenOfMentor.push(at), end() {} }),
      ]
      /** Waits until both subscribers have the figures that the store adds up. */
      const told = async (): Promise<void> => {
        const asked = new Totals({ store: database.store, log: quiet })
        const newest = (all: SummaryAt[]): string => JSON.stringify(all.at(-1)?.summary)
        await until(
          async () =>
            newest(seen) === JSON.stringify(await asked.summary({})) &&
            newest(seenOfMentor) === JSON.stringify(await asked.summary({ mentor_id: 'm1' })),
          20_000,
          'the newest summaries',
        )
      }
      const random = randomFrom(7)
      const ids: string[] = []
      for (let round = 0; round < 2; round++) {
        while (!(await isFull(process))) await changeAny(process, ids, random)
        await agreed(process)
        await told()
        for (let i = 0; i < 10; i++) await changeAny(process, ids, random)
        await agreed(process)
        await told()
        await closeAll(process, ids)
        await keptWhole(process)
        await agreed(process)
        await told()
        for (let i = 0; i < 3; i++) await changeAny(process, ids, random)
        await agreed(process)
        await told()
        await closeAll(process, ids)
      }
      for (const end of leave) end()
    },
  )

  test('figures equal a recount while the bound is crossed both ways', async () => {
    const process = await processOn(await opened(), { bounds: bounds({ groups: 10, sums: 60, refillMs: 1 }) })
    const random = randomFrom(11)
    const ids: string[] = []
    let crossings = 0
    let wasFull = false
    for (let step = 0; step < 300 && crossings < 4; step++) {
      await changeAny(process, ids, random)
      if (ids.length > 14) await closeAll(process, ids)
      const full = await isFull(process)
      if (full !== wasFull) crossings++
      wasFull = full
      if (step % 5 === 0) await agreed(process)
    }
    expect(crossings).toBe(4)
    await closeAll(process, ids)
  })

  test('a projection in vain is filled again only after a close, and each time after twice the pause', async () => {
    const began: number[] = []
    const over = (store: Store): Store =>
      intercepting(store, {
        totals: {
          contributions(after, limit) {
            if (after === '') began.push(performance.now())
            return store.totals.contributions(after, limit)
          },
        },
      })
    const process = await processOn(await opened(), { over, bounds: bounds({ groups: 2, refillMs: 40 }) })
    await keptWhole(process)
    const ids: string[] = []
    const start = async (mentor_id: string): Promise<string> => {
      const { session_id } = (await process.sessions.start({ mentor_id, organisation_id: 'o' })).session
      ids.push(session_id)
      return session_id
    }
    for (const mentor_id of ['a', 'b', 'c']) await start(mentor_id)
    await until(() => isFull(process), 20_000, 'the bound')
    const pauses = [40, 80, 160]
    for (const [i] of pauses.entries()) {
      const fillings = began.length
      // Longer than any of the pauses: no session is closed.
      if (i === 0) await wait(200)
      const id = await start('d')
      await process.sessions.dispatch(id, { event: 'CalculateRequested', payload: inputsOf(i) })
      expect(began).toHaveLength(fillings)
      await process.sessions.close(id)
      await until(() => began.length > fillings, 20_000, 'the next filling')
      await until(() => process.totals.status.state === 'kept', 20_000, 'its end')
      expect(await isFull(process)).toBe(true)
    }
    // The first pause was over long before the first close.
    const [, ...gaps] = began.slice(1).map((at, i) => at - (began[i] ?? 0))
    for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThan((pauses[i + 1] ?? 0) - 2)
    await closeAll(process, ids)
  })
})
