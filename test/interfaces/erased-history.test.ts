import { type FeedPosition, feedCursorOf, feedPositionOf } from '../../src/feed/ring'
import { follow } from '../support/follow'
import { inputs } from '../support/inputs'
import { done, restDoor } from '../support/interfaces'
import { Relay } from '../support/relay'
import { client } from '../support/rest'
import { type Server, startServer } from '../support/server'
import { describeMongo, mongoDatabase, openMongo, overStores, type TestDatabase } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

interface Item {
  cursor: string
  session_id: string
  mentor_id: string
  event: string
}

const page = async (server: Server, after: string, filter = '') => {
  const { status, text } = await client(server).get(`${feedPath}?after=${after}${filter}`)
  return { status, text, ...(JSON.parse(text) as { data: Item[]; next: string; code?: string }) }
}

const nowOf = async (server: Server): Promise<string> => JSON.parse((await client(server).get(feedPath)).text).next

/** Waits until the page after a cursor has this many items, and returns their cursors. */
async function cursorsAfter(server: Server, after: string, count: number): Promise<string[]> {
  await until(async () => (await page(server, after)).data.length === count, 60_000, 'the items')
  return (await page(server, after)).data.map(({ cursor }) => cursor)
}

overStores(({ name, place: make, shared }) => {
  let place: TestDatabase
  let servers: Server[]
  beforeEach(async () => {
    place = await make()
    servers = []
    await startAll()
  })
  afterEach(async () => {
    await Promise.all(servers.map(server => server.stop()))
    await place.drop()
  })

  /** Starts the processes of this store: two, if it allows that. */
  async function startAll(): Promise<void> {
    for (let i = 0; i < (shared ? 2 : 1); i++) servers.push(await startServer(place))
  }

  test('no process shows an erased mentor by any cursor, and each shows a mentor that returns', async () => {
    const [first] = servers as [Server]
    const door = restDoor(first)
    const start = async (mentor_id: string) =>
      done(await door.start({ mentor_id, organisation_id: 'o' })).session.session_id
    const origin = await nowOf(first)
    const early = await start('gone by name')
    done(await door.dispatch(early, 'CalculateRequested', inputs))
    done(await door.close(early))
    const late = await start('gone by name')
    const other = await start('stays')
    const cursors = [origin, ...(await cursorsAfter(first, origin, 6))]
    for (const server of servers) {
      await cursorsAfter(server, origin, 6)
      expect((await page(server, origin)).text).toContain('gone by name')
    }

    expect(await door.erase('gone by name')).toMatchObject({ ok: true, closed: 1, erased: true })
    const expected = [
      [early, '', 'SessionClosed'],
      [other, 'stays', 'SessionStarted'],
      [late, '', 'SessionClosed'],
    ]
    const shown = ({ data }: { data: Item[] }) =>
      data.map(({ session_id, mentor_id, event }) => [session_id, mentor_id, event])
    const holds = async (): Promise<void> => {
      for (const server of servers) {
        for (const cursor of cursors) {
          const answer = await page(server, cursor)
          expect(answer.status).toBe(200)
          expect(answer.text).not.toContain('gone by name')
          expect(expected).toEqual(expect.arrayContaining(shown(answer)))
          const told = follow(server.url, 'eventSource', cursor)
          await told.told(1 + shown(answer).length)
          expect(JSON.stringify(told.messages)).not.toContain('gone by name')
          told.connection.cut()
        }
        for (const filter of ['', '&organisation_id=o']) {
          expect(shown(await page(server, origin, filter))).toEqual(expected)
        }
        const own = await page(server, origin, '&mentor_id=gone%20by%20name')
        expect(own).toMatchObject({ status: 410, code: 'cursor_expired' })
      }
    }
    await holds()
    const again = await nowOf(first)
    await Promise.all(servers.map(server => server.stop()))
    servers = []
    await startAll()
    await holds()

    const back = await restDoor(servers[0] as Server).start({ mentor_id: 'gone by name', organisation_id: 'o' })
    for (const server of servers) {
      await cursorsAfter(server, again, 1)
      for (const filter of ['', '&mentor_id=gone%20by%20name']) {
        const { data } = await page(server, again, filter)
        expect(data).toMatchObject([{ session_id: done(back).session.session_id, mentor_id: 'gone by name' }])
      }
    }
  })

  test('a stream of the transitions of an erased session shows nothing but the close', async () => {
    const server = servers.at(-1) as Server
    const door = restDoor(servers[0] as Server)
    const { session_id } = done(await door.start({ mentor_id: 'gone' })).session
    const response = await fetch(`${server.url}/api/v1/benefit-calculator-sessions/${session_id}/events?after=0`, {
      headers: { Accept: 'text/event-stream' },
    })
    done(await door.erase('gone'))
    const text = await response.text()
    expect(text).toContain('SessionClosed')
    expect(text).not.toContain('gone')
    const { status } = await client(server).get(`/api/v1/benefit-calculator-sessions/${session_id}/events`)
    expect(status).toBe(404)
  })

  if (name === 'embedded') return
  test('a cursor of an erased commit keeps its place among the others', async () => {
    const [first, second] = servers as [Server, Server]
    const door = restDoor(first)
    const origin = await nowOf(first)
    const { session_id } = done(await door.start({ mentor_id: 'gone' })).session
    done(await door.dispatch(session_id, 'CalculateRequested', inputs))
    done(await door.start({ mentor_id: 'stays' }))
    const [, within] = (await cursorsAfter(second, origin, 4)) as [string, string]
    done(await door.erase('gone'))
    const { position } = feedPositionOf(second.store, within) as FeedPosition
    for (const skip of [0, 1, 2]) {
      const { data } = await page(second, feedCursorOf(second.store, { position, skip }))
      expect(data.map(({ mentor_id, event }) => `${mentor_id} ${event}`)).toEqual([
        'stays SessionStarted',
        ' SessionClosed',
      ])
    }
  })
})

describeMongo('a process that is cut off from MongoDB', () => {
  let place: TestDatabase
  let relay: Relay
  let near: Server
  let far: Server
  beforeAll(async () => {
    place = await mongoDatabase()
    const uri = new URL(place.env.MONGODB_URI as string)
    relay = await Relay.before(`http://${uri.host}`)
    near = await startServer(place)
    const behind = `mongodb://${new URL(relay.url).host}${uri.pathname}?directConnection=true`
    far = await startServer({ ...place, open: () => openMongo(behind) })
  })
  afterAll(async () => {
    relay?.mend()
    await Promise.all([near?.stop(), far?.stop()])
    await relay?.stop()
    await place?.drop()
  })

  test('shows no commit from memory by the time an erasure is reported, and hides the mentor when it is back', async () => {
    const door = restDoor(near)
    // A position of its own log, so that it needs no read to know it.
    const origin = await nowOf(far)
    done(await door.start({ mentor_id: 'gone by name' }))
    await cursorsAfter(far, origin, 1)
    const live = follow(far.url, 'graphqlWs')
    await live.told(1)
    relay.cut()
    expect((await page(far, origin)).text).toContain('gone by name')
    expect(await door.erase('gone by name')).toMatchObject({ erased: true })
    expect(await page(far, origin)).toMatchObject({ status: 503 })
    done(await door.start({ mentor_id: 'stays' }))
    relay.mend()
    await until(async () => (await page(far, origin)).data?.length === 2, 60_000, 'the log')
    const { text, data } = await page(far, origin)
    expect(text).not.toContain('gone by name')
    expect(data).toMatchObject([{ event: 'SessionClosed' }, { mentor_id: 'stays' }])
    // The subscriber misses nothing.
    expect((await live.told(3)).slice(1)).toMatchObject([{ event: 'SessionClosed' }, { event: 'SessionStarted' }])
    live.connection.cut()
    expect((await client(far).get('/api/v1/benefit-mentors')).text).not.toContain('gone by name')
    const { sessions } = JSON.parse((await client(far).get('/api/v1/benefit-summaries')).text)
    expect(sessions).toBe(1)
  })
})
