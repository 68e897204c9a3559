import { accessWorld, type CallerName, sentBy, type World } from '../support/access'
import { rowsOf } from '../support/csv'
import { eventsUntil } from '../support/event-stream'
import { subscribe } from '../support/follow'
import { inputs, inputsOf } from '../support/inputs'
import { base, done, restApi } from '../support/interfaces'
import { client, json } from '../support/rest'
import { overStores } from '../support/stores'
import { people } from '../support/tokens'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

interface Told {
  session_id?: string
  by?: string | null
  session?: { id: string }
}

interface Asked {
  world: World
  caller: CallerName
  session_id: string
  count: number
}

const ofSession = (session_id: string, { session_id: id, session }: Told): boolean =>
  (id ?? session?.id ?? session_id) === session_id

const read = async ({ world, caller }: Asked, path: string): Promise<Told[]> =>
  JSON.parse((await world.rest(caller).get(path)).text).data

/** Returns the transitions of a session from a REST stream. */
async function streamed({ world, caller, session_id, count }: Asked, path: string): Promise<Told[]> {
  const items: Told[] = []
  const authorization = world.authorization(caller)
  const take = ({ data, event }: { data: string; event?: string }): boolean => {
    const item: Told = JSON.parse(data)
    if (event === undefined && ofSession(session_id, item)) items.push(item)
    return items.length === count
  }
  const headers = { ...(authorization && { Authorization: authorization }) }
  await eventsUntil(world.server.url + path, take, { headers })
  return items
}

/** Returns the transitions of a session from a subscription. */
async function subscribed(
  { world, caller, session_id, count }: Asked,
  client: 'graphql-ws' | 'graphql-sse',
  query: string,
  itemOf: (data: never) => Told | undefined,
): Promise<Told[]> {
  const variables = { id: session_id, after: world.origin }
  const told = subscribe<never>(world.server.url, query, variables, client, world.authorization(caller))
  const items = (): Told[] =>
    told.results.flatMap(data => itemOf(data) ?? []).filter(item => ofSession(session_id, item))
  await until(
    () => items().length >= count,
    60_000,
    () => JSON.stringify(told),
  )
  told.leave()
  return items()
}

const transitionsText = `subscription ($id: ID!) { sessionTransitions(sessionId: $id, after: 0) { by } }`
const feedText = `subscription ($after: String) { feed(after: $after) {
  ... on FeedTransition { transition { by session { id } } } } }`
const transitionOf = ({ sessionTransitions }: { sessionTransitions: Told }): Told => sessionTransitions
const itemOf = ({ feed }: { feed: { transition?: Told } }): Told | undefined => feed.transition

/** Every way to read the transitions of a session. */
const ways: Record<string, (asked: Asked) => Promise<Told[]>> = {
  'as a page of REST': asked => read(asked, `${base}/${asked.session_id}/events`),
  'as events of REST': asked => streamed(asked, `${base}/${asked.session_id}/events`),
  'in the feed, by page': async asked =>
    (await read(asked, `${feedPath}?after=${asked.world.origin}&limit=1000`)).filter(item =>
      ofSession(asked.session_id, item),
    ),
  'in the feed, as events': asked => streamed(asked, `${feedPath}?after=${asked.world.origin}`),
  async 'by a query'({ world, caller, session_id }) {
    const query = 'query ($id: ID!) { session(id: $id) { transitions { by } } }'
    const body = JSON.stringify({ query, variables: { id: session_id } })
    return JSON.parse((await world.rest(caller).post('/graphql', body)).text).data.session.transitions
  },
  'by a subscription, over graphql-ws': asked => subscribed(asked, 'graphql-ws', transitionsText, transitionOf),
  'by a subscription, over graphql-sse': asked => subscribed(asked, 'graphql-sse', transitionsText, transitionOf),
  'in the feed, over graphql-ws': asked => subscribed(asked, 'graphql-ws', feedText, itemOf),
  'in the feed, over graphql-sse': asked => subscribed(asked, 'graphql-sse', feedText, itemOf),
}
const overGraphql = /query|subscription|graphql/

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase)
  let session_id = ''
  /** The expected authors of its transitions, as named in the tokens. */
  const made = ['Cora Coordinator', 'Mo Mentor', 'Mo Mentor', 'the subject alone']
  beforeAll(async () => {
    session_id = done(await world.apis('coordinator')[0].start({ mentor_id: 'mentor_1' })).session.session_id
    done(await world.apis('mentor')[1].dispatch(session_id, 'CalculateRequested', inputs, { key: 'signed' }))
    const nameless = world.bearer({ sub: 'the subject alone', role: 'admin' })
    done(await restApi(world.server, sentBy(nameless)).dispatch(session_id, 'ShareRequested'))
  })

  const toldTo = async (caller: CallerName, count: number): Promise<Record<string, Told['by'][]>> => {
    const told: Record<string, Told['by'][]> = {}
    for (const [way, ask] of Object.entries(ways)) {
      told[way] = (await ask({ world, caller, session_id, count })).map(({ by }) => by)
    }
    return told
  }
  /** Returns the expected authors for each way. Without an author REST omits the member, and GraphQL returns null. */
  const eachWay = (bys: (string | undefined)[]) =>
    Object.fromEntries(
      Object.keys(ways).map(way => [way, bys.map(by => by ?? (overGraphql.test(way) ? null : undefined))]),
    )

  test('a transition names its author to every caller that sees it, over every interface', async () => {
    for (const caller of ['coordinator', 'mentor', 'reader'] as const) {
      expect(await toldTo(caller, made.length)).toEqual(eachWay(made))
    }
  })

  test('the response to a change names the author, and a replay names the first one', async () => {
    const query = `mutation ($input: DispatchEventInput!) {
      dispatchEvent(input: $input) { replayed transitions { by } } }`
    const { cost_per_hour, ...rest } = inputs
    const payload = {
      sessions: rest.sessions,
      avgMinutes: rest.avg_minutes,
      costPerSession: rest.cost_per_session,
      costPerHour: cost_per_hour,
    }
    const input = { sessionId: session_id, event: 'CALCULATE_REQUESTED', payload, idempotencyKey: 'signed' }
    const body = JSON.stringify({ query, variables: { input } })
    const renamed = client(world.server, sentBy(world.bearer({ ...people.mentor, name: 'Renamed' })))
    const { data } = JSON.parse((await renamed.post('/graphql', body)).text)
    expect(data.dispatchEvent).toEqual({ replayed: true, transitions: [{ by: 'Mo Mentor' }, { by: 'Mo Mentor' }] })
    const start = `mutation { startSession(input: { mentorId: "mentor_1" }) { transitions { by } } }`
    const started = await world.rest('coordinator').post('/graphql', JSON.stringify({ query: start }))
    expect(JSON.parse(started.text).data.startSession.transitions).toEqual([{ by: 'Cora Coordinator' }])
  })

  test('a close names its author', async () => {
    const { session } = done(await world.apis('mentor')[0].start({ mentor_id: 'mentor_1' }))
    const after = JSON.parse((await world.rest('mentor').get(feedPath)).text).next
    done(await world.apis('coordinator')[0].close(session.session_id))
    // If the log had not yet included the start, the start comes first.
    const told = async (): Promise<object[]> =>
      JSON.parse((await world.rest('reader').get(`${feedPath}?after=${after}`)).text).data
    const closes = async () => (await told()).filter(item => 'event' in item && item.event === 'SessionClosed')
    await until(async () => (await closes()).length > 0, 60_000, 'the close')
    expect(await closes()).toMatchObject([{ session_id: session.session_id, by: 'Cora Coordinator' }])
  })

  test("the author is absent from the contract's bodies, from results, from CSV files and from shared results", async () => {
    const { get, put, post } = world.rest('mentor')
    const started = await post(base, '{"mentor_id":"mentor_1"}')
    const path = String(started.headers.location)
    const changed = await put(path, JSON.stringify({ event: 'CalculateRequested', payload: inputsOf(77) }), json)
    const shared = await put(path, '{"event":"ShareRequested"}', json)
    const members = 'session_id mentor_id state last_event result_id created_at updated_at'.split(' ')
    for (const { text } of [started, changed, shared, await get(path)])
      expect(Object.keys(JSON.parse(text))).toEqual(members)
    expect(Object.keys(JSON.parse((await get(base)).text).data[0])).toEqual(members)
    const share = JSON.parse((await get(`${path}/share`)).text).path
    const [row] = rowsOf((await get(base, { Accept: 'text/csv' })).text)
    expect(row).not.toHaveProperty('by')
    const anybody = world.rest('without a token')
    const shown = [
      await get(`${path}/results`),
      await get(base, { Accept: 'text/csv' }),
      await anybody.get(share),
      await anybody.get(share, { Accept: 'text/html' }),
    ]
    for (const { status, text } of shown) {
      expect(status).toBe(200)
      expect(text).not.toMatch(/Mo Mentor|Cora Coordinator|the subject alone|"by"/)
    }
  })

  test('the author stays stored: a server without sign-in omits it, and records none', async () => {
    await world.restart()
    expect(await toldTo('reader', made.length)).toEqual(eachWay(made))
    await world.restart(false)
    expect(await toldTo('without a token', made.length)).toEqual(eachWay(made.map(() => undefined)))
    const [api] = world.apis('without a token')
    done(await api.dispatch(session_id, 'ResetRequested'))
    const { text } = await client(world.server).get(`${base}/${session_id}/events`)
    expect(text).not.toContain('"by"')
    await world.restart()
    expect(await toldTo('admin', made.length + 1)).toEqual(eachWay([...made, undefined]))
  })
})
