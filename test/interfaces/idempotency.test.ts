import { randomUUID } from 'node:crypto'
import { inputs, otherInputs } from '../support/inputs'
import { type Api, done, graphqlApi, overInterfaces, overPairs, refused } from '../support/interfaces'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'

const started = async (api: Api) => done(await api.start({ mentor_id: 'mentor' })).session.session_id

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-03-26T09:00:00Z')
  const server = serving(newDatabase, { clock })

  overPairs(server, (first, second) => {
    test('a start repeated under its key is replayed, marked as such, and starts nothing', async () => {
      const key = randomUUID()
      const who = { mentor_id: key, organisation_id: 'org' }
      const start = done(await first.start(who, { key }))
      expect(start.replayed).toBe(false)
      expect(await second.start(who, { key })).toEqual({ ...start, replayed: true })
      expect(done(await first.list({ mentor_id: key })).total).toBe(1)
    })

    test('an event repeated under its key is replayed, marked as such, and changes nothing', async () => {
      const id = await started(first)
      const calculated = done(await first.dispatch(id, 'CalculateRequested', inputs, { key: 'one' }))
      done(await first.dispatch(id, 'ResetRequested'))
      expect(await second.dispatch(id, 'CalculateRequested', inputs, { key: 'one' })).toEqual({
        ...calculated,
        replayed: true,
      })
      expect(done(await second.get(id))).toMatchObject({ session: { state: 'initial' }, version: 4 })
    })

    test('a replay takes precedence over version and state: a repeated conditional event is not refused', async () => {
      const id = await started(first)
      const guarded = { key: 'guarded', version: 1 }
      const calculated = done(await first.dispatch(id, 'CalculateRequested', inputs, guarded))
      expect(await second.dispatch(id, 'CalculateRequested', inputs, guarded)).toEqual({
        ...calculated,
        replayed: true,
      })
      const shared = done(await first.dispatch(id, 'ShareRequested', null, { key: 'share' }))
      done(await first.dispatch(id, 'ResetRequested'))
      expect(await second.dispatch(id, 'ShareRequested', null, { key: 'share' })).toEqual({ ...shared, replayed: true })
    })

    test('a different request under a used key is refused and changes nothing', async () => {
      const id = await started(first)
      done(await first.dispatch(id, 'CalculateRequested', inputs, { key: 'taken' }))
      const reused = refused('idempotency_key_reused')
      expect(await second.dispatch(id, 'CalculateRequested', otherInputs, { key: 'taken' })).toEqual(reused)
      expect(await second.dispatch(id, 'ResetRequested', null, { key: 'taken' })).toEqual(reused)
      expect(done(await second.get(id)).version).toBe(3)

      const key = randomUUID()
      done(await first.start({ mentor_id: key }, { key }))
      expect(await second.start({ mentor_id: key, organisation_id: 'other' }, { key })).toEqual(reused)
      expect(done(await second.list({ mentor_id: key })).total).toBe(1)
    })

    test('null is the same as a missing field, except where it removes the organisation', async () => {
      const key = randomUUID()
      const start = done(await first.start({ mentor_id: key, organisation_id: null }, { key }))
      expect(await second.start({ mentor_id: key }, { key })).toEqual({ ...start, replayed: true })
      const id = done(await first.start({ mentor_id: key, organisation_id: 'org' })).session.session_id
      const payload = { mentor_id: `${key} 2`, organisation_id: null }
      const moved = done(await first.dispatch(id, 'ReassignRequested', payload, { key }))
      expect(await second.dispatch(id, 'ReassignRequested', payload, { key })).toEqual({ ...moved, replayed: true })
      const { mentor_id } = payload
      expect(await second.dispatch(id, 'ReassignRequested', { mentor_id }, { key })).toEqual(
        refused('idempotency_key_reused'),
      )
    })

    test('the response to a no-op is stored under its key too', async () => {
      const id = await started(first)
      const nothing = done(await first.dispatch(id, 'ResetRequested', null, { key: 'nothing' }))
      done(await first.dispatch(id, 'CalculateRequested', inputs))
      expect(await second.dispatch(id, 'ResetRequested', null, { key: 'nothing' })).toEqual({
        ...nothing,
        replayed: true,
      })
      expect(done(await first.get(id))).toMatchObject({ session: { state: 'loaded' }, version: 3 })
    })

    test('an error leaves the key free', async () => {
      const id = await started(first)
      const stated = { key: 'free' }
      expect(await first.dispatch(id, 'ShareRequested', null, stated)).toMatchObject({ code: 'event_refused' })
      expect(await first.dispatch(id, 'ResetRequested', null, { ...stated, version: 7 })).toMatchObject({
        code: 'version_mismatch',
      })
      expect(await first.dispatch(id, 'CalculateRequested', null, stated)).toMatchObject({ code: 'validation_failed' })
      expect(await second.dispatch(id, 'CalculateRequested', inputs, stated)).toMatchObject({
        ok: true,
        replayed: false,
      })
    })

    test('a key used in one session is free in another session and for a start', async () => {
      const key = randomUUID()
      const ids = [await started(first), await started(second)]
      for (const id of ids) {
        expect(await first.dispatch(id, 'CalculateRequested', inputs, { key })).toMatchObject({
          ok: true,
          replayed: false,
        })
      }
      expect(await second.start({ mentor_id: 'm' }, { key })).toMatchObject({ ok: true, replayed: false })
    })

    test("a start's key outlives the close of its session, and its replay says so; a session's keys end with it", async () => {
      const key = randomUUID()
      const start = done(await first.start({ mentor_id: 'm' }, { key }))
      const { session_id } = start.session
      done(await first.dispatch(session_id, 'CalculateRequested', inputs, { key }))
      done(await first.close(session_id))
      expect(await second.start({ mentor_id: 'm' }, { key })).toEqual({ ...start, replayed: true, closed: true })
      expect(await second.dispatch(session_id, 'CalculateRequested', inputs, { key })).toEqual(
        refused('session_not_found'),
      )
    })

    test.each(['with', 'without'])(
      'a repeated close with the same key gets the first response for 24 hours, if the start was %s a key',
      async keyed => {
        clock.set('2026-03-26T09:00:00Z')
        const key = randomUUID()
        const start = done(await first.start({ mentor_id: 'm' }, { key: keyed === 'with' ? randomUUID() : undefined }))
        const { session_id } = start.session
        const closed = done(await first.close(session_id, { key, version: 1 }))
        expect(closed).toEqual({ ok: true, session_id, deleted: true })
        expect(await second.close(session_id, { key, version: 1 })).toEqual({ ...closed, replayed: true })
        expect(await second.close(session_id)).toEqual(refused('session_not_found'))
        expect(await second.close(session_id, { key: randomUUID() })).toEqual(refused('session_not_found'))
        expect(await second.dispatch(session_id, 'ResetRequested', null, { key })).toEqual(refused('session_not_found'))
        clock.set('2026-03-27T09:00:00Z')
        expect(await second.close(session_id, { key, version: 1 })).toEqual(refused('session_not_found'))
        clock.set('2026-03-26T09:00:00Z')
      },
    )

    test('a session whose change used the key is not closed under it', async () => {
      const id = await started(first)
      done(await first.dispatch(id, 'CalculateRequested', inputs, { key: 'change' }))
      expect(await second.close(id, { key: 'change' })).toEqual(refused('idempotency_key_reused'))
    })

    test('a key is honoured for 24 hours', async () => {
      clock.set('2026-03-26T09:00:00Z')
      const key = randomUUID()
      const id = await started(first)
      done(await first.dispatch(id, 'CalculateRequested', inputs, { key }))
      done(await first.start({ mentor_id: 'm' }, { key }))
      clock.set('2026-03-27T08:59:59Z')
      expect(await second.dispatch(id, 'CalculateRequested', inputs, { key })).toMatchObject({ replayed: true })
      expect(await second.start({ mentor_id: 'm' }, { key })).toMatchObject({ replayed: true })
      clock.set('2026-03-27T09:00:00Z')
      expect(await second.dispatch(id, 'CalculateRequested', inputs, { key })).toMatchObject({
        ok: true,
        replayed: false,
      })
      expect(await second.start({ mentor_id: 'm' }, { key })).toMatchObject({ ok: true, replayed: false })
      clock.set('2026-03-26T09:00:00Z')
    })
  })

  overInterfaces(server, api => {
    test('of concurrent requests under one key, one takes effect, and the others are replayed or refused as in flight', async () => {
      const id = await started(api)
      const stated = { key: 'twins' }
      const twins = Array.from({ length: 10 }, () => api.dispatch(id, 'CalculateRequested', inputs, stated))
      const answers = await Promise.all(twins)
      expect(answers.filter(answer => answer.ok && !answer.replayed)).toHaveLength(1)
      for (const answer of answers) expect(answer.ok || answer.code === 'request_in_flight').toBe(true)
      expect(done(await api.get(id)).version).toBe(3)

      const key = randomUUID()
      await Promise.all(Array.from({ length: 10 }, () => api.start({ mentor_id: key }, { key })))
      expect(done(await api.list({ mentor_id: key })).total).toBe(1)
    })

    test('a key of 255 characters is accepted, and a longer one is malformed', async () => {
      const id = await started(api)
      // In GraphQL an empty key means the same as leaving it out.
      for (const key of [...(api.name === 'rest' ? [''] : []), 'k'.repeat(256)]) {
        const place = api.name === 'rest' ? { header: 'Idempotency-Key' } : { pointer: '/idempotencyKey' }
        const errors = [{ detail: 'must have 1 to 255 characters', ...place }]
        expect(await api.dispatch(id, 'ResetRequested', null, { key })).toEqual(refused('invalid_request', { errors }))
        expect(await api.start({ mentor_id: 'm' }, { key })).toEqual(refused('invalid_request', { errors }))
      }
      expect((await api.dispatch(id, 'ResetRequested', null, { key: 'k'.repeat(255) })).ok).toBe(true)
    })
  })

  test('a replay over GraphQL contains the transitions of the first call', async () => {
    const api = graphqlApi(server)
    const id = await started(api)
    const first = await api.transitionsOf(id, 'CalculateRequested', inputs, { key: 'k' })
    done(await api.dispatch(id, 'ResetRequested'))
    expect(first.map(({ sequence, from, to }) => [sequence, from, to])).toEqual([
      [2, 'initial', 'loading'],
      [3, 'loading', 'loaded'],
    ])
    expect(await api.transitionsOf(id, 'CalculateRequested', inputs, { key: 'k' })).toEqual(first)
  })
})
