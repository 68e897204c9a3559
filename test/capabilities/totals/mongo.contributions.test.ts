import type { Timestamp } from 'mongodb'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { positionsAt } from '../../../src/db/mongo/positions'
import type { Position } from '../../../src/db/store'
import { ReplicaSet } from '../../support/mongod'
import { stored } from '../../support/sessions'
import { describeMongo, openMongo } from '../../support/stores'
import { until } from '../../support/until'

describeMongo('contributions read from MongoDB', () => {
  let set: ReplicaSet
  let store: MongoStore
  beforeAll(async () => {
    set = await ReplicaSet.start(1, ['--setParameter', 'enableTestCommands=1'])
    store = await openMongo(set.uri)
  })
  afterAll(async () => {
    await store?.end()
    await set?.stop()
  })

  test('have a position that sorts among those of the change stream as the server’s times do', async () => {
    const positions: Position[] = []
    const follower = {
      reset() {},
      invalidate() {},
      failed() {},
      append: ({ position }: { position: Position }) => at(position),
      advance: at,
    }
    function at(position: Position): void {
      positions.push(position)
    }
    await store.log.follow(follower)
    const { operationTime: startAtOperationTime } = await store.db.command({ ping: 1 })
    const events = store.db.collection('sessions').watch([], { startAtOperationTime })
    const times = new Map<Position, Timestamp>()
    events.on('change', ({ _id, clusterTime }) =>
      times.set((_id as { _data: Position })._data, clusterTime as Timestamp),
    )
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 5 }, () => stored(store)))
    await until(() => times.size >= 100, 60_000, 'the events')
    await events.close()
    const told = [...times]
    for (const [position, time] of told) {
      const before = positionsAt(time.subtract(1) as unknown as Timestamp).position
      const { position: of, reached } = positionsAt(time)
      expect(before < position && reached < position && position < of).toBe(true)
      // The same holds for every other position in the log.
      for (const [other, otherTime] of told) expect(other <= of).toBe(otherTime.lessThanOrEqual(time))
    }
    // Positions of times end in G. No position continues after it.
    for (const position of positions) expect(position).toMatch(/^82[0-9A-F]{16,}$/)
  })

  test.each([
    ['SnapshotTooOld', 239],
    ['SnapshotUnavailable', 246],
  ])(
    'are read again if the server answers %s',
    async (_, errorCode) => {
      await stored(store)
      const data = { failCommands: ['find'], errorCode }
      const { count: former } = await set.command(0, { configureFailPoint: 'failCommand', mode: { times: 2 }, data })
      expect((await store.totals.contributions('', 10)).sessions.length).toBeGreaterThan(0)
      const { count } = await set.command(0, { configureFailPoint: 'failCommand', mode: 'off' })
      expect(count - former).toBe(2)
    },
    180_000,
  )
})
