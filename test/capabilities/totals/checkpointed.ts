import type { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { DomainError } from '../../../src/domain/errors'
import { Erasure } from '../../../src/sessions/erasure'
import { changeAny, inputsFrom } from '../../support/changes'
import { until } from '../../support/until'
import { figures, type Process, recounted } from './processes'

const words = ['Gruppe', 'Größe', 'maths', 'Straße', 'été', '数学']

const ignored = (error: unknown): void => {
  if (!(error instanceof DomainError)) throw error
}

/** Makes a random change, often of a label. */
export async function changeLabelled(process: Process, ids: string[], random: () => number): Promise<void> {
  const id = ids[Math.floor(random() * ids.length)]
  if (!id || random() < 0.5) return changeAny(process, ids, random)
  const label = `${words[Math.floor(random() * words.length)]} ${Math.floor(random() * 100)}`
  const payload = { ...inputsFrom(random), label }
  await process.sessions.dispatch(id, { event: 'CalculateRequested', payload }).catch(ignored)
}

/** Erases a mentor completely. */
export async function erase({ sessions }: Pick<Process, 'sessions'>, mentor_id: string): Promise<void> {
  const erasure = new Erasure(sessions as never)
  await until(async () => (await erasure.erase(mentor_id)).erased, 60_000, 'the erasure')
}

/** Writes a checkpoint, once the log has passed everything that the totals were filled with. */
export const writeCheckpoint = (totals: Totals): Promise<unknown> =>
  until(() => totals.checkpoint(), 20_000, 'a checkpoint to be written')

/** Compares everything that a process says with a recount, once the log has reported everything. */
export async function expectExact(process: Process, store: Store, clock: () => Date): Promise<void> {
  const summary = async (totals: Totals): Promise<string> => JSON.stringify(await totals.summary({}))
  await until(
    async () => (await summary(process.totals)) === (await summary(await recounted(store, clock))),
    20_000,
    'the log',
  )
  expect(await figures(process.totals)).toEqual(await figures(await recounted(store, clock)))
}
