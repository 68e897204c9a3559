import type { Store } from '../../../src/db/store'
import { contributionOf, type Session } from '../../../src/domain/session'

/** Checks what a store says of the only session that a filter selects. */
export async function checkStored(stored: Store, session: Session): Promise<void> {
  const contribution = contributionOf(session)
  const { sessions } = await stored.totals.contributions('', 10_000)
  const counted = sessions.find(one => one.session_id === session.session_id)
  expect(counted?.contribution).toStrictEqual(contribution)
  expect(JSON.stringify(counted?.contribution)).toBe(JSON.stringify(contribution))
}
