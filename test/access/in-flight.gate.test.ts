import { once } from 'node:events'
import { WebSocket } from 'ws'
import { capabilityConfig, operations } from '../capabilities'
import { sentBy } from '../support/access'
import { accepted, endingAccess, type Post, sendHalf } from '../support/ending-access'
import { asked, type Found, type GraphqlRequest, restRequestsOf, typesOf } from '../support/operation'
import { client, json } from '../support/rest'
import { overStores } from '../support/stores'
import { feedPath } from '../support/transports'
import { until, within } from '../support/until'

/** Every request with a body that requires a token: those of REST, and those of GraphQL on both paths. */
const posts: Post[] = [
  ...operations
    .filter(({ access }) => access !== 'anyone')
    .flatMap((operation): Post[] => [
      ...restRequestsOf(operation)
        .filter(({ isStream }) => !isStream)
        .map(request => ({ name: request.at, ...request })),
      ...(operation.graphql ? overGraphql(operation.graphql) : []),
    ])
    .filter(({ body }) => body),
]

function overGraphql({ field, query, variables }: GraphqlRequest): Post[] {
  const body = (of: Found, origin: string) => ({ query, variables: variables?.(of, origin) })
  return (['/graphql', '/graphql/stream'] as const).map(path => ({
    name: `${field} on ${path}`,
    at: `POST ${path}`,
    body,
  }))
}

/** Every request that requires a token, but for streams. */
const requests: (Post & { accept: string; isChange: boolean })[] = [
  ...operations
    .filter(({ access }) => access !== 'anyone')
    .flatMap(operation =>
      restRequestsOf(operation).flatMap(request =>
        (request.isStream ? [] : typesOf(request))
          .filter(type => type !== 'text/event-stream')
          .map(type => ({
            ...request,
            name: `${request.at} as ${type}`,
            accept: type,
            isChange: operation.access !== 'any role' && !request.at.startsWith('GET'),
          })),
      ),
    ),
  ...posts
    .filter(({ name, at }) => at === 'POST /graphql' && !name.startsWith('Subscription'))
    .map(post => ({ ...post, accept: accepted, isChange: !post.name.startsWith('Query') })),
]

overStores(kind => {
  const { server, rest, gate, found, endings } = endingAccess(kind, capabilityConfig)
  afterEach(gate.open)

  /** Everything that the requests could have written. */
  async function written(origin: string): Promise<string> {
    const lists = operations
      .filter(({ access }) => access === 'managers')
      .flatMap(restRequestsOf)
      .filter(({ at }) => /^GET [^{]*$/.test(at))
    const paths = [`${feedPath}?after=${origin}&limit=1000`, ...lists.map(({ at }) => at.slice('GET '.length))]
    const texts = await Promise.all(paths.map(async path => (await rest.get(path)).text))
    return JSON.stringify(texts.map(text => JSON.parse(text).data.length))
  }

  test.each(Object.entries(endings))(
    '%s ends every half-sent request at once: 401, and nothing is written',
    async (_, begin) => {
      const of = await found()
      const origin = JSON.parse((await rest.get(feedPath)).text).next
      const before = await written(origin)
      const { bearer, end } = await begin()
      const sent = await Promise.all(posts.map(post => sendHalf(server, bearer, post, of, origin)))
      expect(sent.length).toBeGreaterThan(20)
      await end()
      for (const { sender } of sent) await sender.until('HTTP/1.1 401 Unauthorized')
      for (const { sender, rest } of sent) sender.socket.end(rest)
      for (const [i, { sender }] of sent.entries()) {
        const text = await sender.whole.catch(() => sender.text)
        expect([posts[i]?.name, ...(text.match(/HTTP\/1.1 \d+/g) ?? [])]).toEqual([
          posts[i]?.name,
          'HTTP/1.1 100',
          'HTTP/1.1 401',
        ])
        expect(text).toMatch(/WWW-Authenticate: Bearer error="invalid_token"/i)
        expect(text).toMatch(/unauthenticated/i)
      }
      expect(await written(origin)).toBe(before)
    },
  )

  test.each(Object.entries(endings))(
    '%s ends every request that waits for the store at once: 401, and nothing is written',
    async (_, begin) => {
      const of = await found()
      const origin = JSON.parse((await rest.get(feedPath)).text).next
      const before = await written(origin)
      const { bearer, end } = await begin()
      gate.close()
      const { call } = client(server, sentBy(bearer))
      const statuses = new Map<string, number>()
      const answered = requests.map(async request => {
        const { method, path, body } = asked(request, of, origin)
        const { status } = await call(method, path, { ...json, Accept: request.accept }, body)
        statuses.set(request.name, status)
      })
      await end()
      await within(20_000, 'the ends', Promise.all(answered))
      gate.open()
      const changes = requests.filter(({ isChange }) => isChange)
      expect(changes.length).toBeGreaterThan(8)
      for (const { name } of changes) expect([name, statuses.get(name)]).toEqual([name, 401])
      // Some reads need no store.
      expect([...statuses.values()].filter(status => status !== 401 && status !== 200)).toEqual([])
      expect(await written(origin)).toBe(before)
    },
  )

  test('a key that is revoked between two fields of a mutation ends the second: 401 with its path', async () => {
    const origin = JSON.parse((await rest.get(feedPath)).text).next
    const { bearer, end } = await endings['a service key that is revoked']()
    gate.closeAfter('add')
    const start = 'startSession(input: { mentorId: "mentor_1" }) { session { id } }'
    const query = JSON.stringify({ query: `mutation { a: ${start} b: ${start} }` })
    const answered = client(server, sentBy(bearer)).post('/graphql', query)
    await end()
    const { status, text } = await within(20_000, 'the end', answered)
    gate.open()
    expect([status, JSON.parse(text)]).toMatchObject([
      401,
      { data: null, errors: [{ path: ['b'], extensions: { code: 'UNAUTHENTICATED' } }] },
    ])
    expect(JSON.parse((await rest.get(`${feedPath}?after=${origin}`)).text).data).toHaveLength(1)
  })

  test('a key that is revoked while its mutation over a WebSocket waits ends the connection, and nothing is written', async () => {
    const origin = JSON.parse((await rest.get(feedPath)).text).next
    const { bearer, end } = await endings['a service key that is revoked']()
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const messages: string[] = []
    socket.on('message', data => messages.push(String(data)))
    const closed = once(socket, 'close')
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: bearer } }))
    await until(() => messages.length === 1, 20_000, 'the acknowledgement')
    gate.close()
    const query = 'mutation { startSession(input: { mentorId: "mentor_1" }) { session { id } } }'
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
    await end()
    const [code] = await within(20_000, 'the close', closed)
    gate.open()
    expect([code, messages]).toEqual([4401, ['{"type":"connection_ack"}']])
    expect(JSON.parse((await rest.get(`${feedPath}?after=${origin}`)).text).data).toEqual([])
  })
})
