import type { Db } from 'mongodb'
import type { MongoStore } from '../../src/db/mongo/mongo-store'
import { Instance } from '../support/instance'
import { base } from '../support/interfaces'
import { Collector } from '../support/otlp'
import { Peer } from '../support/peer'
import { run } from '../support/process'
import { RawClient, send } from '../support/raw'
import { describeMongo, mongoDatabase, type TestDatabase } from '../support/stores'
import { until } from '../support/until'

/** Values that must not appear anywhere. */
const planted = {
  bearer: 'planted-bearer',
  key: 'planted-key',
  mentor: 'planted-mentor',
  organisation: 'planted-organisation',
  label: 'planted-label',
  value_source: 'planted-source',
  note: 'planted-note',
  password: 'planted-password',
  query: 'planted-query',
  variable: 'planted-variable',
  figure: '8765.4321',
}

describeMongo('of secrets in requests and configuration', () => {
  let database: TestDatabase<MongoStore>
  let collector: Collector
  let db: Db
  let instance: Instance | undefined
  beforeAll(async () => {
    database = await mongoDatabase()
    collector = await Collector.start()
    db = (await database.open()).db
  })
  afterAll(async () => {
    await instance?.kill()
    await db.command({ dropUser: 'planted' })
    await collector.stop()
    await database.drop()
  })

  test.concurrent('nothing appears in the log, a metric or a span', async () => {
    const uri = new URL(String(database.env.MONGODB_URI))
    const roles = [
      { role: 'dbAdmin', db: db.databaseName },
      { role: 'readWrite', db: db.databaseName },
    ]
    await db.command({ createUser: 'planted', pwd: planted.password, roles })
    uri.username = 'planted'
    uri.password = planted.password
    instance = new Instance(
      { MONGODB_URI: uri.href, METRICS_PORT: '0', ...collector.env },
      { nodeOptions: ['--require', '@opentelemetry/auto-instrumentations-node/register'] },
    )
    const url = await instance.listening()
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${planted.bearer}`,
      'Idempotency-Key': planted.key,
    }
    const ask = (method: string, path: string, body?: object, more = {}) =>
      send(url, method, path, { ...headers, ...more }, body && JSON.stringify(body))

    const who = { mentor_id: planted.mentor, organisation_id: planted.organisation }
    const path = `${base}/${JSON.parse((await ask('POST', base, who)).text).session_id}`
    const payload = { sessions: 1, avg_minutes: 2, cost_per_session: Number(planted.figure), cost_per_hour: 4 }
    const { label, value_source, note } = planted
    await ask('PUT', path, { event: 'CalculateRequested', payload: { ...payload, label, value_source, note } })
    await ask('PUT', path, { event: 'ShareRequested' }, { 'Idempotency-Key': 'another' })
    const { token } = JSON.parse((await ask('GET', `${path}/share`)).text)
    for (const at of [`/shared/${token}`, `/%73hared/${token}?x=1`, `/shared/${token}/more`, `/Shared/${token}`]) {
      await ask('GET', at)
      await ask('GET', at, undefined, { Accept: 'text/html' })
    }
    for (const at of [`${path}/shares/${token}/more`, `${path}/shares/${token}`, `${path}/shares/${token}`]) {
      await ask('DELETE', at, undefined, { 'Idempotency-Key': 'revoke' })
    }
    await ask('GET', `${base}?mentor_id=${planted.mentor}&access_token=${planted.query}`)
    await ask('DELETE', `/api/v1/benefit-mentors/${planted.mentor}`)
    const document = `query { sharedResult(token: "${token}") { method } }`
    await ask('POST', '/graphql', { query: document })
    await ask('GET', `/graphql?query=${encodeURIComponent(document)}`)
    const revocation = 'mutation ($id: ID!, $token: ID!) { revokeShare(sessionId: $id, token: $token) { replayed } }'
    await ask('POST', '/graphql', { query: revocation, variables: { id: path.split('/').at(-1), token } })
    const withVariable = 'query ($token: ID!) { sharedResult(token: $token) { method } }'
    for (const value of [token, planted.variable]) {
      await ask('POST', '/graphql', { query: withVariable, variables: { token: value } })
    }
    const peer = await Peer.connect(url, { headers: { Authorization: headers.Authorization } })
    peer.send({ type: 'connection_init', payload: { authorization: headers.Authorization } })
    await until(() => peer.received.length === 1, 60_000, 'an acknowledgement')
    peer.subscribe('1', document)
    await until(() => peer.received.length === 3, 60_000, 'a result')
    peer.socket.terminate()

    // Requests that may end before they begin: many come in one turn, and the clients leave.
    const sockets = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(url)))
    for (const { socket } of sockets) {
      socket.write(`GET /shared/${token}?${planted.query} HTTP/1.1\r\nHost: h\r\n\r\n`)
      socket.destroySoon()
    }

    const metrics = await (await fetch(String((await instance.said('listening')).metrics))).text()
    await until(() => collector.spans.some(({ name }) => name === 'query sharedResult'), 60_000, 'the last span')
    await instance.stop()
    expect(metrics).toContain('benefit_sessions_http_request_duration_seconds_count')
    expect(collector.spans.length).toBeGreaterThan(100)
    expect(instance.lines.length).toBeGreaterThan(10)
    const said = { metrics, spans: collector.text, log: JSON.stringify(instance.lines), errors: instance.errors }
    const secrets = { ...planted, token: String(token) }
    for (const [where, text] of Object.entries(said)) {
      const found = Object.entries(secrets).filter(([, secret]) => text.includes(secret))
      expect([where, ...found.map(([name]) => name)]).toEqual([where])
    }
  })

  test.concurrent('no password of MONGODB_URI appears in the reason for a failed start', async () => {
    const { host } = new URL(String(process.env.TEST_MONGODB_URI))
    const uris = [
      `mongodb://planted:planted-password@${host}/db`,
      `mongodb://planted:planted-password@more@${host}/db`,
      `mongodb://planted:planted-password%zz@${host}/db`,
      `mongodb://planted:planted-password/more@${host}/db`,
      `mongodb://planted:planted-password:more@${host}/db`,
      `mongodb://planted:planted-password@/db`,
      `mongodb://planted:planted-password@${host}/db?nothing=1`,
    ]
    const ended = uris.map(async MONGODB_URI => {
      const instance = run({ MONGODB_URI })
      await instance.ended
      return [instance.errors, JSON.stringify(instance.lines)].join()
    })
    const said = await Promise.all(ended)
    expect(said.filter(text => text.includes(planted.password))).toEqual([])
    expect(said.every(text => text.includes('MongoDB'))).toBe(true)
  })
})
