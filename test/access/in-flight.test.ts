import { rereadMs } from '../../src/access/service-keys'
import { capabilityConfig, operations } from '../capabilities'
import { createFound, sentBy } from '../support/access'
import { asked, type Found, type GraphqlRequest, type RestRequest, restRequestsOf } from '../support/operation'
import { head, RawClient } from '../support/raw'
import { client } from '../support/rest'
import { type Server, serving } from '../support/server'
import { keyFile, type MadeKey, madeKey } from '../support/service-keys'
import { overStores, type StoreKind } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

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

const toolCall = (session_id: string): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'dispatch_event', arguments: { session_id, event: 'ResetRequested' } },
})

/** How a caller's access ends. */
interface Ending {
  bearer: string
  /** Ends the access. Resolves when new requests are refused. */
  end(): Promise<void>
}

/** A server that accepts service keys and tokens, with a session and what the capabilities need. */
function world(kind: StoreKind) {
  const admin = madeKey({ name: 'Ada Admin', role: 'admin', organisation_id: null })
  const file = keyFile(admin)
  const issuer = issuing()
  const config = { ...issuer.config, ...file.config, ...capabilityConfig, MCP: 'write' as const }
  const server = serving(kind.place, { config })
  const rest = client(server, sentBy(admin.bearer))
  const refused = async (bearer: string): Promise<boolean> =>
    (await client(server, sentBy(bearer)).get('/api/v1/benefit-caller')).status === 401
  const keys: MadeKey[] = []
  return {
    server,
    rest,
    found: () => createFound(server, { mentor_id: 'mentor_1', organisation_id: 'org_1' }, config, sentBy(admin.bearer)),
    /** Each way in which the access of a coordinator ends. */
    endings: {
      async 'a service key that is revoked'(): Promise<Ending> {
        const key = madeKey({ name: 'coordinator', role: 'coordinator' })
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
          bearer: issuer.bearer({ ...people.coordinator, exp: exp / 1_000 }),
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
  const { server, rest, found, endings } = world(kind)

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
})
