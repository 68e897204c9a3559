import { newRequester } from '../../src/concurrency/fair-queue'
import type { EmbeddedStore } from '../../src/db/embedded/embedded-store'
import type { Store } from '../../src/db/store'
import type { Snapshot } from '../../src/domain/session'
import { Feed } from '../../src/feed/feed'
import { type FeedMessage, type FeedTransition, feedCursorOf } from '../../src/feed/ring'
import { intercepting } from '../support/intercepting'
import { calculation, quiet, sessionsOver, stored } from '../support/sessions'
import { describeMongo, mongoDatabase, overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

const waitMs = 20_000
/** In commits. So small that the commits of a test soon leave the ring. */
const smallRing = 4

/** Collects the messages of a subscriber that takes everything at once. */
function heard(feed: Feed, after?: string) {
  const messages: FeedMessage[] = []
  const leave = feed.subscribe({ after }).attach({ take: message => void messages.push(message), end: () => {} })
  const told = async (count: number): Promise<(number | string)[]> => {
    await until(
      () => messages.length >= count,
      waitMs,
      () => `${count} messages of ${JSON.stringify(messages)}`,
    )
    return messages.map(message => (message.kind === 'transition' ? message.transition.sequence : message.kind))
  }
  return { told, leave }
}

/** Wraps the store. Its first batch of history is empty and ends at the given position. */
function lookingUpTo(store: Store, position: () => string): Store {
  let looked = false
  return intercepting(store, {
    log: {
      async history(after, limit) {
        if (looked || limit === 1) return store.log.history(after, limit)
        looked = true
        return { entries: [], next: position(), passed: 0 }
      },
    },
  })
}

const now = async (feed: Feed): Promise<string> => (await feed.page({ limit: 1 })).next
const positionOf = (cursor: string): string => cursor.split('.')[1] as string

describeMongo('over MongoDB, where positions advance without commits', () => {
  const database = suiteDatabase(mongoDatabase)

  test('a cursor within a commit resumes there, even if the first reads of history find nothing', async () => {
    const { store } = database
    let between = ''
    const feed = new Feed(
      lookingUpTo(store, () => between),
      quiet,
      smallRing,
    )
    await feed.store.log.follow(feed)
    const live = heard(feed)
    const session = await stored(store)
    expect(await live.told(2)).toEqual(['ready', 1])
    const cursor = await now(feed)
    await store.db.collection('scrap').insertOne({})
    await until(async () => (await now(feed)) > cursor, waitMs, 'a position after another write')
    between = positionOf(await now(feed))
    for (let i = 0; i < 10; i++) await sessionsOver(store).dispatch(session.session_id, calculation(i))
    await live.told(22)

    const late = heard(feed, feedCursorOf(store, { position: positionOf(cursor), skip: 1 }))
    const expected = ['ready', ...Array.from({ length: 19 }, (_, i) => i + 3)]
    expect(await late.told(expected.length)).toEqual(expected)
    live.leave()
    late.leave()
  })
})

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  test('principals take turns in deliveries: many subscriptions of one delay no other', async () => {
    const feed = new Feed(database.store, quiet)
    await feed.store.log.follow(feed)
    const received: string[] = []
    const subscribed = (principal: string) =>
      feed.subscribe({ requester: newRequester(principal) }).attach({
        take: ({ kind }) => void (kind === 'transition' && received.push(principal)),
        end: () => {},
      })
    const leaves = [...Array.from({ length: 2_000 }, () => subscribed('ann')), subscribed('bob')]
    await stored(database.store)
    await until(() => received.length === leaves.length, waitMs, 'the deliveries')
    expect(received.indexOf('bob')).toBeLessThan(2)
    for (const leave of leaves) leave()
    expect(feed.readers).toEqual({ following: 0, waiting: 0, catching_up: 0 })
  })

  describe.each([
    ['from the ring', undefined],
    ['from the history, if the ring has moved on', 1],
  ])("a session's stream delivers everything up to the close %s", (_, ringSize) => {
    async function following() {
      const feed = new Feed(database.store, quiet, ringSize)
      await feed.store.log.follow(feed)
      return { feed, sessions: sessionsOver(database.store), live: heard(feed) }
    }

    /** Follows a session's transitions. Takes the next one only once the promise that `taking` returns resolves. */
    async function followed(feed: Feed, read: () => Promise<Snapshot>, taking = (): void | Promise<void> => {}) {
      const taken: number[] = []
      let end: { error?: unknown } | undefined
      const source = await feed.transitions({ read, after: 0 })
      source.attach({
        take({ transition }) {
          taken.push(transition.sequence)
          return taking()
        },
        end: error => {
          end = { error }
        },
      })
      const ended = async (): Promise<unknown> => {
        await until(() => end !== undefined, waitMs, 'the end')
        return end?.error
      }
      return { taken, ended }
    }

    test('if the session was closed since it was read', async () => {
      const { feed, sessions, live } = await following()
      const { session_id } = await stored(database.store)
      const { taken, ended } = await followed(feed, async () => {
        const session = await sessions.queries.get(session_id)
        await sessions.close(session_id)
        for (let i = 0; i < 2; i++) await stored(database.store)
        expect(await live.told(5)).toEqual(['ready', 1, 2, 1, 1])
        return session
      })
      expect(await ended()).toBeUndefined()
      expect(taken).toEqual([1, 2])
      live.leave()
    })

    /** Closes a session whose subscriber has taken one transition, after the session and its owner have changed. */
    async function lagging() {
      const { feed, sessions, live } = await following()
      const { session_id } = await stored(database.store)
      const awake = Promise.withResolvers<void>()
      const follower = await followed(
        feed,
        () => sessions.queries.get(session_id),
        () => awake.promise,
      )
      await until(() => follower.taken.length === 1, waitMs, 'the first transition')
      await sessions.dispatch(session_id, calculation(1))
      await sessions.dispatch(session_id, { event: 'ReassignRequested', payload: { mentor_id: 'another' } })
      for (let i = 2; i < 60; i++) await sessions.dispatch(session_id, calculation(i))
      await sessions.close(session_id)
      await stored(database.store)
      await live.told(123)
      live.leave()
      return { ...follower, wake: awake.resolve }
    }

    test('if its subscriber lags when the session is closed', async () => {
      const { taken, ended, wake } = await lagging()
      wake()
      expect(await ended()).toBeUndefined()
      expect(taken).toEqual(Array.from({ length: 121 }, (_, i) => i + 1))
    })

    if (kind.name === 'embedded' && ringSize === 1)
      test('and ends with cursor_expired if the history is gone', async () => {
        const { taken, ended, wake } = await lagging()
        const { db } = database.store as EmbeddedStore
        db.exec('DELETE FROM commits WHERE position < (SELECT max(position) FROM commits)')
        wake()
        expect(await ended()).toMatchObject({ code: 'cursor_expired' })
        expect(taken).toEqual([1])
      })
  })

  test('a subscriber ends if its sink throws, and the others continue', async () => {
    const feed = new Feed(database.store, quiet)
    await feed.store.log.follow(feed)
    const before = heard(feed)
    const ends: unknown[] = []
    feed.subscribe().attach({
      take({ kind }) {
        if (kind === 'transition') throw new Error('a sink that fails')
      },
      end: error => void ends.push(error),
    })
    const after = heard(feed)
    await stored(database.store)
    await stored(database.store)
    expect(await before.told(3)).toEqual(['ready', 1, 1])
    expect(await after.told(3)).toEqual(['ready', 1, 1])
    expect(ends).toEqual([new Error('a sink that fails')])
    for (const { leave } of [before, after]) leave()
  })

  /** Subscribes, takes `ready` and the first transition, and takes the rest once it is woken. */
  function sleeping(feed: Feed) {
    const taken: FeedMessage[] = []
    let wake: () => void = () => {}
    const awake = new Promise<void>(resolve => {
      wake = resolve
    })
    const leave = feed.subscribe().attach({
      take(message) {
        taken.push(message)
        return message.kind === 'ready' ? undefined : awake
      },
      end: () => {},
    })
    return { taken, wake, leave }
  }

  test('a stalled subscriber that the ring has passed gets the rest in order, and nothing was queued for it', async () => {
    const feed = new Feed(database.store, quiet, smallRing)
    await feed.store.log.follow(feed)
    const live = heard(feed)
    await live.told(1)
    const { taken, wake, leave } = sleeping(feed)
    const session = await stored(database.store)
    for (let i = 0; i < 200; i++) await sessionsOver(database.store).dispatch(session.session_id, calculation(i))
    await live.told(402)
    expect(taken).toHaveLength(2)
    wake()
    await until(
      () => taken.length >= 402,
      waitMs,
      () => `${taken.length} of 402`,
    )
    expect(taken.slice(1).map(message => message.kind === 'transition' && message.transition.sequence)).toEqual(
      Array.from({ length: 401 }, (_, i) => i + 1),
    )
    live.leave()
    leave()
  })

  if (kind.name === 'embedded') {
    test('a stalled subscriber gets a typed gap if its history is gone, then the live feed', async () => {
      const feed = new Feed(database.store, quiet, smallRing)
      await feed.store.log.follow(feed)
      const live = heard(feed)
      await live.told(1)
      const { taken, wake, leave } = sleeping(feed)
      const first = await stored(database.store)
      await until(() => taken.length === 2, waitMs, 'the first')
      const after = (taken[1] as FeedTransition).cursor
      for (let i = 0; i < 20; i++) await stored(database.store)
      await live.told(22)
      const { db } = database.store as EmbeddedStore
      db.exec('DELETE FROM commits WHERE position < (SELECT max(position) FROM commits)')
      wake()
      await until(() => taken.length >= 4, waitMs, 'a gap')
      const last = await stored(database.store)
      await until(() => taken.length >= 5, waitMs, 'what comes')
      expect(taken.slice(1)).toMatchObject([
        { commit: { session_id: first.session_id } },
        { kind: 'gap', after, reason: 'expired' },
        { kind: 'ready' },
        { commit: { session_id: last.session_id } },
      ])
      live.leave()
      leave()
    })
  }
})
