import { deflateRawSync, gzipSync } from 'node:zlib'
import { sessionEvents } from '../../src/domain/session'
import { inputsOf } from '../support/inputs'
import { base } from '../support/interfaces'
import { feedPath, feedQuery } from '../support/transports'
import type { Attempt } from './attempt'
import { frame, message, requestText, subscribe, upgradeText, type Wire } from './wire'

export interface Attacker {
  /** Cost of an attempt in the attackers' budget; 1 by default. */
  weight?: number
  attack(attempt: Attempt): Promise<void>
}

const eventStream = { Accept: 'text/event-stream' }
const get = (target: string, headers = {}): Buffer => requestText('GET', target, headers)
const post = (target: string, body: unknown, headers = {}): Buffer =>
  requestText('POST', target, headers, typeof body === 'string' ? body : JSON.stringify(body))
const graphql = (query: string, variables?: object): Buffer => post('/graphql', { query, variables })
const streamed = (query: string, variables?: object): Buffer =>
  post('/graphql/stream', { query, variables }, eventStream)
const summariesPath = '/api/v1/benefit-summaries'
const nothing = 'nobody-has-this-mentor'

const outputs =
  'outputs { totalMinutes totalHours programmeCost timeValue netBenefit benefitCostRatio roiPercent costPerHourDelivered valuePerSession netPerSession breakEvenMinutes undefinedBecause { output reason } }'
const result = `{ id inputs { sessions avgMinutes costPerSession costPerHour } ${outputs} method caveat computedAt }`

/** Requests for the largest possible responses. */
const big = (attempt: Attempt): string =>
  attempt.pick([
    `{ session(id: "${attempt.full}") { results ${result} } }`,
    `{ session(id: "${attempt.full}") { transitions(first: 1000) { event sequence at session { id state share { token } result ${result} } } } }`,
    `{ sessions(first: 100) { nodes { id results ${result} } } }`,
    `{ ${Array.from({ length: 10 }, (_, i) => `a${i}: session(id: "${attempt.full}") { transitions(first: 1000) { session { result { id } share { token } } } }`).join(' ')} }`,
    `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: sessions(first: 100) { totalCount nodes { id mentorId organisationId } }`).join(' ')} }`,
    `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: summary { sessions results amounts { currency netBenefit } calculations { minute count } states { state count } }`).join(' ')} }`,
    `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: trend(last: 120) { month amounts { currency results timeValue } }`).join(' ')} }`,
    `{ ${Array.from({ length: 9 }, (_, i) => `a${i}: mentors(first: 100, search: "${attempt.word()}", orderBy: { by: TIME_VALUE, descending: true }) { nodes { id amounts { timeValue } } }`).join(' ')} }`,
    `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: summary(filter: { months: { from: "${1_000 + i}-01" } }) { amounts { currency netBenefit } calculations { minute count } }`).join(' ')} }`,
    `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: trend(filter: { months: { from: "${1_000 + i}-01" } }) { month amounts { timeValue } }`).join(' ')} }`,
    `{ ${Array.from({ length: 9 }, (_, i) => `a${i}: sessions(first: 100, filter: { months: { to: "${1_000 + i}-01" } }) { totalCount nodes { id } }`).join(' ')} }`,
    `query ($first: Int) { sessions(first: $first) { nodes { results ${result} } } }`,
    `{ sessions(first: -100) { nodes { results ${result} } } a: sessions(first: 100) { nodes { results ${result} } } }`,
  ])

const bigRest = (attempt: Attempt): string =>
  attempt.pick([
    `${base}/${attempt.full}/results`,
    `${base}/${attempt.full}/events?limit=1000`,
    `${base}?limit=100`,
    `${base}?limit=100&to=2015-12`,
    `${summariesPath}?from=0001-01`,
    '/api/v1/benefit-trends?last=120',
    '/api/v1/benefit-mentors?limit=100&order_by=time_value&from=0001-01',
    '/api/v1/benefit-search?limit=50&text=e&state=error',
    summariesPath,
    `${feedPath}?limit=1000&after=${attempt.target.cursor}`,
    '/openapi.json',
    '/docs',
  ])

/** Valid requests, as an honest client sends them. */
const wellMeant = (attempt: Attempt): Buffer =>
  attempt.pick<() => Buffer>([
    () => get(`${base}?limit=5`),
    () => get(`${base}/${attempt.full}`, { 'If-None-Match': '"1", "2"' }),
    () => get('/healthz'),
    () => get('/readyz'),
    () => get(`${base}/${attempt.full}/events`, eventStream),
    () => get(feedPath, eventStream),
    () => get(`${feedPath}?after=${attempt.target.cursor}`, eventStream),
    () => get(`${feedPath}?limit=10&after=${attempt.target.cursor}`),
    () => get(bigRest(attempt)),
    () => post(base, { mentor_id: attempt.word() }, { 'Idempotency-Key': attempt.word() }),
    () => requestText('PUT', `${base}/${attempt.full}`, {}, JSON.stringify({ event: attempt.pick(sessionEvents) })),
    () => requestText('HEAD', feedPath, eventStream),
    () => requestText('OPTIONS', '/graphql/stream', { Origin: 'http://elsewhere.example' }),
    () => post('/graphql', { query: '{ sessions(first: 2) { totalCount nodes { id } } }' }),
    () => get(`/graphql?query=${encodeURIComponent('{ __typename }')}`),
    () => streamed(feedQuery),
    () => streamed('{ sessions(first: 10) { nodes { id transitions { sequence } } } }'),
    () => get(`/graphql/stream?query=${encodeURIComponent('subscription { feed { __typename } }')}`, eventStream),
    () =>
      Buffer.concat([
        upgradeText(),
        message({ type: 'connection_init' }),
        subscribe('1', feedQuery, { after: attempt.target.cursor }),
        subscribe('2', '{ sessions { totalCount } }'),
      ]),
  ])()

/** Truncates the bytes at a random position. Ends and the boundary between head and body are more likely. */
const cut = (attempt: Attempt, bytes: Buffer): Buffer => {
  const seam = bytes.indexOf('\r\n\r\n') + 4
  return bytes.subarray(0, attempt.chance(0.3) ? attempt.pick([seam, bytes.length]) : attempt.below(bytes.length + 1))
}

const routes = [
  base,
  `${base}/none`,
  `${base}/none/events`,
  feedPath,
  '/graphql',
  '/graphql/stream',
  '/shared/none',
  '/healthz',
  '/api/v1/benefit-calculations',
  summariesPath,
  '/openapi.json',
  '/problems',
  '/none',
  '/',
]
const headerNames = [
  'If-Match',
  'If-None-Match',
  'Accept',
  'Accept-Language',
  'Content-Type',
  'Content-Encoding',
  'Idempotency-Key',
  'Last-Event-ID',
  'Origin',
  'X-Request-Id',
  'X-Forwarded-For',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'Authorization',
  'Cookie',
  'Range',
  'Expect',
  'Transfer-Encoding',
  'Access-Control-Request-Headers',
  'Forwarded',
]
/** Parts that a regular expression may match in several ways. */
const pieces = [
  '"a"',
  ', ',
  ',',
  ' ',
  '\t',
  '"',
  'W/',
  '\\',
  '\\"',
  'a',
  ';q=0.1',
  'text/*',
  '*/*',
  '=',
  '/',
  '%',
  '1',
  '-',
  ';',
  'a=b',
  '🧮',
  'é',
]
const repeated = (attempt: Attempt, bytes: number): string => {
  const some = Array.from({ length: 1 + attempt.below(3) }, () => attempt.pick(pieces)).join('')
  const start = attempt.chance(0.5) ? attempt.pick(pieces) : ''
  return `${start}${some.repeat(Math.ceil(bytes / some.length)).slice(0, bytes)}${attempt.chance(0.7) ? 'x' : ''}`
}

const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth)

/** Makes a query unique, so that no cache entry is shared. */
const distinct = (attempt: Attempt, query: string): string => `${query} # ${attempt.word()}`

async function leaveAnywhere(attempt: Attempt, wire: Wire): Promise<void> {
  const most = attempt.pick([1, 200, 2_000, 50_000])
  const bytes = attempt.below(most)
  await wire.heard((_text, received) => received > bytes, 500)
  if (attempt.chance(0.7)) wire.reset()
  else wire.finish()
}

const unread = async (attempt: Attempt, wire: Wire): Promise<void> => {
  wire.pause()
  attempt.hold(wire)
}

const subscription = (attempt: Attempt): string =>
  attempt.pick([
    feedQuery,
    `subscription { feed { __typename ... on FeedTransition { transition { sequence session { id results ${result} } } } } }`,
    `subscription { sessionTransitions(sessionId: "${attempt.full}", after: 0) { sequence session { id results ${result} } } }`,
    `subscription { sessionTransitions(sessionId: "${attempt.full}", after: 0) { sequence session { result ${result} share { token } } } }`,
  ])

/** Every kind of attacker. None touches a session of an honest client. */
export const attackers: Record<string, Attacker> = {
  'resets at any byte': {
    async attack(attempt) {
      const wire = await attempt.sending(cut(attempt, wellMeant(attempt)))
      if (attempt.chance(0.5)) await wire.heard((_text, received) => received > 0, attempt.below(50))
      wire.reset()
    },
  },

  'half-open sockets': {
    async attack(attempt) {
      const wire = await attempt.sending(
        attempt.chance(0.3) ? upgradeText(attempt.pick(routes)) : cut(attempt, wellMeant(attempt)),
      )
      if (attempt.chance(0.5)) wire.finish()
      if (attempt.chance(0.5)) wire.pause()
      attempt.hold(wire)
    },
  },

  pipelining: {
    weight: 10,
    async attack(attempt) {
      const one = wellMeant(attempt)
      const requests = attempt.chance(0.5)
        ? Array.from({ length: 2 + attempt.below(60) }, () => wellMeant(attempt))
        : Array.from({ length: 2 + attempt.below(100) }, () => one)
      const wire = await attempt.sending(Buffer.concat(requests))
      if (attempt.chance(0.3)) wire.finish()
      if (attempt.chance(0.3)) return attempt.hold(wire)
      await leaveAnywhere(attempt, wire)
    },
  },

  'random bytes': {
    async attack(attempt) {
      const request = Buffer.from(wellMeant(attempt))
      for (let i = attempt.below(10); i >= 0; i--) request[attempt.below(request.length)] = attempt.below(256)
      const wire = await attempt.sending(attempt.chance(0.5) ? request : attempt.bytes(1 + attempt.below(2_000)))
      await wire.answered(200)
      if (attempt.chance(0.2)) attempt.hold(wire)
    },
  },

  'random frames': {
    weight: 2,
    async attack(attempt) {
      const wire = attempt.chance(0.2) ? await attempt.sending(upgradeText()) : await attempt.webSocket()
      for (let i = 1 + attempt.below(10); i > 0 && !wire.isGone; i--) {
        const payload = attempt.chance(0.3)
          ? cut(attempt, Buffer.from(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: feedQuery } })))
          : attempt.bytes(attempt.pick([0, 1, 2, 10, 125, 126, 300]))
        wire.send(
          frame(payload, {
            opcode: attempt.pick([0, 1, 2, 8, 9, 10, attempt.below(16)]),
            fin: attempt.chance(0.8),
            rsv: attempt.chance(0.8) ? 0 : attempt.below(8),
            masked: attempt.chance(0.9),
            length: attempt.chance(0.9) ? payload.length : attempt.below(2 ** 40),
          }),
        )
      }
      await wire.heard(() => false, attempt.below(100))
      if (attempt.chance(0.3)) attempt.hold(wire)
      else wire.reset()
    },
  },

  'random messages': {
    weight: 2,
    async attack(attempt) {
      const wire = await attempt.webSocket()
      const values = [
        null,
        0,
        -1,
        '',
        '1',
        [],
        {},
        true,
        'x'.repeat(1_000),
        feedQuery,
        { query: feedQuery },
        { query: '{ sessions { totalCount } }', variables: [] },
        { query: 'subscription { feed @skip(if: true) { __typename } }' },
        { query: 'subscription ($a: Int!) { feed { __typename } }', variables: { a: null } },
      ]
      const types = ['connection_init', 'subscribe', 'complete', 'ping', 'pong', 'next', 'error', 'connection_ack', '']
      for (let i = 1 + attempt.below(20); i > 0; i--) {
        wire.send(
          message({
            type: attempt.pick<unknown>([...types, null, 1]),
            id: attempt.pick<unknown>(values),
            payload: attempt.pick(values),
          }),
        )
      }
      await wire.heard(() => false, attempt.below(200))
      if (attempt.chance(0.2)) wire.send(frame(attempt.bytes(attempt.pick([0, 1, 2, 20])), { opcode: 8 }))
      if (attempt.chance(0.3)) attempt.hold(wire)
    },
  },

  'upgrades to anywhere, then a reset': {
    async attack(attempt) {
      const path = attempt.pick([...routes, '/graphql', '*', '//', '/%', 'http://elsewhere/graphql'])
      const upgrade = upgradeText(path, {
        Upgrade: attempt.pick(['websocket', 'websocket', 'h2c', 'TLS/1.0', attempt.word(), 'websocket, h2c']),
        ...(attempt.chance(0.3) && { 'Sec-WebSocket-Version': attempt.pick(['0', '8', '99', 'x']) }),
        ...(attempt.chance(0.3) && { 'Sec-WebSocket-Key': attempt.pick(['', 'x', 'x'.repeat(5_000)]) }),
        ...(attempt.chance(0.3) && { 'Sec-WebSocket-Protocol': repeated(attempt, 500) }),
        ...(attempt.chance(0.2) && { Connection: attempt.pick(['Upgrade, close', 'keep-alive, Upgrade']) }),
      })
      const wire = await attempt.sending(upgrade)
      if (attempt.chance(0.3)) await wire.answered(100)
      wire.reset()
    },
  },

  'more connections than an address may have': {
    weight: 30,
    async attack(attempt) {
      const way = attempt.pick([upgradeText(), get(feedPath, eventStream), streamed(distinct(attempt, feedQuery))])
      const wires = await Promise.all(Array.from({ length: 60 }, () => attempt.sending(way)))
      await wires.at(-1)?.answered(500)
      for (const wire of wires) if (attempt.chance(0.5)) attempt.hold(wire)
    },
  },

  'refused streams': {
    weight: 5,
    async attack(attempt) {
      const wires = await Promise.all(
        Array.from({ length: 20 }, () =>
          attempt.sending(
            streamed(`# ${attempt.word(20_000)}\n${distinct(attempt, 'subscription { feed { __typename } }')}`),
          ),
        ),
      )
      await Promise.all(wires.map(wire => wire.answered(300)))
      for (const wire of wires) if (attempt.chance(0.2)) attempt.hold(wire)
    },
  },

  'pings unread': {
    weight: 60,
    async attack(attempt) {
      const wire = await attempt.webSocket()
      wire.pause()
      const payload = 'x'.repeat(60_000)
      const ping = attempt.chance(0.7)
        ? message({ type: 'ping', payload: { payload } })
        : frame('x'.repeat(125), { opcode: 9 })
      const flood = Buffer.concat(Array.from({ length: Math.ceil(2_000_000 / ping.length) }, () => ping))
      await wire.pour(flood, 20)
      attempt.hold(wire, 5_000)
    },
  },

  'pongs unasked': {
    weight: 5,
    async attack(attempt) {
      const wire = await attempt.webSocket()
      wire.pause()
      for (let i = 0; i < 10; i++) wire.send(subscribe(`${i}`, big(attempt)))
      for (let i = 0; i < 100; i++) wire.send(frame('', { opcode: 10 }))
      attempt.hold(wire)
    },
  },

  'huge subscription ids': {
    weight: 20,
    async attack(attempt) {
      const wire = await attempt.webSocket()
      if (attempt.chance(0.5)) wire.pause()
      for (let i = 0; i < 50; i++)
        wire.send(subscribe(`${i}${'i'.repeat(60_000)}`, 'subscription { feed { __typename } }'))
      attempt.hold(wire, 5_000)
    },
  },

  'one id completed and used again': {
    weight: 5,
    async attack(attempt) {
      const wire = await attempt.webSocket()
      const again = Array.from({ length: 200 }, () => [
        subscribe('1', subscription(attempt)),
        message({ id: '1', type: 'complete' }),
      ])
      wire.send(Buffer.concat(again.flat()))
      await wire.heard(() => false, attempt.below(200))
      if (attempt.chance(0.5)) attempt.hold(wire, 5_000)
    },
  },

  'distinct subscriptions that select results': {
    weight: 30,
    async attack(attempt) {
      const wire = await attempt.webSocket()
      const query = `subscription { feed { __typename ... on FeedTransition { transition { session { results ${result} } } } } }`
      wire.send(Buffer.concat(Array.from({ length: 60 }, (_, i) => subscribe(`${i}`, distinct(attempt, query)))))
      await wire.heard(() => false, 300)
      attempt.hold(wire)
    },
  },

  'operations in one segment of a WebSocket': {
    weight: 20,
    async attack(attempt) {
      const wire = await attempt.webSocket({ Origin: 'http://elsewhere.example' })
      const mutation = `mutation { startSession(input: { mentorId: "${attempt.word()}" }) { session { id } } }`
      const query = attempt.chance(0.5) ? mutation : big(attempt)
      wire.send(Buffer.concat(Array.from({ length: 60 }, (_, i) => subscribe(`${i}`, query))))
      if (attempt.chance(0.5)) await wire.heard(() => false, 300)
      else wire.reset()
    },
  },

  'costly documents': {
    weight: 20,
    async attack(attempt) {
      const query = attempt.chance(0.5) ? big(attempt) : distinct(attempt, big(attempt))
      const request = attempt.pick([
        graphql(query, { first: null }),
        streamed(query, { first: null }),
        get(`/graphql?query=${encodeURIComponent(query)}`),
      ])
      const wire = await attempt.sending(request)
      await wire.answered(2_000)
    },
  },

  'documents that are never the same': {
    weight: 2,
    async attack(attempt) {
      // A cached document costs memory for its tokens, not for its length.
      const query = `query ${attempt.word()} { ${'__typename '.repeat(1_900)} } # ${'x'.repeat(30_000)}`
      const wire = await attempt.sending(attempt.pick([graphql, streamed])(query))
      await wire.answered()
    },
  },

  'documents that cannot be judged': {
    weight: 5,
    async attack(attempt) {
      const fragments = Array.from(
        { length: 12 },
        (_, i) => `fragment F${i} on Session { a: id ...F${i + 1} ...F${i + 1} }`,
      )
      const query = attempt.pick([
        `query ($n: Int!) { sessions(first: $n) { nodes { results ${result} } } }`,
        `{ session(id: "${attempt.full}") { ...F0 } } ${fragments.join(' ')} fragment F12 on Session { id }`,
        `{ ${'a'.repeat(60_000)} }`,
        `{ ${nested(900, '{ a ', '}')} }`,
        `{ session(id: ${nested(1_900)}) { id } }`,
        `{ session(id: ${nested(1_990, '[', '')}`,
        `{ sessions(first: 2147483647, after: "${'x'.repeat(10_000)}") { totalCount } }`,
        'subscription { feed { __typename } feed2: feed { __typename } }',
        'subscription { feed @skip(if: true) { __typename } }',
        `query { ${'__schema { types { fields { type { ofType { ofType { name } } } } } } '.repeat(10)} }`,
      ])
      const wire = await attempt.sending(attempt.pick([graphql, streamed])(query, { n: null }))
      await wire.answered(2_000)
    },
  },

  'values of 16 KB in headers': {
    weight: 2,
    async attack(attempt) {
      const route = attempt.pick([...routes, `${base}/${attempt.full}`])
      const value = repeated(attempt, attempt.pick([60, 1_000, 15_500, 17_000]))
      const headers = { [attempt.pick(headerNames)]: value, ...(attempt.chance(0.3) && eventStream) }
      const method = attempt.pick(['GET', 'GET', 'PUT', 'POST', 'HEAD', 'OPTIONS', 'DELETE'])
      const body = method === 'POST' || method === 'PUT' ? '{"event":"ResetRequested"}' : undefined
      const wire = await attempt.sending(
        requestText(method, method === 'DELETE' ? `${base}/none` : route, headers, body),
      )
      await wire.answered(2_000)
    },
  },

  'long If-Match': {
    async attack(attempt) {
      const tags = `"a"${', '.repeat(20 + attempt.below(12))}x`
      const wire = await attempt.sending(
        attempt.chance(0.5)
          ? get(`${base}/${attempt.full}`, { [attempt.pick(['If-Match', 'If-None-Match'])]: tags })
          : get(attempt.pick(['/openapi.json', '/docs', '/', '/asyncapi.json']), { 'If-None-Match': tags }),
      )
      await wire.answered(2_000)
    },
  },

  'targets of 15 KB': {
    weight: 2,
    async attack(attempt) {
      const long = attempt.pick(['x', '%F0%9F%A7%AE', '%00', '%', '+', '/', '..%2f', '&a=1', '[a]'])
      const target = `${attempt.pick([`${base}?mentor_id=`, `${feedPath}?after=`, '/shared/', `${base}/`, '/graphql?query=', '/?'])}${long.repeat(Math.ceil(15_000 / long.length))}`
      const wire = await attempt.sending(get(target, attempt.chance(0.5) ? eventStream : {}))
      await wire.answered()
    },
  },

  'deep JSON': {
    weight: 5,
    async attack(attempt) {
      const deep = attempt.pick([nested(30_000), nested(10_000, '{"a":', '}').replace('}', '1}'), nested(8_000)])
      if (attempt.chance(0.4)) {
        const wire = await attempt.webSocket()
        wire.send(frame(`{"type":"ping","payload":{"a":${deep}}}`))
        wire.send(frame(`{"id":"1","type":"subscribe","payload":{"query":"{ __typename }","variables":{"a":${deep}}}}`))
        await wire.heard(() => false, 100)
        return
      }
      const graphqlBody = `{"query":"{ __typename }","variables":{"a":${deep}}}`
      const body = attempt.pick<() => Buffer>([
        () => post('/graphql', graphqlBody),
        () => post('/graphql/stream', graphqlBody, eventStream),
        () => post(base, `{"mentor_id":${deep.slice(0, 16_000)}}`),
        () => post(base, nested(7_000)),
        () =>
          requestText(
            'PUT',
            `${base}/${attempt.full}`,
            {},
            `{"event":"CalculateRequested","payload":${nested(7_000)}}`,
          ),
      ])()
      const wire = await attempt.sending(body)
      await wire.answered()
    },
  },

  'opens and closes': {
    weight: 10,
    async attack(attempt) {
      const wires = await Promise.all(Array.from({ length: 30 }, () => attempt.open()))
      for (const wire of wires) {
        if (attempt.chance(0.3)) wire.send(cut(attempt, wellMeant(attempt)))
        if (attempt.chance(0.5)) wire.reset()
        else wire.finish()
      }
    },
  },

  'slow heads and bodies': {
    weight: 2,
    async attack(attempt) {
      const bytes = attempt.chance(0.7) ? wellMeant(attempt) : upgradeText()
      const wire = await attempt.sending(bytes.subarray(0, attempt.below(20)))
      let sent = attempt.below(20)
      const dripping = setInterval(() => {
        if (wire.isGone || sent >= bytes.length) return clearInterval(dripping)
        wire.send(bytes.subarray(sent, ++sent))
      }, 100)
      wire.socket.once('close', () => clearInterval(dripping))
      attempt.hold(wire)
    },
  },

  'answers unread over HTTP': {
    weight: 20,
    async attack(attempt) {
      const wire = await attempt.sending(
        attempt.pick<() => Buffer>([
          () => get(bigRest(attempt)),
          () => graphql(big(attempt)),
          () => Buffer.concat(Array.from({ length: 20 }, () => get(bigRest(attempt)))),
          () => Buffer.concat(Array.from({ length: 5 }, () => graphql(big(attempt)))),
        ])(),
      )
      await unread(attempt, wire)
    },
  },

  'answers unread over SSE': {
    weight: 10,
    async attack(attempt) {
      const wire = await attempt.sending(
        attempt.pick<() => Buffer>([
          () => streamed(big(attempt)),
          () => streamed(subscription(attempt)),
          () => get(`${feedPath}?after=${attempt.target.cursor}`, eventStream),
          () => get(`${base}/${attempt.full}/events`, eventStream),
          () => streamed(feedQuery, { after: attempt.target.cursor }),
        ])(),
      )
      await unread(attempt, wire)
    },
  },

  'answers unread over WebSocket': {
    weight: 20,
    async attack(attempt) {
      const wire = await attempt.webSocket()
      wire.pause()
      for (let i = 0; i < 20; i++) {
        wire.send(
          subscribe(`${i}`, attempt.chance(0.5) ? big(attempt) : subscription(attempt), {
            after: attempt.target.cursor,
          }),
        )
      }
      attempt.hold(wire)
    },
  },

  'the feed from its beginning for nobody': {
    weight: 20,
    async attack(attempt) {
      const { cursor } = attempt.target
      const query = `${feedPath}?after=${cursor}&mentor_id=${nothing}`
      const filtered = { after: cursor, filter: { mentorId: nothing } }
      if (attempt.chance(0.3)) {
        const wire = await attempt.webSocket()
        for (let i = 0; i < 20; i++) wire.send(subscribe(`${i}`, feedQuery, filtered))
        return attempt.hold(wire)
      }
      for (let i = 0; i < 15; i++) {
        const way = attempt.pick([get(query, eventStream), get(`${query}&limit=1`), streamed(feedQuery, filtered)])
        attempt.hold(await attempt.sending(way))
      }
    },
  },

  'event streams that are left at any byte': {
    async attack(attempt) {
      const wire = await attempt.sending(
        attempt.pick<() => Buffer>([
          () => get(feedPath, eventStream),
          () => get(`${feedPath}?after=${attempt.target.cursor}`, eventStream),
          () => get(`${base}/${attempt.full}/events`, eventStream),
          () => streamed(subscription(attempt)),
          () => streamed(feedQuery, { after: attempt.target.cursor }),
        ])(),
      )
      await leaveAnywhere(attempt, wire)
    },
  },

  'mutations on the stream': {
    weight: 2,
    async attack(attempt) {
      const input = `input: { mentorId: "${attempt.word()}" }`
      const query = attempt.pick([
        `mutation { startSession(${input}) { session { id } } }`,
        `mutation { closeSession(input: { sessionId: "none" }) { deleted } }`,
        'subscription { feed { __typename } }',
      ])
      const wire = await attempt.sending(attempt.pick([streamed, graphql])(query))
      if (attempt.chance(0.5)) await wire.answered()
      else await leaveAnywhere(attempt, wire)
    },
  },

  'mutations under many aliases': {
    weight: 20,
    async attack(attempt) {
      const mentorId = attempt.word()
      const aliases = Array.from({ length: 3 }, (_, i) => `a${i}: startSessions(inputs: $inputs) { status }`)
      const query = `mutation ($inputs: [StartSessionInput!]!) { ${aliases.join(' ')} end: __typename }`
      const wire = await attempt.sending(graphql(query, { inputs: Array(100).fill({ mentorId }) }))
      await wire.heard(text => text.includes('"end":'), 5_000)
      const acknowledged = wire.text.split('"CREATED"').length - 1
      if (!wire.text.includes('"end":')) return
      const counting = await attempt.sending(
        graphql(`{ sessions(filter: { mentorId: "${mentorId}" }) { totalCount } }`),
      )
      await counting.heard(text => text.includes('totalCount'), 5_000)
      const [, stored] = /"totalCount":(\d+)/.exec(counting.text) ?? []
      if (stored !== undefined && Number(stored) !== acknowledged)
        throw new Error(`${acknowledged} sessions were acknowledged, but ${stored} are stored`)
    },
  },

  'gzip bombs': {
    weight: 10,
    async attack(attempt) {
      if (attempt.chance(0.4)) {
        const wire = await attempt.sending(
          upgradeText('/graphql', { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }),
        )
        await wire.answered()
        wire.send(message({ type: 'connection_init' }))
        for (let i = 0; i < 5; i++) wire.send(frame(deflated, { rsv: 4 }))
        await wire.heard(() => false, 100)
        return
      }
      const encoding = attempt.pick(['gzip', 'deflate', 'br', 'gzip, gzip', 'x-gzip'])
      const target = attempt.pick([base, '/graphql', '/graphql/stream', '/api/v1/benefit-calculations'])
      const headers = {
        'Content-Encoding': encoding,
        'Content-Type': 'application/json',
        'Content-Length': gzipped.length,
        ...eventStream,
      }
      const wire = await attempt.sending(requestText('POST', target, headers, gzipped))
      await wire.answered()
    },
  },

  'bad chunked bodies': {
    async attack(attempt) {
      const target = attempt.pick([base, '/graphql', '/graphql/stream', '/api/v1/benefit-calculations'])
      const headers = {
        'Transfer-Encoding': attempt.pick(['chunked', 'chunked', 'chunked, chunked', 'gzip, chunked', 'x']),
        'Content-Type': 'application/json',
        ...eventStream,
        ...(attempt.chance(0.2) && { 'Content-Length': 5 }),
      }
      const chunk = attempt.pick([
        'zz\r\nabc\r\n',
        'FFFFFFFFFFFFFFFFF\r\n',
        '5\r\nabc',
        '-1\r\n\r\n',
        '1;'.padEnd(20_000, 'x'),
        '2\r\n{}\r\n0\r\nX: y\r\n',
        '0\r\n\r\n',
        `10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(10),
      ])
      const wire = await attempt.sending(requestText('POST', target, headers), chunk)
      await wire.answered(300)
      if (attempt.chance(0.3)) attempt.hold(wire)
    },
  },

  'Upgrade: h2c': {
    async attack(attempt) {
      const headers = {
        Connection: 'Upgrade, HTTP2-Settings',
        Upgrade: 'h2c',
        'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
      }
      const wire = await attempt.sending(
        attempt.chance(0.5)
          ? get(attempt.pick(routes), { ...headers, ...(attempt.chance(0.3) && eventStream) })
          : requestText(
              'POST',
              attempt.pick([base, '/graphql']),
              headers,
              '{"query":"{ __typename }","mentor_id":"m"}',
            ),
      )
      if (attempt.chance(0.2)) wire.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      if (attempt.chance(0.3)) wire.send(wellMeant(attempt))
      if (attempt.chance(0.5)) await wire.answered(300)
      if (attempt.chance(0.3)) attempt.hold(wire)
      else wire.reset()
    },
  },

  'a crowd on one session': {
    weight: 20,
    async attack(attempt) {
      const first = await attempt.sending(post(base, { mentor_id: attempt.word() }))
      await first.answered()
      const [, id] = /"session_id":"([^"]+)"/.exec(first.text) ?? []
      const path = `${base}/${id}`
      const event = JSON.stringify({ event: 'CalculateRequested', payload: inputsOf(attempt.below(1_000)) })
      const wires = await Promise.all(
        Array.from({ length: 40 }, () =>
          attempt.sending(
            requestText('PUT', path, attempt.chance(0.5) ? { 'Idempotency-Key': attempt.word() } : {}, event),
          ),
        ),
      )
      for (const wire of wires) if (attempt.chance(0.5)) wire.reset()
      await wires.at(-1)?.answered()
    },
  },

  'requests one after the other, with upgrades among them': {
    weight: 3,
    async attack(attempt) {
      const wire = await attempt.open()
      for (let i = 0; i < 10 && !wire.isGone; i++) {
        const had = wire.received
        wire.send(wellMeant(attempt))
        await wire.heard((_text, received) => received > had, 100)
        if (attempt.chance(0.2)) wire.send(upgradeText())
      }
      if (attempt.chance(0.5)) attempt.hold(wire)
    },
  },
}

const bomb = Buffer.alloc(10_000_000, ' ')
const gzipped = gzipSync(bomb)
const deflated = deflateRawSync(bomb)
