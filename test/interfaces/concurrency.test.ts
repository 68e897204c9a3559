import { inputs } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { type Api, done, graphqlApi, overInterfaces, refused, restApi } from '../support/interfaces'
import { type Server, serving, startServer } from '../support/server'
import { describeMongo, mongoDatabase, overStores } from '../support/stores'

const dispatchers = 8
const rounds = 5

/** Expects every dispatcher's calculations to take effect once, with consecutive transitions. */
async function expectAllApplied(apis: Api[]): Promise<void> {
  const [first] = apis as [Api]
  const id = done(await first.start({ mentor_id: 'm' })).session.session_id
  const work = Array.from({ length: dispatchers }, async (_, dispatcher) => {
    const api = apis[dispatcher % apis.length] ?? first
    const versions = []
    for (let round = 0; round < rounds; round++) {
      const given = { ...inputs, sessions: dispatcher * rounds + round }
      versions.push(done(await api.dispatch(id, 'CalculateRequested', given)).version)
    }
    return versions
  })
  const versions = (await Promise.all(work)).flat()
  const calculations = dispatchers * rounds
  expect(new Set(versions).size).toBe(calculations)
  expect(done(await first.get(id)).version).toBe(1 + 2 * calculations)
  const { events } = done(await first.events(id, 0, 1_000))
  expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1 + 2 * calculations }, (_, i) => i + 1))
  const { results } = done(await first.results(id))
  expect(new Set(results.map(result => result.inputs.sessions)).size).toBe(calculations)
}

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)

  test('eight concurrent dispatchers over REST and GraphQL lose no calculation', async () => {
    await expectAllApplied([restApi(server), graphqlApi(server)])
  })

  overInterfaces(server, api => {
    test('of eight concurrent changes based on the same version, one takes effect', async () => {
      const id = done(await api.start({ mentor_id: 'm' })).session.session_id
      const changes = Array.from({ length: dispatchers }, (_, sessions) =>
        api.dispatch(id, 'CalculateRequested', { ...inputs, sessions }, { version: 1 }),
      )
      const answers = await Promise.all(changes)
      expect(answers.filter(answer => answer.ok)).toHaveLength(1)
      const others = answers.filter(answer => !answer.ok)
      expect(others).toEqual(Array(dispatchers - 1).fill(refused('version_mismatch', { current_version: 3 })))
    })
  })
})

describeMongo('two servers over one database', () => {
  const server = serving(mongoDatabase)
  const other = {} as Server
  /** Runs once, between the second server's lookup of the session and its write. */
  let beforeWrite: (() => Promise<void>) | undefined
  const first = async (): Promise<void> => {
    const happens = beforeWrite
    beforeWrite = undefined
    await happens?.()
  }
  beforeAll(async () => {
    const started = await startServer(server.database, {
      store: opened =>
        intercepting(opened, {
          sessions: {
            async save(...given) {
              await first()
              return opened.sessions.save(...given)
            },
            async add(...given) {
              await first()
              return opened.sessions.add(...given)
            },
          },
        }),
    })
    Object.assign(other, started)
  })
  afterAll(() => other.stop?.())

  test('a repeated request to the other server is replayed, and each server shows the changes of the other', async () => {
    const [rest, graphql] = [restApi(server), graphqlApi(other)]
    const start = done(await rest.start({ mentor_id: 'm' }, { key: 'two-servers' }))
    expect(await graphql.start({ mentor_id: 'm' }, { key: 'two-servers' })).toEqual({ ...start, replayed: true })
    const id = start.session.session_id
    const calculated = done(await graphql.dispatch(id, 'CalculateRequested', inputs, { key: 'k', version: 1 }))
    expect(await rest.dispatch(id, 'CalculateRequested', inputs, { key: 'k', version: 1 })).toEqual({
      ...calculated,
      replayed: true,
    })
  })

  test('of starts with one external id on two servers, one takes effect', async () => {
    const apis = [restApi(server), graphqlApi(other)]
    const starts = Array.from({ length: 20 }, (_, i) =>
      (apis[i % 2] as Api).start({ mentor_id: `m${i}`, external_id: 'two servers' }),
    )
    const answers = await Promise.all(starts)
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.filter(({ ok }) => !ok)).toEqual(
      Array(19).fill(refused('external_id_taken', { session_id: expect.any(String) })),
    )
  })

  test('the same request sent to two servers takes effect once; the other server replays it or answers request_in_flight', async () => {
    const apis = [restApi(server), graphqlApi(other), graphqlApi(server), restApi(other)]
    for (let round = 0; round < 10; round++) {
      const key = `twins-${round}`
      const id = done(await restApi(server).start({ mentor_id: 'm' })).session.session_id
      const answers = await Promise.all(
        apis.map(api => api.dispatch(id, 'CalculateRequested', inputs, { key, version: 1 })),
      )
      expect(answers.filter(answer => answer.ok && !answer.replayed)).toHaveLength(1)
      for (const answer of answers) expect(answer.ok || answer.code === 'request_in_flight').toBe(true)
      expect(done(await restApi(server).get(id)).version).toBe(3)

      const starts = await Promise.all(apis.map(api => api.start({ mentor_id: key }, { key })))
      for (const answer of starts) expect(answer.ok || answer.code === 'request_in_flight').toBe(true)
      // The total of the other server may lag behind, its list does not.
      expect(done(await restApi(other).list({ mentor_id: key })).sessions).toHaveLength(1)
    }
  })

  test('a request is replayed if the other server serves it between lookup and write', async () => {
    const key = 'raced'
    const first = done(await restApi(server).start({ mentor_id: 'm' })).session.session_id
    const calculate = (api: Api) => api.dispatch(first, 'CalculateRequested', inputs, { key, version: 1 })
    const start = (api: Api) => api.start({ mentor_id: key }, { key })
    let served: Awaited<ReturnType<typeof start>> | undefined
    for (const request of [calculate, start]) {
      beforeWrite = async () => {
        served = await request(restApi(server))
      }
      const answer = await request(graphqlApi(other))
      expect(answer).toEqual({ ...served, replayed: true })
      expect(served).toMatchObject({ ok: true, replayed: false })
    }
    expect(done(await restApi(server).get(first)).version).toBe(3)
    expect(done(await restApi(server).list({ mentor_id: key })).total).toBe(1)
  })

  test('changes of one session through both servers all take effect', async () => {
    const id = done(await restApi(server).start({ mentor_id: 'm' })).session.session_id
    for (let round = 0; round < 10; round++) {
      const pair = [restApi(server), restApi(other)].map((api, i) =>
        api.dispatch(id, 'CalculateRequested', { ...inputs, sessions: round * 2 + i }),
      )
      for (const answer of await Promise.all(pair)) done(answer)
    }
    expect(done(await restApi(server).get(id)).version).toBe(41)
  })
})
