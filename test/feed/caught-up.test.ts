import { newRequester } from '../../src/concurrency/fair-queue'
import { Feed } from '../../src/feed/feed'
import type { FeedFilter, FeedMessage } from '../../src/feed/ring'
import { quiet, stored } from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

const waitMs = 20_000
/** In commits. So small that the commits of a test soon leave the ring. */
const smallRing = 4

/** What a subscriber received: sequences, and for `ready` whether it had caught up. */
const told = (messages: FeedMessage[]): unknown[] =>
  messages.map(message => {
    if (message.kind === 'transition') return message.transition.sequence
    return message.kind === 'ready' ? message.caught_up : message.kind
  })

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  let feed: Feed
  beforeEach(async () => {
    feed = new Feed(database.store, quiet, smallRing)
    await feed.store.log.follow(feed)
  })

  const now = async (): Promise<string> => (await feed.page({ limit: 1 })).next

  /** Commits, and waits until the feed has the commits. */
  async function committed(count = 1): Promise<void> {
    let received = 0
    const take = ({ kind }: FeedMessage): void => void (kind === 'transition' && received++)
    const leave = feed.subscribe().attach({ take, end: () => {} })
    for (let i = 0; i < count; i++) await stored(database.store)
    await until(
      () => received === count,
      waitMs,
      () => `${count} commits, not ${received}`,
    )
    leave()
  }

  /** Subscribes with a sink that takes each message at once, or when `take` lets it. */
  function subscribed(after: string | undefined, filter: FeedFilter = {}, take = async (): Promise<void> => {}) {
    const messages: FeedMessage[] = []
    const leave = feed.subscribe({ after, filter, requester: newRequester(), reportsCaughtUp: true }).attach({
      take(message) {
        messages.push(message)
        return message.kind === 'transition' ? take() : undefined
      },
      end: () => {},
    })
    const hears = (expected: unknown[]): Promise<void> =>
      until(
        () => JSON.stringify(told(messages)) === JSON.stringify(expected),
        waitMs,
        () => `${JSON.stringify(expected)}, not ${JSON.stringify(told(messages))}`,
      )
    return { messages, leave, hears }
  }

  test.each([2, 3 * smallRing])('is reported once, after what a subscriber missed: %i commits', async count => {
    const after = await now()
    await committed(count)
    const { messages, leave, hears } = subscribed(after)
    const missed = [false, ...Array.from({ length: count }, () => 1), true]
    await hears(missed)
    const last = messages.at(-1) as FeedMessage & { kind: 'ready' }
    await committed()
    await hears([...missed, 1])
    leave()
    // Its cursor resumes there.
    const resumed = subscribed(last.cursor)
    await resumed.hears([false, 1, true])
    resumed.leave()
  })

  test('is reported although the filter selects none of what was missed', async () => {
    const after = await now()
    await committed(2 * smallRing)
    const { leave, hears } = subscribed(after, { mentor_id: 'nobody' })
    await hears([false, true])
    leave()
  })

  test('is reported only when a slow subscriber has taken what it missed', async () => {
    const after = await now()
    await committed(2)
    const taken = Promise.withResolvers<void>()
    const { leave, hears } = subscribed(after, {}, () => taken.promise)
    await hears([false, 1])
    taken.resolve()
    await hears([false, 1, 1, true])
    leave()
  })

  test('is true at once for a subscriber that begins now, or after a gap', async () => {
    const begun = subscribed(undefined)
    await begun.hears([true])
    const lost = subscribed('none')
    await lost.hears(['gap', true])
    await committed()
    await begun.hears([true, 1])
    await lost.hears(['gap', true, 1])
    begun.leave()
    lost.leave()
  })
})
