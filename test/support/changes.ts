import { setTimeout as wait } from 'node:timers/promises'
import type { Calculator, Inputs } from '../../src/domain/calculator'
import { DomainError } from '../../src/domain/errors'
import { calculate } from '../../src/domain/time-value'
import type { SessionCommands } from '../../src/sessions/session-commands'
import { plainCommands } from './example-commands'
import { inputsOf } from './inputs'
import { oneOf } from './random'

/** Calculations with this number of sessions fail. */
export const failing = 13
export const failingAtTimes: Calculator = figures => {
  if (figures.sessions === failing) throw new Error('a calculator that fails')
  return calculate(figures)
}

const currencies = [undefined, undefined, 'GBP', 'JPY', 'EUR']
const periods = [undefined, '2026-03-31', '2025-12-31', '2024-02-29', '1999-01-01']

export const mentors = ['m0', 'm1', 'm2', 'M3']
export const organisations = [null, 'o0', 'o1']

export function inputsFrom(random: () => number): Inputs {
  const currency = oneOf(currencies, random)
  const to = oneOf(periods, random)
  return {
    ...inputsOf(Math.floor(random() * 40)),
    avg_minutes: Math.floor(random() * 6_000) / 100,
    cost_per_session: Math.floor(random() * 3) * 1.2345,
    ...(currency && { currency }),
    ...(to && { period: { from: '1990-01-01', to } }),
  }
}

/**
 * Makes one random change to a session, or starts one. Ignores refusals, and waits 10 ms if the store is unavailable.
 */
export async function changeAny(
  { sessions }: { sessions: SessionCommands },
  ids: string[],
  random: () => number,
): Promise<void> {
  const id = oneOf(ids, random)
  const chance = random()
  try {
    if (!id || chance < 0.25) {
      const who = { mentor_id: oneOf(mentors, random), organisation_id: oneOf(organisations, random) }
      ids.push((await sessions.start(who)).session.session_id)
    } else if (chance < 0.75) {
      await sessions.dispatch(id, { event: 'CalculateRequested', payload: inputsFrom(random) })
    } else if (chance < 0.8) {
      const payload = { mentor_id: oneOf(mentors, random), organisation_id: oneOf(organisations, random) }
      await sessions.dispatch(id, { event: 'ReassignRequested', payload })
    } else if (chance < 0.9) {
      await sessions.dispatch(id, oneOf(plainCommands, random))
    } else {
      await sessions.close(id)
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (error.code === 'unavailable') await wait(10)
  }
}
