import type { Store } from '../../../src/db/store'
import type { Filter } from '../../../src/domain/list-query'
import { contributionOf, type Session } from '../../../src/domain/session'
import { addMs, minuteMs } from '../../../src/domain/timestamp'
import { gathered } from '../../support/stores'

/** Checks what a store says of the only session that a filter selects. */
export async function checkStored(stored: Store, session: Session, filter: Filter): Promise<void> {
  const contribution = contributionOf(session)
  const { sessions } = await stored.totals.contributions('', 10_000)
  const counted = sessions.find(one => one.session_id === session.session_id)
  expect(counted?.contribution).toStrictEqual(contribution)
  expect(JSON.stringify(counted?.contribution)).toBe(JSON.stringify(contribution))
  const r = contribution?.result
  expect(await gathered(stored.totals.rows(filter, ['state', 'currency', 'month']))).toEqual([
    {
      mentor_id: null,
      organisation_id: null,
      state: session.state,
      currency: r?.currency ?? null,
      month: r?.month ?? null,
      sessions: 1,
      results: r ? 1 : 0,
      held: BigInt(r?.held ?? 0),
      minutes: BigInt(r?.minutes ?? 0),
      cost: BigInt(r?.cost ?? 0),
      value: BigInt(r?.value ?? 0),
    },
  ])
  const since = addMs(session.updated_at, -29 * minuteMs).slice(0, 16)
  expect(await stored.totals.calculations(filter, `${since}:00.000Z`)).toEqual(
    session.calculations.filter(({ minute }) => minute >= since),
  )
}
