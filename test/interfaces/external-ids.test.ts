import { randomUUID } from 'node:crypto'
import { inputs } from '../support/inputs'
import { type Api, base, done, graphqlApi, overInterfaces, overPairs, refused } from '../support/interfaces'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { overStores } from '../support/stores'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)

  /** Returns the external id of a session on both interfaces, after checking that they agree. */
  async function externalIdOf(session_id: string): Promise<unknown> {
    const { text } = await client(server).get(`${base}/${session_id}?view=full`)
    const { external_id } = JSON.parse(text)
    const { data } = await graphqlApi(server).ask('query ($id: ID!) { session(id: $id) { externalId } }', {
      id: session_id,
    })
    expect(data.session).toEqual({ externalId: external_id })
    return external_id
  }

  const taken = (session_id?: string) => refused('external_id_taken', session_id === undefined ? {} : { session_id })

  overInterfaces(server, api => {
    const started = async (who: Parameters<Api['start']>[0]) => done(await api.start(who)).session.session_id

    test('a session keeps the external id of its start, and may have none', async () => {
      const external_id = randomUUID()
      const id = await started({ mentor_id: 'mentor', external_id, inputs })
      expect(await externalIdOf(id)).toBe(external_id)
      done(await api.dispatch(id, 'ResetRequested'))
      expect(await externalIdOf(id)).toBe(external_id)
      for (const none of [undefined, null] as const) {
        expect(
          await externalIdOf(await started({ mentor_id: 'mentor', ...(none === null && { external_id: none }) })),
        ).toBeNull()
      }
    })

    test('finds the session of each organisation that has it', async () => {
      const external_id = randomUUID()
      const organisation_id = randomUUID()
      const ofOne = await started({ mentor_id: 'a', organisation_id, external_id })
      const ofNone = await started({ mentor_id: 'b', external_id })
      await started({ mentor_id: 'c', organisation_id, external_id: `${external_id}x` })
      const found = async (filter: object) =>
        done(await api.list({ external_id, ...filter })).sessions.map(({ session_id }) => session_id)
      // Sessions that start in the same millisecond are sorted by id.
      expect((await found({})).sort()).toEqual([ofNone, ofOne].sort())
      expect(await found({ organisation_id })).toEqual([ofOne])
      expect(await found({ mentor_id: 'b' })).toEqual([ofNone])
      expect(await found({ mentor_id: 'c' })).toEqual([])
      expect(await found({ state: 'loaded' })).toEqual([])
      expect(done(await api.list({ external_id })).total).toBe(2)
    })

    test('of a live session in the same organisation is refused, with the session', async () => {
      const external_id = randomUUID()
      const first = await started({ mentor_id: 'mentor', organisation_id: 'org', external_id })
      expect(await api.start({ mentor_id: 'other', organisation_id: 'org', external_id, inputs })).toEqual(taken(first))
      await started({ mentor_id: 'mentor', organisation_id: 'another', external_id })
      const free = await started({ mentor_id: 'mentor', external_id })
      expect(await api.start({ mentor_id: 'mentor', organisation_id: null, external_id })).toEqual(taken(free))
      done(await api.close(first))
      await started({ mentor_id: 'mentor', organisation_id: 'org', external_id })
    })

    test('is free once a session that was started under a key is closed, and a replay still has it', async () => {
      const [external_id, key] = [randomUUID(), randomUUID()]
      const who = { mentor_id: 'mentor', external_id }
      const first = done(await api.start(who, { key }))
      done(await api.close(first.session.session_id))
      const second = await started(who)
      expect(second).not.toBe(first.session.session_id)
      expect(await api.start(who, { key })).toEqual({ ...first, replayed: true, closed: true })
      expect(await api.start(who, { key: randomUUID() })).toEqual(taken(second))
    })

    test('is taken by one of many concurrent starts', async () => {
      const external_id = randomUUID()
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => api.start({ mentor_id: `mentor ${i}`, external_id })),
      )
      const [winner, ...others] = answers.filter(({ ok }) => ok)
      if (!winner?.ok) throw new Error('no start succeeded')
      expect(others).toEqual([])
      const losers = answers.filter(({ ok }) => !ok)
      expect(losers).toEqual(Array(19).fill(taken(winner.session.session_id)))
    })

    test('has 1 to 200 characters, and is no filter if it is empty', async () => {
      for (const external_id of ['', 'x'.repeat(201), 'a\u202eb']) {
        expect(await api.start({ mentor_id: 'mentor', external_id })).toMatchObject({
          code: 'validation_failed',
          facts: { errors: [{ pointer: api.pointer('/external_id') }] },
        })
      }
      expect(await api.list({ external_id: '' })).toMatchObject({
        code: api.name === 'rest' ? 'invalid_query' : 'validation_failed',
      })
    })
  })

  overPairs(server, (first, second) => {
    test('a repeat of the start under its key is replayed, and another external id is another request', async () => {
      const key = randomUUID()
      const who = { mentor_id: 'mentor', external_id: key }
      const started = done(await first.start(who, { key }))
      expect(await second.start(who, { key })).toEqual({ ...started, replayed: true })
      expect(await second.start({ mentor_id: 'mentor' }, { key })).toEqual(refused('idempotency_key_reused'))
      expect(await second.start(who)).toEqual(taken(started.session.session_id))
    })
  })

  test('is the last column of the CSV file, and selects its rows', async () => {
    const external_id = randomUUID()
    const { session } = done(await graphqlApi(server).start({ mentor_id: 'mentor', external_id }))
    const { text } = await client(server).get(`${base}?format=csv&external_id=${external_id}`)
    const [head = '', row = '', ...rest] = text.trimEnd().split('\r\n')
    expect(rest).toEqual([])
    expect(head.split(',').at(-1)).toBe('external_id')
    expect([row.split(',')[0], row.split(',').at(-1)]).toEqual([session.session_id, external_id])
  })

  test('is in the session of a transition', async () => {
    const api = graphqlApi(server)
    const external_id = randomUUID()
    const { session } = done(await api.start({ mentor_id: 'mentor', external_id }))
    const { data } = await api.ask('query ($id: ID!) { session(id: $id) { transitions { session { externalId } } } }', {
      id: session.session_id,
    })
    expect(data.session).toEqual({ transitions: [{ session: { externalId: external_id } }] })
  })
})
