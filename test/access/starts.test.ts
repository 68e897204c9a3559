import { accessWorld, sentBy } from '../support/access'
import { type Api, base, done, graphqlApi, restApi } from '../support/interfaces'
import { client } from '../support/rest'
import { overStores } from '../support/stores'
import { people } from '../support/tokens'

const withoutOrganisation =
  'Your token has no organisation, so you can start sessions only without one. Leave the organisation out, or ask the operator to add it to your token or to set `AUTH_MENTORS_CHOOSE_ORGANISATION=on`.'

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)
  const apisOf = (claims: object): [rest: Api, graphql: Api] => {
    const sent = sentBy(world.bearer(claims))
    return [restApi(world.server, sent), graphqlApi(world.server, sent)]
  }
  /** Returns the organisation of a session, read as an admin. */
  const organisationOf = async (id: string): Promise<string | null> => {
    const query = 'query ($id: ID!) { session(id: $id) { organisationId } }'
    const { text } = await world.rest('admin').post('/graphql', JSON.stringify({ query, variables: { id } }))
    return JSON.parse(text).data.session.organisationId
  }

  test.each([
    ['a coordinator', people.coordinator, 'mentor_9'],
    ['a mentor of an organisation', people.mentor, 'mentor_1'],
  ])("a start by %s that names no organisation belongs to the caller's", async (_, claims, mentor_id) => {
    for (const api of apisOf(claims)) {
      for (const who of [
        { mentor_id },
        { mentor_id, organisation_id: null },
        { mentor_id, organisation_id: 'org_1' },
      ]) {
        const { session } = done(await api.start(who))
        expect(await organisationOf(session.session_id)).toBe('org_1')
        expect(done(await api.get(session.session_id)).session).toEqual(session)
      }
    }
  })

  test('a start by an admin belongs to the named organisation, or to none', async () => {
    for (const api of apisOf(people.admin)) {
      for (const organisation_id of ['org_7', null]) {
        const { session } = done(await api.start({ mentor_id: 'mentor_1', organisation_id }))
        expect(await organisationOf(session.session_id)).toBe(organisation_id)
      }
    }
  })

  test('a start by a mentor without an organisation belongs to none', async () => {
    for (const api of apisOf(people.free)) {
      for (const who of [{ mentor_id: 'mentor_1' }, { mentor_id: 'mentor_1', organisation_id: null }]) {
        const { session } = done(await api.start(who))
        expect(await organisationOf(session.session_id)).toBeNull()
      }
    }
  })

  test('a mentor without an organisation sees and changes the sessions that it has in organisations', async () => {
    const { session_id } = await world.fresh('c')
    for (const api of apisOf(people.free)) {
      expect(done(await api.get(session_id)).session.session_id).toBe(session_id)
      expect(done(await api.dispatch(session_id, 'ShareRequested'))).toMatchObject({ session: { session_id } })
    }
  })

  test('a mentor without an organisation learns why it may not name one, and what the operator can do', async () => {
    const { text } = await client(world.server, sentBy(world.bearer(people.free))).post(
      base,
      '{"mentor_id":"mentor_1","organisation_id":"org_1"}',
    )
    expect(JSON.parse(text)).toMatchObject({ status: 403, code: 'forbidden', detail: withoutOrganisation })
    const query = 'mutation { startSession(input: {mentorId: "mentor_1", organisationId: "org_1"}) { replayed } }'
    const sent = client(world.server, sentBy(world.bearer(people.free)))
    const { errors } = JSON.parse((await sent.post('/graphql', JSON.stringify({ query }))).text)
    expect(errors).toMatchObject([{ message: withoutOrganisation, extensions: { code: 'FORBIDDEN' } }])
  })

  test.each([
    ['a coordinator in another organisation', people.coordinator, { mentor_id: 'mentor_1', organisation_id: 'org_2' }],
    ['a mentor for another', people.mentor, { mentor_id: 'mentor_2' }],
    ['a mentor in another organisation', people.mentor, { mentor_id: 'mentor_1', organisation_id: 'org_2' }],
    ['a mentor without an organisation for another', people.free, { mentor_id: 'mentor_2' }],
    ['a mentor without an organisation in one', people.free, { mentor_id: 'mentor_1', organisation_id: 'org_1' }],
    ['a reader', people.reader, { mentor_id: 'mentor_1', organisation_id: 'org_1' }],
  ])('a start by %s is forbidden, and starts nothing', async (_, claims, who) => {
    const total = async () => JSON.parse((await world.rest('admin').get(base)).text).pagination.total
    const before = await total()
    for (const api of apisOf(claims)) {
      for (const key of [undefined, `forbidden-${api.name}-${claims.sub}`]) {
        expect(await api.start(who, { key })).toEqual({ ok: false, code: 'forbidden', facts: {} })
      }
    }
    expect(await total()).toBe(before)
  })

  test('a start must name its mentor, even if the caller is one', async () => {
    for (const api of apisOf(people.mentor)) {
      expect(await api.start({} as { mentor_id: string })).toMatchObject({ ok: false })
    }
    const { text } = await client(world.server, sentBy(world.bearer(people.mentor))).post(base, '{}')
    expect(JSON.parse(text)).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/mentor_id' }] })
  })

  test('each subject has its own keys for starts, shared by its tokens and by REST and GraphQL', async () => {
    const who = { mentor_id: 'mentor_1', organisation_id: 'org_1' }
    const started = new Set<string>()
    for (const claims of [people.admin, people.coordinator, people.mentor, { ...people.mentor, sub: 'twin' }]) {
      const [first] = apisOf(claims)
      const { session, replayed } = done(await first.start(who, { key: 'shared' }))
      expect(replayed).toBe(false)
      started.add(session.session_id)
      for (const api of apisOf({ ...claims, name: 'Renamed', exp: Math.floor(Date.now() / 1_000) + 7_200 })) {
        const again = done(await api.start(who, { key: 'shared' }))
        expect({ id: again.session.session_id, replayed: again.replayed }).toEqual({
          id: session.session_id,
          replayed: true,
        })
        expect(await api.start({ ...who, mentor_id: 'mentor_2' }, { key: 'shared' })).toMatchObject({
          code: 'idempotency_key_reused',
        })
      }
    }
    expect(started.size).toBe(4)
  })

  test.each([
    ['another organisation', { organisation_id: 'org_2' }],
    ['another role', { role: 'mentor', mentor_id: 'mentor_2' }],
    ['the role of a reader', { role: 'reader' }],
  ])('a start is not replayed to a subject that has %s since', async (since, change) => {
    const subject = { ...people.coordinator, sub: `moved to ${since}` }
    for (const [i, api] of apisOf(subject).entries()) {
      const key = `moved-${i}`
      const { session } = done(await api.start({ mentor_id: 'mentor_1' }, { key }))
      for (const later of apisOf({ ...subject, ...change })) {
        const answer = await later.start({ mentor_id: 'mentor_1' }, { key })
        expect(answer).toEqual({ ok: false, code: 'forbidden', facts: {} })
      }
      expect(done(await api.start({ mentor_id: 'mentor_1' }, { key })).session).toEqual(session)
    }
  })

  test('a start is replayed to its subject after a restart, and to no other', async () => {
    const who = { mentor_id: 'mentor_1', organisation_id: 'org_1' }
    const [api] = apisOf(people.mentor)
    const { session } = done(await api.start(who, { key: 'kept' }))
    await world.restart()
    for (const again of apisOf(people.mentor)) {
      expect(done(await again.start(who, { key: 'kept' }))).toMatchObject({ session, replayed: true })
    }
    const [other] = apisOf(people.coordinator)
    const started = done(await other.start(who, { key: 'kept' }))
    expect(started.replayed).toBe(false)
    expect(started.session.session_id).not.toBe(session.session_id)
  })

  describe('if mentors choose the organisation,', () => {
    const choosing = accessWorld(newDatabase, { config: { AUTH_MENTORS_CHOOSE_ORGANISATION: true } })

    test('a start by a mentor without an organisation belongs to the named one, or to none', async () => {
      const sent = sentBy(choosing.bearer(people.free))
      for (const api of [restApi(choosing.server, sent), graphqlApi(choosing.server, sent)]) {
        for (const organisation_id of ['org_7', null]) {
          const { session } = done(await api.start({ mentor_id: 'mentor_1', organisation_id }))
          const inOrganisation = done(await api.list({ organisation_id: 'org_7' })).sessions
          const ids = inOrganisation.map(({ session_id }) => session_id)
          expect(ids.includes(session.session_id)).toBe(organisation_id !== null)
        }
      }
    })

    test('a mentor of an organisation still starts in that one only', async () => {
      const sent = sentBy(choosing.bearer(people.mentor))
      const api = restApi(choosing.server, sent)
      expect(await api.start({ mentor_id: 'mentor_1', organisation_id: 'org_7' })).toMatchObject({ code: 'forbidden' })
    })
  })
})
