import { operations } from '../capabilities'
import { cursorsAfter, nowOf, page } from '../support/feed-pages'
import { follow } from '../support/follow'
import { base, done, restApi } from '../support/interfaces'
import { restRequestsOf } from '../support/operation'
import { Relay } from '../support/relay'
import { client } from '../support/rest'
import { type Server, startServer } from '../support/server'
import { describeMongo, mongoDatabase, openMongo, type TestDatabase } from '../support/stores'
import { until } from '../support/until'

/** Paths of everything that can be read without an id. */
const paths = operations
  .flatMap(restRequestsOf)
  .flatMap(({ at }) => (at.startsWith('GET ') && !at.includes('{') ? [at.slice('GET '.length)] : []))

describeMongo('a process that is cut off from MongoDB', () => {
  let database: TestDatabase
  let relay: Relay
  let near: Server
  let far: Server
  beforeAll(async () => {
    database = await mongoDatabase()
    const uri = new URL(database.env.MONGODB_URI as string)
    relay = await Relay.before(`http://${uri.host}`)
    near = await startServer(database)
    const behind = `mongodb://${new URL(relay.url).host}${uri.pathname}?directConnection=true`
    far = await startServer({ ...database, open: () => openMongo(behind) })
  })
  afterAll(async () => {
    relay?.mend()
    await Promise.all([near?.stop(), far?.stop()])
    await relay?.stop()
    await database?.drop()
  })

  test('shows no commit from memory by the time an erasure is reported, and hides the mentor when it is back', async () => {
    const api = restApi(near)
    // A position of its own log, so that it needs no read to know it.
    const origin = await nowOf(far)
    done(await api.start({ mentor_id: 'gone by name' }))
    await cursorsAfter(far, origin, 1)
    const live = follow(far.url, 'graphqlWs')
    await live.received(1)
    relay.cut()
    expect((await page(far, origin)).text).toContain('gone by name')
    expect(await api.erase('gone by name')).toMatchObject({ erased: true })
    expect(await page(far, origin)).toMatchObject({ status: 503 })
    done(await api.start({ mentor_id: 'stays' }))
    relay.mend()
    await until(async () => (await page(far, origin)).data?.length === 2, 60_000, 'the log')
    const { text, data } = await page(far, origin)
    expect(text).not.toContain('gone by name')
    expect(data).toMatchObject([{ event: 'SessionClosed' }, { mentor_id: 'stays' }])
    // The subscriber misses nothing.
    expect((await live.received(3)).slice(1)).toMatchObject([{ event: 'SessionClosed' }, { event: 'SessionStarted' }])
    live.connection.cut()
    for (const path of paths) expect((await client(far).get(path)).text).not.toContain('gone by name')
    expect(JSON.parse((await client(far).get(base)).text).pagination.total).toBe(1)
  })
})
