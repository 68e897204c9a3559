import type { Filter } from '../../../src/domain/list-query'
import { isAmount, sessionOrderFields } from '../../../src/domain/order'
import { filterCombinations } from '../../support/filters'
import { noon } from '../../support/sessions'
import { embeddedDatabase, gathered, suiteDatabase } from '../../support/stores'
import { statementPlans } from './many-rows'

const filters = filterCombinations({
  mentor_id: ['m'],
  organisation_id: ['o', null],
  external_id: ['e'],
  state: ['loaded'],
  months: [{ from: '2026-03', to: '2026-03' }, { from: '2026-03' }, { to: '2026-02' }],
})
const limit = 20

const primaryKey = 'SEARCH sessions USING (COVERING )?INDEX sqlite_autoindex_sessions_1 '
const search = (index: string): string => `SEARCH (main[.])?sessions USING (COVERING )?INDEX ${index}`

/** Returns the plans that read the sessions in an index range of the filter's most selective member. */
function plansFor({ external_id, mentor_id, organisation_id }: Filter): RegExp {
  const plansOf = (...plans: string[]) => new RegExp(`^(${[primaryKey, ...plans].join('|')})`)
  if (external_id !== undefined) return plansOf(search('external_ids [(]external_id=[?]'))
  if (mentor_id !== undefined) return plansOf(search('newest_by_mentor(_and_state)? [(]mentor_id=[?]'))
  if (organisation_id !== undefined)
    return plansOf(search('(newest_by_organisation(_and_state)?|sorting) [(]organisation_id=[?]'))
  return plansOf(search('(newest|newest_by_state|sorting) [(]'), 'SCAN sessions USING (COVERING )?INDEX newest$')
}

describe('the embedded store', () => {
  const database = suiteDatabase(embeddedDatabase)

  /** Makes every read of a list. */
  async function readAll(filter: Filter): Promise<void> {
    const { store } = database
    for (const page of [{}, { fromEnd: true }, { after: { created_at: noon, session_id: 's' } }])
      await store.lists.list(filter, { limit, ...page })
    await store.lists.count(filter)
    await store.lists.sharedLinks(filter, noon, { limit })
    await gathered(store.export(filter, new AbortController().signal))
    for (const by of sessionOrderFields) {
      if (by === 'created_at') continue
      for (const descending of [true, false]) {
        const order = { by, descending, currency: isAmount(by) ? 'GBP' : null }
        for (const after of [undefined, { key: '1', session_id: 's' }, { key: null, session_id: 's' }])
          await store.lists.sorted(filter, order, { limit, after })
      }
    }
  }

  test("every read of a list reads the sessions in the index of the filter's most selective member", async () => {
    for (const filter of filters) {
      const plans = await statementPlans(database.store, () => readAll(filter))
      const reads = plans.flat().filter(detail => /^(SCAN|SEARCH) (main[.])?sessions/.test(detail))
      expect(reads.length).toBeGreaterThan(0)
      const expected = plansFor(filter)
      expect([filter, reads.filter(detail => !expected.test(detail))]).toEqual([filter, []])
    }
  })
})
