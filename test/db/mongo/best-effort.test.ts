import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { addMs, dayMs, timestamp } from '../../../src/domain/timestamp'
import { ReplicaSet } from '../../support/mongod'
import { calculation, changing, revoking, stored } from '../../support/sessions'
import { describeMongo, openMongo } from '../../support/stores'
import { until } from '../../support/until'

/** The time of the sessions: MongoDB deletes a count at the expiry of its link. */
const now = timestamp(new Date())

const share = { event: 'ShareRequested', payload: { expires_in_days: 7 } } as const

describeMongo('what MongoDB does besides a write', () => {
  let set: ReplicaSet
  let store: MongoStore
  beforeAll(async () => {
    set = await ReplicaSet.start(1, ['--setParameter', 'enableTestCommands=1'])
    store = await openMongo(set.uri)
  })
  afterEach(() => set.command(0, { configureFailPoint: 'failCommand', mode: 'off' }))
  afterAll(async () => {
    await store?.end()
    await set?.stop()
  })

  test('does not delay the end of a share link, while the deletion of its count takes long', async () => {
    const session = await stored(store, {}, [calculation(1), share], now)
    const token = session.shares[0]?.token ?? ''
    await store.views.addViews(new Map([[token, 2]]), now)
    await set.disturbDeletes(`${store.db.databaseName}.views`, { blockConnection: true, blockTimeMS: 5_000 })
    expect(await store.sessions.save(revoking(session, token, now), session.version)).toBe(true)
    expect(await store.views.readViews([token])).toEqual(new Map([[token, 2]]))
    await until(async () => (await store.views.readViews([token])).size === 0, 60_000, 'the deletion of the count')
  })

  test('gives a count of views the new expiry of its link, which a view that was read before does not replace', async () => {
    const views = store.db.collection<{ _id: string; expires_at: Date }>('views')
    const expiry = async (): Promise<string | undefined> => (await views.findOne({}))?.expires_at.toISOString()
    const session = await stored(store, {}, [calculation(1), share], now)
    const token = session.shares[0]?.token ?? ''
    await store.views.addViews(new Map([[token, 1]]), now)
    expect(await expiry()).toBe(session.shares[0]?.expires_at)
    const renewed = changing(session, { ...share, payload: { expires_in_days: 90 } }, now)
    await store.sessions.save(renewed, session.version)
    const later = renewed.session.shares[0]?.expires_at
    await until(async () => (await expiry()) === later, 60_000, 'the new expiry')
    const newest = addMs(String(later), dayMs)
    await views.updateOne({}, { $set: { expires_at: new Date(newest) } })
    await store.views.addViews(new Map([[token, 1]]), now)
    expect(await store.views.readViews([token])).toEqual(new Map([[token, 2]]))
    expect(await expiry()).toBe(newest)
  })
})
