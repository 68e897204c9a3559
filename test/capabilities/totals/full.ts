import { Totals } from '../../../src/capabilities/totals/totals'
import type { Store } from '../../../src/db/store'
import { contributionOf } from '../../../src/domain/session'
import { calculation, changing, noon, quiet, starting } from '../../support/sessions'
import { until } from '../../support/until'

/** Returns totals that hold nearly as many mentors as they can. */
export async function fullTotals(): Promise<Totals> {
  const sessions = Array.from({ length: 240_000 }, (_, i) => {
    const { session } = starting({ session_id: `s${i}`, mentor_id: `m${i}`, organisation_id: 'o' })
    return changing(session, calculation(i % 1_000)).session
  })
  const store = {
    contributions: async () => ({
      sessions: sessions.map(({ session_id, mentor_id, organisation_id, created_at, ...session }) => ({
        session_id,
        mentor_id,
        organisation_id,
        created_at,
        label: `Label of ${session_id}`,
        contribution: contributionOf({ ...session }),
      })),
      next: null,
      position: '1',
      reached: '1',
    }),
  }
  const totals = new Totals({ store: { totals: store } as unknown as Store, log: quiet, clock: () => new Date(noon) })
  totals.reset('1')
  await until(() => totals.status.state === 'kept', 60_000, 'the totals')
  return totals
}

/** Returns totals that hold nothing, so that the store adds up each answer. */
export function storedTotals(store: Store): Totals {
  const bounds = { groups: 0, sums: 0, labelBytes: 0, refillMs: 60_000 }
  const totals = new Totals({ store, log: quiet, clock: () => new Date(noon), bounds })
  totals.reset('')
  return totals
}
