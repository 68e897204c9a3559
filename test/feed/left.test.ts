import type { Sink } from '../../src/concurrency/source'
import { waitsByPlace } from '../../src/concurrency/waits'
import type { Store } from '../../src/db/store'
import { Feed } from '../../src/feed/feed'
import { feedCursorOf } from '../../src/feed/ring'
import { collected } from '../support/gc'
import { intercepting } from '../support/intercepting'
import { quiet, stored } from '../support/sessions'
import { embeddedDatabase, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

const never = new Promise<never>(() => {})
const readers = 200

describe('a cancelled subscription holds no memory', () => {
  const database = suiteDatabase(embeddedDatabase)

  /** Makes sinks and counts those that are still in memory. Each take adds to `told`. */
  function sinks() {
    const alive = new Set<WeakRef<object>>()
    const told: number[] = []
    const sink = (take: () => void | Promise<void>): Sink<unknown> => {
      const one = {
        held: new Array(1_000).fill(0),
        take: () => {
          told.push(one.held.length)
          return take()
        },
        end: () => void told.push(one.held.length),
      }
      alive.add(new WeakRef(one))
      return one
    }
    const gone = () =>
      until(
        async () => {
          await collected()
          return [...alive].every(one => one.deref() === undefined)
        },
        60_000,
        () => `${[...alive].filter(one => one.deref()).length} of ${alive.size} to be gone`,
      )
    return { sink, told, gone }
  }

  /** Wraps the store so that reads that catch up never return. */
  const stuck = (store: Store): Store =>
    intercepting(store, { log: { history: () => never }, sessions: { transitions: () => never } })

  test.each([
    ['waits for a sink that never takes what it was given', (store: Store) => store, () => never],
    ['waits for the store', stuck, () => {}],
    ['is live', (store: Store) => store, () => {}],
  ])('while it %s', async (_, over, take) => {
    const feed = new Feed(over(database.store), quiet, 1)
    await feed.store.log.follow(feed)
    const start = feedCursorOf(database.store, { position: '0'.repeat(15), skip: 0 })
    const session = await stored(database.store)
    const { sink, told, gone } = sinks()
    // A separate function, so that no reference stays on the stack.
    const attachAndLeave = async () => {
      const leaves: (() => void)[] = []
      for (let i = 0; i < readers; i++) {
        leaves.push(feed.subscribe({ after: i % 2 ? start : undefined }).attach(sink(take) as Sink<never>))
        const transitions = await feed.transitions({ read: async () => session, after: 0 })
        leaves.push(transitions.attach(sink(take) as Sink<never>))
      }
      await until(() => told.length >= readers / 2, 60_000, 'the first')
      for (const leave of leaves) leave()
    }
    const waits = waitsByPlace()
    await attachAndLeave()
    expect(waitsByPlace()).toEqual(waits)
    await gone()
    // Keeps the feed itself in memory until here.
    await stored(database.store)
    expect((await feed.page({ limit: 1 })).next).toContain(database.store.identity)
  })
})
