import { sentBy } from '../support/access'
import { base, query } from '../support/interfaces'
import { IssuerProcess } from '../support/issuer'
import { Peer } from '../support/peer'
import { client, json, problem } from '../support/rest'
import { type Server, startServer } from '../support/server'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import { people } from '../support/tokens'
import { type Message, transports } from '../support/transports'
import { until } from '../support/until'

const issuer = new IssuerProcess()
let database: TestDatabase
let server: Server
beforeAll(async () => {
  await issuer.settle()
  database = await embeddedDatabase()
  server = await startServer(database, { config: issuer.config })
})
afterAll(async () => {
  await server.stop()
  await database.drop()
})

const as = (token: string | undefined) => client(server, sentBy(token && `Bearer ${token}`))
const graphql = (token: string) => query(server, '{ sessions { totalCount } }', {}, sentBy(`Bearer ${token}`))
const greeted = async (token: string): Promise<Peer> => {
  const peer = await Peer.connect(server.url)
  peer.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
  return peer
}

/** The transports that stay open. */
const streaming = ['graphqlWs', 'graphqlSse', 'eventSource'] as const

const cursorOf = (message: Message | undefined): string | undefined =>
  message && 'cursor' in message ? message.cursor : undefined

/** Returns a token that looks like the issuer's, but can only be refused with the issuer's keys. */
const unsure = (): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: issuer.url, aud: 'sessions', sub: 'somebody', exp: 4_000_000_000, role: 'admin' }
  return [part({ alg: 'ES256', kid: 'unsure' }), part(claims), 'c2lnbmF0dXJl'].join('.')
}

test('while the issuer has never been reachable, only requests that need its keys are unavailable', async () => {
  const answer = await as(unsure()).get(base)
  expect(problem(answer).code).toBe('unavailable')
  expect(answer.headers['retry-after']).toBe('2')
  expect((await graphql(unsure())).errors?.[0]?.extensions.code).toBe('UNAVAILABLE')
  expect(await (await greeted(unsure())).closed).toBe(1013)
  expect(problem(await as(undefined).get(base)).code).toBe('unauthenticated')
  expect((await as(undefined).get('/readyz')).status).toBe(200)
  const causes = server.log.filter(({ msg }) => msg === 'unavailable').map(({ err }) => JSON.stringify(err))
  expect(causes).toHaveLength(3)
  for (const cause of causes) expect(cause).toContain('ECONNREFUSED')
  expect(JSON.stringify(server.log)).not.toContain(unsure().split('.')[1])
})

describe('once the issuer is reachable', () => {
  const tokens = {} as Record<keyof typeof people, string>
  beforeAll(async () => {
    await issuer.start()
    for (const name of Object.keys(people) as (keyof typeof people)[]) tokens[name] = await issuer.signedIn(name)
    await until(async () => (await as(tokens.admin).get(base)).status === 200, 60_000, 'its keys')
  })

  test("a signed-in user is admitted on every interface, with the user's role", async () => {
    const { status } = await as(tokens.coordinator).post(base, '{"mentor_id":"mentor_1"}')
    expect(status).toBe(201)
    for (const name of ['admin', 'coordinator', 'mentor', 'reader'] as const) {
      expect((await graphql(tokens[name])).data).toEqual({ sessions: { totalCount: 1 } })
      await (await greeted(tokens[name])).next('connection_ack')
    }
    expect(problem(await as(tokens.reader).post(base, '{"mentor_id":"mentor_1"}')).code).toBe('forbidden')
    expect(problem(await as(tokens.nobody).get(base)).code).toBe('forbidden')
    expect(await (await greeted(tokens.nobody)).closed).toBe(4403)
  })

  test("changes carry the user's name", async () => {
    const { text } = await as(tokens.admin).get(base)
    const path = `${base}/${JSON.parse(text).data[0].session_id}`
    await as(tokens.mentor).put(path, '{"event":"ResetRequested"}')
    await as(tokens.mentor).put(
      path,
      JSON.stringify({
        event: 'CalculateRequested',
        payload: { sessions: 1, avg_minutes: 60, cost_per_session: 1, cost_per_hour: 2 },
      }),
    )
    const { data } = JSON.parse((await as(tokens.admin).get(`${path}/events`)).text)
    const [started, calculating] = data as { by: string }[]
    expect([started?.by, calculating?.by]).toEqual(['Cora Coordinator', 'Mo Mentor'])
  })

  test('an invalid token gets the reason, the same on every HTTP interface', async () => {
    const [head, claims] = tokens.admin.split('.')
    const forged = `${head}.${claims}.${tokens.reader.split('.')[2]}`
    const cases = [
      [undefined, 'Bearer'],
      [`Basic ${forged}`, 'Bearer'],
      [
        'Bearer a b',
        'Bearer error="invalid_request", error_description="The request must have exactly one `Authorization` header, with exactly one token."',
      ],
      [`Bearer ${forged}`, `Bearer error="invalid_token", error_description="The token's signature is not valid."`],
    ]
    for (const [authorization, challenge] of cases) {
      const { call, get } = client(server, sentBy(authorization))
      const asked = JSON.stringify({ query: '{ sessions { totalCount } }' })
      const answers = [
        await get(base),
        await call('POST', '/graphql', json, asked),
        await call('POST', '/graphql/stream', { ...json, Accept: 'text/event-stream' }, asked),
      ]
      expect(answers.map(({ status, headers }) => [status, headers['www-authenticate']])).toEqual(
        Array(3).fill([401, challenge]),
      )
    }
  })

  test('the message of an error says why, in REST and GraphQL', async () => {
    const cases: [string | undefined, string][] = [
      [undefined, 'Not signed in: send a bearer token in `Authorization`.'],
      ['Bearer a.b.c', 'The token is not a signed JSON Web Token (JWT).'],
      [`Bearer ${tokens.nobody}`, 'The token has no role. `AUTH_ROLE_CLAIM` names the claim that must contain it.'],
    ]
    for (const [authorization, reason] of cases) {
      const headers = sentBy(authorization)
      expect(problem(await client(server, headers).get(base)).detail).toBe(reason)
      expect((await query(server, '{ sessions { totalCount } }', {}, headers)).errors?.[0]?.message).toBe(reason)
    }
    expect(problem(await as(tokens.reader).post(base, '{"mentor_id":"mentor_1"}')).detail).toBe(
      'Your role allows you to read, but not to change anything.',
    )
    expect(problem(await as(tokens.mentor).post(base, '{"mentor_id":"mentor_2"}')).detail).toBe(
      'You are not allowed to start a session for this mentor or organisation. `GET /api/v1/benefit-caller` shows what you are allowed to do.',
    )
  })

  test('neither tokens nor names appear in the log', async () => {
    const log = JSON.stringify(server.log)
    for (const token of Object.values(tokens)) for (const part of token.split('.')) expect(log).not.toContain(part)
    for (const { name } of Object.values(people)) expect(log).not.toContain(name)
  })

  test('known keys work while the issuer is down, and after it restarted with other keys', async () => {
    const late = await issuer.signedIn('coordinator')
    await issuer.stop()
    expect((await as(tokens.admin).get(base)).status).toBe(200)
    expect((await as(late).get(base)).status).toBe(200)
    await issuer.start()
    expect((await as(tokens.mentor).get(base)).status).toBe(200)
  })
})

test('a feed ends with its token, and resumes with another token without loss', async () => {
  const [other, { url }] = [await embeddedDatabase(), await issuer.start({ tokenSeconds: 6 })]
  const following = await startServer(other, { config: { ...issuer.config, AUTH_ISSUER: url } })
  const told = Object.fromEntries(streaming.map(name => [name, [] as Message[]]))
  const follow = async (after: (name: string) => string | undefined) => {
    const token = `Bearer ${await issuer.signedIn('admin')}`
    const connections = streaming.map(name =>
      transports[name](following.url, after(name), message => told[name]?.push(message), {}, token),
    )
    return { token, connections }
  }
  const start = (authorization: string) =>
    client(following, sentBy(authorization)).post(base, '{"mentor_id":"mentor_1"}')
  try {
    const first = await follow(() => undefined)
    await until(() => Object.values(told).every(messages => messages.length > 0), 60_000, 'a place in the feed')
    await start(first.token)
    const ends = await Promise.all(first.connections.map(({ ended }) => ended))
    expect(ends[0]).toMatchObject({ code: 4401, reason: 'Token expired' })
    const meanwhile = `Bearer ${await issuer.signedIn('admin')}`
    await start(meanwhile)
    const second = await follow(name => cursorOf(told[name]?.at(-1)))
    await until(
      () => Object.values(told).every(messages => messages.filter(({ kind }) => kind === 'transition').length === 2),
      60_000,
      () => JSON.stringify(told),
    )
    for (const connection of second.connections) connection.cut()
    for (const messages of Object.values(told)) {
      expect(messages.map(({ kind }) => kind)).toEqual(['ready', 'transition', 'ready', 'transition'])
    }
  } finally {
    await following.stop()
    await other.drop()
  }
})
