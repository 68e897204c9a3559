import type { StoredReport } from '../../../src/capabilities/reports/model'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { caveat, method } from '../../../src/domain/methods'
import { addMs, dayMs } from '../../../src/domain/timestamp'
import { ReplicaSet } from '../../support/mongod'
import { noon } from '../../support/sessions'
import { describeMongo, openMongo } from '../../support/stores'

const illegalOperation = 20

describeMongo('a deletion of ended reports that fails', () => {
  let set: ReplicaSet
  let store: MongoStore
  beforeAll(async () => {
    set = await ReplicaSet.start(1, ['--setParameter', 'enableTestCommands=1'])
    store = await openMongo(set.uri)
  })
  afterAll(async () => {
    await store?.end()
    await set?.stop()
  })

  test('does not make the creation or the end of a report fail', async () => {
    const [report_id, title, from, to] = ['rp_1', 'Title', '2026-01', '2026-03']
    const owners = { organisation_id: null, mentor_id: null }
    const report = { report_id, title, ...owners, from, to, created_at: noon, expires_at: addMs(noon, dayMs) }
    const content = {
      sessions: 0,
      results: 0,
      mentors: 0,
      amounts: [],
      trend: [],
      previous: null,
      to_date: null,
      method,
      caveat,
    }
    const live: StoredReport['live'] = { report, content }
    await set.disturbDeletes(`${store.db.databaseName}.reports`, { errorCode: illegalOperation })
    await expect(store.reports.pruneReports(noon)).rejects.toThrow()
    expect(
      await store.reports.addReport({ report_id, ...owners, digest: 'd', ends_at: report.expires_at, live }, noon),
    ).toBeUndefined()
    expect(await store.reports.endReport(report_id, noon)).toBe(true)
  })
})
