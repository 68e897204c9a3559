import type { Store } from '../../src/db/store'
import { inputs } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { base, done, graphqlApi, query, restApi } from '../support/interfaces'
import { come, figures, scraped } from '../support/metrics'
import { client } from '../support/rest'
import { serving, startServer } from '../support/server'
import { embeddedDatabase, overStores } from '../support/stores'
import { type Connection, type Message, type TransportName, transports } from '../support/transports'
import { until } from '../support/until'

const metered = { config: { METRICS_PORT: 0 } }
const route = `${base}/:session_id`

overStores(({ name, newDatabase }) => {
  describe('after requests over REST and GraphQL', () => {
    const server = serving(newDatabase, metered)
    beforeAll(async () => {
      const [rest, graphql] = [restApi(server), graphqlApi(server)]
      const { session } = done(await rest.start({ mentor_id: 'm' }))
      const id = session.session_id
      await rest.dispatch(id, 'ShareRequested')
      done(await rest.dispatch(id, 'CalculateRequested', inputs))
      done(await rest.dispatch(id, 'CalculateRequested', inputs))
      await rest.dispatch('session_none', 'ShareRequested')
      done(await rest.get(id))
      await rest.get('session_none')
      for (let i = 0; i < 2; i++) done(await graphql.start({ mentor_id: 'm' }, { key: 'k' }))
      done(await graphql.dispatch(id, 'ShareRequested'))
      await graphql.dispatch(id, 'CalculateRequested', { ...inputs, sessions: -1 })
      done(await graphql.get(id))
      await query(server, '{ a: session(id: "x") { id } sessions { totalCount } }')
      await query(server, '{ nothing }')
      done(await rest.close(id))
      await client(server).get('/nowhere')
      await client(server).get('/', { Accept: 'text/html' })
    })

    test('each is counted once, by route, method, status and operation', () =>
      come(server, 'http_request_duration_seconds_count', ['method', 'route', 'status', 'operation'], {
        [`POST ${base} 201 `]: 1,
        [`PUT ${route} 200 `]: 2,
        [`PUT ${route} 409 `]: 1,
        [`PUT ${route} 404 `]: 1,
        [`GET ${route} 200 `]: 1,
        [`GET ${route} 404 `]: 1,
        [`DELETE ${route} 200 `]: 1,
        'POST /graphql 200 mutation startSession': 2,
        'POST /graphql 200 mutation dispatchEvent': 2,
        'POST /graphql 200 query session': 1,
        'POST /graphql 200 query several': 1,
        'POST /graphql 200 ': 1,
        'GET unmatched 404 ': 1,
        'GET page 200 ': 1,
      }))

    test('refusals are counted by interface and code', async () => {
      expect(await figures(server, 'refusals_total', 'door', 'code')).toEqual({
        'rest event_refused': 1,
        'rest session_not_found': 2,
        'rest route_not_found': 1,
        'graphql validation_failed': 1,
        'graphql graphql_validation_failed': 1,
      })
    })

    test('changes are counted by outcome', async () => {
      const labels = ['use_case', 'event', 'outcome']
      const counts = await figures(server, 'use_case_duration_seconds_count', ...labels)
      const changes = Object.entries(counts).filter(([key]) => /^(start|dispatch|close) /.test(key))
      expect(Object.fromEntries(changes)).toEqual({
        'start  ok': 2,
        'start  replayed': 1,
        'dispatch CalculateRequested ok': 1,
        'dispatch CalculateRequested unchanged': 1,
        'dispatch CalculateRequested validation_failed': 1,
        'dispatch ShareRequested event_refused': 1,
        'dispatch ShareRequested session_not_found': 1,
        'dispatch ShareRequested ok': 1,
        'close  ok': 1,
      })
    })

    test('checks of permissions are not counted as use cases', async () => {
      const names = Object.keys(await figures(server, 'use_case_duration_seconds_count', 'use_case'))
      expect(names).toEqual(expect.arrayContaining(['start', 'dispatch', 'close']))
      expect(names.filter(name => name.startsWith('require'))).toEqual([])
    })

    test('writes are counted, one by one and in batches', async () => {
      const counts = await figures(server, 'store_operation_duration_seconds_count', 'operation', 'outcome')
      expect(counts).toMatchObject({ 'add ok': 2, 'save ok': 2, 'close ok': 1 })
      expect(counts).not.toHaveProperty('save lost')
      expect(await figures(server, 'store_batch_size_sum', 'batch')).toMatchObject({ writes: 5 })
      expect(await figures(server, 'store_batch_size_count', 'batch')).toMatchObject({ writes: 5 })
      expect(await figures(server, 'store_batch_duration_seconds_count', 'batch', 'outcome')).toMatchObject({
        'writes ok': 5,
      })
    })

    test('commits are counted when the log delivers them, with their delay', async () => {
      await come(server, 'feed_commits_total', [], { '': 5 })
      await come(server, 'feed_lag_seconds_count', [], { '': 5 })
      const { '': latest = 0 } = await figures(server, 'feed_latest_commit_timestamp_seconds')
      expect(Math.abs(Date.now() / 1_000 - latest)).toBeLessThan(60)
    })

    test('gauges are read at the time of the scrape', async () => {
      expect(await figures(server, 'ready')).toEqual({ '': 1 })
      expect(await figures(server, 'changes_under_way')).toEqual({ '': 0 })
      const text = await scraped(server)
      for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']) {
        expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'))
      }
    })
  })

  test('concurrent writes are one batch of that size', async () => {
    const opened = await newDatabase()
    const server = await startServer(opened, metered)
    try {
      await Promise.all(Array.from({ length: 10 }, () => server.sessions.start({ mentor_id: 'm' })))
      const { writes: starts } = await figures(server, 'store_batch_size_sum', 'batch')
      const { writes: batches } = await figures(server, 'store_batch_size_count', 'batch')
      expect(starts).toBe(10)
      // A batch that is under way takes no further writes, and ten are too few for a second one beside it.
      expect(batches).toBe(name === 'mongo' ? 2 : 1)
    } finally {
      await server.stop()
      await opened.drop()
    }
  })
})

test('revocations of one share link are counted by outcome, and no metric contains a token', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database, metered)
  try {
    const [rest, graphql] = [restApi(server), graphqlApi(server)]
    const { session_id } = done(await rest.start({ mentor_id: 'm' })).session
    done(await rest.dispatch(session_id, 'CalculateRequested', inputs))
    done(await rest.dispatch(session_id, 'ShareRequested', { expires_in_days: 90 }))
    const { token } = done(await rest.share(session_id)).share
    for (const api of [rest, graphql]) done(await api.revokeShare(session_id, token, { key: 'revoke' }))
    for (const api of [rest, graphql]) await api.revokeShare(session_id, token)
    const counts = await figures(server, 'use_case_duration_seconds_count', 'use_case', 'outcome')
    expect(counts).toMatchObject({ 'revokeShare ok': 1, 'revokeShare replayed': 1, 'revokeShare share_gone': 2 })
    const requests = await figures(server, 'http_request_duration_seconds_count', 'method', 'route', 'status')
    expect(requests).toMatchObject({ [`DELETE ${route}/shares/:token 200`]: 1 })
    expect(await scraped(server)).not.toContain(token)
  } finally {
    await server.stop()
    await database.drop()
  }
})

test('lists of links are counted as use cases', async () => {
  const database = await embeddedDatabase()
  const server = await startServer(database, metered)
  try {
    done(await restApi(server).links({ mentor_id: 'm' }))
    const counts = await figures(server, 'use_case_duration_seconds_count', 'use_case', 'outcome')
    expect(counts).toMatchObject({ 'links ok': 1 })
  } finally {
    await server.stop()
    await database.drop()
  }
})

describe('subscribers', () => {
  const server = serving(embeddedDatabase, metered)
  const names: TransportName[] = ['graphqlWs', 'graphqlSse', 'eventSource']
  const told: Message[] = []
  const follow = (name: TransportName, after?: string): Connection =>
    transports[name](server.url, after, message => told.push(message))

  test('are counted by transport while they are connected, and so are their messages', async () => {
    const connections = names.map(name => follow(name))
    await until(() => told.length === 3, 60_000, 'three that are ready')
    await come(server, 'subscribers', ['transport'], { websocket: 1, sse: 1, multipart: 0, 'rest-sse': 1 })
    expect(await figures(server, 'connections', 'protocol')).toMatchObject({ websocket: 1 })
    done(await restApi(server).start({ mentor_id: 'm' }))
    await until(() => told.length === 6, 60_000, 'three that were told')
    await come(server, 'deliveries_total', ['transport'], { websocket: 2, sse: 2, multipart: 0, 'rest-sse': 2 })
    await come(server, 'feed_readers', ['state'], { following: 3, waiting: 0, catching_up: 0 })
    await come(server, 'websocket_operation_duration_seconds_count', ['operation', 'outcome'], {
      'subscription feed ok': 1,
    })
    // A stream counts as a served request once it begins.
    const streams = await figures(server, 'http_request_duration_seconds_count', 'route', 'operation')
    expect(streams).toMatchObject({ '/graphql/stream subscription feed': 1, '/api/v1/benefit-calculator-events ': 1 })
    for (const connection of connections) connection.cut()
    await come(server, 'subscribers', ['transport'], { websocket: 0, sse: 0, multipart: 0, 'rest-sse': 0 })
    await come(server, 'websockets_closed_total', ['code'], { 1008: 0, 1013: 0, client: 1 })
  })

  test('that poll with a wait count as served when they begin to wait, and then as waits', async () => {
    const route = '/api/v1/benefit-calculator-events'
    const served = async () => (await figures(server, 'http_request_duration_seconds_count', 'route'))[route] ?? 0
    const before = await served()
    const polled = fetch(`${server.url}${route}?wait=60`)
    await until(async () => (await figures(server, 'waiting', 'place')).long_poll === 1, 60_000, 'the wait')
    expect(await served()).toBe(before + 1)
    done(await restApi(server).start({ mentor_id: 'm' }))
    expect(await (await polled).json()).toMatchObject({ data: [{ event: 'SessionStarted' }] })
    expect(await served()).toBe(before + 1)
    expect(await figures(server, 'wait_duration_seconds_count', 'place')).toMatchObject({ long_poll: 1 })
  })

  test('and long polls are not counted as use cases, but the pages of the feed are', async () => {
    const counts = await figures(server, 'use_case_duration_seconds_count', 'use_case')
    expect(Object.keys(counts).sort()).toEqual(['page', 'start'])
  })

  test('that get a gap are counted by its reason', async () => {
    told.length = 0
    const connection = follow('eventSource', 'of.another.0')
    await until(() => told.length === 2, 60_000, 'a gap, and ready')
    await come(server, 'feed_gaps_total', ['reason'], { expired: 0, unknown: 1 })
    connection.cut()
  })
})

describe('a change that loses every race', () => {
  const server = serving(embeddedDatabase, {
    ...metered,
    store: (store: Store) => intercepting(store, { sessions: { save: async () => false } }),
  })

  test('is counted as given up, and each race as lost', async () => {
    const rest = restApi(server)
    const { session } = done(await rest.start({ mentor_id: 'm' }))
    expect(await rest.dispatch(session.session_id, 'CalculateRequested', inputs)).toMatchObject({ code: 'unavailable' })
    expect(await figures(server, 'races_lost_total')).toEqual({ '': 1 })
    expect(await figures(server, 'store_operation_duration_seconds_count', 'operation', 'outcome')).toMatchObject({
      'save lost': 5,
    })
  })
})
