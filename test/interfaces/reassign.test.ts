import { randomUUID } from 'node:crypto'
import { inputs } from '../support/inputs'
import { type Api, base, done, overInterfaces, refused } from '../support/interfaces'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

const ReassignRequested = 'ReassignRequested'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase, { config: { SESSIONS_PER_MENTOR: 2 } })
  const { get } = client(server)

  /** Ids that no other test uses. */
  const ids = () => {
    const run = randomUUID()
    const of = (mentor: string, organisation: string | null) => ({
      mentor_id: `${run} ${mentor}`,
      organisation_id: organisation && `${run} ${organisation}`,
    })
    return { from: of('m', 'o'), to: of('n', 'p'), none: of('m', null) }
  }
  type Owner = ReturnType<typeof ids>['from']

  const started = async (api: Api, who: Parameters<Api['start']>[0]) => done(await api.start(who)).session.session_id

  /** Returns how many sessions the lists under the ids of an owner have. */
  async function countsAt(api: Api, { mentor_id, organisation_id }: Owner): Promise<number[]> {
    const month = new Date().toISOString().slice(0, 7)
    const filters = [{ mentor_id }, { organisation_id: organisation_id ?? '' }, { mentor_id, from: month, to: month }]
    const counts: number[] = []
    for (const filter of filters) {
      const { sessions, total } = done(await api.list(filter))
      expect(sessions).toHaveLength(total)
      counts.push(total)
    }
    return counts
  }

  overInterfaces(server, api => {
    test('a session counts under its new mentor and organisation, with its result and share link', async () => {
      const { from, to } = ids()
      const id = await started(api, { ...from, inputs })
      done(await api.dispatch(id, 'ShareRequested'))
      const { share } = done(await api.share(id))
      const before = done(await api.get(id)).session
      const all = [1, 1, 1]
      const none = all.map(() => 0)
      expect([await countsAt(api, from), await countsAt(api, to)]).toEqual([all, none])

      const { session, version } = done(await api.dispatch(id, ReassignRequested, to))
      expect(session).toEqual({
        ...before,
        mentor_id: to.mentor_id,
        last_event: ReassignRequested,
        updated_at: expect.any(String),
      })
      expect([await countsAt(api, from), await countsAt(api, to)]).toEqual([none, all])
      expect(done(await api.share(id)).share).toEqual(share)
      const { events } = done(await api.events(id, 4))
      expect(events).toEqual([
        {
          ...events[0],
          event: ReassignRequested,
          from: 'loaded',
          to: 'loaded',
          sequence: 5,
          result_id: before.result_id,
        },
      ])
      // The same ids change nothing.
      for (const same of [to, { mentor_id: to.mentor_id }, { mentor_id: null, organisation_id: to.organisation_id }])
        expect(done(await api.dispatch(id, ReassignRequested, same))).toEqual({
          ok: true,
          session,
          version,
          replayed: false,
        })
    })

    test('null is no organisation, a missing member stays, and a session without a result stays in its state', async () => {
      const { from, to } = ids()
      const id = await started(api, from)
      const ownerOf = async () => {
        const { mentor_id, organisation_id } = JSON.parse((await get(`${base}/${id}?view=full`)).text)
        return { mentor_id, organisation_id }
      }
      expect(done(await api.dispatch(id, ReassignRequested, { organisation_id: null })).session.state).toBe('initial')
      expect(await ownerOf()).toEqual({ ...from, organisation_id: null })
      done(await api.dispatch(id, ReassignRequested, { mentor_id: to.mentor_id }))
      expect(await ownerOf()).toEqual({ ...to, organisation_id: null })
      done(await api.dispatch(id, ReassignRequested, { mentor_id: null, organisation_id: to.organisation_id }))
      expect(await ownerOf()).toEqual(to)
      expect(done(await api.list({ mentor_id: to.mentor_id })).total).toBe(1)
    })

    test('the external id must be free in the new organisation, and moves with the session', async () => {
      const { from, to } = ids()
      const external_id = 'e'
      const id = await started(api, { ...from, external_id })
      const other = await started(api, { ...to, external_id })
      const taken = refused('external_id_taken', { session_id: other })
      expect(await api.dispatch(id, ReassignRequested, { organisation_id: to.organisation_id })).toEqual(taken)
      expect(done(await api.get(id)).version).toBe(1)
      done(await api.dispatch(id, ReassignRequested, { mentor_id: to.mentor_id, organisation_id: null }))
      done(await api.close(other))
      done(await api.dispatch(id, ReassignRequested, { organisation_id: to.organisation_id }))
      const found = done(await api.list({ external_id, organisation_id: String(to.organisation_id) })).sessions
      expect(found.map(({ session_id }) => session_id)).toEqual([id])
      // The former organisation may use it again.
      await started(api, { ...from, external_id })
    })

    test('a full quota of the new mentor refuses the session, and the former mentor gets room', async () => {
      const { from, to } = ids()
      const [id = ''] = [await started(api, from), await started(api, from)]
      const [first = ''] = [await started(api, to), await started(api, to)]
      const limited = refused('limit_reached', { limit: 2 })
      expect(await api.dispatch(id, ReassignRequested, to)).toEqual(limited)
      // The same mentor in another organisation has the session already.
      done(await api.dispatch(id, ReassignRequested, { organisation_id: to.organisation_id }))
      done(await api.close(first))
      done(await api.dispatch(id, ReassignRequested, { mentor_id: to.mentor_id }))
      await started(api, from)
      expect(await api.start(from)).toEqual(limited)
    })

    test('a repeat under its key is replayed, and names the present mentor', async () => {
      const { from, to } = ids()
      const key = randomUUID()
      const first = done(await api.start(from, { key }))
      const { session_id: id } = first.session
      const calculated = done(await api.dispatch(id, 'CalculateRequested', inputs, { key }))
      const moved = done(await api.dispatch(id, ReassignRequested, to, { key: 'moved' }))
      const now = <T extends { session: object }>(answer: T) => ({
        ...answer,
        session: { ...answer.session, mentor_id: to.mentor_id },
        replayed: true,
      })
      expect(await api.start(from, { key })).toEqual(now(first))
      expect(await api.dispatch(id, 'CalculateRequested', inputs, { key })).toEqual(now(calculated))
      expect(await api.dispatch(id, ReassignRequested, to, { key: 'moved' })).toEqual(now(moved))
      const { mentor_id } = to
      const reused = refused('idempotency_key_reused')
      expect(await api.dispatch(id, ReassignRequested, { mentor_id }, { key: 'moved' })).toEqual(reused)
      done(await api.dispatch(id, ReassignRequested, { mentor_id }, { key: 'same' }))
      const none = { mentor_id, organisation_id: null }
      expect(await api.dispatch(id, ReassignRequested, none, { key: 'same' })).toEqual(reused)
    })

    test('faults have their pointers, and without any member the fault is that of the payload', async () => {
      const id = await started(api, ids().from)
      const pointersOf = async (payload: object | null, event: typeof ReassignRequested | 'ResetRequested') => {
        const answer = await api.dispatch(id, event, payload as never)
        if (answer.ok) throw new Error('not refused')
        return (answer.facts.errors as { pointer: string }[]).map(({ pointer }) => pointer)
      }
      const whole = api.name === 'rest' ? '/payload' : '/reassign'
      for (const nothing of [null, { mentor_id: null }])
        expect(await pointersOf(nothing, ReassignRequested)).toEqual([whole])
      const members = ['/payload/mentor_id', '/payload/organisation_id'].map(api.pointer)
      expect(await pointersOf({ mentor_id: '', organisation_id: 'a\u0000' }, ReassignRequested)).toEqual(members)
      const refusedMembers = api.name === 'rest' ? ['/payload/mentor_id'] : ['/reassign']
      expect(await pointersOf({ mentor_id: 'm' }, 'ResetRequested')).toEqual(refusedMembers)
      expect(await pointersOf(inputs, ReassignRequested)).toEqual(
        expect.arrayContaining(Object.keys(inputs).map(name => api.pointer(`/payload/${name}`))),
      )
    })
  })
})
