import { type FeedPosition, feedCursorOf, feedPositionOf } from '../../src/feed/ring'
import { cursorsAfter, type FeedItem, nowOf, page } from '../support/feed-pages'
import { follow } from '../support/follow'
import { inputs } from '../support/inputs'
import { done, restApi } from '../support/interfaces'
import { client } from '../support/rest'
import { type Server, startServer } from '../support/server'
import { overStores, type TestDatabase } from '../support/stores'

overStores(({ name, newDatabase, shared }) => {
  const databases: TestDatabase[] = []
  const running = new Set<Server>()
  afterAll(async () => {
    await Promise.all([...running].map(server => server.stop()))
    await Promise.all(databases.map(database => database.drop()))
  })

  /** Starts the processes of this store on a database of the test: two, if it allows that. */
  async function processes(): Promise<{ servers: Server[]; restart(): Promise<void> }> {
    const database = await newDatabase()
    databases.push(database)
    const start = async (): Promise<Server> => {
      const server = await startServer(database)
      running.add(server)
      return server
    }
    const servers: Server[] = []
    for (let i = 0; i < (shared ? 2 : 1); i++) servers.push(await start())
    return {
      servers,
      async restart() {
        await Promise.all(servers.map(server => server.stop()))
        for (const [i, server] of servers.entries()) {
          running.delete(server)
          servers[i] = await start()
        }
      },
    }
  }

  // An erasure on MongoDB takes seconds, in which it only waits.
  test.concurrent('no process shows an erased mentor by any cursor, and each shows a mentor that returns', async () => {
    const { servers, restart } = await processes()
    const [first] = servers as [Server]
    const api = restApi(first)
    const start = async (mentor_id: string) =>
      done(await api.start({ mentor_id, organisation_id: 'o' })).session.session_id
    const origin = await nowOf(first)
    const early = await start('gone by name')
    done(await api.dispatch(early, 'CalculateRequested', inputs))
    done(await api.close(early))
    const late = await start('gone by name')
    const other = await start('stays')
    const cursors = [origin, ...(await cursorsAfter(first, origin, 6))]
    for (const server of servers) {
      await cursorsAfter(server, origin, 6)
      expect((await page(server, origin)).text).toContain('gone by name')
    }

    expect(await api.erase('gone by name')).toMatchObject({ ok: true, closed: 1, erased: true })
    const expected = [
      [early, '', 'SessionClosed'],
      [other, 'stays', 'SessionStarted'],
      [late, '', 'SessionClosed'],
    ]
    const shown = ({ data }: { data: FeedItem[] }) =>
      data.map(({ session_id, mentor_id, event }) => [session_id, mentor_id, event])
    const holds = async (): Promise<void> => {
      for (const server of servers) {
        for (const cursor of cursors) {
          const answer = await page(server, cursor)
          expect(answer.status).toBe(200)
          expect(answer.text).not.toContain('gone by name')
          expect(expected).toEqual(expect.arrayContaining(shown(answer)))
          const told = follow(server.url, 'eventSource', cursor)
          await told.received(1 + shown(answer).length)
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
    await restart()
    await holds()

    const back = await restApi(servers[0] as Server).start({ mentor_id: 'gone by name', organisation_id: 'o' })
    for (const server of servers) {
      await cursorsAfter(server, again, 1)
      for (const filter of ['', '&mentor_id=gone%20by%20name']) {
        const { data } = await page(server, again, filter)
        expect(data).toMatchObject([{ session_id: done(back).session.session_id, mentor_id: 'gone by name' }])
      }
    }
  })

  test.concurrent('a stream of the transitions of an erased session shows nothing but the close', async () => {
    const { servers } = await processes()
    const server = servers.at(-1) as Server
    const api = restApi(servers[0] as Server)
    const { session_id } = done(await api.start({ mentor_id: 'gone' })).session
    const response = await fetch(`${server.url}/api/v1/benefit-calculator-sessions/${session_id}/events?after=0`, {
      headers: { Accept: 'text/event-stream' },
    })
    done(await api.erase('gone'))
    const text = await response.text()
    expect(text).toContain('SessionClosed')
    expect(text).not.toContain('gone')
    const { status } = await client(server).get(`/api/v1/benefit-calculator-sessions/${session_id}/events`)
    expect(status).toBe(404)
  })

  if (name === 'embedded') return
  test.concurrent('a cursor of an erased commit keeps its place among the others', async () => {
    const [first, second] = (await processes()).servers as [Server, Server]
    const api = restApi(first)
    const origin = await nowOf(first)
    const { session_id } = done(await api.start({ mentor_id: 'gone' })).session
    done(await api.dispatch(session_id, 'CalculateRequested', inputs))
    done(await api.start({ mentor_id: 'stays' }))
    const [, within] = (await cursorsAfter(second, origin, 4)) as [string, string]
    done(await api.erase('gone'))
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
