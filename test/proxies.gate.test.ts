import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { partsOf } from './support/capability-parts'
import { follow } from './support/follow'
import { Instance } from './support/instance'
import { base } from './support/interfaces'
import { Load, seed } from './support/load'
import { figures } from './support/metrics'
import { describePages } from './support/pages'
import { freePort } from './support/port'
import { overProxies, type ProxiedRule, ReverseProxy } from './support/proxies'
import { send } from './support/raw'
import { calculation, json, problem } from './support/rest'
import { describeMongo, mongoDatabase, type TestDatabase } from './support/stores'
import { feedPath } from './support/transports'
import { until, within } from './support/until'

const prefix = '/benefits'
const streamsOfAnAddress = 8
const atOnceMs = 5_000

let database: TestDatabase
let ports: [number, number]
const instances: Instance[] = []
/** Makes the keys of each load unique. */
let loads = 0

/** Starts both instances, or restarts one that has gone. */
async function started(): Promise<void> {
  const gone = ports.filter(port => !instances.some(({ url }) => url.endsWith(`:${port}`)))
  const next = gone.map(
    port =>
      new Instance({
        ...database.env,
        PORT: String(port),
        METRICS_PORT: '0',
        BASE_PATH: prefix,
        TRUST_PROXY: '1',
        CONNECTIONS_PER_ADDRESS: String(streamsOfAnAddress),
      }),
  )
  instances.push(...next)
  await Promise.all(next.map(instance => instance.listening()))
}

/** Returns the number of subscribers to the feed of an instance. */
async function followersOf(instance: Instance): Promise<number> {
  const { metrics } = await instance.said('listening')
  return Object.values(await figures({ metricsUrl: String(metrics) }, 'subscribers')).reduce((sum, one) => sum + one, 0)
}

describeMongo('two instances', () => {
  beforeAll(async () => {
    database = await mongoDatabase()
    ports = [await freePort(), await freePort()]
  })
  afterAll(async () => {
    await Promise.all(instances.map(instance => instance.kill()))
    await database?.drop()
  })

  overProxies(kind => {
    let proxy: ReverseProxy
    /** The URL of the proxy for clients. */
    let below: string
    beforeAll(async () => {
      proxy = await ReverseProxy.before(kind, ports)
      below = proxy.url + prefix
      await started()
      await proxy.start()
    })
    afterAll(() => proxy?.stop())

    const start = (mentor_id: string, headers = {}) =>
      send(proxy.url, 'POST', prefix + base, { ...json, ...headers }, JSON.stringify({ mentor_id }))
    const startedAt = async (mentor_id: string): Promise<string> => String((await start(mentor_id)).headers.location)

    test("the proxy's own check accepts the configuration", () => {
      const { status, said } = proxy.check()
      const complaints = said
        .split('\n')
        .filter(line => /\[(?:warn|warning|error|alert|emerg)\]|"level":"(?:warn|error)"/i.test(line))
      expect([status, complaints]).toEqual([0, []])
    })

    test('Location, Link, share paths and the dashboard work through the proxy, below BASE_PATH', async () => {
      const location = await startedAt('m')
      expect(location.startsWith(`${prefix}${base}/session_`)).toBe(true)
      await send(proxy.url, 'PUT', location, json, calculation)
      await send(proxy.url, 'PUT', location, json, '{"event":"ShareRequested"}')
      const shared = await send(proxy.url, 'GET', `${location}/share`)
      const { path } = JSON.parse(shared.text)
      const list = await send(proxy.url, 'GET', prefix + base)
      const [, first = ''] = /^<([^>]+)>; rel="first"/.exec(String(list.headers.link)) ?? []
      const page = await send(proxy.url, 'GET', `${prefix}/`, { Accept: 'text/html' })
      const named = [...page.text.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, of = '']) => of)
      expect(named.length).toBeGreaterThan(1)
      for (const of of [location, path, first, ...named]) {
        expect(of.startsWith(`${prefix}/`)).toBe(true)
        expect([of, (await send(proxy.url, 'GET', of)).status]).toEqual([of, 200])
      }
    })

    test('every method of the API passes the proxy', async () => {
      const location = await startedAt('m')
      const answers = []
      for (const method of ['OPTIONS', 'HEAD', 'GET', 'DELETE']) answers.push(await send(proxy.url, method, location))
      expect(answers.map(({ status }) => status)).toEqual([204, 200, 200, 200])
      expect((await send(proxy.url, 'GET', location)).status).toBe(404)
    })

    test('the AsyncAPI description names the proxy, whatever X-Forwarded-Proto and X-Forwarded-Host a client sends', async () => {
      const { host } = new URL(proxy.url)
      for (const claims of [{}, { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example' }]) {
        const { servers } = JSON.parse((await send(proxy.url, 'GET', `${prefix}/asyncapi.json`, claims)).text)
        expect(servers).toMatchObject({
          http: { host, pathname: prefix, protocol: 'http' },
          websocket: { host, pathname: prefix, protocol: 'ws' },
        })
      }
    })

    test.each(['graphqlWs', 'graphqlSse', 'eventSource'] as const)(
      'a write is delivered at once over %s',
      async transport => {
        const mentor_id = `${kind.name} ${transport}`
        const followed = follow(below, transport, undefined, { mentor_id })
        await followed.received(1)
        for (let count = 2; count < 5; count++) {
          await start(mentor_id)
          await within(atOnceMs, `the session over ${transport}`, followed.received(count))
        }
        followed.connection.cut()
      },
    )

    test("limits count by the client's address, whatever X-Forwarded-For it sends", async () => {
      const opened: IncomingMessage[] = []
      const open = async (localAddress: string, claims = {}): Promise<number> => {
        const headers = { Accept: 'text/event-stream', ...claims }
        const asked = request(proxy.url + prefix + feedPath, { agent: false, localAddress, headers })
        const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
        answer.on('error', () => {})
        opened.push(answer)
        return answer.statusCode ?? 0
      }
      const held = () => opened.filter(({ statusCode }) => statusCode === 200).length
      const all = 2 * streamsOfAnAddress
      for (let tries = 0; held() < all && tries < 2 * all; tries++) await open('127.0.0.9')
      expect(held()).toBe(all)
      expect(await open('127.0.0.9')).toBe(429)
      for (const sent of [
        '192.0.2.1',
        '192.0.2.1, ',
        ', 192.0.2.1',
        '192.0.2.1,,',
        ' ',
        ',',
        'unknown',
        '192.0.2.1:1, "',
      ])
        expect([sent, await open('127.0.0.9', { 'X-Forwarded-For': sent })]).toEqual([sent, 429])
      expect(await open('127.0.0.10', { 'X-Forwarded-For': '127.0.0.9' })).toBe(200)
      for (const answer of opened) answer.destroy()
    })

    test('a request id is passed on or created, and is in both logs', async () => {
      const named = await start('m', { 'X-Request-Id': `of-${kind.name}` })
      const unnamed = await start('m')
      const ids = [named, unnamed].map(({ headers }) => headers['x-request-id'])
      expect(ids).toEqual([`of-${kind.name}`, expect.any(String)])
      const logged = () => instances.flatMap(({ lines }) => lines).filter(({ msg }) => msg === 'request')
      const all = () => ids.every(id => logged().some(({ request_id }) => request_id === id))
      await until(all, atOnceMs, () => `the lines of ${ids}`)
    })

    test('an oversized request is refused: by the server itself, and far above the limit by the proxy', async () => {
      const refused = await send(
        proxy.url,
        'POST',
        prefix + base,
        json,
        JSON.stringify({ mentor_id: 'm'.repeat(70_000) }),
      )
      expect(problem(refused)).toMatchObject({ status: 413 })
      const beyond = await send(proxy.url, 'POST', prefix + base, json, Buffer.alloc(150_000))
      expect(beyond.headers['content-type']).not.toBe('application/problem+json')
      // Caddy 2.6 answers with 502.
      expect([413, 502]).toContain(beyond.status)
    })

    for (const { rule, holds } of partsOf<ProxiedRule[]>('proxied').flat()) {
      test(rule, () => holds({ below, sessions: proxy.url + prefix + base, buffersBodies: kind.buffersBodies }))
    }

    describePages('in a browser', pages => {
      test('the dashboard shows the changes of other clients', async () => {
        const page = await pages.page(`${below}/`)
        const who = `seen behind ${kind.name}`
        await page.locator('main').waitFor()
        await startedAt(who)
        await page.getByText(who).first().waitFor()
      })
    })

    test('when an instance is killed, its subscribers continue on the other without loss or repetition', async () => {
      const load = await Load.start(() => [below], { count: 4, pauseMs: 30, seed: seed + 100 * loads++ })
      try {
        await load.written(30)
        const followers = await Promise.all(instances.map(followersOf))
        const [killed] = instances.splice(followers.indexOf(Math.max(...followers)), 1) as [Instance]
        await killed.kill()
        await load.written(30)
        expect(await load.verdict(`an instance behind ${kind.name} killed`)).toEqual([])
        expect(await load.writers.verify(below)).toEqual([])
        expect(Math.max(...load.subscribers.map(({ connections }) => connections))).toBeGreaterThan(1)
      } finally {
        await load.stop()
      }
    })
  })
})

/** Starts an instance that records the ids of requests, and then disconnects or answers. */
async function reader(isGone: boolean) {
  const read: string[] = []
  const server = createServer((request, response) => {
    if (/z$/.test(request.url ?? '')) return void response.end()
    request.resume().on('end', () => {
      read.push(String(request.headers['x-request-id']))
      if (isGone) request.socket.destroy()
      else response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { read, port: (server.address() as AddressInfo).port, end }
}

const bodyOf = (method: string): string | undefined => (/^P/.test(method) ? '{}' : undefined)

overProxies(kind => {
  test.each(kind.repeatsUnsent ? ['GET', 'PUT', 'DELETE', 'POST'] : ['GET'])(
    '%s is answered by the other instance if one is down',
    async method => {
      const other = await reader(false)
      const proxy = await ReverseProxy.before(kind, [await freePort(), other.port])
      await proxy.start()
      try {
        for (let n = 0; n < 4; n++) {
          const id = { 'X-Request-Id': `${n}` }
          const { status } = await send(proxy.url, method, '/', id, bodyOf(method))
          expect([n, status, other.read.length]).toEqual([n, 200, n + 1])
        }
      } finally {
        await proxy.stop()
        other.end()
      }
    },
  )

  test.each([
    ['GET', {}, true],
    ['PUT', {}, false],
    ['DELETE', {}, false],
    ['POST', {}, false],
    ['PUT', { 'Idempotency-Key': 'a' }, kind.repeatsKeyed],
    ['PUT', { 'If-Match': '"1"' }, kind.repeatsKeyed],
  ])(
    '%s %j that an instance received before it went down is sent to the other: %s',
    async (method, headers, repeated) => {
      const [gone, other] = await Promise.all([reader(true), reader(false)])
      const proxy = await ReverseProxy.before(kind, [gone.port, other.port])
      await proxy.start()
      try {
        let status = 0
        for (let n = 0; gone.read.length === 0 && n < 4; n++) {
          const id = { 'X-Request-Id': `${n}` }
          // HAProxy may close the connection instead.
          const answer = await send(proxy.url, method, '/', { ...headers, ...id }, bodyOf(method)).catch(() => ({
            status: 502,
          }))
          status = answer.status
        }
        const [id] = gone.read
        expect([status < 500, other.read.includes(String(id))]).toEqual([repeated, repeated])
      } finally {
        await proxy.stop()
        gone.end()
        other.end()
      }
    },
  )
})
