import type { Store } from '../../src/db/store'
import { Totals } from '../../src/totals/totals'
import { randomFrom } from '../support/random'
import { noon, quiet } from '../support/sessions'
import { overStores, placed, type TestDatabase } from '../support/stores'
import { changeAny, endProcesses, figures, filters, kept, type Process, processOn } from '../support/totals'
import { until } from '../support/until'

const steps = 60

/** Returns the figures that the store adds up on each request. */
const recounted = (store: Store, clock: () => Date): Promise<unknown[]> =>
  figures(new Totals({ store, log: quiet, clock }))

afterEach(endProcesses)

overStores(kind => {
  const place = placed<Store>(() => kind.place() as Promise<TestDatabase<Store>>)
  /** Returns a store for a process of its own, if several may share the sessions. */
  const opened = async (): Promise<Store> => (kind.shared ? place.open() : place.store)
  let now = Date.parse(noon)
  const clock = () => new Date(now)

  /** Returns the processes that share the sessions, with filled projections. */
  async function processes(): Promise<Process[]> {
    const all = await Promise.all(
      Array.from({ length: kind.shared ? 2 : 1 }, async () => processOn(await opened(), { clock })),
    )
    await Promise.all(all.map(kept))
    return all
  }

  test.each([1, 2, 3])('every figure equals a recount, after each step of history %i', async seed => {
    const random = randomFrom(seed)
    const ids: string[] = []
    const all = await processes()
    for (let step = 0; step < steps; step++) {
      now += 20_000
      const writer = all[step % all.length] as Process
      // Sometimes both processes change the same sessions at once, and some lose their races.
      const atOnce = step % 3 === 0 ? all.flatMap(process => [process, process]) : [writer]
      await Promise.all(atOnce.map(process => changeAny(process, ids, random)))
      const filter = filters[step % filters.length] ?? {}
      const asked = new Totals({ store: place.store, log: quiet, clock })
      for (const { totals } of atOnce) {
        // Other processes' writes arrive within milliseconds, and only a process's own writes are awaited. Then figures
        // are final.
        if (atOnce.length > 1 && kind.shared) continue
        const said = async (of: Totals): Promise<string> =>
          JSON.stringify([await of.count(filter), await of.summary(filter)])
        if (kind.shared) await until(async () => (await said(totals)) === (await said(asked)), 60_000, 'the log')
        expect(await said(totals)).toBe(await said(asked))
      }
      if (step % 20 !== 19) continue
      for (const process of all) await agreed(process)
      if (step % 40 === 39) await afterGap(all[0] as Process, () => changeAny(writer, ids, random))
    }
    for (const process of all) expect(process.asked).toEqual([])
  })

  /** Waits until other processes' writes have arrived, and compares. */
  async function agreed({ totals, store }: Process): Promise<void> {
    const expected = await recounted(store, clock)
    await until(
      async () =>
        JSON.stringify(await totals.summary({})) ===
        JSON.stringify(await new Totals({ store, log: quiet, clock }).summary({})),
      60_000,
      'the log to tell what others wrote',
    )
    expect(await figures(totals)).toEqual(expected)
  }

  /** Loses a part of the log, and compares afterwards. */
  async function afterGap(process: Process, change: () => Promise<void>): Promise<void> {
    const end = process.gap()
    for (let i = 0; i < 5; i++) await change()
    end()
    await kept(process)
    await agreed(process)
    process.asked.length = 0
  }
})
