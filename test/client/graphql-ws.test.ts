import { WebSocket } from 'ws'
import { createResumingClient } from '../../packages/client/src/graphql-ws'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until, within } from '../support/until'

const server = serving(embeddedDatabase)
const waitMs = 30_000
let relay: Relay
beforeAll(async () => {
  relay = await Relay.before(server.url)
})
afterAll(() => relay.stop())

const feed = `subscription { feed { __typename ... on FeedReady { cursor } ... on FeedGap { reason }
  ... on FeedTransition { cursor transition { session { id } } } } }`
const transitionsOf = (id: string): string =>
  `subscription { sessionTransitions(sessionId: "${id}", after: 0) { sequence } }`

type Feed = { feed: { __typename: string; transition?: { session: { id: string } } } }
type Transitions = { sessionTransitions: { sequence: number } }

/** A client, and the payloads of its `connection_init` messages. */
function watched(): { client: ReturnType<typeof createResumingClient>; inits: { resume: Record<string, unknown> }[] } {
  const inits: { resume: Record<string, unknown> }[] = []
  class Watched extends WebSocket {
    override send(data: string): void {
      const message = JSON.parse(data)
      if (message.type === 'connection_init') inits.push(message.payload)
      super.send(data)
    }
  }
  const url = `${relay.url.replace('http', 'ws')}/graphql`
  const connectionParams = { stated: true }
  return { client: createResumingClient({ url, webSocketImpl: Watched, connectionParams }), inits }
}

const start = async (): Promise<string> => (await server.sessions.start({ mentor_id: 'm' })).session.session_id

test('each subscription resumes after a lost connection, and misses nothing', async () => {
  const { client, inits } = watched()
  const id = await start()
  const items = client.iterate<Feed>({ query: feed })
  const next = async (): Promise<Feed['feed'] | undefined> =>
    (await within(waitMs, 'a message', items.next())).value?.data?.feed
  expect(await next()).toMatchObject({ __typename: 'FeedReady' })
  const sequences: number[] = []
  const unsubscribe = client.subscribe<Transitions>(
    { query: transitionsOf(id) },
    { next: ({ data }) => sequences.push(data?.sessionTransitions.sequence ?? 0), error() {}, complete() {} },
  )
  await until(() => sequences.length === 1, waitMs, 'the start')

  relay.cut()
  const missed = [await start(), await start()]
  await server.sessions.dispatch(id, { event: 'ResetRequested' })
  relay.mend()
  const messages = [await next(), await next(), await next()]
  const received = messages.map(message => message?.transition?.session.id ?? message?.__typename)
  expect(received).toEqual(['FeedReady', ...missed])
  expect(sequences).toEqual([1])
  expect(inits.at(-1)).toMatchObject({ stated: true, resume: { 1: expect.any(String), 2: 1 } })
  unsubscribe()
  await items.return?.()
})

test('the server is not told of subscriptions that have ended', async () => {
  const { client, inits } = watched()
  const id = await start()
  let received = 0
  const count = { next: () => received++, error() {}, complete() {} }
  const ends = [1, 2].map(() => client.subscribe({ query: feed }, count))
  const closing = client.subscribe({ query: transitionsOf(id) }, count)
  await until(() => received === 3, waitMs, 'a message for each')
  const left = client.iterate({ query: feed })
  await within(waitMs, 'a message', left.next())
  const refused = client.iterate({ query: 'subscription { nothing }' })
  await expect(refused.next()).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
  ends.pop()?.()
  await left.return?.()
  await server.sessions.close(id)
  await until(() => received === 5, waitMs, 'the close, twice')

  relay.cut()
  relay.mend()
  await until(() => inits.length === 2, waitMs, 'another connection')
  expect(Object.keys(inits[1]?.resume ?? {})).toEqual(['1'])
  closing()
  ends.pop()?.()
})
