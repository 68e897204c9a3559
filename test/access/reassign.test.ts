import type { TransitionEvent } from '../../src/domain/session'
import { accessWorld, type CallerName, owners, withRoles } from '../support/access'
import { follow, subscribe } from '../support/follow'
import { interceptingEach } from '../support/intercepting'
import { base, done, refused } from '../support/interfaces'
import { json } from '../support/rest'
import { overStores } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

const { a, b, c, d } = owners
const ReassignRequested = 'ReassignRequested'

interface Item {
  session_id: string
  mentor_id: string
  organisation_id: string
  event: TransitionEvent
  left?: true
}

interface FeedData {
  feed: { __typename: string; left: boolean; transition: { session: { mentorId: string; organisationId: string } } }
}
const feedQuery = `subscription { feed { __typename ... on FeedTransition { left
  transition { session { mentorId organisationId } } } } }`
const transitionsQuery = `subscription ($id: ID!) { sessionTransitions(sessionId: $id, after: 0) {
  event session { mentorId organisationId } } }`

overStores(({ newDatabase }) => {
  /** Called once before the next read with this name. */
  let before: { read: string; move: () => Promise<unknown> } | undefined
  const world = accessWorld(newDatabase, {
    store: opened =>
      interceptingEach(opened, (name, call) => {
        if (before?.read !== name) return call()
        const { move } = before
        before = undefined
        return move().then(call)
      }),
  })
  const { server } = world

  const cursor = async (): Promise<string> => JSON.parse((await world.rest('admin').get(feedPath)).text).next

  /** Returns what the feed after a cursor says about a session to a caller, under a filter. */
  async function feedOf(caller: CallerName, after: string, session_id: string, filter = '') {
    const { data } = JSON.parse((await world.rest(caller).get(`${feedPath}?after=${after}&limit=1000${filter}`)).text)
    return (data as Item[])
      .filter(item => item.session_id === session_id)
      .map(({ event, mentor_id, organisation_id, left }) => ({ event, mentor_id, organisation_id, left }))
  }
  /** Waits until the feed has this many items of a session. On MongoDB, it may have them only after the response to the change. */
  const logged = (caller: CallerName, after: string, session_id: string, count: number): Promise<void> =>
    until(async () => (await feedOf(caller, after, session_id)).length >= count, 20_000, `${count} items`)
  const reassigned = (owner: object, left?: true) => ({ event: ReassignRequested, ...owner, left })

  test('only admins and coordinators reassign, and only within their scope', async () => {
    const message = (text: string) => expect.stringContaining(text)
    const role = message('Only the roles admin and coordinator')
    const cases: [CallerName, object, string | undefined][] = [
      ['mentor', { mentor_id: 'mentor_1' }, role],
      ['mentor', { mentor_id: 'mentor_2' }, role],
      ['mentor of no organisation', { organisation_id: null }, role],
      ['reader', { mentor_id: 'mentor_2' }, message('Your role allows you to read')],
      [
        'coordinator',
        { organisation_id: 'org_2' },
        message('You are not allowed to move a session to this organisation'),
      ],
      ['coordinator', { organisation_id: null }, message('You are not allowed to move a session to this organisation')],
      ['coordinator', b, undefined],
      ['admin', d, undefined],
    ]
    const { session_id } = await world.fresh('a')
    for (const [caller, payload, detail] of cases) {
      const [rest, graphql] = world.apis(caller)
      const body = { event: ReassignRequested, payload }
      const { text } = await world
        .rest(caller)
        .call('PUT', `${base}/${session_id}`, { 'Content-Type': 'application/json' }, JSON.stringify(body))
      if (detail === undefined) {
        expect(JSON.parse(text)).toMatchObject({ mentor_id: (payload as typeof b).mentor_id })
        continue
      }
      expect(JSON.parse(text)).toMatchObject({ code: 'forbidden', detail })
      expect(await graphql.dispatch(session_id, ReassignRequested, payload)).toEqual(refused('forbidden'))
      // Faults of the content come first.
      if (caller !== 'reader') {
        const faulty = await rest.dispatch(session_id, ReassignRequested, { mentor_id: '' })
        expect(faulty).toMatchObject({ code: 'validation_failed' })
      }
    }
    // Out of the coordinator's scope, it does not exist.
    const [api] = world.apis('coordinator')
    expect(await api.dispatch(session_id, ReassignRequested, a)).toEqual(refused('session_not_found'))
  })

  test('the feed tells the former scope that the session left, and the new scope of it, each with its own ids', async () => {
    const live = Object.fromEntries(
      withRoles.map(caller => [
        caller,
        subscribe<FeedData>(server.url, feedQuery, {}, 'graphql-ws', world.authorization(caller)),
      ]),
    )
    for (const { results } of Object.values(live)) await until(() => results.length > 0, 20_000, 'FeedReady')
    const { session_id } = await world.fresh('a')
    const after = await cursor()
    const [api] = world.apis('admin')
    done(await api.dispatch(session_id, ReassignRequested, d))
    done(await api.dispatch(session_id, 'ResetRequested'))

    const reset = { event: 'ResetRequested', ...d, left: undefined }
    await logged('admin', after, session_id, 2)
    expect(await feedOf('admin', after, session_id)).toEqual([reassigned(d), reset])
    for (const caller of ['coordinator', 'reader', 'mentor', 'mentor of no organisation'] as const)
      expect(await feedOf(caller, after, session_id)).toEqual([reassigned(a, true)])
    // Filters are like scopes.
    const ofFilter = (filter: string) => feedOf('admin', after, session_id, filter)
    expect(await ofFilter('&organisation_id=org_1')).toEqual([reassigned(a, true)])
    expect(await ofFilter('&mentor_id=mentor_1')).toEqual([reassigned(a, true)])
    expect(await ofFilter('&organisation_id=org_2')).toEqual([reassigned(d), reset])
    expect(await ofFilter('&mentor_id=mentor_2&organisation_id=org_2')).toEqual([reassigned(d), reset])
    expect(await ofFilter('&mentor_id=mentor_2&organisation_id=org_1')).toEqual([])
    expect(await ofFilter('&mentor_id=mentor_2&event=ReassignRequested')).toEqual([reassigned(d)])

    // With the session of each item.
    const sessionsOf = async (caller: CallerName) => {
      const { text } = await world.rest(caller).get(`${feedPath}?after=${after}&limit=1000&view=full`)
      const { data } = JSON.parse(text) as { data: (Item & { session: Item | null })[] }
      return data.filter(item => item.session_id === session_id).map(({ session }) => session)
    }
    expect(await sessionsOf('coordinator')).toEqual([null])
    expect(await sessionsOf('admin')).toMatchObject([d, d])

    // The same live, over GraphQL.
    const shown = ({ mentor_id: mentorId, organisation_id: organisationId }: typeof a | typeof d) => ({
      session: { mentorId, organisationId },
    })
    for (const [caller, { results, leave }] of Object.entries(live)) {
      const left = caller !== 'admin'
      const item = { __typename: 'FeedTransition', left, transition: shown(left ? a : d) }
      const at = () => results.findIndex(({ feed }) => JSON.stringify(feed) === JSON.stringify(item))
      await until(
        () => at() >= 0,
        20_000,
        () => `${JSON.stringify(item)} in ${JSON.stringify(results)}`,
      )
      leave()
      expect(results.some(({ feed }) => feed.left)).toBe(left)
      if (left) expect(JSON.stringify(results)).not.toMatch(/mentor_2","organisationId":"org_2/)
    }
  })

  test('a subscriber learns of sessions that left or were closed, whatever it selects of them', async () => {
    const lists = 'result { id } results { id } share { token } shares { token } transitions(first: 1) { event }'
    const query = `subscription { feed { ... on FeedTransition { transition { event session { id ${lists} } } } } }`
    type Item = { feed: { transition?: { event: string; session: { id: string } } } }
    const { results, leave } = subscribe<Item>(server.url, query, {}, 'graphql-ws', world.authorization('coordinator'))
    await until(() => results.length > 0, 20_000, 'FeedReady')
    const [moved, closed] = [await world.fresh('a'), await world.fresh('a')]
    const [api] = world.apis('admin')
    done(await api.dispatch(moved.session_id, ReassignRequested, d))
    done(await api.close(closed.session_id))
    const ended = () =>
      results.flatMap(({ feed: { transition } }) =>
        transition && /^(REASSIGN_REQUESTED|SESSION_CLOSED)$/.test(transition.event) ? transition.session : [],
      )
    await until(
      () => ended().length === 2,
      20_000,
      () => JSON.stringify(results),
    )
    leave()
    const none = { result: null, results: [], share: null, shares: [], transitions: [] }
    expect(ended()).toEqual([moved, closed].map(({ session_id: id }) => ({ id, ...none })))
  })

  test('an earlier transition shows the ids of its time, or the present ones if the reader may not see those', async () => {
    const { session_id: id } = await world.fresh('d')
    const [api] = world.apis('admin')
    done(await api.dispatch(id, ReassignRequested, c))
    done(await api.dispatch(id, ReassignRequested, a))
    const text = 'query ($id: ID!) { session(id: $id) { transitions { session { mentorId organisationId } } } }'
    const shownTo = async (caller: CallerName) => {
      const { session } = await world.ask(caller, text, { id })
      return session.transitions.map(({ session }: { session: { mentorId: string; organisationId: string } }) =>
        `${session.mentorId} ${session.organisationId}`.replaceAll(/mentor_|org_/g, ''),
      )
    }
    const streamedTo = async (caller: CallerName) => {
      type Shown = { sessionTransitions: { session: { mentorId: string; organisationId: string } } }
      const { results, leave } = subscribe<Shown>(
        server.url,
        transitionsQuery,
        { id },
        'graphql-ws',
        world.authorization(caller),
      )
      await until(
        () => results.length === 6,
        20_000,
        () => `6 transitions: ${JSON.stringify(results)}`,
      )
      leave()
      return results.map(({ sessionTransitions: { session } }) =>
        `${session.mentorId} ${session.organisationId}`.replaceAll(/mentor_|org_/g, ''),
      )
    }
    const shown = {
      admin: ['2 2', '2 2', '2 2', '2 2', '1 2', '1 1'],
      'mentor of no organisation': ['1 1', '1 1', '1 1', '1 1', '1 2', '1 1'],
      coordinator: ['1 1', '1 1', '1 1', '1 1', '1 1', '1 1'],
    }
    for (const [caller, expected] of Object.entries(shown) as [CallerName, string[]][]) {
      expect(await shownTo(caller)).toEqual(expected)
      expect(await streamedTo(caller)).toEqual(expected)
    }
    const { text: events } = await world.rest('coordinator').get(`${base}/${id}/events`)
    expect(events).not.toMatch(/mentor_|org_/)
  })

  test.each([
    ['results', 'results { id }', []],
    ['result', 'transitions(after: 2, first: 1) { session { result { id } } }', [{ session: { result: null } }]],
    ['latestShare', 'share { token }', null],
    ['shares', 'shares { token }', []],
    ['transitions', 'transitions { sequence }', []],
  ])(
    'of a session that leaves the scope during the read of its %s, nothing is shown',
    async (read, selected, shown) => {
      const { session_id } = await world.fresh('a')
      const body = JSON.stringify({ event: ReassignRequested, payload: d })
      before = { read, move: () => world.rest('admin').put(`${base}/${session_id}`, body) }
      const { session } = await world.ask('coordinator', `{ session(id: "${session_id}") { ${selected} } }`)
      expect({ before, shown: Object.values(session) }).toEqual({ before: undefined, shown: [shown] })
    },
  )

  test.each([
    ['leaves the scope', 'PUT', JSON.stringify({ event: ReassignRequested, payload: d })],
    ['is closed', 'DELETE', undefined],
  ])(
    'a subscriber that joins after a session %s gets nothing of it that others got before',
    async (_, method, body) => {
      const query = `subscription ($after: String) { feed(after: $after) { __typename ... on FeedTransition {
      left transition { event session { id results { id } share { token } } } } } }`
      interface Data {
        feed: {
          left?: boolean
          transition?: { event: string; session: { id: string; results: object[]; share: object } }
        }
      }
      const after = await cursor()
      const following = () =>
        subscribe<Data>(server.url, query, { after }, 'graphql-ws', world.authorization('coordinator'))
      const early = following()
      const { session_id } = await world.fresh('a')
      const told = ({ results }: typeof early) =>
        results.flatMap(({ feed }) => (feed.transition?.session.id === session_id ? [feed] : []))
      await until(() => told(early).length === 4, 60_000, 'the transitions')
      expect(told(early).at(-1)?.transition?.session.share).not.toBeNull()
      await world.rest('admin').call(method, `${base}/${session_id}`, json, body)
      await until(() => told(early).length === 5, 60_000, 'the end')
      const late = following()
      await until(() => told(late).length === 5, 60_000, 'the same transitions')
      for (const { transition } of told(late)) expect(transition?.session).toMatchObject({ results: [], share: null })
      for (const { leave } of [early, late]) leave()
    },
  )

  test('an open stream of a session that leaves the scope ends without completing', async () => {
    const { session_id: id } = await world.fresh('a')
    const authorization = String(world.authorization('coordinator'))
    const following = (caller: CallerName) =>
      subscribe(server.url, transitionsQuery, { id }, 'graphql-ws', world.authorization(caller))
    const [ofCoordinator, ofAdmin] = [following('coordinator'), following('admin')]
    /** Opens a stream. Returns its text once it has ended. */
    const opened = async (path: string, accept: string, body?: object): Promise<Promise<string>[]> => {
      const headers = { Authorization: authorization, Accept: accept, 'Content-Type': 'application/json' }
      const request = body ? { method: 'POST', body: JSON.stringify(body), headers } : { headers }
      return [(await fetch(`${server.url}${path}`, request)).text()]
    }
    const graphql = { query: transitionsQuery, variables: { id } }
    const texts = [
      ...(await opened(`${base}/${id}/events`, 'text/event-stream')),
      ...(await opened('/graphql', 'text/event-stream', graphql)),
      ...(await opened('/graphql', 'multipart/mixed;subscriptionSpec=1.0', graphql)),
    ]
    for (const { results } of [ofCoordinator, ofAdmin]) await until(() => results.length === 4, 20_000, 'the past')

    const [api] = world.apis('admin')
    done(await api.dispatch(id, ReassignRequested, d))
    await until(() => ofCoordinator.ended !== undefined, 20_000, 'the end')
    const said = [JSON.stringify(ofCoordinator), ...(await Promise.all(texts))]
    for (const text of said) {
      expect(text).toMatch(/session_not_found/i)
      expect(text).not.toMatch(/ReassignRequested|REASSIGN_REQUESTED|mentor_2|org_2|complete|--graphql--/)
    }
    // Others read on.
    await until(() => ofAdmin.results.length === 5, 20_000, 'the transition')
    ofAdmin.leave()
    ofCoordinator.leave()
  })

  test('a reader that was away learns that a session left, from the ring and from the history', async () => {
    const after = await cursor()
    const { session_id } = await world.fresh('a')
    const [api] = world.apis('admin')
    done(await api.dispatch(session_id, ReassignRequested, d))
    done(await api.dispatch(session_id, ReassignRequested, a))
    done(await api.dispatch(session_id, ReassignRequested, c))
    const told = [reassigned(a, true), reassigned(a), reassigned(a, true)]
    const feed = follow(server.url, 'graphqlWs', after, undefined, world.authorization('coordinator'))
    await feed.received(8)
    expect((await feedOf('coordinator', after, session_id)).slice(-3)).toEqual(told)
    feed.connection.cut()
    await world.restart()
    expect((await feedOf('coordinator', after, session_id)).slice(-3)).toEqual(told)
  })
})
