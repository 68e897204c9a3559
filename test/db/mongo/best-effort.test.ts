import { type MongoStore, openMongoStore } from '../../../src/db/mongo/mongo-store'
import { caveat, method } from '../../../src/domain/methods'
import type { StoredReport } from '../../../src/domain/report'
import { addMs, dayMs } from '../../../src/domain/timestamp'
import { ReplicaSet } from '../../support/mongod'
import { calculation, changing, noon, revoking, stored } from '../../support/sessions'
import { describeMongo } from '../../support/stores'
import { until } from '../../support/until'

const illegalOperation = 20
const primarySteppedDown = 189
const share = { event: 'ShareRequested', payload: { expires_in_days: 7 } } as const

describeMongo('what MongoDB does besides a write', () => {
  let set: ReplicaSet
  let store: MongoStore
  beforeAll(async () => {
    set = await ReplicaSet.start(1, ['--setParameter', 'enableTestCommands=1'])
    store = await openMongoStore(set.uri)
  })
  afterEach(() => failingDeletes('off'))
  afterAll(async () => {
    await store?.end()
    await set?.stop()
  })

  /** Lets each deletion from a collection fail, until it is called with `off`. */
  async function failingDeletes(mode: 'alwaysOn' | 'off', collection = '', errorCode = 0): Promise<void> {
    const namespace = `${store.db.databaseName}.${collection}`
    const data = mode === 'off' ? {} : { data: { failCommands: ['delete'], errorCode, namespace } }
    await set.command(0, { configureFailPoint: 'failCommand', mode, ...data })
  }

  test('does not make the creation or the end of a report fail', async () => {
    const [report_id, title, from, to] = ['rp_1', 'Title', '2026-01', '2026-03']
    const owners = { organisation_id: null, mentor_id: null }
    const report = { report_id, title, ...owners, from, to, created_at: noon, expires_at: addMs(noon, dayMs) }
    const content = { sessions: 0, results: 0, mentors: 0, amounts: [], trend: [], method, caveat }
    const live: StoredReport['live'] = { report, content }
    await failingDeletes('alwaysOn', 'reports', illegalOperation)
    await expect(store.pruneReports(noon)).rejects.toThrow()
    expect(
      await store.addReport({ report_id, ...owners, digest: 'd', ends_at: report.expires_at, live }, noon),
    ).toBeUndefined()
    expect(await store.endReport(report_id, noon)).toBe(true)
  })

  test('does not delay the end of a share link, while the counts of views cannot be written', async () => {
    const session = await stored(store, {}, [calculation(1), share])
    const token = session.shares[0]?.token ?? ''
    await store.addViews(new Map([[token, 2]]), noon)
    await failingDeletes('alwaysOn', 'views', primarySteppedDown)
    expect(await store.save(revoking(session, token), session.version)).toBe(true)
    expect(await store.readViews([token])).toEqual(new Map([[token, 2]]))
    await failingDeletes('off')
    await until(async () => (await store.readViews([token])).size === 0, 60_000, 'the deletion of the count')
  })

  test('gives a count of views the new expiry of its link, which a view that was read before does not replace', async () => {
    const views = store.db.collection<{ _id: string; expires_at: Date }>('views')
    const expiry = async (): Promise<string | undefined> => (await views.findOne({}))?.expires_at.toISOString()
    const session = await stored(store, {}, [calculation(1), share])
    const token = session.shares[0]?.token ?? ''
    await store.addViews(new Map([[token, 1]]), noon)
    expect(await expiry()).toBe(session.shares[0]?.expires_at)
    const renewed = changing(session, { ...share, payload: { expires_in_days: 90 } })
    await store.save(renewed, session.version)
    const later = renewed.session.shares[0]?.expires_at
    await until(async () => (await expiry()) === later, 60_000, 'the new expiry')
    const newest = addMs(String(later), dayMs)
    await views.updateOne({}, { $set: { expires_at: new Date(newest) } })
    await store.addViews(new Map([[token, 1]]), noon)
    expect(await store.readViews([token])).toEqual(new Map([[token, 2]]))
    expect(await expiry()).toBe(newest)
  })
})
