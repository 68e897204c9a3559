import { inputsOf } from '../support/inputs'
import { Instance } from '../support/instance'
import { base } from '../support/interfaces'
import { ReplicaSet } from '../support/mongod'
import { json } from '../support/rest'
import { describeMongo } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

/** Time in ms that the process itself may need on a busy machine. */
const graceMs = 5_000

interface Timed {
  status: number
  text: string
  ms: number
}

describeMongo('while the only MongoDB is frozen', () => {
  let set: ReplicaSet
  let instance: Instance
  beforeAll(async () => {
    set = await ReplicaSet.start(1)
    instance = await Instance.start({ MONGODB_URI: set.uri.replace(/\/\?/, '/frozen?') })
  })
  afterAll(async () => {
    set?.thaw(0)
    await instance?.kill()
    await set?.stop()
  })

  async function ask(method: string, path: string, body?: object, headers: object = {}): Promise<Timed> {
    const begun = performance.now()
    const response = await fetch(instance.url + path, {
      method,
      headers: { ...json, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, ms: performance.now() - begun }
  }

  const start = (headers: object = {}) => ask('POST', base, { mentor_id: 'm' }, headers)
  const calculate = (path: string, n: number, headers: object = {}) =>
    ask('PUT', path, { event: 'CalculateRequested', payload: inputsOf(n) }, headers)
  const graphql = (query: string) => ask('POST', '/graphql', { query })
  const pathOf = ({ text }: Timed): string => `${base}/${JSON.parse(text).session_id}`
  const key = (name: string) => ({ 'Idempotency-Key': name })

  test('every request is answered within 20 seconds and readiness within 2; afterwards each request took effect once or not at all', async () => {
    const [lane, keyed, closed] = await Promise.all([start(), start(), start()])
    const paths = [lane, keyed, closed].map(pathOf) as [string, string, string]
    set.freeze(0)
    const id = paths[0].split('/').at(-1)
    const [ready, health, feed, ...others] = await Promise.all([
      ask('GET', '/readyz'),
      ask('GET', '/healthz'),
      ask('GET', feedPath),
      ask('GET', paths[0]),
      ask('GET', base),
      ask('GET', base),
      ask('GET', `${paths[0]}/results`),
      ask('GET', `${paths[0]}/events`),
      ask('GET', `/shared/${'a'.repeat(32)}`),
      start(),
      start(key('start')),
      // Changes of one session wait for each other. Their waits must not add up.
      ...[1, 2, 3, 4].map(n => calculate(paths[0], n)),
      calculate(paths[1], 5, key('once')),
      ask('DELETE', paths[2]),
      graphql(`{ session(id: "${id}") { version results { id } } sessions { totalCount } }`),
      graphql(`mutation { dispatchEvent(input: { sessionId: "${id}", event: RESET_REQUESTED }) { replayed } }`),
    ])
    expect(ready.status).toBe(503)
    expect(ready.ms).toBeLessThan(2_000 + graceMs)
    expect([health.status, feed.status]).toEqual([200, 200])
    expect(Math.max(health.ms, feed.ms)).toBeLessThan(graceMs)
    for (const { text, ms } of others) {
      expect(text.toLowerCase()).toContain('unavailable')
      expect(ms).toBeLessThan(20_000 + graceMs)
    }

    set.thaw(0)
    await until(async () => (await ask('GET', '/readyz')).status === 200, 60_000, 'a store that answers')
    const again = await calculate(paths[1], 5, key('once'))
    expect(again.status).toBe(200)
    const events = JSON.parse((await ask('GET', `${paths[1]}/events`)).text).data as { sequence: number }[]
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    const restarted = [await start(key('start')), await start(key('start'))]
    expect(restarted.map(({ status }) => status)).toEqual([201, 201])
    expect(restarted[1]?.text).toBe(restarted[0]?.text)
    const written = await calculate(paths[0], 99)
    expect(written.status).toBe(200)
    expect([200, 404]).toContain((await ask('DELETE', paths[2])).status)
  })

  test('a process that is asked to stop exits cleanly and in time', async () => {
    const { text } = await start()
    set.freeze(0)
    const given = calculate(pathOf({ text } as Timed), 1).catch(() => {})
    await until(async () => (await ask('GET', '/readyz')).status === 503, 60_000, 'a store that does not answer')
    const begun = performance.now()
    expect(await instance.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(10_000 + 2 * graceMs)
    await given
  })
})
