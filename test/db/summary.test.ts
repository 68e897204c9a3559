import type { Filter, Store } from '../../src/db/store'
import type { Inputs } from '../../src/domain/calculator'
import type { Command } from '../../src/domain/command'
import type { Session } from '../../src/domain/session'
import { type Sum, type Summary, summaryOf } from '../../src/domain/summary'
import { Sessions } from '../../src/sessions/sessions'
import { inputsOf } from '../support/inputs'
import { randomFrom } from '../support/random'
import { calculation, changing, closing, noon, quiet, secondsAfter, stored } from '../support/sessions'
import { overStores, placed } from '../support/stores'

const calculationOf = (inputs: Partial<Inputs>): Command => ({
  event: 'CalculateRequested',
  payload: { ...inputsOf(1), ...inputs },
})

const at = (seconds: number): string => secondsAfter(noon, seconds)

overStores(kind => {
  describe('what sessions come to', () => {
    const place = placed(() => kind.place())
    const all: Session[] = []
    const summary = (filter: Filter = {}): Promise<Summary> =>
      new Sessions(place.store, quiet, undefined, () => new Date(at(0))).summary(filter)

    /** The same, summed here in cents over all that was stored. */
    function expected(filter: Filter): Partial<Summary> {
      const selected = all.filter(session =>
        Object.entries(filter).every(([name, value]) => session[name as keyof Filter] === value),
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
        programme_cost: cents('programme_cost') / 100,
        time_value: cents('time_value') / 100,
        net_benefit: (cents('time_value') - cents('programme_cost')) / 100,
      }
    }

    beforeAll(async () => {
      const random = randomFrom(7)
      for (let i = 0; i < 90; i++) {
        const who = { mentor_id: `m${i % 3}`, organisation_id: i % 5 === 0 ? null : `o${i % 2}` }
        const odd = { sessions: i, avg_minutes: 7.07 * (i % 11), cost_per_session: Math.round(random() * 1e5) / 1e4 }
        const commands = i % 4 === 0 ? [] : [calculationOf({ sessions: 3 }), calculationOf(odd)]
        let session = await stored(place.store, who, commands, at(-3_600))
        if (i % 12 === 7) {
          const reset = changing(session, 'ResetRequested', at(-3_600))
          await place.store.save(reset, session.version)
          session = reset.session
        }
        all.push(session)
      }
      const closed = await stored(place.store, { mentor_id: 'm0' }, [calculation(999)], at(-60))
      await place.store.close(closing(closed, at(-30)), closed.version)
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

    test.each(filters)('under %j is the sum of the current results, to the cent', async filter => {
      expect(await summary(filter)).toMatchObject(expected(filter))
    })

    test('has a ratio of the sums, which is null where they cost nothing', async () => {
      const { programme_cost, time_value, benefit_cost_ratio } = await summary()
      expect(benefit_cost_ratio).toBeCloseTo(time_value / programme_cost, 2)
      expect((await summary({ mentor_id: 'nobody' })).benefit_cost_ratio).toBeNull()
    })

    test('has a reset session without its former result, and a failed one with it', async () => {
      const session = await stored(place.store, { mentor_id: 'failing' }, [calculation(4)], at(-3_600))
      const write = changing(session, calculation(5), at(-3_600))
      const kept = { result_id: session.result_id, result: session.result }
      const [loading, loaded] = write.changes
      const failed = { transition: { ...loaded?.transition, to: 'error', result_id: session.result_id } }
      const changes = [loading, failed] as typeof write.changes
      await place.store.save({ session: { ...write.session, ...kept, state: 'error' }, changes }, session.version)
      expect(await summary({ mentor_id: 'failing' })).toMatchObject({ results: 1, programme_cost: 14, time_value: 60 })

      const reset = changing({ ...write.session, ...kept, state: 'error' }, 'ResetRequested', at(-3_600))
      await place.store.save(reset, write.session.version)
      expect(await summary({ mentor_id: 'failing' })).toMatchObject({ sessions: 1, results: 0, programme_cost: 0 })
    })
  })

  describe('the calculations a minute', () => {
    const place = placed(() => kind.place())
    const counts = async (store: Store, filter: Filter = {}): Promise<[string, number][]> => {
      const summary = await new Sessions(store, quiet, undefined, () => new Date(at(45))).summary(filter)
      expect(summary.calculations).toHaveLength(30)
      return summary.calculations.map(({ minute, count }) => [minute.slice(11), count])
    }

    test('are of the last 30 minutes, each with its own, former results too', async () => {
      expect((await counts(place.store)).map(([, count]) => count)).toEqual(Array(30).fill(0))
      for (const [seconds, mentor_id] of [
        [40, 'a'],
        [0, 'a'],
        [-1, 'b'],
        [-29 * 60, 'b'],
        [-29 * 60 - 1, 'b'],
      ] as const) {
        await stored(place.store, { mentor_id }, [calculation(1), calculation(2)], at(seconds))
      }
      const all = await counts(place.store)
      expect(all.at(0)).toEqual(['11:31:00.000Z', 2])
      expect(all.at(-2)).toEqual(['11:59:00.000Z', 2])
      expect(all.at(-1)).toEqual(['12:00:00.000Z', 4])
      expect(all.filter(([, count]) => count > 0)).toHaveLength(3)
      expect((await counts(place.store, { mentor_id: 'a' })).filter(([, count]) => count > 0)).toEqual([
        ['12:00:00.000Z', 4],
      ])
    })
  })

  describe('amounts as large as the calculator makes them', () => {
    const place = placed(() => kind.place())

    test('are summed without losing a cent', async () => {
      const largest = calculationOf({ sessions: 1_000_000, avg_minutes: 1_440, cost_per_hour: 999_999.9999 })
      const odd = calculationOf({ sessions: 999_999, avg_minutes: 1_439.99, cost_per_hour: 999_999.9997 })
      const sessions: Session[] = []
      for (let i = 0; i < 40; i++) sessions.push(await stored(place.store, {}, [i % 2 ? odd : largest]))
      const { time_value } = await place.store.totals({}, noon)
      const sum = sessions.reduce((sum, { result }) => sum + centsOf(result?.outputs.time_value ?? 0), 0n)
      expect(time_value.whole * 100n + time_value.cents).toBe(sum)
      expect(sum).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER))
    })
  })
})

/** Of an amount as JSON writes it, whose last digits binary arithmetic would not keep. */
const centsOf = (amount: number): bigint => {
  const [whole = '0', decimals = ''] = String(amount).split('.')
  return BigInt(whole) * 100n + BigInt(decimals.padEnd(2, '0'))
}

describe('a summary', () => {
  const of = (programme_cost: Sum, time_value: Sum): Summary =>
    summaryOf({ states: [], results: 1, programme_cost, time_value, minutes: [] }, noon)

  test('rounds its ratio once, half away from zero, from the exact sums', () => {
    expect(of({ whole: 8n, cents: 0n }, { whole: 1n, cents: 0n }).benefit_cost_ratio).toBe(0.13)
    expect(of({ whole: 0n, cents: 250n }, { whole: 10n, cents: 71n }).benefit_cost_ratio).toBe(4.28)
  })

  test('has a net benefit that foots where its parts are beyond what doubles can tell apart', () => {
    const cost = { whole: 90_071_992_547_409_930n, cents: 30n }
    const value = { whole: 90_071_992_547_409_930n, cents: 40n }
    expect(of(cost, value).net_benefit).toBe(0.1)
  })
})

test('whoever asks while a summary is being made shares the next one, which is made after they asked', async () => {
  const answers: ((count: number) => void)[] = []
  const totals = () =>
    new Promise(resolve =>
      answers.push(count => {
        const none = { whole: 0n, cents: 0n }
        resolve({
          states: [{ state: 'initial', count }],
          results: 0,
          programme_cost: none,
          time_value: none,
          minutes: [],
        })
      }),
    )
  const sessions = new Sessions({ totals } as unknown as Store, quiet)
  const count = (asked: Promise<Summary>): Promise<number> => asked.then(summary => summary.sessions)

  const first = count(sessions.summary({}))
  const [second, third] = [count(sessions.summary({})), count(sessions.summary({}))]
  const other = count(sessions.summary({ mentor_id: 'm' }))
  expect(answers).toHaveLength(2)
  answers[0]?.(1)
  answers[1]?.(10)
  expect([await first, await other]).toEqual([1, 10])
  await new Promise(setImmediate)
  expect(answers).toHaveLength(3)
  answers[2]?.(2)
  expect([await second, await third]).toEqual([2, 2])

  const fresh = count(sessions.summary({}))
  expect(answers).toHaveLength(4)
  answers[3]?.(3)
  expect(await fresh).toBe(3)
})
