import { Checker } from '../support/checker'
import { randomFrom } from '../support/random'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { Subscriber } from '../support/subscriber'
import { type TransportName, transportNames } from '../support/transports'
import { until } from '../support/until'
import { Writers } from '../support/writers'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

overStores(({ name, newDatabase }) => {
  const server = serving(newDatabase)

  test('after random disconnects, 20 writers and subscribers see each write once and in order, over any transport', async () => {
    const random = randomFrom(seed)
    const checker = new Checker()
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
    let peace = false
    const cutAfter = (): number => (peace ? Number.POSITIVE_INFINITY : 1 + Math.floor(random() * 40))
    const over = (transport: () => TransportName) => ({
      next: () => ({ url: server.url, transport: transport() }),
      cutAfter,
    })

    const subscribers = [
      ...transportNames.map(
        transport =>
          new Subscriber(
            `only ${transport}`,
            checker,
            over(() => transport),
          ),
      ),
      ...[1, 2, 3, 4].map(
        i =>
          new Subscriber(
            `any transport ${i}`,
            checker,
            over(() => pick(transportNames)),
          ),
      ),
      new Subscriber('never cut', checker, { next: () => ({ url: server.url, transport: 'graphqlWs' }) }),
    ]
    await until(() => subscribers.every(({ isReady }) => isReady), 60_000, 'ready')
    const writers = new Writers(checker, () => server.url, { seed })
    await until(() => writers.times.length >= 400, 90_000, '400 writes')
    await writers.stop()
    peace = true
    await until(
      () => checker.complete,
      60_000,
      () => `the rest: ${checker.faults().slice(0, 5).join('; ')}`,
    )
    await Promise.all(subscribers.map(subscriber => subscriber.stop()))

    const { writes, deliveries } = checker.counts
    const connections = subscribers.reduce((sum, subscriber) => sum + subscriber.connections, 0)
    const midCommit = subscribers.reduce((sum, subscriber) => sum + subscriber.midCommit, 0)
    process.stdout.write(
      `${name}: seed ${seed}, ${writes} writes, ${deliveries} deliveries, ${connections} connections, ${midCommit} of them begun within a commit\n`,
    )
    expect(checker.faults()).toEqual([])
    expect(writers.wrong).toEqual([])
    expect(connections).toBeGreaterThan(50)
    expect(midCommit).toBeGreaterThan(10)
  })
})
