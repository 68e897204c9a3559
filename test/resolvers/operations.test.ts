import type { Store } from '../../src/db/store'
import { objectsAtOnce } from '../../src/graphql-server/execution-queue'
import { intercepting } from '../support/intercepting'
import { Peer } from '../support/peer'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const limitMs = 10_000

const codesOf = (peer: Peer): unknown[] =>
  peer.received.flatMap(({ type, payload }) => {
    const errors = type === 'error' ? payload : (payload as { errors?: unknown } | undefined)?.errors
    return ((errors ?? []) as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code)
  })

describe('a fault in an operation is reported for that operation only, and not as a server error', () => {
  const server = serving(embeddedDatabase)

  test.each([
    ['a text that is no document', 'GRAPHQL_PARSE_FAILED', '{', {}],
    ['no operation', 'OPERATION_RESOLUTION_FAILURE', 'query A { __typename } query B { __typename }', {}],
    ['a field that is not there', 'GRAPHQL_VALIDATION_FAILED', 'subscription { none }', {}],
    ['a skipped subscription', 'GRAPHQL_VALIDATION_FAILED', 'subscription { feed @skip(if: true) { __typename } }', {}],
    [
      'a subscription that is included perhaps',
      'GRAPHQL_VALIDATION_FAILED',
      'subscription ($no: Boolean!) { feed @include(if: $no) { __typename } }',
      { no: false },
    ],
    ['a variable that is none', 'BAD_USER_INPUT', 'query ($id: ID!) { session(id: $id) { id } }', { id: [] }],
    [
      'the same in a subscription',
      'BAD_USER_INPUT',
      'subscription ($id: ID!) { sessionTransitions(sessionId: $id) { sequence } }',
      { id: {} },
    ],
    [
      'a session that is not there',
      'SESSION_NOT_FOUND',
      'subscription { sessionTransitions(sessionId: "none") { sequence } }',
      {},
    ],
  ])('%s is %s', async (_what, code, query, variables) => {
    const peer = await (await Peer.connect(server.url)).init()
    peer.send({ id: '1', type: 'subscribe', payload: { query, variables } })
    await until(() => codesOf(peer).length > 0, limitMs, 'an answer')
    expect(codesOf(peer)).toEqual([code])
    peer.subscribe('2', '{ __typename }')
    await until(() => peer.received.some(({ id, type }) => id === '2' && type === 'complete'), limitMs, 'the next')
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
    peer.socket.terminate()
  })

  test('a message that is nested too deeply is closed with 4400', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    const payload = `{"query":"{ __typename }","variables":{"unused":${deep}}}`
    const peer = await (await Peer.connect(server.url)).init()
    peer.socket.send(`{"id":"1","type":"subscribe","payload":${payload}}`)
    expect(await peer.closed).toBe(4400)
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe('a server with a rate limit of 20 operations a second', () => {
  const server = serving(embeddedDatabase, { config: { REQUESTS_PER_SECOND: 20 } })

  test('counts operations over all interfaces together, and refuses further WebSocket operations', async () => {
    const peers = await Promise.all([Peer.connect(server.url), Peer.connect(server.url)])
    for (const peer of peers) await peer.init()
    const before = performance.now()
    const gets = await Promise.all(Array.from({ length: 5 }, () => fetch(`${server.url}/graphql?query={__typename}`)))
    for (const [n, peer] of peers.entries()) {
      for (let i = 0; i < 150; i++) {
        peer.subscribe(String(i), `mutation { startSession(input: { mentorId: "m${n}" }) { session { id } } }`)
      }
    }
    const over = ({ type }: { type: string }) => type === 'error' || type === 'complete'
    await until(() => peers.every(peer => peer.received.filter(over).length === 150), limitMs, 'all answers')
    const seconds = Math.ceil((performance.now() - before) / 1_000) + 1
    const done = peers.flatMap(peer => peer.received).filter(({ type }) => type === 'next').length
    const served = gets.filter(({ status }) => status === 200).length
    expect(done).toBeGreaterThan(0)
    expect(done + served).toBeLessThanOrEqual(20 * seconds)
    const codes = peers.flatMap(codesOf)
    expect(codes).toHaveLength(300 - done)
    expect(new Set(codes)).toEqual(new Set(['RATE_LIMITED']))
    for (const { socket } of peers) socket.terminate()
  })
})

describe('costly messages', () => {
  let reads = 0
  let goOn = (): void => {}
  const gate = new Promise<void>(resolve => {
    goOn = resolve
  })
  const store = (opened: Store): Store =>
    intercepting(opened, {
      sessions: {
        async results(session_id) {
          reads++
          await gate
          return opened.sessions.results(session_id)
        },
      },
    })
  const server = serving(embeddedDatabase, { store })

  test('are not executed if their subscription ends before their turn', async () => {
    const ids: string[] = []
    for (let i = 0; i < 40; i++) ids.push((await server.sessions.start({ mentor_id: 'm' })).session.session_id)
    const query = (id: string) =>
      `subscription { sessionTransitions(sessionId: "${id}", after: 0) { session { results { id } } } }`
    const follow = async (some: string[]): Promise<Peer> => {
      const peer = await (await Peer.connect(server.url)).init()
      for (const id of some) peer.subscribe(id, query(id))
      return peer
    }
    const peers = await Promise.all(Array.from({ length: 10 }, (_, i) => follow(ids.slice(i * 4, i * 4 + 4))))
    // A session's results count as 499 objects. This many such messages run concurrently.
    const together = Math.floor(objectsAtOnce / 499)
    await until(
      () => reads >= together,
      limitMs,
      () => `${together} reads: ${reads}`,
    )
    const begun = reads
    for (const { socket } of peers) socket.terminate()
    const gone = () => server.log.filter(({ method }) => method === 'WEBSOCKET').length === peers.length
    await until(gone, limitMs, 'the end of the connections')
    const last = ids.at(-1) as string
    const peer = await follow([last])
    goOn()
    expect(await peer.next('next')).toMatchObject({ id: last })
    expect(codesOf(peer)).toEqual([])
    expect(reads).toBeLessThanOrEqual(begun + 1)
    expect(begun).toBeLessThan(40)
    peer.socket.terminate()
  })
})
