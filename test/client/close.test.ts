import { WebSocket } from 'ws'
import { ClientClosedError, SessionsClient } from '../../packages/client/src/index'
import * as rest from '../../packages/client/src/rest'
import { capabilities } from '../capabilities'
import { clientInputs as inputs } from '../support/inputs'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until, within } from '../support/until'

const server = serving(embeddedDatabase)
const waitMs = 20_000

/** Creates a client, and reports the state of its sockets. */
function watched(url = server.url): { client: SessionsClient; sockets: WebSocket[] } {
  const sockets: WebSocket[] = []
  class Watched extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given)
      sockets.push(this)
    }
  }
  return { client: new SessionsClient({ url, webSocketImpl: Watched }), sockets }
}

/** Follows until the end. `started` resolves with the first item. */
function read<T>(items: AsyncIterable<T>): { started: Promise<void>; ended: Promise<void> } {
  let start = (): void => {}
  const started = new Promise<void>(resolve => {
    start = resolve
  })
  const ended = (async () => {
    for await (const _ of items) start()
  })()
  return { started, ended }
}

test('close ends all following without an error, and closes the socket', async () => {
  const { client, sockets } = watched()
  const { session } = await client.startSession({ mentorId: 'm' })
  const following = [read(client.followSessions()), read(client.followSession(session.id))]
  let received = 0
  client.subscribe('subscription { feed { __typename } }', { variables: () => ({}), next: () => received++ })
  await Promise.all(following.map(({ started }) => started))
  await until(() => received > 0, waitMs, 'a message')
  client.close()
  await within(waitMs, 'the ends', Promise.all(following.map(({ ended }) => ended)))
  await until(() => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED), waitMs, 'the end of the socket')
  expect(sockets).toHaveLength(1)
})

test('close ends following that waits for an unreachable server', async () => {
  const relay = await Relay.before(server.url)
  const { client, sockets } = watched(relay.url)
  const following = read(client.followSessions())
  await following.started
  relay.cut()
  await until(() => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED), waitMs, 'the loss')
  client.close()
  await within(waitMs, 'the end', following.ended)
  await relay.stop()
})

test('close ends a connection that is being opened', async () => {
  const relay = await Relay.before(server.url)
  relay.silence(true)
  const { client, sockets } = watched(relay.url)
  const following = read(client.followSessions())
  await until(() => sockets.length === 1, waitMs, 'an attempt')
  client.close()
  await within(waitMs, 'the end', following.ended)
  // Much sooner than the time limit for opening it: see `keepAliveMs`.
  await until(() => sockets[0]?.readyState === WebSocket.CLOSED, 4_000, 'the end of the attempt')
  await relay.stop()
})

test('close aborts a read that waits for a response', async () => {
  const relay = await Relay.before(server.url)
  relay.silence(true)
  const { client } = watched(relay.url)
  const reading = client.countSessions()
  client.close()
  await expect(reading).rejects.toBeInstanceOf(ClientClosedError)
  await relay.stop()
})

test('after close every call is refused', async () => {
  const client = new SessionsClient({ url: server.url })
  const begun = client.followSessions()
  client.close()
  client.close()
  const session = { id: 'session_1', version: 1 }
  const calls: Record<string, () => unknown> = {
    begun: () => begun.next(),
    followSessions: () => client.followSessions(),
    followSession: () => client.followSession('session_1'),
    startSession: () => client.startSession({ mentorId: 'm' }),
    calculate: () => client.calculate(session, inputs),
    dispatchEvent: () => client.dispatchEvent(session, 'RESET_REQUESTED'),
    share: () => client.share(session),
    reassign: () => client.reassign(session, { mentorId: 'n' }),
    revokeShare: () => client.revokeShare(session, 'token'),
    closeSession: () => client.closeSession(session),
    eraseMentor: () => client.eraseMentor('m'),
    getSession: () => client.getSession('session_1'),
    listSessions: () => client.listSessions(),
    allSessions: () => client.allSessions().next(),
    countSessions: () => client.countSessions(),
    listResults: () => client.listResults('session_1'),
    listShares: () => client.listShares('session_1'),
    getSharedResult: () => client.getSharedResult('token'),
    preview: () => client.preview(inputs),
    request: () => client.request('{ __typename }'),
    subscribe: () => client.subscribe('subscription { feed { __typename } }', { variables: () => ({}), next() {} }),
    listTransitions: () => client.listTransitions('session_1'),
    listSharedLinks: () => client.listSharedLinks(),
    allSharedLinks: () => client.allSharedLinks().next(),
    ...Object.assign({}, ...capabilities.map(capability => capability.client?.calls?.(client))),
  }
  const functions: Record<string, () => unknown> = {
    getCaller: () => rest.getCaller(client),
    exportCsv: () => rest.exportCsv(client),
    ...Object.assign({}, ...capabilities.map(capability => capability.client?.functions?.calls(client))),
  }
  const entries = [rest, ...capabilities.map(capability => capability.client?.functions?.entry ?? {})]
  // The others are classes of errors.
  const exported = entries.flatMap(entry => Object.keys(entry)).filter(name => /^[a-z]/.test(name))
  expect(Object.keys(functions).toSorted()).toEqual(exported.toSorted())
  const methods = Object.getOwnPropertyNames(SessionsClient.prototype)
  const harmless = ['constructor', 'close', 'onConnectionChange']
  expect(Object.keys(calls).toSorted()).toEqual(
    [...methods.filter(name => !harmless.includes(name)), 'begun'].toSorted(),
  )
  for (const [name, call] of Object.entries({ ...calls, ...functions })) {
    const thrown = await (async () => call())().catch((error: unknown) => error)
    expect([name, String(thrown)]).toEqual([
      name,
      'ClientClosedError: This client is closed. Create a new SessionsClient.',
    ])
  }
})
