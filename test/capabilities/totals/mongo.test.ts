import { addManyDocuments, queryProfile, size } from '../../db/mongo/many-documents'
import { noon } from '../../support/sessions'
import { describeMongo, gathered, mongoDatabase, suiteDatabase } from '../../support/stores'

describeMongo('MongoDB with many sessions', () => {
  const database = suiteDatabase(mongoDatabase)
  beforeAll(() => addManyDocuments(database.store))

  test("the totals of everything scan each session once, and those of a mentor read only the mentor's sessions", async () => {
    const { store } = database
    const all = await queryProfile(store, () => gathered(store.totals.rows({}, ['state'])))
    expect(all.planSummary).toBe('COLLSCAN')
    expect(all.docsExamined).toBeLessThan(1.1 * size)
    const some = await queryProfile(store, () => gathered(store.totals.rows({ mentor_id: 'mentor_5' }, ['state'])))
    expect(some.docsExamined).toBe(await store.lists.count({ mentor_id: 'mentor_5' }))
    const latest = await queryProfile(store, () => store.totals.calculations({ mentor_id: 'mentor_5' }, noon))
    expect(latest.docsExamined).toBe(some.docsExamined)
  })
})
