import { execFileSync } from 'node:child_process'
import { burst } from '../support/burst'
import { Checker } from '../support/checker'
import { Instance } from '../support/instance'
import { Sleeper, sleepers } from '../support/sleeper'
import { overStores, type TestDatabase } from '../support/stores'
import { Subscriber } from '../support/subscriber'
import { until } from '../support/until'

/** More than the ring's 8,192 commits. The sockets buffer only a fraction of the rest. */
const commits = 10_000
/** With a queue for each stalled subscriber, 15 of them would hold 1 GB. */
const heapMb = 200

const rssMb = ({ child }: Instance): number =>
  Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)])) / 1024)

overStores(({ name, newDatabase }) => {
  let database: TestDatabase
  let instance: Instance
  beforeAll(async () => {
    database = await newDatabase()
    instance = await Instance.start({ ...database.env, LOG_LEVEL: 'info' }, [`--max-old-space-size=${heapMb}`])
  })
  afterAll(async () => {
    await instance?.kill()
    await database?.drop()
  })

  test(`subscribers that stop reading while ${commits} commits pass use bounded memory, delay no one else, and later get everything in order`, async () => {
    const { url } = instance
    const checker = new Checker()
    const fast = new Subscriber('fast', checker, { next: () => ({ url, transport: 'graphqlWs' }) })
    const asleep = sleepers.flatMap(over => Array.from({ length: 5 }, () => new Sleeper(over, url, checker)))
    const everyone = [fast.heard, ...asleep.map(({ heard }) => heard)]
    await until(() => everyone.every(({ from }) => from === 0), 60_000, 'ready')
    for (const sleeper of asleep) sleeper.sleep()
    const before = rssMb(instance)

    await burst(url, commits, checker)
    await until(() => fast.heard.isComplete, 60_000, 'the fast subscriber to have everything')
    const after = rssMb(instance)
    const taken = asleep.map(({ heard }) => heard.deliveries.length)

    // One of each kind reads again. The others leave.
    const awake = sleepers.map(over => asleep.find(({ heard }) => heard.name.endsWith(over)) as Sleeper)
    for (const sleeper of asleep.filter(one => !awake.includes(one))) {
      sleeper.leave()
      checker.subscribers.splice(checker.subscribers.indexOf(sleeper.heard), 1)
    }
    for (const sleeper of awake) sleeper.wake()
    await until(
      () => checker.complete,
      60_000,
      () => `the rest: ${awake.map(({ heard }) => `${heard.name} ${heard.deliveries.length}`)}`,
    )
    process.stdout.write(
      `${name}: ${checker.counts.writes} writes, ${checker.counts.deliveries} deliveries; the server had ${before} MB before ` +
        `and ${after} MB after them; who slept had taken ${Math.max(...taken)}\n`,
    )
    expect(checker.faults()).toEqual([])
    expect(Math.max(...taken)).toBeLessThan(commits / 10)
    expect(after - before).toBeLessThan(heapMb + 100)
    for (const sleeper of awake) sleeper.leave()
    await fast.stop()
  }, 240_000)
})
