import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '../../../src/db/store'
import { inputs } from '../../support/inputs'
import { done, restApi } from '../../support/interfaces'
import { startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'
import { delivering, endpointsOf, webhookOptions } from './delivering'
import { sessionOf, status } from './receiver'

/** Longer than a test. */
const longMs = 600_000

describe('a message that waits for a retry', () => {
  const { server, at, created, becomes, attempts, change, request } = delivering(embeddedDatabase, {
    ...webhookOptions,
    webhooks: { ...webhookOptions.webhooks, retryDelaysMs: [longMs] },
  })
  const start = async (): Promise<string> => done(await restApi(server).start({ mentor_id: 'm' })).session.session_id
  const arrivals = (session_id: string): number =>
    at.receiver.received.filter(message => message.data.session_id === session_id).length

  /** Waits until this many attempts of a session are recorded. Returns them, latest first. */
  async function attemptsOf(endpoint_id: string, session_id: string, count: number) {
    const listed = async () => (await attempts(endpoint_id)).filter(attempt => attempt.session_id === session_id)
    await until(async () => (await listed()).length === count, 20_000, `${count} attempts`)
    return listed()
  }

  test('is sent early after another message succeeds', async () => {
    const { endpoint_id } = await created(at.receiver.urlAt())
    at.receiver.answer = status(500)
    const held = await Promise.all(Array.from({ length: 25 }, start))
    await at.receiver.got(held.length)
    at.receiver.answer = status(200)
    await start()
    await at.receiver.got(2 * held.length + 1)
    await becomes(endpoint_id, ({ pending, status: now }) => pending === 0 && now === 'active')
    expect(held.map(arrivals)).toEqual(held.map(() => 2))
  })

  test('is sent early after a test succeeds', async () => {
    const { endpoint_id } = await created(at.receiver.urlAt())
    at.receiver.answer = status(500)
    await start()
    await at.receiver.got(1)
    await becomes(endpoint_id, ({ status: now }) => now === 'retrying')
    at.receiver.answer = status(200)
    await request(endpoint_id, 'tests')
    await becomes(endpoint_id, ({ pending, status: now }) => pending === 0 && now === 'active')
  })

  test('is sent early once, and a failure then changes neither its retries nor their times', async () => {
    const { endpoint_id } = await created(at.receiver.urlAt())
    const bad = await start()
    await at.receiver.got(1)
    at.receiver.answer = (message, ...rest) => status(sessionOf(message) === bad ? 500 : 200)(message, ...rest)
    done(await restApi(server).dispatch(bad, 'CalculateRequested', inputs))
    const [scheduled] = await attemptsOf(endpoint_id, bad, 2)
    for (let n = 1; n <= 3; n++) await attemptsOf(endpoint_id, await start(), 1)
    const [early, failed] = await attemptsOf(endpoint_id, bad, 3)
    expect(failed).toEqual(scheduled)
    expect(early).toMatchObject({ attempt: 2, status: 500, next_attempt_at: scheduled?.next_attempt_at })
    // A counted failure would have been the last one.
    await becomes(endpoint_id, ({ status: now }) => now === 'retrying')
    expect(arrivals(bad)).toBe(3)
  })

  test('is not sent before the time that its receiver asked for', async () => {
    const { endpoint_id } = await created(at.receiver.urlAt())
    const asked = await start()
    const failed = await start()
    await at.receiver.got(2)
    at.receiver.answer = (message, ...rest) =>
      status(sessionOf(message) === asked ? 429 : 500, { 'retry-after': sessionOf(message) === asked ? '60' : '0' })(
        message,
        ...rest,
      )
    for (const id of [asked, failed]) done(await restApi(server).dispatch(id, 'CalculateRequested', inputs))
    await at.receiver.got(4)
    at.receiver.answer = status(200)
    await start()
    await attemptsOf(endpoint_id, failed, 3)
    await becomes(endpoint_id, ({ pending }) => pending === 1)
    expect([arrivals(asked), arrivals(failed)]).toEqual([2, 3])
  })

  test('is sent when its endpoint is resumed, and then has all its retries again', async () => {
    const { endpoint_id } = await created(at.receiver.urlAt())
    at.receiver.answer = status(500)
    const id = await start()
    for (let n = 1; n <= 2; n++) {
      await attemptsOf(endpoint_id, id, n)
      await change(endpoint_id, { paused: true })
      await change(endpoint_id, { paused: false })
    }
    const [latest] = await attemptsOf(endpoint_id, id, 3)
    expect(latest).toMatchObject({ attempt: 1, status: 500 })
    await becomes(endpoint_id, ({ status: now }) => now === 'retrying')
    at.receiver.answer = status(200)
    await change(endpoint_id, { paused: true })
    await change(endpoint_id, { paused: false })
    await becomes(endpoint_id, ({ pending, status: now }) => pending === 0 && now === 'active')
  })
})

test('a stop waits for the read of the feed that is in progress, before the store closes', async () => {
  const database = await embeddedDatabase()
  const events: string[] = []
  const store = (opened: Store): Store => {
    const end = opened.end.bind(opened)
    opened.end = () => {
      events.push('closed')
      return end()
    }
    return opened
  }
  const server = await startServer(database, { ...webhookOptions, store })
  await endpointsOf(server).created('https://127.0.0.1:1/')
  const begun = Promise.withResolvers<void>()
  const page = server.feed.page.bind(server.feed)
  server.feed.page = async request => {
    begun.resolve()
    await wait(500)
    events.push('read')
    return page(request)
  }
  done(await restApi(server).start({ mentor_id: 'm' }))
  await begun.promise
  await server.stop()
  expect(events).toEqual(['read', 'closed'])
  await database.drop()
})
