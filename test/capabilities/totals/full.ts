import { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { contributionOf } from '../../../src/domain/session'
import { calculation, changing, noon, quiet, starting } from '../../support/sessions'
import { until } from '../../support/until'

interface Sessions {
  count: number
  mentorOf: (number: number) => string
}

/** Returns a store of so many sessions with these mentors. It can only fill totals. */
export function storeOf({ count, mentorOf }: Sessions): Store {
  const sessions = Array.from({ length: count }, (_, i) => {
    const { session } = starting({ session_id: `s${i}`, mentor_id: mentorOf(i), organisation_id: 'o' })
    const { session_id, mentor_id, organisation_id, ...changed } = changing(session, calculation(i % 1_000)).session
    const contribution = contributionOf({ ...changed })
    return { session_id, mentor_id, organisation_id, contribution }
  })
  const contributions = async () => ({ sessions, next: null, position: '1', reached: '1' })
  return { totals: { contributions } } as unknown as Store
}

/** Returns totals that hold all sessions of a store. */
export async function filledTotals(store: Store): Promise<Totals> {
  const totals = new Totals({ store, log: quiet, clock: () => new Date(noon) })
  totals.reset('1')
  await until(() => totals.status.state === 'kept', 60_000, 'the totals')
  return totals
}

/** Returns totals that hold nearly as many mentors as they can. */
export const fullTotals = (): Promise<Totals> => filledTotals(storeOf({ count: 240_000, mentorOf: i => `m${i}` }))
