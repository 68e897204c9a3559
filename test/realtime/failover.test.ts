import { longestSilence } from '../support/checker'
import { Instance } from '../support/instance'
import { Load } from '../support/load'
import { ReplicaSet } from '../support/mongod'
import { describeMongo } from '../support/stores'

/** An election here takes a few seconds; what hangs on a dead server takes the driver's 30. */
const hangMs = 20_000

describeMongo('a replica set of three nodes', () => {
  let set: ReplicaSet
  let instance: Instance | undefined
  let load: Load | undefined
  beforeAll(async () => {
    set = await ReplicaSet.start(3)
  }, 90_000)
  afterAll(async () => {
    await load?.stop()
    await instance?.kill()
    await set?.stop()
  })

  test('when the primary is killed under load, writers and subscribers go on together, and of what was acknowledged nothing is lost, doubled or reordered', async () => {
    const running = await Instance.start({ MONGODB_URI: set.uri.replace(/\/\?/, '/failover?') })
    instance = running
    load = await Load.start(() => [running.url], { count: 20, pauseMs: 30 })
    await load.written(200)
    const primary = await set.primary()
    const killed = performance.now()
    await set.kill(primary)
    await load.written(300)
    const broken = await load.verdict('the primary killed')
    expect([broken, running.lines.filter(({ level }) => level === 'error')]).toEqual([[], []])

    const since = (times: number[]): number => longestSilence(times.filter(time => time > killed - 1_000))
    const writers = since(load.writers.times)
    const subscribers = load.subscribers.map(({ heard }) => since(heard.times))
    process.stdout.write(
      `silent after the kill: writers ${writers} ms, subscribers at most ${Math.max(...subscribers)} ms\n`,
    )
    expect(writers).toBeLessThan(hangMs)
    expect(Math.max(...subscribers)).toBeLessThan(writers + 3_000)
  }, 150_000)
})
