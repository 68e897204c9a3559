import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import { base } from '../support/interfaces'
import { freePort } from '../support/port'
import { client, json } from '../support/rest'
import { type Server, serving, startServer } from '../support/server'
import { embeddedDatabase, type TestDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { within } from '../support/until'

const { config, bearer } = issuing()
const start = 'mutation { startSession(input: { mentorId: "mentor_1" }) { session { id } } }'
const subscribing = JSON.stringify({ type: 'subscribe', id: '1', payload: { query: start } })
const init = (payload?: unknown): string => JSON.stringify({ type: 'connection_init', payload })

/** Opens a socket that sends these messages at once. Also returns the received message types and the close. */
function socketOf({ url }: { url: string }, says: string[], headers = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })
  const told: string[] = []
  socket.on('open', () => says.forEach(text => void socket.send(text)))
  socket.on('message', data => void told.push(JSON.parse(String(data)).type))
  const ended = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  return { socket, told, ended: within(60_000, 'the end', ended), open: once(socket, 'open') }
}

/** Returns the number of sessions. */
const total = async (server: Server): Promise<number> => server.queries.count({})

describe('a WebSocket', () => {
  const server = serving(embeddedDatabase, { config })
  const admin = bearer(people.admin)
  const unsigned = 'Not signed in: send a bearer token in `Authorization`.'

  test.each([
    ['no token', undefined, 4401, unsigned],
    ['an empty payload', {}, 4401, unsigned],
    ['a token that is no text', { authorization: 7 }, 4401, unsigned],
    ['a token without its scheme', { authorization: admin.slice(7) }, 4401, unsigned],
    ['a token under another name', { Authorization: admin }, 4401, unsigned],
    ['a token that has ended', { authorization: bearer({ ...people.admin, exp: 1 }) }, 4401, 'The token has expired.'],
    ['a bad signature', { authorization: `${admin.slice(0, -4)}AAAA` }, 4401, "The token's signature is not valid."],
    [
      'no role',
      { authorization: bearer(people.nobody) },
      4403,
      'The token has no role. `AUTH_ROLE_CLAIM` names the claim that must contain it.',
    ],
  ])('after a connection_init with %s is closed before any operation', async (_, payload, code, reason) => {
    const patient = socketOf(server, [init(payload)])
    expect(await patient.ended).toEqual({ code, reason })
    // A subscribe before the acknowledgement does not get the socket admitted either.
    const hasty = socketOf(server, [init(payload), subscribing])
    expect([code, 4401]).toContain((await hasty.ended).code)
    expect([patient.told, hasty.told]).toEqual([[], []])
    expect(await total(server)).toBe(0)
  })

  test('without connection_init is closed before any operation', async () => {
    const { ended } = socketOf(server, [subscribing], { Authorization: admin })
    expect(await ended).toMatchObject({ code: 4401 })
    expect(await total(server)).toBe(0)
  })

  test("may send its token in the upgrade's header, and a token in connection_init takes precedence", async () => {
    const byHeader = socketOf(server, [init()], { Authorization: admin })
    await once(byHeader.socket, 'message')
    expect(byHeader.told).toEqual(['connection_ack'])
    byHeader.socket.terminate()
    const { ended } = socketOf(server, [init({ authorization: 'Bearer x' })], { Authorization: admin })
    expect(await ended).toMatchObject({ code: 4401 })
    const both = socketOf(server, [init({ authorization: admin })], { Authorization: 'Bearer x' })
    await once(both.socket, 'message')
    expect(both.told).toEqual(['connection_ack'])
    both.socket.terminate()
  })
})

describe("while the issuer's keys are being fetched, a WebSocket", () => {
  let keys: HttpServer
  let database: TestDatabase
  let server: Server
  let asked: Promise<void>
  let answer = (): void => {}
  beforeEach(async () => {
    let isAsked = (): void => {}
    asked = new Promise(resolve => {
      isAsked = resolve
    })
    const answered = new Promise<void>(resolve => {
      answer = resolve
    })
    keys = createServer(async (_request, response) => {
      isAsked()
      await answered
      response.end(readFileSync(config.AUTH_JWKS))
    }).listen(0, '127.0.0.1')
    await once(keys, 'listening')
    const AUTH_JWKS = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`
    database = await embeddedDatabase()
    server = await startServer(database, { config: { ...config, AUTH_JWKS } })
  })
  afterEach(async () => {
    answer()
    await server.stop()
    await database.drop()
    keys.closeAllConnections()
    keys.close()
  })
  const good = init({ authorization: bearer(people.admin) })

  test('with a second connection_init is closed with 4429', async () => {
    const { told, socket, ended } = socketOf(server, [good])
    await asked
    socket.send(good)
    expect(await ended).toMatchObject({ code: 4429 })
    answer()
    expect(told).toEqual([])
  })

  test('that subscribes too early is closed with 4401, and nothing is executed', async () => {
    const { told, ended } = socketOf(server, [good, subscribing])
    expect(await ended).toMatchObject({ code: 4401 })
    answer()
    expect(told).toEqual([])
    expect(await total(server)).toBe(0)
  })

  test('gets pongs, and is admitted once the keys have arrived', async () => {
    const { told, socket } = socketOf(server, [good])
    await asked
    socket.send('{"type":"ping"}')
    await once(socket, 'message')
    answer()
    await once(socket, 'message')
    expect(told).toEqual(['pong', 'connection_ack'])
    socket.terminate()
  })

  test.each([
    ['good', bearer(people.admin)],
    ['of nobody', bearer(people.nobody)],
    ['bad', `${bearer(people.admin).slice(0, -4)}AAAA`],
  ])('with a token that is %s may close, and leaves nothing behind', async (_, authorization) => {
    const { socket, told, ended } = socketOf(server, [init({ authorization })])
    await asked
    socket.close(1000)
    await ended
    answer()
    const { get } = client(server)
    expect((await get(base, { Authorization: bearer(people.admin) })).status).toBe(200)
    expect(told).toEqual([])
    const [line] = server.log.filter(({ method }) => method === 'WEBSOCKET')
    expect(line).toMatchObject({ close_code: 1000 })
    expect(server.log.filter(({ request_id }) => request_id === line?.request_id)).toEqual([line])
  })
})

describe('with an unreachable issuer', () => {
  let database: TestDatabase
  let server: Server
  beforeAll(async () => {
    const AUTH_JWKS = `http://127.0.0.1:${await freePort()}/keys`
    database = await embeddedDatabase()
    server = await startServer(database, { config: { ...config, AUTH_JWKS } })
  })
  afterAll(async () => {
    await server.stop()
    await database.drop()
  })
  const authorization = bearer(people.admin)

  test('a WebSocket is closed with 1013', async () => {
    const { told, ended } = socketOf(server, [init({ authorization })])
    expect(await ended).toEqual({ code: 1013, reason: 'Try again later' })
    expect(told).toEqual([])
  })

  test('a token that needs its keys is 503 with Retry-After, on every interface', async () => {
    const { call } = client(server)
    const headers = { ...json, Authorization: authorization }
    const query = '{"query":"{ sessions { totalCount } }"}'
    for (const answer of [
      await call('GET', base, headers),
      await call('POST', base, headers, '{'),
      await call('POST', '/graphql', headers, query),
      await call('POST', '/graphql/stream', { ...headers, Accept: 'text/event-stream' }, query),
    ]) {
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
    }
  })

  test('everything else works', async () => {
    const { call } = client(server)
    for (const path of ['/healthz', '/readyz', '/problems', '/openapi.json', '/docs']) {
      expect((await call('GET', path, { Authorization: authorization })).status).toBe(200)
    }
    expect((await call('GET', '/shared/none', { Authorization: authorization })).status).toBe(404)
    expect((await call('GET', base)).status).toBe(401)
    const ended = bearer({ ...people.admin, exp: 1 })
    expect((await call('GET', base, { Authorization: ended })).status).toBe(401)
    const query = '{"query":"{ __typename }"}'
    expect((await call('POST', '/graphql', { ...json, Authorization: authorization }, query)).status).toBe(200)
    expect(await socketOf(server, [init()]).ended).toMatchObject({ code: 4401 })
  })
})
