import type { Store } from '../../src/db/store'
import type { Inputs } from '../../src/domain/calculator'
import type { Session } from '../../src/domain/session'
import { inputsOf } from '../support/inputs'
import { calculation, changing, closing, failing, noon, secondsAfter, stored } from '../support/sessions'

export const minutesAfter = (minutes: number) => secondsAfter(noon, 60 * minutes)

export const figures = (stated: Partial<Inputs>) => ({
  event: 'CalculateRequested' as const,
  payload: { ...inputsOf(1), ...stated },
})

/** The largest that the calculator makes; in hundredths more than doubles tell apart where they are multiplied as a whole. */
export const largest = figures({
  sessions: 999_999,
  avg_minutes: 1_439.99,
  cost_per_session: 999_999.9999,
  cost_per_hour: 999_999.9997,
})

/** Stores sessions that count in every way there is. */
export async function storeEveryKind(store: Store): Promise<Session[]> {
  const save = async (session: Session, write = changing(session, calculation(7), minutesAfter(1), failing)) => {
    if (!(await store.sessions.save(write, session.version))) throw new Error(`${session.session_id} was not saved`)
    return write.session
  }
  const period = { from: '2025-12-01', to: '2026-01-31' }
  const a = { mentor_id: 'a', organisation_id: 'o' }
  const sessions = [
    await stored(store, a),
    await stored(store, {}, [], secondsAfter(noon, -1)),
    // Amounts that are not a hundred times themselves in doubles.
    await stored(store, a, [figures({ cost_per_session: 1.15, label: 'cents' })]),
    await stored(store, a, [figures({ cost_per_session: 0.29, currency: 'GBP' })]),
    await stored(store, {}, [figures({ sessions: 3, cost_per_session: 0.29, currency: 'JPY', period })]),
    await stored(store, {}, [{ ...largest, payload: { ...largest.payload, period } }]),
    await stored(store, a, [calculation(4), { event: 'ResetRequested' }]),
    await save(await stored(store, a)),
    await save(await stored(store, a, [calculation(5), figures({ currency: 'EUR' })])),
  ]

  // In 60 minutes, of which half an hour counts.
  let often = await stored(store, { mentor_id: 'b', organisation_id: 'o' })
  for (const minutes of [0, 30, 31, 31.5, 59.9, 60]) {
    often = await save(often, changing(often, calculation(minutes * 10), minutesAfter(minutes)))
  }
  expect(often.calculations.map(({ count }) => count)).toEqual([2, 1, 1])
  sessions.push(often)

  const closed = await stored(store, a, [calculation(8)])
  await store.sessions.close(closing(closed), closed.version)
  return sessions
}

/** So many sessions that differ, and some of them not, in each thing that they may be put in order by. */
export async function storeInManyOrders(store: Store, count: number): Promise<Session[]> {
  const all: Session[] = []
  for (let i = 0; i < count; i++) {
    const who = { session_id: `s${(i * 7) % count}`, mentor_id: `m${i % 4}`, organisation_id: `o${i % 2}` }
    const stated = figures({
      sessions: i % 5,
      cost_per_session: i % 3,
      ...(i % 4 && { label: `Label ${i % 4}` }),
      ...(i % 3 && { currency: i % 3 === 1 ? 'GBP' : 'EUR' }),
      ...(i % 2 && { period: { from: '2026-01-01', to: `2026-0${1 + (i % 3)}-28` } }),
    })
    all.push(await stored(store, who, i % 6 === 5 ? [] : [stated], secondsAfter(noon, i % 7)))
  }
  return all
}
