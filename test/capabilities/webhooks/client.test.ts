import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  getWebhookEndpoint,
  listWebhookAttempts,
  listWebhookEndpoints,
  replayWebhookEndpoint,
  rotateWebhookSecret,
  testWebhookEndpoint,
  updateWebhookEndpoint,
} from '../../../packages/client/src/capabilities/webhooks/entry'
import { SessionsClient } from '../../../packages/client/src/index'
import { Relay } from '../../support/relay'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { webhookOptions } from './delivering'
import { Receiver } from './receiver'

const waitMs = 20_000
const server = serving(embeddedDatabase, webhookOptions)
let receiver: Receiver
let relay: Relay
let client: SessionsClient
/** A client over a connection that can lose responses. */
let unsure: SessionsClient
beforeAll(async () => {
  receiver = await Receiver.start()
  relay = await Relay.before(server.url)
  client = new SessionsClient({ url: server.url })
  unsure = new SessionsClient({ url: relay.url })
})
afterAll(async () => {
  await relay.stop()
  await receiver.stop()
})

test('an endpoint goes from its creation through attempts and a replay to its end', async () => {
  const url = receiver.urlAt()
  const { endpoint, secret } = await createWebhookEndpoint(client, { url, events: ['SESSION_STARTED'] })
  expect(endpoint).toMatchObject({ url, events: ['SESSION_STARTED'], status: 'ACTIVE', version: 1 })
  expect(await listWebhookEndpoints(client)).toEqual([endpoint])

  await testWebhookEndpoint(client, endpoint.id)
  const { session } = await client.startSession({ mentorId: 'm' })
  const attempts = async () => (await listWebhookAttempts(client, endpoint.id)) ?? []
  await until(async () => (await attempts()).length === 2, waitMs, 'two attempts')
  expect((await attempts()).find(({ sessionId }) => sessionId === session.id)).toMatchObject({
    type: 'session.started',
    sequence: 1,
    attempt: 1,
    status: 204,
    error: null,
  })
  expect(await listWebhookAttempts(client, endpoint.id, { first: 1 })).toHaveLength(1)
  await replayWebhookEndpoint(client, endpoint.id, endpoint.cursor)
  await until(async () => (await attempts()).length === 3, waitMs, 'the attempt of the replay')
  expect(await rotateWebhookSecret(client, endpoint.id)).not.toBe(secret)

  const paused = await updateWebhookEndpoint(client, { id: endpoint.id, version: null }, { paused: true })
  expect(paused).toMatchObject({ status: 'PAUSED', events: ['SESSION_STARTED'] })
  await expect(updateWebhookEndpoint(client, endpoint, { paused: false })).rejects.toMatchObject({
    code: 'VERSION_MISMATCH',
  })
  await expect(testWebhookEndpoint(client, endpoint.id)).rejects.toMatchObject({ code: 'ENDPOINT_INACTIVE' })
  await deleteWebhookEndpoint(client, endpoint.id)
  expect(await getWebhookEndpoint(client, endpoint.id)).toBeNull()
  expect(await listWebhookAttempts(client, endpoint.id)).toBeNull()
  await expect(deleteWebhookEndpoint(client, endpoint.id)).rejects.toMatchObject({ code: 'WEBHOOK_ENDPOINT_NOT_FOUND' })
})

test('a deletion whose response is lost succeeds', async () => {
  const { endpoint } = await createWebhookEndpoint(client, { url: receiver.urlAt() })
  relay.loseAnswers(1)
  await deleteWebhookEndpoint(unsure, endpoint.id)
  expect(await listWebhookEndpoints(client)).toEqual([])
})

test('a change without a version is refused before it is sent', async () => {
  // @ts-expect-error: a change says on which version it is based.
  const changing = updateWebhookEndpoint(client, { id: 'we_1' }, { paused: true })
  await expect(changing).rejects.toThrow(/^`updateWebhookEndpoint` needs the `version`/)
})
