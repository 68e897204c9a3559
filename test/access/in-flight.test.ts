import { once } from 'node:events'
import { WebSocket } from 'ws'
import { rereadMs } from '../../src/access/service-keys'
import type { Store } from '../../src/db/store'
import { capabilityConfig, operations } from '../capabilities'
import { createFound, sentBy } from '../support/access'
import { interceptingEach } from '../support/intercepting'
import { asked, type Found, type GraphqlRequest, type RestRequest, restRequestsOf, typesOf } from '../support/operation'
import { head, RawClient } from '../support/raw'
import { client, json } from '../support/rest'
import { type Server, serving } from '../support/server'
import { keyFile, type MadeKey, madeKey } from '../support/service-keys'
import { overStores, type StoreKind } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { feedPath } from '../support/transports'
import { until, within } from '../support/until'

/** How long a test waits for a change of the file to count: `rereadMs`, and as long as a busy machine may take. */
const changeMs = rereadMs + 20_000
const tokenMs = 3_000
const accept = 'application/json, text/event-stream'

type Post = Pick<RestRequest, 'at' | 'body'> & { name: string }

/** Every request with a body that requires a token: those of REST, those of GraphQL on both paths, and a call of a tool. */
const posts: Post[] = [
  ...operations
    .filter(({ access }) => access !== 'anyone')
    .flatMap((operation): Post[] => [
      ...restRequestsOf(operation).map(request => ({ name: request.at, ...request })),
      ...(operation.graphql ? overGraphql(operation.graphql) : []),
    ])
    .filter(({ body }) => body),
  { name: 'a tool', at: 'POST /mcp', body: ({ session_id }) => toolCall(session_id) },
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
        typesOf(request)
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
    .filter(({ name, at }) => (at === 'POST /graphql' || at === 'POST /mcp') && !name.startsWith('Subscription'))
    .map(post => ({ ...post, accept, isChange: !post.name.startsWith('Query') })),
]

function toolCall(session_id: string): object {
  const params = { name: 'dispatch_event', arguments: { session_id, event: 'ResetRequested', expected_version: 4 } }
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
}

/** How a caller's access ends. */
interface Ending {
  bearer: string
  /** Ends the access. Resolves when new requests are refused. */
  end(): Promise<void>
}

/** Makes the operations of a store wait while it is closed. */
function gate() {
  let opening = Promise.withResolvers<void>()
  opening.resolve()
  async function* exported(call: () => ReturnType<Store['export']>) {
    await opening.promise
    yield* call()
  }
  let last: string | undefined
  const close = (): void => {
    opening = Promise.withResolvers()
  }
  return {
    close,
    /** Closes it when an operation of this name has begun. */
    closeAfter(name: string): void {
      last = name
    },
    open: (): void => opening.resolve(),
    store: (opened: Store): Store =>
      interceptingEach(opened, (name, call) => {
        if (lifecycle.has(name)) return call()
        if (name === 'export') return exported(call as () => ReturnType<Store['export']>)
        const called = opening.promise.then(call)
        if (name === last) close()
        if (name === last) last = undefined
        return called
      }),
  }
}

const lifecycle: ReadonlySet<string> = new Set(['follow', 'ping', 'end'])

/** A server that accepts service keys and tokens, with a session and what the capabilities need. */
function world(kind: StoreKind) {
  const admin = madeKey({ name: 'Ada Admin', role: 'admin', organisation_id: null })
  const file = keyFile(admin)
  const issuer = issuing()
  const config = { ...issuer.config, ...file.config, ...capabilityConfig, MCP: 'write' as const }
  const storeGate = gate()
  const server = serving(kind.place, { config, store: storeGate.store })
  const rest = client(server, sentBy(admin.bearer))
  const refused = async (bearer: string): Promise<boolean> =>
    (await client(server, sentBy(bearer)).get('/api/v1/benefit-caller')).status === 401
  const keys: MadeKey[] = []
  return {
    server,
    rest,
    gate: storeGate,
    found: () => createFound(server, { mentor_id: 'mentor_1', organisation_id: 'org_1' }, config, sentBy(admin.bearer)),
    /** Each way in which the access of an admin ends. */
    endings: {
      async 'a service key that is revoked'(): Promise<Ending> {
        const key = madeKey({ name: 'other', role: 'admin', organisation_id: null })
        keys.push(key)
        file.write(admin, ...keys)
        await until(async () => !(await refused(key.bearer)), changeMs, 'the key')
        return {
          bearer: key.bearer,
          async end() {
            keys.splice(keys.indexOf(key), 1)
            file.write(admin, ...keys)
            await until(() => refused(key.bearer), changeMs, 'the end of the key')
          },
        }
      },
      async 'a token that expires'(): Promise<Ending> {
        const exp = Date.now() + tokenMs
        return {
          bearer: issuer.bearer({ ...people.admin, exp: exp / 1_000 }),
          end: () => until(() => Date.now() > exp, 60_000, 'the expiry'),
        }
      },
    },
  }
}

/** Sends all of a request but the end of its body. */
async function sendHalf(server: Server, bearer: string, post: Post, of: Found, origin: string) {
  const { method, path, body = '' } = asked(post, of, origin)
  const sender = await RawClient.connect(server.url)
  const fields = ['Content-Type: application/json', `Accept: ${accept}`, `Content-Length: ${Buffer.byteLength(body)}`]
  sender.send(head(`${method} ${path}`, `Authorization: ${bearer}`, 'Expect: 100-continue', ...fields))
  // The server has seen the head.
  await sender.until('100 Continue')
  sender.send(body.slice(0, 3))
  return { sender, rest: body.slice(3) }
}

overStores(kind => {
  const { server, rest, gate, found, endings } = world(kind)
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
      expect(sent.length).toBeGreaterThan(40)
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
      expect(changes.length).toBeGreaterThan(20)
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
