import { collected } from '../support/gc'
import { head, RawClient } from '../support/raw'
import { client, json } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const path = '/graphql/stream'
const accept = { Accept: 'text/event-stream' }
const open = `${path}?query=${encodeURIComponent('subscription { feed { __typename } }')}`

describe('/graphql/stream', () => {
  const server = serving(embeddedDatabase)
  const { call } = client(server)

  test('a page of another origin gets a preflight response that allows its request', async () => {
    const { status, headers } = await call('OPTIONS', path, {
      Origin: 'https://dashboard.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    })
    expect(status).toBe(204)
    expect(headers).toMatchObject({
      allow: 'GET, POST, OPTIONS',
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type',
    })
  })

  test('a method that is not served is refused with the names of the three that are', async () => {
    const { status, headers } = await call('PUT', path, accept)
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, POST, OPTIONS' })
  })
})

describe('an address with no free slot', () => {
  const server = serving(embeddedDatabase, { config: { CONNECTIONS_PER_ADDRESS: 1 } })
  const { post, get } = client(server)
  let peer: RawClient
  beforeAll(async () => {
    peer = await RawClient.connect(server.url)
    peer.send(head(`GET ${open}`, 'Accept: text/event-stream'))
    await peer.until('FeedReady')
  })
  afterAll(() => peer.socket.destroy())

  test.each(['/graphql', path])('is refused another stream by GET on %s', async at => {
    const { status, text } = await get(open.replace(path, at), accept)
    expect([status, text]).toEqual([429, expect.stringContaining('RATE_LIMITED')])
  })

  test('is refused before a mutation takes effect', async () => {
    const query = 'mutation { startSession(input: { mentorId: "m" }) { session { id } } }'
    const { status } = await post(path, JSON.stringify({ query }), { ...json, ...accept })
    expect(status).toBe(429)
    const { text } = await post('/graphql', '{"query":"{ sessions { totalCount } }"}')
    expect(JSON.parse(text)).toEqual({ data: { sessions: { totalCount: 0 } } })
  })

  test('leaves nothing behind after a refusal', async () => {
    const refused = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const variables = { n, deep: 'x'.repeat(60_000) }
        const body = JSON.stringify({ query: 'subscription { feed { __typename } }', variables })
        expect((await post(path, body, { ...json, ...accept })).status).toBe(429)
      }
      await collected()
      return process.memoryUsage().heapUsed
    }
    const before = await refused(20)
    expect((await refused(200)) - before).toBeLessThan((200 * 60_000) / 4)
  })
})
