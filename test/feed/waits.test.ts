import { waitsByPlace } from '../../src/concurrency/waits'
import type { Store } from '../../src/db/store'
import { DomainError } from '../../src/domain/errors'
import { Feed } from '../../src/feed/feed'
import { type FeedMessage, feedCursorOf } from '../../src/feed/ring'
import { intercepting } from '../support/intercepting'
import { quiet, stored } from '../support/sessions'
import { embeddedDatabase, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

/** In commits. So small that a reader from the beginning reads the store's history. */
const smallRing = 1

describe('a wait of a subscriber counts at its place until it ends', () => {
  const database = suiteDatabase(embeddedDatabase)
  const start = () => feedCursorOf(database.store, { position: '0'.repeat(15), skip: 0 })

  /** Waits that were not there before the test. */
  const none = waitsByPlace()
  const isCounted = (counts: Partial<typeof none>) =>
    until(
      () => JSON.stringify(waitsByPlace()) === JSON.stringify({ ...none, ...counts }),
      20_000,
      () => JSON.stringify(waitsByPlace()),
    )

  async function following(over: (store: Store) => Store = store => store): Promise<Feed> {
    const feed = new Feed(over(database.store), quiet, smallRing)
    await feed.store.log.follow(feed)
    for (let i = 0; i < 3; i++) await stored(database.store)
    return feed
  }

  function listening(feed: Feed, after?: string) {
    const taken: FeedMessage[] = []
    const leave = feed.subscribe({ after }).attach({ take: message => void taken.push(message), end: () => {} })
    return { taken, leave }
  }

  test('log_start: before the store has reported its log', async () => {
    const feed = new Feed(database.store, quiet)
    const { leave } = listening(feed)
    const { taken } = listening(feed)
    await isCounted({ log_start: 2 })
    leave()
    await isCounted({ log_start: 1 })
    await database.store.log.follow(feed)
    await isCounted({})
    await until(() => taken.length === 1, 20_000, 'ready')
  })

  test('catch_up: while the history is read', async () => {
    let open = (): void => {}
    const gate = new Promise<void>(resolve => {
      open = resolve
    })
    const feed = await following(store =>
      intercepting(store, {
        log: {
          async history(...which) {
            await gate
            return store.log.history(...which)
          },
        },
      }),
    )
    const { leave } = listening(feed, start())
    const { taken } = listening(feed, start())
    await isCounted({ catch_up: 2 })
    leave()
    await isCounted({ catch_up: 1 })
    open()
    await until(() => taken.length >= 4, 20_000, 'the history')
    await isCounted({})
  })

  test('store_retry: while the store is unavailable', async () => {
    let isDown = true
    const feed = await following(store =>
      intercepting(store, {
        log: {
          history: (...which) =>
            isDown ? Promise.reject(new DomainError('unavailable')) : store.log.history(...which),
        },
      }),
    )
    const { leave } = listening(feed, start())
    const { taken } = listening(feed, start())
    await isCounted({ store_retry: 2 })
    leave()
    await isCounted({ store_retry: 1 })
    isDown = false
    await until(() => taken.length >= 4, 20_000, 'the history')
    await isCounted({})
  })
})
