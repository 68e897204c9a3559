import { maxIdempotencyRecords } from '../../src/domain/idempotency-record'
import { accessWorld, sentBy } from '../support/access'
import { inputs, otherInputs } from '../support/inputs'
import { type Api, done, graphqlApi, restApi } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { people } from '../support/tokens'

const twin = { ...people.mentor, sub: 'twin' }
const subjects = [people.admin, people.coordinator, people.mentor, twin]

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)
  const apisOf = (claims: object): [rest: Api, graphql: Api] => {
    const sent = sentBy(world.bearer(claims))
    return [restApi(world.server, sent), graphqlApi(world.server, sent)]
  }

  test('each subject has its own keys in a session, shared by its tokens and by REST and GraphQL', async () => {
    const { session_id } = await world.fresh('a')
    for (const claims of subjects) {
      const [first] = apisOf(claims)
      const calculated = done(await first.dispatch(session_id, 'CalculateRequested', inputs, { key: 'shared' }))
      expect(calculated.replayed).toBe(false)
      for (const api of apisOf({ ...claims, name: 'Renamed', exp: Math.floor(Date.now() / 1_000) + 7_200 })) {
        expect(await api.dispatch(session_id, 'CalculateRequested', inputs, { key: 'shared' })).toEqual({
          ...calculated,
          replayed: true,
        })
        expect(await api.dispatch(session_id, 'CalculateRequested', otherInputs, { key: 'shared' })).toMatchObject({
          code: 'idempotency_key_reused',
        })
      }
    }
  })

  test("a subject's different request under a key that another subject used is no conflict", async () => {
    const { session_id } = await world.fresh('a')
    const [admin] = apisOf(people.admin)
    const [, mentor] = apisOf(people.mentor)
    done(await admin.dispatch(session_id, 'CalculateRequested', inputs, { key: 'both' }))
    const reset = done(await mentor.dispatch(session_id, 'ResetRequested', null, { key: 'both' }))
    expect(reset).toMatchObject({ replayed: false, session: { state: 'initial' } })
  })

  test('requests of two subjects under one key do not wait for each other', async () => {
    const { session_id } = await world.fresh('a')
    const asked = subjects.flatMap(claims =>
      apisOf(claims).map(api => api.dispatch(session_id, 'ShareRequested', null, { key: 'at-once' })),
    )
    const answers = await Promise.all(asked)
    // The two requests of one subject may meet. Requests of different subjects never do.
    for (const [i] of subjects.entries()) {
      const own = answers.slice(2 * i, 2 * i + 2)
      expect(own.some(answer => answer.ok && !answer.replayed)).toBe(true)
      for (const answer of own) if (!answer.ok) expect(answer.code).toBe('request_in_flight')
    }
  })

  test('a response is replayed to its subject after a restart, and to no other', async () => {
    const { session_id } = await world.fresh('a')
    const [api] = apisOf(people.mentor)
    const shared = done(await api.dispatch(session_id, 'ShareRequested', null, { key: 'kept' }))
    await world.restart()
    for (const again of apisOf(people.mentor)) {
      expect(done(await again.dispatch(session_id, 'ShareRequested', null, { key: 'kept' }))).toEqual({
        ...shared,
        replayed: true,
      })
    }
    for (const other of [people.admin, twin]) {
      const [api] = apisOf(other)
      expect(done(await api.dispatch(session_id, 'ShareRequested', null, { key: 'kept' })).replayed).toBe(false)
    }
  })

  test("other subjects' requests with 100 further keys free a key, like the subject's own", async () => {
    const { session_id } = await world.fresh('a')
    const [mentor] = apisOf(people.mentor)
    const [admin] = apisOf(people.admin)
    const share = (api: Api, key: string) => api.dispatch(session_id, 'ShareRequested', null, { key })
    done(await share(mentor, 'first'))
    for (let i = 1; i < maxIdempotencyRecords; i++) done(await share(admin, `further-${i}`))
    expect(done(await share(mentor, 'first')).replayed).toBe(true)
    done(await share(admin, 'last'))
    expect(done(await share(mentor, 'first')).replayed).toBe(false)
  })

  describe('without authentication', () => {
    const open = serving(newDatabase)

    test('all clients share the keys of a session', async () => {
      const [rest, graphql] = [restApi(open), graphqlApi(open)]
      const { session_id } = done(await rest.start({ mentor_id: 'mentor_1' })).session
      const calculated = done(await rest.dispatch(session_id, 'CalculateRequested', inputs, { key: 'one' }))
      expect(await graphql.dispatch(session_id, 'CalculateRequested', inputs, { key: 'one' })).toEqual({
        ...calculated,
        replayed: true,
      })
      expect((await open.store.sessions.idempotencyRecord(session_id, 'one', new Date().toISOString()))?.key).toBe(
        'one',
      )
    })
  })
})
