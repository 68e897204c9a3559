import { once } from 'node:events'
import { WebSocket } from 'ws'
import { accessWorld, sentBy } from '../support/access'
import { eventsUntil } from '../support/event-stream'
import { base } from '../support/interfaces'
import { client } from '../support/rest'
import { linesOf } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

/** Values in tokens that must not appear in any log line or error. */
const planted = {
  sub: 'planted-subject',
  name: 'Planted Name',
  mentor_id: 'planted-mentor',
  organisation_id: 'planted-organisation',
  email: 'planted@mail.example',
}

const world = accessWorld(embeddedDatabase)
const tokens = () => [
  world.bearer(planted),
  world.bearer({ ...planted, role: 'planted-role' }),
  world.bearer({ ...planted, exp: 1 }),
  world.bearer({ ...planted, aud: 'planted-audience' }),
  `${world.bearer(planted)}x`,
  'Bearer planted.planted.planted',
  'Basic planted',
]
const query = '{ sessions { totalCount } }'

/** Connects over a WebSocket, subscribes, and waits for the end. */
async function overWebSocket(authorization: string): Promise<void> {
  const socket = new WebSocket(`${world.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })))
  socket.on('message', data => {
    const { type } = JSON.parse(String(data))
    if (type === 'connection_ack') socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }))
    if (type === 'complete') socket.close()
  })
  await once(socket, 'close')
}

test('no token, claim or subject appears in the log or in a refusal', async () => {
  const refusals: unknown[] = []
  for (const authorization of tokens()) {
    const { get, post, put } = client(world.server, sentBy(authorization))
    const answers = [
      await get(base),
      await post(base, JSON.stringify({ mentor_id: 'another' })),
      await put(`${base}/${world.found.a.session_id}`, '{"event":"ResetRequested"}'),
      await post('/graphql', JSON.stringify({ query })),
      await get(`/graphql/stream?query=${encodeURIComponent(query)}`, { Accept: 'text/event-stream' }),
    ]
    refusals.push(...answers.filter(({ status }) => status >= 400))
    await eventsUntil(`${world.server.url}${feedPath}`, () => true, { headers: { Authorization: authorization } })
    await overWebSocket(authorization)
  }
  expect(refusals.length).toBeGreaterThan(20)
  const said = JSON.stringify([world.server.log, refusals])
  const secrets = [...Object.values(planted), 'planted', ...tokens().flatMap(token => token.split(/[ .]/).slice(1))]
  expect(secrets.filter(secret => said.includes(secret))).toEqual([])
})

test('the log lines of a request and its transitions identify the subject by a digest', async () => {
  const subjects: unknown[] = []
  for (const claims of [planted, { ...planted, name: 'Renamed', exp: 9_999_999_999 }, { ...planted, sub: 'other' }]) {
    const authorization = world.bearer(claims)
    const { post, get } = client(world.server, sentBy(authorization))
    const { mentor_id } = planted
    const started = await post(base, JSON.stringify({ mentor_id }))
    const lines = await linesOf(world.server, String(started.headers['x-request-id']), 2)
    const graphql = await post('/graphql', JSON.stringify({ query }))
    lines.push(...(await linesOf(world.server, String(graphql.headers['x-request-id']))))
    const stream = await get(`/graphql/stream?query=${encodeURIComponent(query)}`, { Accept: 'text/event-stream' })
    lines.push(...(await linesOf(world.server, String(stream.headers['x-request-id']))))
    world.server.log.length = 0
    await overWebSocket(authorization)
    await until(() => world.server.log.some(({ method }) => method === 'WEBSOCKET'), 60_000, 'its line')
    lines.push(...world.server.log.filter(({ method }) => method === 'WEBSOCKET'))
    expect(lines.map(({ msg }) => msg)).toEqual(['transition', 'request', 'request', 'request', 'request'])
    expect(new Set(lines.map(({ subject }) => subject)).size).toBe(1)
    subjects.push(lines[0]?.subject)
  }
  const [one, renamed, other] = subjects
  expect(one).toMatch(/^[\w-]{43}$/)
  expect(renamed).toBe(one)
  expect(other).not.toBe(one)
})

test('the log line of a refused or public request has no subject', async () => {
  for (const [authorization, path] of [
    [undefined, base],
    ['Bearer x', base],
    [world.bearer(planted), '/healthz'],
  ] as const) {
    const { headers } = await client(world.server, sentBy(authorization)).get(path)
    const [line] = await linesOf(world.server, String(headers['x-request-id']))
    expect(line).not.toHaveProperty('subject')
  }
})
