import { createClient } from 'graphql-sse'
import { maxMessageObjects } from '../../src/graphql-server/limits'
import { restApi } from '../support/interfaces'
import { Peer } from '../support/peer'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const follow = (fields: string): string =>
  `subscription { feed { __typename ... on FeedTransition { transition { session { id ${fields} } } } } }`
const results = follow('results { id }')

test("the cost of one connection's subscriptions is bounded, and a completed subscription frees its part", async () => {
  const most = Math.floor(maxMessageObjects / 499)
  const peer = await (await Peer.connect(server.url)).init()
  for (let i = 0; i < most; i++) {
    peer.subscribe(`${i}`, results)
    expect(await peer.next('next')).toMatchObject({ id: `${i}` })
  }
  peer.subscribe('one more', results)
  const { payload } = await peer.next('next')
  expect(payload).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
  peer.subscribe('another that costs nothing', follow(''))
  expect(await peer.next('next')).toMatchObject({ id: 'another that costs nothing' })

  peer.send({ id: '0', type: 'complete' })
  peer.subscribe('again', results)
  expect(await peer.next('next')).toMatchObject({
    id: 'again',
    payload: { data: { feed: { __typename: 'FeedReady' } } },
  })

  const other = await (await Peer.connect(server.url)).init()
  other.subscribe('1', results)
  expect(await other.next('next')).toMatchObject({ payload: { data: { feed: { __typename: 'FeedReady' } } } })
  for (const { socket } of [peer, other]) socket.terminate()
})

test('names in any script reach subscribers over WebSocket and SSE, under ids in any script', async () => {
  const mentor_id = 'Müller 山田 😀'
  const query = 'subscription { feed { ... on FeedTransition { transition { session { mentorId } } } } }'
  const peer = await (await Peer.connect(server.url)).init()
  peer.subscribe('ü山', query)
  await peer.next('next')
  const sse = createClient({ url: `${server.url}/graphql/stream`, retryAttempts: 0 }).iterate({ query })
  await sse.next()
  await restApi(server).start({ mentor_id })
  const data = { feed: { transition: { session: { mentorId: mentor_id } } } }
  expect(await peer.next('next')).toEqual({ id: 'ü山', type: 'next', payload: { data } })
  expect((await sse.next()).value).toEqual({ data })
  await sse.return?.()
  peer.socket.terminate()
})

test('a subscription that is refused after a read frees its part of the bound', async () => {
  const peer = await (await Peer.connect(server.url)).init()
  const of = (id: string): string =>
    `subscription { sessionTransitions(sessionId: "${id}") { session { results { id } } } }`
  for (let i = 0; i < 10; i++) {
    peer.subscribe(`${i}`, of('none'))
    expect((await peer.next('next')).payload).toMatchObject({ errors: [{ extensions: { code: 'SESSION_NOT_FOUND' } }] })
    await peer.next('complete')
  }
  peer.socket.terminate()
})

test('a subscription with messages beyond the bound is refused before it starts', async () => {
  const peer = await (await Peer.connect(server.url)).init()
  peer.subscribe('1', follow(Array.from({ length: 5 }, (_, i) => `a${i}: results { id }`).join(' ')))
  expect(await peer.next('error')).toMatchObject({
    payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' }, message: expect.stringMatching(/2495 objects/) }],
  })
  peer.socket.terminate()
})

test('each costly subscription gets every transition once, in order', async () => {
  const api = restApi(server)
  const peers = await Promise.all(Array.from({ length: 8 }, async () => (await Peer.connect(server.url)).init()))
  for (const [i, peer] of peers.entries()) {
    for (let n = 0; n < 4; n++) {
      peer.subscribe(`${n}`, `${results} # ${i} ${n}`)
      await peer.next('next')
    }
  }
  const started: string[] = []
  for (let i = 0; i < 5; i++) {
    const answer = await api.start({ mentor_id: 'm' })
    if (answer.ok) started.push(answer.session.session_id)
  }
  for (const peer of peers) {
    const told: Record<string, string[]> = {}
    for (let i = 0; i < 20; i++) {
      const { id = '', payload } = await peer.next('next')
      const { data } = payload as { data: { feed: { transition: { session: { id: string; results: [] } } } } }
      told[id] = [...(told[id] ?? []), data.feed.transition.session.id]
    }
    expect(told).toEqual({ 0: started, 1: started, 2: started, 3: started })
    peer.socket.terminate()
  }
})
