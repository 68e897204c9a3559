import { Peer } from '../support/peer'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase, { config: { SUBSCRIPTIONS_PER_CONNECTION: 2 } })
const peers: Peer[] = []
afterEach(() => {
  for (const { socket } of peers.splice(0)) socket.terminate()
})

const feed = `subscription { feed { __typename ... on FeedReady { cursor } ... on FeedGap { after reason }
  ... on FeedTransition { cursor transition { sequence } } } }`
const transitionsOf = (path: string) =>
  `subscription { sessionTransitions(sessionId: "${path.split('/').at(-1)}") { sequence } }`

/** Connects a peer with this `resume` payload. `data` returns the next message of any of its subscriptions. */
async function resuming(resume: unknown): Promise<{ peer: Peer; data(): Promise<Record<string, unknown>> }> {
  const peer = await Peer.connect(server.url)
  peers.push(peer)
  peer.send({ type: 'connection_init', payload: { resume } })
  return { peer, data: async () => ((await peer.next('next')).payload as { data: Record<string, unknown> }).data }
}

async function now(): Promise<string> {
  return JSON.parse((await client(server).get('/api/v1/benefit-calculator-events')).text).next
}

/** Connects a peer. Its feed with the id `again` resumes before a session was started and calculated. */
async function resumed() {
  const before = await now()
  await client(server).loaded()
  const { peer, data } = await resuming({ again: before })
  await peer.next('connection_ack')
  peer.subscribe('again', feed)
  expect(await data()).toEqual({ feed: { __typename: 'FeedReady', cursor: before } })
  return { peer, data }
}

test('a feed resumes after the cursor that the connection named for its id', async () => {
  const { data } = await resumed()
  for (const sequence of [1, 2, 3]) {
    expect(await data()).toMatchObject({ feed: { __typename: 'FeedTransition', transition: { sequence } } })
  }
})

test("a session's transitions resume after the sequence that the connection named", async () => {
  const path = await client(server).loaded()
  const { peer, data } = await resuming({ text: '2', number: 1 })
  await peer.next('connection_ack')
  peer.subscribe('text', transitionsOf(path))
  expect(await data()).toEqual({ sessionTransitions: { sequence: 3 } })
  peer.subscribe('number', transitionsOf(path))
  expect(await data()).toEqual({ sessionTransitions: { sequence: 2 } })
})

test('a cursor applies to one subscription, and a subscription without one starts now', async () => {
  const { peer, data } = await resumed()
  peer.send({ id: 'again', type: 'complete' })
  for (const id of ['again', 'other']) peer.subscribe(id, feed)
  const latest = await now()
  for (;;) {
    const { feed: told } = (await data()) as { feed: { __typename: string; cursor: string } }
    if (told.__typename !== 'FeedReady') continue
    expect(told.cursor).toBe(latest)
    break
  }
})

test('an unusable cursor yields a gap and then the live feed, as with `after`', async () => {
  const { peer, data } = await resuming({ again: 'another-store.1' })
  await peer.next('connection_ack')
  peer.subscribe('again', feed)
  expect(await data()).toEqual({ feed: { __typename: 'FeedGap', after: 'another-store.1', reason: 'UNKNOWN' } })
  expect(await data()).toEqual({ feed: { __typename: 'FeedReady', cursor: await now() } })
})

test.each([
  ['no object', ['a']],
  ['a cursor that is none', { again: { cursor: 1 } }],
  ['an empty cursor', { again: '' }],
  ['more subscriptions than a connection may have', { a: '1', b: '2', c: '3' }],
])('a `resume` payload with %s is refused with 4400', async (_what, resume) => {
  const { peer } = await resuming(resume)
  expect(await peer.closed).toBe(4400)
})

test('with reportCaughtUp, a resumed feed says when it has sent what was missed', async () => {
  const { peer, data } = await resuming({})
  await peer.next('connection_ack')
  const asking = (id: string, variables: object): void =>
    peer.subscribe(
      id,
      `subscription ($after: String, $report: Boolean) { feed(after: $after, reportCaughtUp: $report) {
        __typename ... on FeedReady { cursor caughtUp } ... on FeedTransition { transition { sequence } } } }`,
      variables,
    )
  const before = await now()
  await client(server).loaded()
  asking('asked', { after: before, report: true })
  expect(await data()).toEqual({ feed: { __typename: 'FeedReady', cursor: before, caughtUp: false } })
  for (const sequence of [1, 2, 3]) expect(await data()).toMatchObject({ feed: { transition: { sequence } } })
  expect(await data()).toEqual({ feed: { __typename: 'FeedReady', cursor: await now(), caughtUp: true } })
  asking('not asked', { report: null })
  expect(await data()).toEqual({ feed: { __typename: 'FeedReady', cursor: await now(), caughtUp: null } })
})
