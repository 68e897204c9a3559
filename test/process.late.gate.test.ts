import { follow } from './support/follow'
import { inputs } from './support/inputs'
import { base, done, graphqlApi, refused, restApi } from './support/interfaces'
import { ReplicaSet, startStandalone } from './support/mongod'
import { freePort } from './support/port'
import { run } from './support/process'
import { send } from './support/raw'
import { describeMongo } from './support/stores'
import { transportNames } from './support/transports'
import { until, within } from './support/until'

const laterMs = 30_000
const said = (lines: { msg?: unknown }[], msg: string): number => lines.filter(line => line.msg === msg).length

const ready = (url: string): Promise<number> => send(url, 'GET', '/readyz').then(({ status }) => status)

const servers: { stop(): Promise<unknown> }[] = []
afterEach(() => Promise.all(servers.splice(0).map(server => server.stop())))

describeMongo('a server that starts before its MongoDB', () => {
  test('logs that it waits, answers unavailable, and works once MongoDB is up, without loss for its subscribers', async () => {
    const set = await ReplicaSet.start()
    servers.push(set)
    const env = { MONGODB_URI: set.uri.replace('/?', '/late?') }
    const first = run(env)
    const url = await first.listening()
    const feed = await send(url, 'GET', '/api/v1/benefit-calculator-events')
    const { next } = JSON.parse(feed.text)
    const { session } = done(await restApi({ url }).start({ mentor_id: 'm' }))
    expect(await first.stop()).toBe(0)
    await set.kill(0)

    const late = run(env)
    await late.listening()
    expect(await send(late.url, 'GET', '/healthz')).toMatchObject({ status: 200 })
    const notReady = await send(late.url, 'GET', '/readyz')
    expect(notReady).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } })
    expect(JSON.parse(notReady.text)).toEqual({
      status: 'unavailable',
      failing: ['store'],
      reason: expect.stringContaining('has not been available'),
    })
    for (const path of [base, `${base}/${session.session_id}`, '/api/v1/benefit-calculator-events', '/shared/x']) {
      const answer = await send(late.url, 'GET', path)
      expect([path, answer.status, answer.headers['retry-after']]).toEqual([path, 503, expect.any(String)])
    }
    const cursored = await send(late.url, 'GET', `/api/v1/benefit-calculator-events?after=${next}`)
    expect(cursored.status).toBe(503)
    for (const api of [restApi(late), graphqlApi(late)]) {
      const id = session.session_id
      const asked = [
        api.start({ mentor_id: 'm' }),
        api.start({ mentor_id: 'm' }, { key: 'k' }),
        api.dispatch(id, 'CalculateRequested', inputs),
        api.close(id),
        api.get(id),
        api.list(),
        api.events(id),
        api.results(id),
      ]
      expect(await Promise.all(asked)).toEqual(asked.map(() => refused('unavailable')))
      expect(await api.calculate(inputs)).toMatchObject({ ok: true })
    }

    const streams = transportNames.filter(name => name !== 'polling')
    const resumed = streams.map(transport => follow(late.url, transport, next))
    const fresh = streams.map(transport => follow(late.url, transport))
    await set.restart(0)
    await until(async () => (await ready(late.url)) === 200, laterMs, 'a server that is ready')
    for (const one of resumed) {
      const [told, transition] = await one.received(2)
      expect(told).toEqual({ kind: 'ready', cursor: next })
      expect(transition).toMatchObject({ session_id: session.session_id, sequence: 1 })
    }
    for (const one of fresh) expect(await one.received(1)).toEqual([{ kind: 'ready', cursor: expect.any(String) }])
    const started = done(await graphqlApi(late).start({ mentor_id: 'm' })).session
    for (const one of fresh) {
      expect((await one.received(2))[1]).toMatchObject({ session_id: started.session_id, sequence: 1 })
    }
    for (const { connection } of [...resumed, ...fresh]) connection.cut()
    expect(done(await restApi(late).list()).total).toBe(2)
    expect(said(late.lines, 'waiting for the store')).toBe(1)
    await until(() => said(late.lines, 'store available') === 1, 60_000, 'the line of the store that is there')
    expect(said(late.lines, 'not ready')).toBe(0)
    expect(await late.stop()).toBe(0)
  })

  test('exits with an explanation if an unusable MongoDB appears', async () => {
    const port = await freePort()
    const late = run({ MONGODB_URI: `mongodb://127.0.0.1:${port}/late?replicaSet=rs0` })
    await late.listening()
    const standalone = await startStandalone([], port)
    servers.push(standalone)
    expect(await within(laterMs, 'the end', late.ended)).toBe(1)
    expect(late.errors).toMatch(/^MongoDB at \S+ is a standalone server[^\n]*\.\n$/)
  })
})

describe('a server that waits for its MongoDB', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('exits at once with 0 on %s', async signal => {
    const late = run({ MONGODB_URI: `mongodb://127.0.0.1:${await freePort()}/late?replicaSet=rs0` })
    await late.listening()
    late.child.kill(signal)
    expect(await within(3_000, 'the end', late.ended)).toBe(0)
    expect(late.errors).toBe('')
  })
})
