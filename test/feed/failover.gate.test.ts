import { longestSilence } from '../support/checker'
import { Instance } from '../support/instance'
import { Load } from '../support/load'
import { ReplicaSet } from '../support/mongod'
import { describeMongo } from '../support/stores'

/** Longest acceptable silence after an election, in ms. It allows for a machine with two busy cores. */
const goesOnMs = 10_000

describeMongo('a replica set of three nodes', () => {
  let set: ReplicaSet
  let instance: Instance
  let load: Load | undefined
  beforeAll(async () => {
    set = await ReplicaSet.start(3)
  })
  beforeEach(async () => {
    const database = `failover${Date.now()}`
    instance = await Instance.start({ MONGODB_URI: set.uri.replace(/\/\?/, `/${database}?`) })
    load = await Load.start(() => [instance.url], { count: 12, pauseMs: 30 })
    await load.written(200)
  })
  afterEach(async () => {
    await load?.stop()
    await instance?.kill()
  })
  afterAll(() => set?.stop())

  /** Returns the longest silence after `begin`, of the writers and of the worst subscriber, in ms. */
  function silenceFrom(begin: number): { writers: number; subscribers: number } {
    const since = (times: number[]): number => longestSilence([begin, ...times.filter(time => time > begin)])
    const { writers, subscribers } = load as Load
    return {
      writers: since(writers.times),
      subscribers: Math.max(...subscribers.map(({ heard }) => since(heard.times))),
    }
  }

  /**
   * Expects every acknowledged write to be delivered once and in order. Expects no silence longer than `goesOnMs` since
   * `began`, the time at which the set could commit again.
   */
  async function holds(what: string, began: number): Promise<void> {
    const broken = await load?.verdict(what)
    expect([broken, instance.lines.filter(({ level }) => level === 'error')]).toEqual([[], []])
    const silent = silenceFrom(began)
    process.stdout.write(`${what}: since then writers ${silent.writers} ms, subscribers ${silent.subscribers} ms\n`)
    expect(silent.writers).toBeLessThan(goesOnMs)
    expect(silent.subscribers).toBeLessThan(goesOnMs)
  }

  test('when the primary steps down, clients continue and no event is lost, repeated or reordered', async () => {
    const primary = await set.primary()
    const [elected] = await Promise.all([set.primary(primary).then(() => performance.now()), set.stepDown(primary)])
    await load?.written(200)
    await holds('the primary stopped', elected)
    await set.restart(primary)
    await set.serves(primary)
  })

  test('while the primary is frozen, clients continue and no event is lost, repeated or reordered', async () => {
    const primary = await set.primary()
    set.freeze(primary)
    try {
      const successor = await set.primary(primary)
      // The set itself may commit nothing for seconds while a member still requests the log from the frozen node.
      await set.commits(successor)
      const commits = performance.now()
      await load?.written(200)
      await holds('the primary frozen', commits)
    } finally {
      set.thaw(primary)
    }
    await set.serves(primary)
  })

  test('when the primary is killed, clients continue and no event is lost, repeated or reordered', async () => {
    const primary = await set.primary()
    await set.kill(primary)
    await set.primary(primary)
    const elected = performance.now()
    await load?.written(200)
    await holds('the primary killed', elected)
  })
})
