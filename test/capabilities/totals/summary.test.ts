import { type Amounts, amountsOf, noSums, type Summary } from '../../../src/capabilities/totals/model'
import { Tally } from '../../../src/capabilities/totals/tally'
import type { Store } from '../../../src/db/store'
import type { Inputs } from '../../../src/domain/calculator'
import type { Contribution } from '../../../src/domain/contribution'
import type { Filter } from '../../../src/domain/list-query'
import { type Command, contributionOf, type Session } from '../../../src/domain/session'
import { inputsOf } from '../../support/inputs'
import { randomFrom } from '../../support/random'
import { calculation, changing, closing, noon, secondsAfter, stored } from '../../support/sessions'
import { overStores, suiteDatabase } from '../../support/stores'
import { recounted } from './processes'

const calculationOf = (inputs: Partial<Inputs>): Command => ({
  event: 'CalculateRequested',
  payload: { ...inputsOf(1), ...inputs },
})

const at = (seconds: number): string => secondsAfter(noon, seconds)

overStores(kind => {
  describe('the totals of sessions', () => {
    const database = suiteDatabase(() => kind.newDatabase())
    const all: Session[] = []
    const summary = async (filter: Filter = {}): Promise<Summary> =>
      (await recounted(database.store, () => new Date(at(0)))).summary(filter)

    /** Returns the same figures, summed in cents over all stored sessions. */
    function expected(filter: Filter): Partial<Summary> {
      const selected = all.filter(session =>
        Object.entries(filter).every(([name, value]) => session[name as keyof Omit<Filter, 'months'>] === value),
      )
      const results = selected.flatMap(({ result }) => result ?? [])
      const cents = (name: 'programme_cost' | 'time_value'): number =>
        results.reduce((sum, { outputs }) => sum + Math.round(outputs[name] * 100), 0)
      return {
        sessions: selected.length,
        states: (['initial', 'loaded', 'error'] as const).map(state => ({
          state,
          count: selected.filter(session => session.state === state).length,
        })),
        results: results.length,
        amounts:
          results.length === 0
            ? []
            : [
                expect.objectContaining({
                  currency: null,
                  results: results.length,
                  sessions_held: results.reduce((sum, { inputs }) => sum + inputs.sessions, 0),
                  programme_cost: cents('programme_cost') / 100,
                  time_value: cents('time_value') / 100,
                  net_benefit: (cents('time_value') - cents('programme_cost')) / 100,
                }),
              ],
      }
    }

    beforeAll(async () => {
      const random = randomFrom(7)
      for (let i = 0; i < 90; i++) {
        const who = { mentor_id: `m${i % 3}`, organisation_id: i % 5 === 0 ? null : `o${i % 2}` }
        const odd = { sessions: i, avg_minutes: 7.07 * (i % 11), cost_per_session: Math.round(random() * 1e5) / 1e4 }
        const commands = i % 4 === 0 ? [] : [calculationOf({ sessions: 3 }), calculationOf(odd)]
        let session = await stored(database.store, who, commands, at(-3_600))
        if (i % 12 === 7) {
          const reset = changing(session, 'ResetRequested', at(-3_600))
          await database.store.sessions.save(reset, session.version)
          session = reset.session
        }
        all.push(session)
      }
      const closed = await stored(database.store, { mentor_id: 'm0' }, [calculation(999)], at(-60))
      await database.store.sessions.close(closing(closed, at(-30)), closed.version)
    })

    const filters: Filter[] = [
      {},
      { mentor_id: 'm1' },
      { organisation_id: 'o1' },
      { state: 'loaded' },
      { state: 'initial' },
      { state: 'error' },
      { state: 'loading' },
      { state: 'closed' },
      { mentor_id: 'm2', organisation_id: 'o0', state: 'loaded' },
      { mentor_id: 'nobody' },
    ]

    test.each(filters)('under %j are the sums of the current results, to the cent', async filter => {
      expect(await summary(filter)).toMatchObject(expected(filter))
    })

    test('include a reset session without its previous result, and a session in error with it', async () => {
      const session = await stored(database.store, { mentor_id: 'failing' }, [calculation(4)], at(-3_600))
      const write = changing(session, calculation(5), at(-3_600))
      const kept = { result_id: session.result_id, result: session.result }
      const [loading, loaded] = write.changes
      const failed = { transition: { ...loaded?.transition, to: 'error', result_id: session.result_id } }
      const changes = [loading, failed] as typeof write.changes
      await database.store.sessions.save(
        { session: { ...write.session, ...kept, state: 'error' }, changes },
        session.version,
      )
      expect(await summary({ mentor_id: 'failing' })).toMatchObject({
        results: 1,
        amounts: [{ programme_cost: 14, time_value: 60 }],
      })

      const reset = changing({ ...write.session, ...kept, state: 'error' }, 'ResetRequested', at(-3_600))
      await database.store.sessions.save(reset, write.session.version)
      expect(await summary({ mentor_id: 'failing' })).toMatchObject({ sessions: 1, results: 0, amounts: [] })
    })
  })

  describe('the calculations per minute', () => {
    const database = suiteDatabase(() => kind.newDatabase())
    const counts = async (store: Store, filter: Filter = {}): Promise<[string, number][]> => {
      const summary = await (await recounted(store, () => new Date(at(45)))).summary(filter)
      expect(summary.calculations).toHaveLength(30)
      return summary.calculations.map(({ minute, count }) => [minute.slice(11), count])
    }

    test('cover the last 30 minutes, including those of former results', async () => {
      expect((await counts(database.store)).map(([, count]) => count)).toEqual(Array(30).fill(0))
      for (const [seconds, mentor_id] of [
        [40, 'a'],
        [0, 'a'],
        [-1, 'b'],
        [-29 * 60, 'b'],
        [-29 * 60 - 1, 'b'],
      ] as const) {
        await stored(database.store, { mentor_id }, [calculation(1), calculation(2)], at(seconds))
      }
      const all = await counts(database.store)
      expect(all.at(0)).toEqual(['11:31:00.000Z', 2])
      expect(all.at(-2)).toEqual(['11:59:00.000Z', 2])
      expect(all.at(-1)).toEqual(['12:00:00.000Z', 4])
      expect(all.filter(([, count]) => count > 0)).toHaveLength(3)
      expect((await counts(database.store, { mentor_id: 'a' })).filter(([, count]) => count > 0)).toEqual([
        ['12:00:00.000Z', 4],
      ])
    })
  })

  describe('the largest possible amounts', () => {
    const database = suiteDatabase(() => kind.newDatabase())

    test('are summed without losing a cent', async () => {
      const largest = calculationOf({ sessions: 1_000_000, avg_minutes: 1_440, cost_per_hour: 999_999.9999 })
      const odd = calculationOf({ sessions: 999_999, avg_minutes: 1_439.99, cost_per_hour: 999_999.9997 })
      const sessions: Session[] = []
      for (let i = 0; i < 40; i++) sessions.push(await stored(database.store, {}, [i % 2 ? odd : largest]))
      const tally = new Tally()
      for (const session of sessions) tally.add(contributionOf(session) as Contribution, 1)
      const sum = sessions.reduce((sum, { result }) => sum + centsOf(result?.outputs.time_value ?? 0), 0n)
      expect(tally.sums().get(null)?.value).toBe(sum)
      expect(sum).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER))
    })
  })
})

/** Reads the cents from the JSON text of an amount. Binary arithmetic would lose the last digits. */
const centsOf = (amount: number): bigint => {
  const [whole = '0', decimals = ''] = String(amount).split('.')
  return BigInt(whole) * 100n + BigInt(decimals.padEnd(2, '0'))
}

describe('amounts', () => {
  const of = (cost: bigint, value: bigint): Amounts | undefined =>
    amountsOf(new Map([[null, { ...noSums, results: 1, cost, value }]])).at(0)

  test('round their ratio once, half away from zero, from the exact sums; without costs it is null', () => {
    expect(of(0n, 100n)?.benefit_cost_ratio).toBeNull()
    expect(of(800n, 100n)?.benefit_cost_ratio).toBe(0.13)
    expect(of(250n, 1_071n)?.benefit_cost_ratio).toBe(4.28)
  })

  test('have a net benefit that foots even beyond the precision of doubles', () => {
    expect(of(9_007_199_254_740_993_030n, 9_007_199_254_740_993_040n)?.net_benefit).toBe(0.1)
  })
})
