import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { inputs } from '../../support/inputs'
import { Instance } from '../../support/instance'
import { done, restApi } from '../../support/interfaces'
import { describeMongo, embeddedDatabase, mongoDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { endpointsOf } from './delivering'
import { authorityFile, type Received, Receiver, sessionOf, status } from './receiver'

/** A failover takes less than this. */
const failoverMs = 20_000

let database: TestDatabase
let receiver: Receiver
let instances: Instance[] = []

async function start(): Promise<Instance> {
  const env = { WEBHOOKS: 'on', WEBHOOKS_ALLOW_PRIVATE: 'on', NODE_EXTRA_CA_CERTS: authorityFile }
  const instance = await Instance.start({ ...database.env, ...env })
  instances.push(instance)
  return instance
}

beforeEach(async () => {
  receiver = await Receiver.start()
})
afterEach(async () => {
  await Promise.all(instances.map(instance => instance.kill()))
  instances = []
  await receiver.stop()
  await database.drop()
})

/** Starts sessions on an instance, each with a calculation. Returns their ids. */
async function sessionsOn(instance: Instance, count: number): Promise<string[]> {
  const api = restApi(instance)
  const start = async (): Promise<string> => {
    const { session_id } = done(await api.start({ mentor_id: 'm' })).session
    done(await api.dispatch(session_id, 'CalculateRequested', inputs))
    return session_id
  }
  return Promise.all(Array.from({ length: count }, start))
}

/** Returns the sequences of a session's messages that arrived, without repeats. */
const sequencesOf = (session_id: string, received: Received[]): number[] => [
  ...new Set(received.filter(message => sessionOf(message) === session_id).map(({ data }) => data.sequence)),
]

const allArrived = (ids: string[]) => () => ids.every(id => sequencesOf(id, receiver.received).join() === '1,3')

test('when the process over the embedded store is killed and restarted, no message is lost', async () => {
  database = await embeddedDatabase()
  const first = await start()
  const { endpoint_id } = await endpointsOf(first).created(receiver.urlAt())
  receiver.answer = (message, ...rest) => void setTimeout(() => status(200)(message, ...rest), 50)
  const ids = await sessionsOn(first, 50)
  await receiver.got(30)
  await first.kill()
  instances = []
  const again = await start()
  await until(allArrived(ids), failoverMs, 'all messages')
  await endpointsOf(again).becomes(endpoint_id, ({ pending }) => pending === 0)
})

describeMongo('two processes with webhooks', () => {
  beforeEach(async () => {
    database = await mongoDatabase()
  })

  test('one of them delivers, whichever makes the changes', async () => {
    const [first, second] = [await start(), await start()]
    await endpointsOf(first).created(receiver.urlAt())
    const ids = [...(await sessionsOn(first, 20)), ...(await sessionsOn(second, 20))]
    await until(allArrived(ids), failoverMs, 'all messages')
    expect(receiver.received).toHaveLength(80)
  })

  test('they share the endpoints, and send each message once, also those under way when an endpoint moves', async () => {
    const first = await start()
    for (let n = 0; n < 4; n++) await endpointsOf(first).created(receiver.urlAt('127.0.0.1', `/${n}`))
    receiver.answer = (message, ...rest) => void setTimeout(() => status(200)(message, ...rest), 300)
    const before = await sessionsOn(first, 40)
    const second = await start()
    const { db } = (await database.open()) as MongoStore
    const leases = async (): Promise<string> => {
      const counted = [{ $group: { _id: '$lease.owner', count: { $sum: 1 } } }]
      const owners = await db.collection('webhook_endpoints').aggregate<{ count: number }>(counted).toArray()
      return owners.map(({ count }) => count).join()
    }
    await until(async () => (await leases()) === '2,2', failoverMs, 'two endpoints for each')
    const after = [...(await sessionsOn(first, 5)), ...(await sessionsOn(second, 5))]
    await receiver.got(4 * 100)
    await until(allArrived([...before, ...after]), failoverMs, 'all messages')
    expect(receiver.received).toHaveLength(4 * 100)
  })

  test('when the one that delivers is killed, the other one continues within 20 seconds, in order and without loss', async () => {
    const first = await start()
    const { endpoint_id } = await endpointsOf(first).created(receiver.urlAt())
    const before = await sessionsOn(first, 20)
    await until(allArrived(before), failoverMs, 'the first messages')
    const second = await start()
    // A receiver that is slow, so that messages are under way.
    receiver.answer = (message, ...rest) => void setTimeout(() => status(200)(message, ...rest), 300)
    const during = await sessionsOn(second, 20)
    await until(() => receiver.received.length > 45, failoverMs, 'some messages')
    const killed = performance.now()
    await first.kill()
    const after = await sessionsOn(second, 5)
    await until(allArrived([...during, ...after]), 2 * failoverMs, 'all messages')
    const [next] = receiver.received.filter(message => after.includes(sessionOf(message)))
    expect(next && next.at - killed).toBeLessThan(failoverMs)
    await endpointsOf(second).becomes(endpoint_id, ({ pending }) => pending === 0)
    // What the first one had saved is not repeated.
    expect(receiver.received.filter(message => before.includes(sessionOf(message)))).toHaveLength(40)
  })

  test('when the one that delivers is frozen, the other one continues, and the first sends nothing when it wakes', async () => {
    const first = await start()
    const { endpoint_id } = await endpointsOf(first).created(receiver.urlAt())
    const second = await start()
    await until(allArrived(await sessionsOn(first, 5)), failoverMs, 'the first messages')
    await endpointsOf(second).becomes(endpoint_id, ({ pending }) => pending === 0)
    first.child.kill('SIGSTOP')
    const frozen = performance.now()
    const during = await sessionsOn(second, 20)
    await until(allArrived(during), failoverMs, 'messages of the other one')
    expect(performance.now() - frozen).toBeLessThan(failoverMs)
    await endpointsOf(second).becomes(endpoint_id, ({ pending }) => pending === 0)
    const count = receiver.received.length
    first.child.kill('SIGCONT')
    const after = await sessionsOn(second, 5)
    await until(allArrived(after), failoverMs, 'messages after it woke')
    // The one that woke answers again, and has looked at its lease.
    await endpointsOf(first).becomes(endpoint_id, ({ pending }) => pending === 0)
    await sessionsOn(first, 1)
    await until(() => receiver.received.length >= count + 12, failoverMs, 'the last messages')
    expect(receiver.received).toHaveLength(count + 12)
  })

  test('when the one that delivers is stopped, the other one continues at once', async () => {
    const first = await start()
    await endpointsOf(first).created(receiver.urlAt())
    await until(allArrived(await sessionsOn(first, 5)), failoverMs, 'the first messages')
    const second = await start()
    expect(await first.stop()).toBe(0)
    instances = [second]
    const after = await sessionsOn(second, 5)
    await until(allArrived(after), 5_000, 'messages of the other one')
    expect(receiver.received).toHaveLength(20)
  })
})
