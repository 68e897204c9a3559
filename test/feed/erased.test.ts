import { newRequester } from '../../src/concurrency/fair-queue'
import type { Source } from '../../src/concurrency/source'
import { everyone } from '../../src/domain/caller'
import { Feed } from '../../src/feed/feed'
import type { FeedMessage, FeedTransition } from '../../src/feed/ring'
import { Erasure } from '../../src/sessions/erasure'
import { quiet, sessionsOver } from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

const waitMs = 20_000
/** So long that the feed pauses afterwards, and the erasure falls into the pause. */
const busyMs = 100

function events(source: Source<FeedMessage> | Source<FeedTransition>) {
  const heard: string[] = []
  const take = (message: FeedMessage): void =>
    void heard.push(message.kind === 'transition' ? message.transition.event : message.kind)
  const end = (error?: unknown): void => void heard.push(String(error ?? 'end'))
  const leave = (source as Source<FeedMessage>).attach({ take, end })
  return { heard, leave }
}

function keepBusy(): void {
  for (const until = performance.now() + busyMs; performance.now() < until; );
}

overStores(({ newDatabase }) => {
  const database = suiteDatabase(newDatabase)

  test('subscribers of an erased mentor see the close, even if deliveries pause before it', async () => {
    const { store } = database
    const feed = new Feed(store, quiet)
    await store.log.follow(feed)
    const sessions = sessionsOver(store)
    const mentor_id = 'erased during a pause'
    const ofMentor = events(feed.subscribe({ filter: { mentor_id } }))
    const withSessions = events(
      feed.subscribe({ filter: { mentor_id }, requester: { ...newRequester(), sessionsWithin: {} } }),
    )
    const { session } = await sessions.start({ mentor_id })
    await until(() => ofMentor.heard.length === 2, waitMs, 'the start')
    const ofSession = events(await feed.transitions({ read: async () => session }))
    const busy = feed.subscribe().attach({ take: keepBusy, end: () => {} })
    await until(() => feed.readers.following === 3, waitMs, 'the subscribers')

    await sessions.start({ mentor_id: 'another' })
    const erasure = new Erasure({ caller: everyone, store, of: caller => sessions.of(caller) })
    expect(await erasure.erase(mentor_id)).toMatchObject({ closed: 1, erased: true })

    for (const { heard } of [ofMentor, withSessions]) {
      await until(() => heard.length === 3, waitMs, 'the close')
      expect(heard).toEqual(['ready', 'SessionStarted', 'SessionClosed'])
    }
    await until(() => ofSession.heard.includes('end'), waitMs, 'the end of the session')
    expect(ofSession.heard).toEqual(['SessionClosed', 'end'])
    for (const leave of [ofMentor.leave, withSessions.leave, ofSession.leave, busy]) leave()
  })
})
