import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, setPriority } from 'node:os'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { currencies } from '../../src/domain/limits'
import { sessionOrderFields } from '../../src/domain/order'
import { HostileReceiver } from '../support/hostile-receiver'
import { base } from '../support/interfaces'
import { feedPath, feedQuery } from '../support/transports'
import { ligature, noisyOrganisation } from './filling'
import type { HonestOperation } from './honest'
import { type Asked, NoisyClient, type NoisyTarget } from './noisy-client'
import { message, requestText, subscribe, upgradeText } from './wire'

// Attackers that do only what their role may do, but too much of it. Each is one principal, some principals of one
// organisation or, if the server requires no tokens, one address.

/** Duration of one catch-up before the attacker begins again. */
const catchUpMs = 2_000
const catchUps = 300
const exporters = 8
/** The rate at which a slow reader takes its export: one chunk of up to 64 KiB in this time, in ms. */
const slowReadMs = 200
const connections = 600
/** Pause between two bytes of an import, in ms. */
const dripMs = 200
/** An organisation may have 100 endpoints: these, 30 of the hostile receivers, and those that point to two servers in turn. */
const failingEndpoints = 50
const loopingEndpoints = 10
/** Endpoints of each kind of hostile receiver; the number of silent names for each of these; and the pause between messages. */
const hostileEndpoints = 5
const silentNames = 4
const messageMs = 200
/** Requests whose bodies are not complete when the token expires, and the time after which their clients send the rest. */
const halfSent = 100
const restMs = 2_500

/** Outcome of a webhook message that the server accepted from itself. */
export const looped = 'looped'

export interface NoisyNeighbour {
  /** What honest clients do beside it. */
  beside: HonestOperation[]
  /** Its role, if not that of a reader. */
  role?: 'coordinator'
  /** Seconds until its token expires. */
  expiresInSeconds?: number
  /** The only outcome that its requests may have. Any other one is a breach. */
  refusedWith?: string
  /** Whether it also attacks a server that requires no tokens. Then it is one address. */
  alsoByAddress?: true
  attack(client: NoisyClient): void | Promise<void>
}

const endpointsPath = '/api/v1/webhook-endpoints'
const graphql = (query: string, variables?: object): Asked => ({ path: '/graphql', body: { query, variables } })
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T

/** Changes one of these sessions. If it is in the attacker's scope, the attacker's endpoints get a message. */
function reset(sessions: string[], n: number): Asked {
  const [sessionId, event] = [pick(sessions, n), 'RESET_REQUESTED']
  const query = 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { session { id } } }'
  return graphql(query, { input: { sessionId, event } })
}

const aliased = (count: number, field: string): string =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ')} }`

const amounts =
  'amounts { currency results sessionsHeld totalHours programmeCost timeValue netBenefit benefitCostRatio }'
const figures = 'inputs { sessions avgMinutes costPerSession costPerHour label currency }'
const outputs = 'outputs { totalMinutes totalHours programmeCost timeValue netBenefit benefitCostRatio roiPercent }'
const result = `result { id ${figures} ${outputs} method caveat computedAt }`

const codes = [...currencies]

/** The most costly queries of totals first. A server may refuse these, but not the ones after them. */
const costlyTotals = (n: number): string =>
  pick(
    [
      aliased(30, `trend(last: 120) { month results ${amounts} }`),
      aliased(
        9,
        `mentors(first: 100, orderBy: { by: TIME_VALUE, currency: "${pick(codes, n)}" }) { nodes { id ${amounts} } }`,
      ),
      aliased(30, `summary { sessions results ${amounts} states { state count } calculations { minute count } }`),
      aliased(3, `trend(last: 120) { month results ${amounts} }`),
      aliased(1, `mentors(first: 100, search: "m${n % 10}") { nodes { id ${amounts} } }`),
      aliased(1, `trend(last: 120) { month results ${amounts} }`),
      aliased(1, `trend(last: 12) { month results ${amounts} }`),
    ],
    n,
  )

const sortedList = (n: number): Asked => {
  const limit = 1 + (n % 100)
  const field = pick(sessionOrderFields, n)
  return pick<() => Asked>(
    [
      () => ({ path: `${base}?sort=-${field}&currency=${pick(codes, n)}&limit=${limit}` }),
      () => ({ path: `${base}?sort=${field}&limit=${limit}` }),
      () => ({ path: `${base}?page=${Math.ceil(5_000 / limit) + (n % 50)}&limit=${limit}` }),
      () => graphql(`{ sessions(first: ${limit}, orderBy: { by: LABEL }) { nodes { id } } }`),
      () =>
        graphql(
          `{ sessions(first: ${limit}, orderBy: { by: NET_BENEFIT, currency: "${pick(codes, n)}" }) { nodes { id } } }`,
        ),
    ],
    n,
  )()
}

/** Labels nearly match these texts. No session has the state, so that all labels are searched. */
const costlyFind = (n: number): URLSearchParams =>
  new URLSearchParams({
    text: pick(
      [
        `${ligature.repeat(20 + (n % 80))}x${ligature.repeat(20)}`,
        `x${ligature.repeat(20 + (n % 90))}`,
        `${ligature.repeat(30 + (n % 80))} ${n}`,
        ligature.repeat(1 + (n % 110)),
      ],
      n,
    ),
    state: 'error',
    limit: '50',
  })

const costlyOperation = (n: number): string =>
  pick(
    [
      '{ sessions(first: 100) { nodes { id transitions(first: 90) { event from to sequence at by } } } }',
      `{ sessions(first: 100, after: null) { nodes { id state ${result} transitions(first: 20) { event sequence } } } }`,
      aliased(10, `sessions(first: 100) { totalCount nodes { id mentorId organisationId ${result} } }`),
    ],
    n,
  )

export const noisyNeighbours: Record<string, NoisyNeighbour> = {
  'catch-ups by WebSocket': {
    beside: ['a page of the old feed', 'a catch-up by WebSocket'],
    alsoByAddress: true,
    attack(client) {
      const { headers, cursor } = client.target
      client.keep(4, async () => {
        const wire = await client.open(upgradeText('/graphql', headers))
        await wire.answered()
        wire.send(message({ type: 'connection_init' }))
        await wire.heard(text => text.includes('connection_ack'))
        for (let i = 0; i < catchUps; i++) {
          wire.send(subscribe(String(i), feedQuery, { after: cursor, filter: { mentorId: client.unique() } }))
        }
        await wire.heard(() => false, catchUpMs)
        client.count(wire.text.includes('"type":"error"') ? 'refused' : wire.isGone ? 'cut off' : 'followed')
        wire.reset()
        return true
      })
    },
  },

  'catch-ups by SSE': {
    beside: ['a page of the old feed', 'a catch-up by WebSocket'],
    attack(client) {
      client.keep(catchUps, async () => {
        const path = `${feedPath}?after=${encodeURIComponent(client.target.cursor)}&mentor_id=${client.unique()}`
        const response = await client.ask({ path, headers: { Accept: 'text/event-stream' } }, false)
        response.on('error', () => {}).resume()
        client.count(response.statusCode ?? 0)
        if (response.statusCode === 200) await wait(catchUpMs)
        response.destroy()
        return response.statusCode === 200
      })
    },
  },

  'catch-ups by pages': {
    beside: ['a page of the old feed', 'a catch-up by WebSocket'],
    attack(client) {
      const after = encodeURIComponent(client.target.cursor)
      client.keepAsking(catchUps, () => ({ path: `${feedPath}?after=${after}&mentor_id=${client.unique()}` }))
    },
  },

  'costly totals': {
    beside: ['a list of mentors', 'a session', 'a dispatch', 'a tiny GET'],
    attack: client => client.keepAsking(20, n => graphql(costlyTotals(n))),
  },

  'finds in long labels': {
    beside: ['a find', 'a session', 'a dispatch', 'a tiny GET'],
    attack: client => client.keepAsking(40, n => ({ path: `/api/v1/benefit-search?${costlyFind(n)}` })),
  },

  'costly entities': {
    beside: ['a session', 'a dispatch', 'a tiny GET'],
    attack(client) {
      const { sessions } = client.target
      const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Session { id ${result} } } }`
      client.keepAsking(20, n => {
        const first = (n * 1_000) % Math.max(1, sessions.length - 1_000)
        const ids = sessions.slice(first, first + 1_000)
        return graphql(query, { r: ids.map(id => ({ __typename: 'Session', id })) })
      })
    },
  },

  'slow exports': {
    beside: ['an export', 'a session', 'a dispatch'],
    attack(client) {
      client.keep(exporters, async () => {
        const response = await client.ask({ path: `${base}?format=csv` }, false)
        client.count(response.statusCode ?? 0)
        for await (const _ of response) await wait(slowReadMs)
        return response.statusCode === 200
      })
    },
  },

  'imports that drip': {
    beside: ['an import', 'a session', 'a dispatch'],
    role: 'coordinator',
    alsoByAddress: true,
    attack(client) {
      const { peers } = client.target
      const body = { 'Content-Type': 'application/x-ndjson', 'Transfer-Encoding': 'chunked' }
      const line = '{"mentor_id":""}\n'
      client.keep(peers.length, async n => {
        const head = requestText('POST', '/api/v1/benefit-imports', { ...pick(peers, n), ...body })
        const wire = await client.open(head, `${line.length.toString(16)}\r\n${line}\r\n`)
        await wire.answered()
        const status = /^HTTP\/1\.1 (\d+)/.exec(wire.text)?.[1] ?? 'no response'
        client.count(status)
        while (status === '200' && !wire.isGone && !wire.text.includes('"done"')) {
          wire.send('1\r\n \r\n')
          await wait(dripMs)
        }
        wire.reset()
        return status === '200'
      })
    },
  },

  'sorted lists': {
    beside: ['a sorted list', 'a session'],
    attack: client => client.keepAsking(80, sortedList),
  },

  'costly operations': {
    beside: ['a costly operation', 'a session'],
    alsoByAddress: true,
    attack: client => client.keepAsking(120, n => graphql(costlyOperation(n))),
  },

  'connections half-open and pipelined': {
    beside: ['a new event stream', 'a new WebSocket', 'a new connection'],
    alsoByAddress: true,
    attack(client) {
      const { headers } = client.target
      const list = requestText('GET', `${base}?limit=5`, headers)
      const stream = requestText('GET', feedPath, { ...headers, Accept: 'text/event-stream' })
      const json = { 'Content-Type': 'application/json', 'Content-Length': 10_000 }
      const withoutBody = requestText('POST', '/graphql', { ...headers, ...json })
      const ways = [
        Buffer.concat([stream, ...Array.from({ length: 20 }, () => list)]),
        Buffer.concat([stream, upgradeText('/graphql', headers)]),
        Buffer.concat(Array.from({ length: 50 }, () => list)),
        upgradeText('/graphql', headers),
        list.subarray(0, -2),
        withoutBody,
      ]
      client.keep(connections, async n => {
        const wire = await client.open(pick(ways, n))
        if (n % 2 === 0) wire.pause()
        if (n % 3 === 0) wire.finish()
        await wire.heard(() => false, catchUpMs)
        client.count(/^HTTP\/1\.1 (\d+)/.exec(wire.text)?.[1] ?? 'no response')
        wire.reset()
        return true
      })
    },
  },

  'changes to sessions that have moved away': {
    beside: ['a session', 'a dispatch', 'a tiny GET'],
    role: 'coordinator',
    refusedWith: 'SESSION_NOT_FOUND',
    attack: client => client.keepAsking(200, n => reset(client.target.movedAway, n)),
  },

  'requests half-sent when the token expires': {
    beside: ['a session', 'a dispatch', 'a tiny GET'],
    role: 'coordinator',
    // All its requests are in flight when the token expires.
    expiresInSeconds: 2,
    refusedWith: '401',
    async attack(client) {
      const request = requestText('POST', base, client.target.headers, JSON.stringify({ mentor_id: 'noisy' }))
      const wires = await Promise.all(Array.from({ length: halfSent }, () => client.open(request.subarray(0, -10))))
      await Promise.all(
        wires.map(async wire => {
          await wire.answered(restMs)
          wire.send(request.subarray(-10))
          await wire.answered()
          client.count(/^HTTP\/1\.1 (\d+)/.exec(wire.text)?.[1] ?? 'no response')
          wire.reset()
        }),
      )
    },
  },

  // The following ones are the last ones, because their endpoints stay. The silent names of the last one take the turns of
  // their organisation.
  'webhook endpoints that point to the server': {
    beside: ['a webhook message', 'a session', 'a dispatch', 'a tiny GET'],
    role: 'coordinator',
    alsoByAddress: true,
    async attack(client) {
      const paths: string[] = []
      for (let n = 0; n < loopingEndpoints; n++) {
        const { url } = client.target
        const created = await client.ask({ path: endpointsPath, body: { url, organisation_id: noisyOrganisation } })
        const path = `${endpointsPath}/${JSON.parse(await text(created)).endpoint_id}`
        // Each test message requests another one.
        const body = { url: `${url}${path}/tests` }
        const changed = await client.ask({ method: 'PATCH', path, body })
        changed.resume()
        client.count(`endpoint ${changed.statusCode}`)
        paths.push(path)
      }
      client.keepAsking(4, n =>
        n % 2 === 0 ? { method: 'POST', path: `${pick(paths, n >> 1)}/tests` } : reset(client.target.sessions, n),
      )
      client.keep(1, async n => {
        const { data } = JSON.parse(await text(await client.ask({ path: `${pick(paths, n)}/attempts` })))
        for (const { status } of data) client.count(status === 202 ? looped : `message ${status}`)
        await wait(messageMs)
        return true
      })
    },
  },

  'failing webhook endpoints': {
    beside: ['a webhook message', 'a session', 'a dispatch', 'a tiny GET'],
    role: 'coordinator',
    async attack(client) {
      const url = await failingReceiver(client)
      for (let n = 0; n < failingEndpoints; n++) {
        const { statusCode = 0 } = await client.ask({ path: endpointsPath, body: { url } })
        client.count(`endpoint ${statusCode}`)
      }
      client.keepAsking(4, n => reset(client.target.sessions, n))
    },
  },

  'hostile receivers': {
    beside: ['a session', 'a sorted list', 'a webhook message'],
    role: 'coordinator',
    async attack(client) {
      const floods = await HostileReceiver.start({ repeats: 'HTTP/1.1 103 Early Hints\r\n\r\n' })
      const upgrades = await HostileReceiver.start({
        first: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      })
      const urls = Array.from({ length: hostileEndpoints }, (_, n) => [
        floods.url,
        upgrades.url,
        ...Array.from({ length: silentNames }, (_, i) => `http://${n}.${i}.silent.test/`),
      ]).flat()
      const post = async (asked: Asked): Promise<void> => {
        const response = await client.ask(asked)
        response.resume()
        client.count(response.statusCode ?? 0)
      }
      for (const url of urls) await post({ path: endpointsPath, body: { url } })
      client.keep(1, async () => {
        await post({ path: base, body: { mentor_id: 'noisy' } })
        await wait(messageMs)
        return true
      })
    },
  },
}

/** Returns the URL of a receiver that fails every message. */
async function failingReceiver(client: NoisyClient): Promise<string> {
  const receiver = createServer((request, response) => {
    request.resume()
    client.count('message')
    response.writeHead(500).end()
  })
  await new Promise<void>(resolve => void receiver.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
}

/** How often the attackers' process reports its outcomes, in ms. */
const reportMs = 200

function main({ name, target }: { name: string; target: NoisyTarget }): void {
  const client = new NoisyClient(target)
  void noisyNeighbours[name]?.attack(client)
  setInterval(() => process.send?.(client.outcomes), reportMs)
}

if (require.main === module) {
  // The attack is what the server does for it, not what this process takes from the others.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  process.once('disconnect', () => process.exit())
  process.once('message', main)
}
