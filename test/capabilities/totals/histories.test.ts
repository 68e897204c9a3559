import type { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { changeAny } from '../../support/changes'
import { randomFrom } from '../../support/random'
import { noon } from '../../support/sessions'
import { overStores, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { endProcesses, figures, filters, kept, type Process, processOn, recounted } from './processes'

const steps = 60

overStores(kind => {
  const databases: TestDatabase<Store>[] = []
  afterAll(async () => {
    endProcesses()
    await Promise.all(databases.map(database => database.drop()))
  })

  // MongoDB takes most of the time, so the histories run at once, each on its own sessions.
  test.concurrent.each([1, 2, 3])('every figure equals a recount, after each step of history %i', async seed => {
    const database = (await kind.newDatabase()) as TestDatabase<Store>
    databases.push(database)
    const first = await database.open()
    let now = Date.parse(noon)
    const clock = () => new Date(now)
    // Two processes share the sessions, if the store allows that.
    const stores = kind.shared ? [await database.open(), await database.open()] : [first]
    const all = await Promise.all(stores.map(store => processOn(store, { clock })))
    await Promise.all(all.map(kept))
    const random = randomFrom(seed)
    const ids: string[] = []
    for (let step = 0; step < steps; step++) {
      now += 20_000
      const writer = all[step % all.length] as Process
      // Sometimes both processes change the same sessions at once, and some lose their races.
      const atOnce = step % 3 === 0 ? all.flatMap(process => [process, process]) : [writer]
      await Promise.all(atOnce.map(process => changeAny(process, ids, random)))
      const filter = filters[step % filters.length] ?? {}
      for (const { totals } of atOnce) {
        // Other processes' writes arrive within milliseconds, and only a process's own writes are awaited. Then figures
        // are final.
        if (atOnce.length > 1 && kind.shared) continue
        const said = async (of: Totals): Promise<string> =>
          JSON.stringify([await of.count(filter), await of.summary(filter)])
        if (kind.shared)
          await until(
            async () => (await said(totals)) === (await said(await recounted(first, clock))),
            60_000,
            'the log',
          )
        expect(await said(totals)).toBe(await said(await recounted(first, clock)))
      }
      if (step % 20 !== 19) continue
      for (const process of all) await agreed(process, clock)
      if (step % 40 === 39) await afterGap(all[0] as Process, clock, () => changeAny(writer, ids, random))
    }
    for (const process of all) expect(process.asked).toEqual([])
  })

  /** Waits until other processes' writes have arrived, and compares. */
  async function agreed({ totals, store }: Process, clock: () => Date): Promise<void> {
    const expected = await figures(await recounted(store, clock))
    await until(
      async () =>
        JSON.stringify(await totals.summary({})) === JSON.stringify(await (await recounted(store, clock)).summary({})),
      60_000,
      'the log to tell what others wrote',
    )
    expect(await figures(totals)).toEqual(expected)
  }

  /** Loses a part of the log, and compares afterwards. */
  async function afterGap(process: Process, clock: () => Date, change: () => Promise<void>): Promise<void> {
    const end = process.gap()
    for (let i = 0; i < 5; i++) await change()
    end()
    await kept(process)
    await agreed(process, clock)
    process.asked.length = 0
  }
})
