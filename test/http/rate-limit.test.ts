import { WebSocket } from 'ws'
import { rateLimit, trackedAddresses } from '../../src/http/rate-limit'
import { base } from '../support/interfaces'
import type { RawAnswer } from '../support/raw'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase, { config: { REQUESTS_PER_SECOND: 5 } })
const { get } = client(server)

test('an address that exceeds the rate limit gets 429 with Retry-After, in REST and GraphQL', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => get(base)))
  const refused = answers.filter(({ status }) => status !== 200)
  expect(answers.length - refused.length).toBeLessThanOrEqual(10)
  expect(refused.length).toBeGreaterThan(0)
  for (const answer of refused) {
    expect(problem(answer)).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(answer.headers['retry-after']).toBe('1')
  }

  const queries = await Promise.all(Array.from({ length: 12 }, () => get('/graphql?query={__typename}')))
  const first = queries.find(({ status }) => status !== 200)
  expect(first?.status).toBe(429)
  expect(JSON.parse(first?.text ?? '')).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
  expect(first?.headers['retry-after']).toBe('1')
})

test('every response says how many requests the address may still send, also in GraphQL, and a refusal says 0', async () => {
  const paths = [base, '/graphql?query={__typename}', '/api/v1/benefit-caller', '/no-such-path']
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => get(String(paths[n % paths.length]))))
  for (const { status, headers, text } of answers) {
    expect(headers['ratelimit-policy']).toBe('"address";q=5;w=1')
    const [, left] = /^"address";r=([0-4]);t=1$/.exec(String(headers.ratelimit)) ?? []
    expect(left).toBeDefined()
    if (status === 429) expect(left).toBe('0')
    if (text.includes('"may"'))
      expect(JSON.parse(text).rate).toEqual({ requests: 5, seconds: 1, remaining: Number(left) })
  }
  // A browser's script sees them too.
  const { headers } = await get('/healthz', { Origin: 'https://elsewhere.test' })
  expect([headers.ratelimit, headers['access-control-expose-headers']]).toEqual([
    undefined,
    expect.stringMatching(/(^|,)RateLimit,RateLimit-Policy(,|$)/),
  ])
})

test('/healthz and /readyz are never rate-limited', async () => {
  for (const path of ['/healthz', '/readyz']) {
    const answers = await Promise.all(Array.from({ length: 30 }, () => get(path)))
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200))
  }
})

test('when the table of addresses is full, new addresses are refused and known ones are served', () => {
  let now = 0
  const limit = rateLimit(2, () => now)
  for (let n = 0; n < trackedAddresses; n++) limit(String(n))
  expect(() => limit('one more')).toThrow(expect.objectContaining({ code: 'rate_limited' }))
  limit('0')
  expect(() => limit('0')).toThrow(expect.objectContaining({ code: 'rate_limited' }))
  now = 1_000
  limit('one more')
  limit('0')
})

describe('behind a proxy', () => {
  const behind = serving(embeddedDatabase, {
    config: { REQUESTS_PER_SECOND: 5, CONNECTIONS_PER_ADDRESS: 1, TRUST_PROXY: 1 },
  })
  const proxied = client(behind)
  const asked = (forwarded: string, path = base): Promise<RawAnswer[]> =>
    Promise.all(Array.from({ length: 12 }, () => proxied.get(path, { 'X-Forwarded-For': forwarded })))
  const refusedOf = (answers: RawAnswer[]): number => answers.filter(({ status }) => status === 429).length

  test.each([base, '/graphql?query={__typename}', '/graphql/stream?query={__typename}'])(
    'each client has its own limit, and an address that it claims itself changes nothing: %s',
    async path => {
      expect(refusedOf(await asked('192.0.2.1', path))).toBeGreaterThan(0)
      const [other] = await asked(`203.0.113.${path.length}`, path)
      expect(other?.status).not.toBe(429)
      const claims = Array.from({ length: 12 }, (_, n) =>
        proxied.get(path, { 'X-Forwarded-For': `198.51.100.${n}, 192.0.2.${path.length}` }),
      )
      expect(refusedOf(await Promise.all(claims))).toBeGreaterThan(0)
    },
  )

  test('each client has its own event streams', async () => {
    const opened: AbortController[] = []
    const open = async (forwarded: string): Promise<number> => {
      const stop = new AbortController()
      opened.push(stop)
      const headers = { Accept: 'text/event-stream', 'X-Forwarded-For': forwarded }
      const url = `${behind.url}/api/v1/benefit-calculator-events`
      return (await fetch(url, { headers, signal: stop.signal })).status
    }
    expect(await open('2001:db8:1:1::1')).toBe(200)
    expect(await open('2001:db8:1:1:ffff::2')).toBe(429)
    expect(await open('2001:db8:1:2::1')).toBe(200)
    for (const stop of opened) stop.abort()
  })

  test('each client has its own WebSockets', async () => {
    const opened: WebSocket[] = []
    const open = (forwarded: string): Promise<number> =>
      new Promise(resolve => {
        const url = `${behind.url.replace('http', 'ws')}/graphql`
        const headers = { 'X-Forwarded-For': forwarded }
        const socket = new WebSocket(url, 'graphql-transport-ws', { headers })
        opened.push(socket)
        socket.once('open', () => resolve(101))
        socket.once('unexpected-response', (request, { statusCode = 0 }) => {
          request.destroy()
          resolve(statusCode)
        })
        socket.on('error', () => {})
      })
    expect(await open('2001:db8:2:1::1')).toBe(101)
    expect(await open('2001:db8:2:1:ffff::2')).toBe(429)
    expect(await open('198.51.100.1, 192.0.2.77')).toBe(101)
    for (const socket of opened) socket.terminate()
  })
})
