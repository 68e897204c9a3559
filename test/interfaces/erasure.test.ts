import type { MongoStore } from '../../src/db/mongo/mongo-store'
import { everyone } from '../../src/domain/caller'
import { Erasure, erasedAtOnce } from '../../src/sessions/erasure'
import { SessionCommands } from '../../src/sessions/session-commands'
import { follow } from '../support/follow'
import { inputs } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { done, graphqlApi, refused, restApi } from '../support/interfaces'
import { holdElapsed } from '../support/intervals'
import { serving, startServer } from '../support/server'
import { embeddedDatabase, overStores, storedText } from '../support/stores'
import { until } from '../support/until'

overStores(({ name, newDatabase }) => {
  const server = serving(newDatabase)

  // An erasure on MongoDB takes seconds, in which it only waits.
  test.concurrent.each([restApi(server), graphqlApi(server)])(
    'an erased mentor appears nowhere any more over $name, and subscribers see every session close',
    async api => {
      // Written in ASCII, so that it can be found in any encoding.
      const mentor_id = `erased/by ${api.name}? 100%`
      const others = { mentor_id: `another by ${api.name}`, organisation_id: 'o' }
      const other = done(await api.start(others)).session.session_id
      const start = { mentor_id, organisation_id: 'o' }
      const key = `start-by-${api.name}`
      const ids = [done(await api.start(start, { key })).session.session_id]
      for (let i = 0; i < 3; i++) ids.push(done(await api.start(start)).session.session_id)
      const [first, second] = ids as [string, string]
      for (const id of [first, second, other]) done(await api.dispatch(id, 'CalculateRequested', inputs, { key: 'k' }))
      done(await api.dispatch(first, 'ShareRequested'))
      const { token } = done(await api.share(first)).share
      // Closed before the erasure. The idempotency records of its start and its close last a day.
      done(await api.close(second, { key: 'close' }))
      expect(await api.close(second, { key: 'close' })).toMatchObject({ replayed: true })
      // Two sessions that belong to another mentor now, and one that belongs to the mentor only since then.
      const reassigned = async (from: typeof start, to: object, ofStart?: string): Promise<string> => {
        const { session_id } = done(await api.start(from, { key: ofStart })).session
        done(await api.dispatch(session_id, 'CalculateRequested', inputs, { key: 'k' }))
        done(await api.dispatch(session_id, 'ReassignRequested', to, { key: 'r' }))
        return session_id
      }
      const another = { mentor_id: `yet another by ${api.name}`, organisation_id: null }
      const left = [await reassigned(start, another, `${key}-left`), await reassigned(start, another)]
      done(await api.dispatch(String(left[1]), 'ResetRequested'))
      ids.push(await reassigned(others, { mentor_id }))
      expect(await storedText(server)).toContain(mentor_id)
      const feed = follow(server.url, 'graphqlWs', undefined, { mentor_id })
      await feed.received(1)

      const answer = { ok: true, mentor_id, remaining: 0, erased: true }
      expect(await api.erase(mentor_id)).toEqual({ ...answer, closed: 4 })
      // The process may show its feed a change some milliseconds after it responded to it.
      const closed = () =>
        feed.messages.flatMap(item => ('event' in item && item.event === 'SessionClosed' ? [item.session_id] : []))
      await until(() => closed().length >= 4, 20_000, 'the closes')
      expect(closed().sort()).toEqual([ids[0], ids[2], ids[3], ids[4]].sort())
      feed.connection.cut()

      expect(await storedText(server)).not.toContain(mentor_id)
      expect(JSON.stringify(server.log)).not.toContain('erased')
      for (const id of ids) expect(await api.get(id)).toEqual(refused('session_not_found'))
      expect(await api.shared(token)).toEqual(refused('share_not_found'))
      expect(done(await api.get(other)).version).toBe(3)
      for (const id of left) {
        expect(done(await api.get(id)).session.mentor_id).toBe(another.mentor_id)
        const { events } = done(await api.events(id))
        expect(events.filter(({ event }) => event === 'ReassignRequested')).toHaveLength(1)
        // Tells a reader that is behind that the session has left the scope of the erased mentor.
        const stored = (await server.store.sessions.transitions(id, 0, 10)) ?? []
        expect(stored.length).toBeGreaterThan(3)
        expect(stored.map(({ owners }) => owners)).toEqual(stored.map(() => ({ past: another, present: another })))
      }

      expect(await api.close(second, { key: 'close' })).toEqual(refused('session_not_found'))
      expect(await api.erase(mentor_id)).toEqual({ ...answer, closed: 0 })
      // The key is free again, so this starts a new session.
      const again = done(await api.start(start, { key }))
      expect(again).toMatchObject({ replayed: false, version: 1 })
      expect(done(await api.erase(mentor_id)).closed).toBe(1)
      for (const id of left) done(await api.close(id))
      done(await api.close(other))
    },
  )

  test('a mentor with many sessions is erased in parts, and each response says what remains', async () => {
    const mentor_id = 'many'
    await Promise.all(Array.from({ length: 2.5 * erasedAtOnce }, () => server.sessions.start({ mentor_id })))
    holdElapsed()
    let closes = 0
    const close = async (session_id: string) => {
      const outcome = await server.sessions.close(session_id)
      if (++closes === 1.5 * erasedAtOnce) jest.advanceTimersByTime(10_000)
      return outcome
    }
    const all = { closed: 2 * erasedAtOnce, remaining: 0.5 * erasedAtOnce, erased: false }
    const erasure = new Erasure({ caller: everyone, store: server.store, of: () => ({ close }) })
    expect(await erasure.erase(mentor_id)).toEqual({ mentor_id, ...all })
    jest.useRealTimers()
    const rest = { closed: 0.5 * erasedAtOnce, remaining: 0, erased: true }
    expect(await new Erasure(server.sessions).erase(mentor_id)).toEqual({ mentor_id, ...rest })
    await until(async () => (await server.queries.count({ mentor_id })) === 0, 60_000, 'the totals')
  })

  test.concurrent('a session that another mentor gets during the erasure stays', async () => {
    const [mentor_id, other] = ['left in time', 'got it in time']
    const { session } = await server.sessions.start({ mentor_id })
    const { session_id } = session
    const list = async (...page: Parameters<typeof lists.list>) => {
      const found = await lists.list(...page)
      const reassign = { event: 'ReassignRequested', payload: { mentor_id: other } }
      if (found.length > 0) await server.sessions.dispatch(session_id, reassign)
      return found
    }
    const { lists } = server.store
    const { dependencies: means } = server.sessions
    const sessions = new SessionCommands({ ...means, store: intercepting(server.store, { lists: { list } }) })
    expect(await new Erasure(sessions).erase(mentor_id)).toEqual({ mentor_id, closed: 0, remaining: 0, erased: true })
    expect((await server.queries.snapshot(session_id)).mentor_id).toBe(other)
  })

  test('only an admin may erase', async () => {
    await server.sessions.start({ mentor_id: 'kept' })
    const coordinator = server.sessions.of({ scope: { organisation_id: 'o' }, may: 'change' })
    await expect(new Erasure(coordinator).erase('kept')).rejects.toMatchObject({ code: 'forbidden' })
    expect(await server.store.lists.count({ mentor_id: 'kept' })).toBe(1)
  })

  if (name === 'embedded') return
  test.concurrent('erasing a mentor also removes a closed session that was not purged', async () => {
    const { db } = server.store as MongoStore
    const { session } = await server.sessions.start({ mentor_id: 'left' })
    await db
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: session.session_id }, { $set: { state: 'closed' } })
    expect(await new Erasure(server.sessions).erase('left')).toMatchObject({ closed: 0, erased: true })
    expect(await storedText(server)).not.toContain('"left"')
  })
})

test.each([{}, { METRICS_PORT: 0 }])(
  'with the configuration %j, an erasure also removes the mentor from the log in memory',
  async config => {
    const database = await embeddedDatabase()
    const { sessions, feed, stop } = await startServer(database, { config })
    const { next } = await feed.page({ limit: 1 })
    await sessions.start({ mentor_id: 'gone' })
    expect((await feed.page({ after: next, limit: 10 })).items).toMatchObject([{ commit: { mentor_id: 'gone' } }])
    await new Erasure(sessions).erase('gone')
    expect((await feed.page({ after: next, limit: 10 })).items).toMatchObject([
      { commit: { mentor_id: '' }, transition: { event: 'SessionClosed' } },
    ])
    await stop()
    await database.drop()
  },
)
