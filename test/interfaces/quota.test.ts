import { randomUUID } from 'node:crypto'
import { accessWorld, sentBy } from '../support/access'
import { type Api, base, done, graphqlApi, overInterfaces, refused, restApi } from '../support/interfaces'
import { client, json } from '../support/rest'
import { serving, startServer } from '../support/server'
import { overStores } from '../support/stores'
import { until } from '../support/until'

const limit = 3
const config = { SESSIONS_PER_MENTOR: limit }
const limited = refused('limit_reached', { limit })

overStores(({ newDatabase, shared }) => {
  /** Starts as many sessions of a mentor as allowed. Returns their ids. */
  async function filled(api: Api, mentor_id: string): Promise<string[]> {
    const ids: string[] = []
    for (let i = 0; i < limit; i++) ids.push(done(await api.start({ mentor_id })).session.session_id)
    return ids
  }

  describe('with SESSIONS_PER_MENTOR', () => {
    const server = serving(newDatabase, { config })

    overInterfaces(server, api => {
      test('a start beyond the limit is refused until a session of the mentor is closed', async () => {
        const mentor_id = randomUUID()
        const [first = ''] = await filled(api, mentor_id)
        expect(await api.start({ mentor_id })).toEqual(limited)
        expect(await api.start({ mentor_id, organisation_id: 'other' })).toEqual(limited)
        done(await api.start({ mentor_id: randomUUID() }))
        done(await api.close(first))
        done(await api.start({ mentor_id }))
        expect(await api.start({ mentor_id })).toEqual(limited)
        expect(done(await api.list({ mentor_id })).total).toBe(limit)
      })

      test('at the limit, the repeat of a start under its key is replayed', async () => {
        const mentor_id = randomUUID()
        const started = done(await api.start({ mentor_id }, { key: mentor_id }))
        done(await api.start({ mentor_id }))
        done(await api.start({ mentor_id }))
        expect(await api.start({ mentor_id }, { key: mentor_id })).toEqual({ ...started, replayed: true })
        expect(await api.start({ mentor_id }, { key: `${mentor_id}-again` })).toEqual(limited)
      })

      test('of many starts at once, no more are made than the limit allows', async () => {
        const mentor_id = randomUUID()
        const starts = await Promise.all(Array.from({ length: 30 }, () => api.start({ mentor_id })))
        const made = starts.filter(({ ok }) => ok).length
        expect(made).toBeLessThanOrEqual(limit)
        expect(made).toBeGreaterThan(0)
        expect(done(await api.list({ mentor_id })).total).toBe(made)
      })
    })

    if (shared) {
      test('of many starts at once in two processes, each admits at most the limit, and then neither admits more', async () => {
        const mentor_id = randomUUID()
        const other = await startServer(server.database, { config })
        try {
          const apis = [restApi(server), restApi(other)]
          const starts = (api: Api) => Promise.all(Array.from({ length: 10 }, () => api.start({ mentor_id })))
          const admitted = (await Promise.all(apis.map(starts))).map(all => all.filter(({ ok }) => ok).length)
          for (const count of admitted) expect(count).toBeLessThanOrEqual(limit)
          const total = async (api: Api): Promise<number> => done(await api.list({ mentor_id })).total
          const made = admitted.reduce((sum, count) => sum + count)
          for (const api of apis) await until(async () => (await total(api)) === made, 20_000, 'all sessions')
          // For a moment, a start may count twice. Then fewer were admitted.
          for (let n = made; n < limit; n++) done(await restApi(server).start({ mentor_id }))
          const full = Math.max(made, limit)
          for (const api of apis) {
            await until(async () => (await total(api)) === full, 20_000, 'all sessions')
            expect(await api.start({ mentor_id })).toEqual(limited)
          }
        } finally {
          await other.stop()
        }
      })
    }

    test('the problem says what is wrong and what to do', async () => {
      const mentor_id = randomUUID()
      await filled(restApi(server), mentor_id)
      const { status, text } = await client(server).post(base, JSON.stringify({ mentor_id }), json)
      expect(status).toBe(409)
      expect(JSON.parse(text).detail).toBe(
        'This mentor already has the maximum number of open sessions (3). Close a session first.',
      )
    })

    test('the limit still holds after a restart', async () => {
      const mentor_id = randomUUID()
      const ids = await filled(restApi(server), mentor_id)
      await server.stop()
      Object.assign(server, await startServer(server.database, { config }))
      expect(await restApi(server).start({ mentor_id })).toEqual(limited)
      done(await restApi(server).close(ids[0] ?? ''))
      done(await restApi(server).start({ mentor_id }))
    })
  })

  describe('with tokens', () => {
    const world = accessWorld(newDatabase, { config })
    const apiOf = (claims: object): Api => graphqlApi(world.server, sentBy(world.bearer(claims)))
    const coordinatorOf = (organisation_id: string): Api =>
      apiOf({ sub: organisation_id, role: 'coordinator', organisation_id })

    test("sessions outside the caller's scope don't count", async () => {
      const mentor_id = randomUUID()
      await filled(coordinatorOf('org_a'), mentor_id)
      expect(await coordinatorOf('org_a').start({ mentor_id })).toEqual(limited)
      done(await coordinatorOf('org_b').start({ mentor_id }))
      // The mentor sees the sessions of both.
      expect(await apiOf({ sub: 'm', mentor_id }).start({ mentor_id })).toEqual(limited)
      done(await apiOf({ sub: 'm', mentor_id, organisation_id: 'org_b' }).start({ mentor_id }))
    })

    test('starts at once in two scopes exceed the limit of no mentor', async () => {
      const [coordinator, admin] = [coordinatorOf('org_a'), apiOf({ sub: 'admin', role: 'admin' })]
      const mentors = Array.from({ length: 20 }, () => randomUUID())
      await Promise.all(
        mentors.map(async mentor_id => {
          for (let i = 1; i < limit; i++) done(await coordinator.start({ mentor_id }))
          await Promise.all([coordinator, admin].map(api => api.start({ mentor_id, organisation_id: 'org_a' })))
        }),
      )
      const totals = await Promise.all(mentors.map(async mentor_id => done(await admin.list({ mentor_id })).total))
      expect(totals).toEqual(mentors.map(() => limit))
    })
  })
})
