import { readFileSync } from 'node:fs'
import type { EmbeddedStore } from '../../../src/db/embedded/embedded-store'
import { base, done, restApi } from '../../support/interfaces'
import { come, figures } from '../../support/metrics'
import { client, problem } from '../../support/rest'
import { startServer } from '../../support/server'
import { embeddedDatabase, overStores } from '../../support/stores'
import { feedPath } from '../../support/transports'
import { until } from '../../support/until'
import { delivering, deliveringAlone, endpointsOf, webhookOptions } from './delivering'
import { type Received, Receiver, sessionOf, status, verified } from './receiver'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

overStores(({ newDatabase }) => {
  const alone = deliveringAlone(newDatabase)
  const typesOf = (received: Received[]): string[] => received.map(({ type }) => type)

  test.concurrent(
    'a message is the feed item, signed as Standard Webhooks say, with the result of a calculation',
    alone(async ({ server, at, created, started, dispatch }) => {
      const { secret, cursor } = await created(at.receiver.urlAt())
      const id = await started()
      await dispatch(id, 'CalculateRequested')
      const received = await at.receiver.got(2)
      const { get } = client(server)
      const items = JSON.parse((await get(`${feedPath}?after=${cursor}`)).text).data
      const [result] = JSON.parse((await get(`${base}/${id}/results`)).text).data
      const [start, , loaded] = items
      expect(received.map(message => verified(secret, message))).toEqual([
        { type: 'session.started', timestamp: start.at, data: start },
        { type: 'session.calculate_requested', timestamp: loaded.at, data: { ...loaded, result } },
      ])
      for (const { method, path, headers } of received) {
        expect([method, path]).toEqual(['POST', '/hook'])
        expect(headers).toMatchObject({
          'content-type': 'application/json',
          'user-agent': `benefit-sessions/${version}`,
          'webhook-id': expect.stringMatching(/^msg_[\w-]+$/),
        })
      }
    }),
  )

  test.concurrent(
    'an endpoint receives only the events, the organisation and the mentor that it names',
    alone(async ({ at, created, becomes, started, api }) => {
      await created(at.receiver.urlAt(), { events: ['SessionClosed'], organisation_id: 'mine', mentor_id: 'ann' })
      const all = await created(at.receiver.urlAt('127.0.0.1', '/all'))
      for (const [mentor, organisation] of [
        ['ann', 'mine'],
        ['bob', 'mine'],
        ['ann', 'other'],
      ] as const)
        done(await api().close(await started(mentor, organisation)))
      await becomes(all.endpoint_id, ({ cursor, pending }) => cursor !== all.cursor && pending === 0)
      await at.receiver.got(7)
      const mine = at.receiver.received.filter(({ path }) => path === '/hook')
      expect(mine.map(({ type, data }) => [type, data.mentor_id, data.organisation_id])).toEqual([
        ['session.closed', 'ann', 'mine'],
      ])
    }),
  )

  test.concurrent(
    'of a session that is reassigned, the former endpoint receives that it left, and the new one what follows',
    alone(async ({ at, created, started, api }) => {
      for (const organisation_id of ['former', 'new'])
        await created(at.receiver.urlAt('127.0.0.1', `/${organisation_id}`), { organisation_id })
      const id = await started('ann', 'former')
      const owner = { mentor_id: 'bob', organisation_id: 'new' }
      done(await api().dispatch(id, 'ReassignRequested', owner))
      done(await api().close(id))
      await at.receiver.got(4)
      const receivedAt = (path: string) =>
        at.receiver.received
          .filter(message => message.path === path)
          .map(({ type, data: { mentor_id, organisation_id, left } }) => [type, mentor_id, organisation_id, left])
      expect(receivedAt('/former')).toEqual([
        ['session.started', 'ann', 'former', undefined],
        ['session.reassign_requested', 'ann', 'former', true],
      ])
      expect(receivedAt('/new')).toEqual([
        ['session.reassign_requested', 'bob', 'new', undefined],
        ['session.closed', 'bob', 'new', undefined],
      ])
    }),
  )

  test.concurrent(
    'the result is null if the session was closed before its message is sent',
    alone(async ({ at, created, change, started, dispatch, api }) => {
      const { endpoint_id } = await created(at.receiver.urlAt())
      await change(endpoint_id, { paused: true })
      const id = await started()
      await dispatch(id, 'CalculateRequested')
      done(await api().close(id))
      await change(endpoint_id, { paused: false })
      const [, calculated] = await at.receiver.got(3)
      expect(calculated).toMatchObject({ type: 'session.calculate_requested', data: { result: null } })
    }),
  )

  test.concurrent(
    'a failed message is sent again with the same id before any later one of its session; other sessions go on',
    alone(async ({ at, created, becomes, attempts, started, dispatch }) => {
      const { endpoint_id, secret } = await created(at.receiver.urlAt())
      const [bad, good] = [await started(), await started()]
      await at.receiver.got(2)
      let failures = 0
      at.receiver.answer = (message, ...rest) => {
        const fails = sessionOf(message) === bad && message.type === 'session.calculate_requested' && ++failures <= 2
        return status(fails ? 500 : 200)(message, ...rest)
      }
      for (const id of [bad, good]) {
        await dispatch(id, 'CalculateRequested')
        await dispatch(id, 'ShareRequested')
      }
      const received = (await at.receiver.got(8)).slice(2)
      const ofBad = received.filter(message => sessionOf(message) === bad)
      expect(typesOf(ofBad)).toEqual([
        ...Array.from({ length: 3 }, () => 'session.calculate_requested'),
        'session.share_requested',
      ])
      expect(new Set(ofBad.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size).toBe(1)
      for (const message of received) verified(secret, message)
      const { last_failure } = await becomes(endpoint_id, ({ last_failure }) => last_failure !== null)
      expect(last_failure).toMatchObject({ status: 500, error: 'unexpected_status' })
      await becomes(endpoint_id, ({ status: now, pending }) => now === 'active' && pending === 0)
      const ofCalculation = async () =>
        (await attempts(endpoint_id)).filter(({ session_id, sequence }) => session_id === bad && sequence === 3)
      await until(async () => (await ofCalculation()).length === 3, 20_000, 'the attempts')
      const listed = await ofCalculation()
      expect(listed.map(({ attempt, status: code, error }) => [attempt, code, error])).toEqual([
        [3, 200, null],
        [2, 500, 'unexpected_status'],
        [1, 500, 'unexpected_status'],
      ])
      expect(listed.map(({ next_attempt_at }) => next_attempt_at !== null)).toEqual([false, true, true])
    }),
  )

  test.concurrent(
    'at most 8 messages of an endpoint are sent at once, and one of each session',
    alone(async ({ at, created, change, started, dispatch }) => {
      const { endpoint_id } = await created(at.receiver.urlAt())
      await change(endpoint_id, { paused: true })
      for (let n = 0; n < 12; n++) await dispatch(await started(), 'CalculateRequested')
      const waiting: { session_id: string; respond(): void }[] = []
      const besideAnother: string[] = []
      at.receiver.answer = (message, _request, response) => {
        const session_id = sessionOf(message)
        if (waiting.some(other => other.session_id === session_id)) besideAnother.push(session_id)
        waiting.push({ session_id, respond: () => response.end() })
      }
      await change(endpoint_id, { paused: false })
      await at.receiver.got(8)
      for (let answered = 0; answered < 24; answered++) {
        await until(() => waiting.length > 0, 60_000, 'a message to answer')
        waiting.shift()?.respond()
      }
      await at.receiver.got(24)
      expect(besideAnother).toEqual([])
      expect(at.receiver.mostAtOnce).toBe(8)
    }),
  )

  test.concurrent.each([
    ['a reset', ({ reset }: Receiver) => reset, null, 'connection_failed'],
    ['a redirect', () => status(302, { location: '/elsewhere' }), 302, 'unexpected_status'],
    ['a client error', () => status(404), 404, 'unexpected_status'],
  ] as const)('%s is a failure, and nothing is followed', (_, answer, code, error) =>
    alone(async ({ at, created, becomes, started }) => {
      at.receiver.answer = (message, ...rest) =>
        (at.receiver.received.length === 1 ? answer(at.receiver) : status(200))(message, ...rest)
      const { endpoint_id } = await created(at.receiver.urlAt())
      await started()
      const received = await at.receiver.got(2)
      expect(received.map(({ path }) => path)).toEqual(['/hook', '/hook'])
      const { last_failure } = await becomes(endpoint_id, ({ last_success_at }) => last_success_at !== null)
      expect(last_failure).toMatchObject({ status: code, error })
    })(),
  )

  test.concurrent(
    '410 disables an endpoint at once, and `paused: false` resumes it from its cursor',
    alone(async ({ at, created, becomes, change, request, started }) => {
      at.receiver.answer = status(410)
      const { endpoint_id } = await created(at.receiver.urlAt())
      await started()
      expect(await becomes(endpoint_id, ({ status: now }) => now === 'disabled')).toMatchObject({
        last_failure: { status: 410 },
        pending: 1,
      })
      expect((await request(endpoint_id, 'tests')).status).toBe(409)
      await started()
      at.receiver.answer = status(200)
      await change(endpoint_id, { paused: false })
      const received = await at.receiver.got(3)
      expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id'])
      await becomes(endpoint_id, ({ status: now, pending }) => now === 'active' && pending === 0)
    }),
  )

  test.concurrent(
    'an endpoint is disabled after the last retry',
    alone(async ({ server, at, becomes, started }) => {
      await server.stop()
      Object.assign(
        server,
        await startServer(server.database, {
          ...webhookOptions,
          webhooks: { ...webhookOptions.webhooks, retryDelaysMs: [20, 20] },
        }),
      )
      at.receiver.answer = status(500)
      const { endpoint_id } = await endpointsOf(server).created(at.receiver.urlAt())
      await started()
      await becomes(endpoint_id, ({ status: now }) => now === 'disabled')
      expect(at.receiver.received).toHaveLength(3)
      await server.stop()
      Object.assign(server, await startServer(server.database, webhookOptions))
    }),
  )

  test.concurrent(
    'Retry-After of a 429 is honoured',
    alone(async ({ at, created, attempts, started }) => {
      at.receiver.answer = status(429, { 'retry-after': '3600' })
      const { endpoint_id } = await created(at.receiver.urlAt())
      await started()
      await until(async () => (await attempts(endpoint_id)).length > 0, 20_000, 'the attempt')
      const [attempt] = await attempts(endpoint_id)
      const wait = Date.parse(String(attempt?.next_attempt_at)) - Date.parse(String(attempt?.at))
      expect(wait).toBeGreaterThanOrEqual(3_599_000)
      expect(wait).toBeLessThan(3_700_000)
    }),
  )

  test.concurrent(
    'a paused endpoint sends nothing, and later everything in between',
    alone(async ({ at, created, becomes, change, remove, started }) => {
      const { endpoint_id } = await created(at.receiver.urlAt())
      await change(endpoint_id, { paused: true })
      const other = await created(at.receiver.urlAt('127.0.0.1', '/other'))
      await started()
      await at.receiver.got(1)
      expect(await becomes(endpoint_id, () => true)).toMatchObject({ status: 'paused' })
      await change(endpoint_id, { paused: false })
      await at.receiver.got(2)
      expect(at.receiver.received.map(({ path }) => path)).toEqual(['/other', '/hook'])
      await remove(other.endpoint_id)
    }),
  )

  test.concurrent(
    'after a rotation, messages are signed with the new and the former secret, and after another one not with the oldest',
    alone(async ({ at, created, request }) => {
      const { endpoint_id, secret: first } = await created(at.receiver.urlAt())
      const rotated = async (): Promise<string> => JSON.parse((await request(endpoint_id, 'rotations')).text).secret
      const second = await rotated()
      await request(endpoint_id, 'tests')
      const [one] = await at.receiver.got(1)
      for (const secret of [first, second]) verified(secret, one as Received)
      const third = await rotated()
      await request(endpoint_id, 'tests')
      const [, two] = await at.receiver.got(2)
      for (const secret of [second, third]) verified(secret, two as Received)
      expect(() => verified(first, two as Received)).toThrow()
    }),
  )

  test.concurrent(
    'each test message is sent once, even if it fails, and is listed',
    alone(async ({ at, created, attempts, request, started }) => {
      const { endpoint_id, secret } = await created(at.receiver.urlAt())
      at.receiver.answer = status(500)
      for (let n = 1; n <= 2; n++) {
        expect((await request(endpoint_id, 'tests')).status).toBe(202)
        await at.receiver.got(n)
      }
      await started()
      await at.receiver.got(3)
      expect(typesOf(at.receiver.received.slice(0, 3))).toEqual(['webhook.test', 'webhook.test', 'session.started'])
      expect(verified(secret, at.receiver.received[0] as Received)).toMatchObject({ data: { endpoint_id } })
      await until(async () => (await attempts(endpoint_id)).length >= 3, 20_000, 'the attempts')
      expect((await attempts(endpoint_id)).at(-1)).toMatchObject({
        type: 'webhook.test',
        status: 500,
        session_id: null,
      })
    }),
  )

  test.concurrent(
    'a replay delivers everything after the cursor again, with the same ids',
    alone(async ({ at, created, request, started, dispatch }) => {
      const { endpoint_id, cursor } = await created(at.receiver.urlAt())
      await dispatch(await started(), 'CalculateRequested')
      await at.receiver.got(2)
      expect((await request(endpoint_id, 'replays', { after: cursor })).status).toBe(202)
      const ids = (await at.receiver.got(4)).map(({ headers }) => headers['webhook-id'])
      expect(ids.slice(2)).toEqual(ids.slice(0, 2))
      const bad = await request(endpoint_id, 'replays', { after: 'none' })
      expect(JSON.parse(bad.text)).toMatchObject({ code: 'invalid_cursor', errors: [{ pointer: '/after' }] })
    }),
  )

  test.concurrent(
    'a restart continues at the cursor: it repeats nothing that was saved, keeps failures and held messages, and loses nothing',
    alone(async ({ server, at, created, becomes, request, started, dispatch }) => {
      const { endpoint_id } = await created(at.receiver.urlAt())
      const bad = await started()
      await at.receiver.got(1)
      // A wait that the receiver asks for is not cut short.
      const answer = status(503, { 'retry-after': '600' })
      at.receiver.answer = (message, ...rest) => (sessionOf(message) === bad ? answer : status(200))(message, ...rest)
      await dispatch(bad, 'CalculateRequested')
      await dispatch(bad, 'ShareRequested')
      const good = await started()
      await at.receiver.got(1 + 1 + 1)
      await becomes(endpoint_id, ({ pending, status: now }) => pending === 2 && now === 'retrying')
      await server.stop()
      Object.assign(server, await startServer(server.database, webhookOptions))
      await dispatch(good, 'CalculateRequested')
      await at.receiver.got(4)
      await becomes(endpoint_id, ({ pending, status: now }) => pending === 2 && now === 'retrying')
      expect(at.receiver.received.slice(3).map(sessionOf)).toEqual([good])
      at.receiver.answer = status(200)
      const { cursor } = await becomes(endpoint_id, () => true)
      await request(endpoint_id, 'replays', { after: cursor })
      const ofBad = () => at.receiver.received.slice(4).filter(message => sessionOf(message) === bad)
      await until(() => ofBad().length === 2, 20_000, 'the held messages')
      await becomes(endpoint_id, ({ pending, status: now }) => pending === 0 && now === 'active')
      expect(typesOf(ofBad())).toEqual(['session.calculate_requested', 'session.share_requested'])
    }),
  )

  test.concurrent(
    'when a mentor is erased, its undelivered messages are dropped except the close, and its endpoints and attempts are deleted',
    alone(async ({ server, at, created, becomes, attempts, change, started, dispatch }) => {
      const { endpoint_id } = await created(at.receiver.urlAt())
      const its = await created(at.receiver.urlAt('127.0.0.1', '/its'), { mentor_id: 'gone' })
      await change(its.endpoint_id, { paused: true })
      at.receiver.answer = status(500)
      const id = await started('gone')
      await dispatch(id, 'CalculateRequested')
      await becomes(endpoint_id, ({ pending }) => pending === 2)
      // After the third attempt it waits for long.
      await at.receiver.got(3)
      at.receiver.answer = status(200)
      const { call, get } = client(server)
      const erased = await call('DELETE', '/api/v1/benefit-mentors/gone')
      expect(JSON.parse(erased.text)).toMatchObject({ erased: true })
      const [, , , close] = await at.receiver.got(4)
      expect(close).toMatchObject({ type: 'session.closed', data: { session_id: id, mentor_id: '' } })
      await becomes(endpoint_id, ({ pending }) => pending === 0)
      expect(at.receiver.received).toHaveLength(4)
      expect((await get(`/api/v1/webhook-endpoints/${its.endpoint_id}`)).status).toBe(404)
      expect((await attempts(endpoint_id)).map(({ type }) => type)).toEqual(['session.closed'])
    }),
  )

  test.concurrent(
    'an untrusted certificate and a closed port are failures',
    alone(async ({ server, at, becomes, started }) => {
      await server.stop()
      const { ca: _, ...webhooks } = webhookOptions.webhooks ?? {}
      Object.assign(server, await startServer(server.database, { ...webhookOptions, webhooks }))
      const { endpoint_id } = await endpointsOf(server).created(at.receiver.urlAt())
      const closed = await Receiver.start()
      const dead = await endpointsOf(server).created(closed.urlAt())
      await closed.stop()
      await started()
      expect(await becomes(endpoint_id, ({ last_failure }) => last_failure !== null)).toMatchObject({
        last_failure: { status: null, error: 'tls_failed' },
      })
      expect(await becomes(dead.endpoint_id, ({ last_failure }) => last_failure !== null)).toMatchObject({
        last_failure: { status: null, error: 'connection_failed' },
      })
      expect(at.receiver.received).toEqual([])
      await server.stop()
      Object.assign(server, await startServer(server.database, webhookOptions))
    }),
  )

  test.concurrent(
    'the log holds no secret, no body and no name of a mentor',
    alone(async ({ server, at, created, started }) => {
      const { secret } = await created(at.receiver.urlAt())
      at.receiver.answer = status(410)
      await started('Ann Smith')
      await until(() => server.log.some(({ msg }) => msg === 'webhook endpoint disabled'), 20_000, 'the line')
      const text = JSON.stringify(server.log)
      for (const hidden of [secret, 'Ann Smith', 'session.started']) expect(text).not.toContain(hidden)
    }),
  )
})

describe('over the embedded store', () => {
  const { server, at, created, becomes, change, request } = delivering(embeddedDatabase, {
    ...webhookOptions,
    config: { ...webhookOptions.config, METRICS_PORT: 0 },
  })

  test('if the history after the cursor is gone, one message says so, and later transitions follow, also after a restart', async () => {
    const restart = async (): Promise<void> => {
      await server.stop()
      const webhooks = { ...webhookOptions.webhooks, retryDelaysMs: [1_000, 1_000, 1_000, 1_000] }
      Object.assign(server, await startServer(server.database, { ...webhookOptions, webhooks }))
    }
    const { endpoint_id, secret, cursor } = await created(at.receiver.urlAt())
    await change(endpoint_id, { paused: true })
    done(await restApi(server).start({ mentor_id: 'm' }))
    // Does the same as the pruning to commits that are older than the history.
    ;(server.store as EmbeddedStore).db.exec('DELETE FROM commits')
    await restart()
    at.receiver.answer = status(500)
    await change(endpoint_id, { paused: false })
    await becomes(endpoint_id, ({ status: now }) => now === 'retrying')
    await restart()
    const { session_id } = done(await restApi(server).start({ mentor_id: 'm' })).session
    await restart()
    at.receiver.answer = status(200)
    await becomes(endpoint_id, ({ pending, last_success_at }) => pending === 0 && last_success_at !== null)
    const of = (type: string) => at.receiver.received.filter(message => message.type === type)
    await until(() => of('session.started').length > 0, 20_000, 'the session')
    expect(new Set(of('feed.gap').map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(verified(secret, of('feed.gap').at(-1) as Received)).toEqual({
      type: 'feed.gap',
      timestamp: expect.any(String),
      data: { after: cursor, reason: 'expired' },
    })
    expect(new Set(of('session.started').map(sessionOf))).toEqual(new Set([session_id]))
    expect(problem(await request(endpoint_id, 'replays', { after: cursor })).code).toBe('cursor_expired')
  })

  test('an endpoint reads at most 1,000 messages ahead, and all of them in the end', async () => {
    const { endpoint_id } = await created(at.receiver.urlAt())
    await change(endpoint_id, { paused: true })
    const ids = new Set<string>()
    for (let n = 0; n < 11; n++) {
      const start = async () => ids.add(done(await restApi(server).start({ mentor_id: 'm' })).session.session_id)
      await Promise.all(Array.from({ length: 100 }, start))
    }
    const waiting: (() => void)[] = []
    at.receiver.answer = ({ type }, _request, response) => {
      if (type === 'webhook.test') response.end()
      else waiting.push(() => response.end())
    }
    await change(endpoint_id, { paused: false })
    await at.receiver.got(8)
    // A test is sent beside the messages.
    await request(endpoint_id, 'tests')
    await becomes(endpoint_id, ({ pending }) => pending === 1_000)
    at.receiver.answer = status(200)
    for (const respond of waiting) respond()
    await becomes(endpoint_id, ({ pending, status: now }) => pending === 0 && now === 'active', 60_000)
    const arrived = new Set(at.receiver.received.filter(({ type }) => type === 'session.started').map(sessionOf))
    expect(arrived).toEqual(ids)
  })
})

describe('endpoints of a process', () => {
  const { server, at, created, change } = delivering(embeddedDatabase, {
    config: { ...webhookOptions.config, METRICS_PORT: 0 },
    webhooks: { ...webhookOptions.webhooks, messagesInTotal: 60 },
  })

  test('share a number of messages that wait, may each have 20 beyond it, and deliver all of them', async () => {
    const endpoints = await Promise.all(Array.from({ length: 5 }, () => created(at.receiver.urlAt())))
    for (const { endpoint_id } of endpoints) await change(endpoint_id, { paused: true })
    for (let n = 0; n < 50; n++) done(await restApi(server).start({ mentor_id: 'm' }))
    const waiting: (() => void)[] = []
    at.receiver.answer = (_message, _request, response) => void waiting.push(() => response.end())
    for (const { endpoint_id } of endpoints) await change(endpoint_id, { paused: false })
    // Each has read what it may at first.
    await at.receiver.got(5 * 8)
    const [pending] = Object.values(await figures(server, 'webhook_messages_waiting'))
    expect(pending).toBeGreaterThanOrEqual(60)
    expect(pending).toBeLessThanOrEqual(60 + 5 * 20)
    at.receiver.answer = status(200)
    for (const respond of waiting) respond()
    await at.receiver.got(5 * 50)
  })
})

describe('test messages', () => {
  const { at, created, request } = delivering(embeddedDatabase)

  test('of an endpoint wait, at most 10', async () => {
    const waiting: (() => void)[] = []
    at.receiver.answer = (_message, _request, response) => void waiting.push(() => response.end())
    const { endpoint_id } = await created(at.receiver.urlAt())
    for (let n = 0; n < 10; n++) expect((await request(endpoint_id, 'tests')).status).toBe(202)
    expect(problem(await request(endpoint_id, 'tests'))).toMatchObject({ code: 'limit_reached', limit: 10 })
    for (let n = 1; n <= 10; n++) {
      await at.receiver.got(n)
      waiting.shift()?.()
    }
  })
})

describe('metrics', () => {
  const { server, at, created, becomes } = delivering(embeddedDatabase, {
    ...webhookOptions,
    config: { ...webhookOptions.config, METRICS_PORT: 0 },
  })

  test('count attempts by outcome, messages that wait, endpoints by status, and uses', async () => {
    const { endpoint_id } = await created(at.receiver.urlAt())
    done(await restApi(server).start({ mentor_id: 'm' }))
    await becomes(endpoint_id, ({ last_success_at }) => last_success_at !== null)
    at.receiver.answer = status(500)
    done(await restApi(server).start({ mentor_id: 'm' }))
    await becomes(endpoint_id, ({ status: now }) => now === 'retrying')
    await at.receiver.got(4)
    await come(server, 'webhook_attempts_total', ['outcome'], { succeeded: 1, unexpected_status: 3 })
    await come(server, 'webhook_messages_waiting', [], { '': 1 })
    await come(server, 'webhook_endpoints', ['status'], { active: 0, retrying: 1, paused: 0, disabled: 0 })
    const [age] = Object.values(await figures(server, 'webhook_oldest_message_age_seconds'))
    expect(age).toBeGreaterThan(0)
    const uses = await figures(server, 'use_case_duration_seconds_count', 'use_case', 'outcome')
    expect(uses).toMatchObject({ 'webhooks.create ok': 1 })
  })
})

describe('an attempt', () => {
  const { at, created, becomes, server } = delivering(embeddedDatabase)

  test('reads 16 KiB of a response that does not end, and succeeds', async () => {
    at.receiver.answer = (_message, _request, response) => {
      const write = (): void => {
        if (response.destroyed) return
        response.write(Buffer.alloc(4_096))
        setTimeout(write, 5)
      }
      write()
    }
    const { endpoint_id } = await created(at.receiver.urlAt())
    done(await restApi(server).start({ mentor_id: 'm' }))
    await becomes(endpoint_id, ({ last_success_at }) => last_success_at !== null, 10_000)
  })
})
