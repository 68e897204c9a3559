import { waitsByPlace } from '../../src/concurrency/waits'
import type { Store } from '../../src/db/store'
import { DomainError } from '../../src/domain/errors'
import { subscribe } from '../support/follow'
import { intercepting } from '../support/intercepting'
import { startServer } from '../support/server'
import { calculation, stored } from '../support/sessions'
import { overStores } from '../support/stores'
import { until } from '../support/until'

interface Told {
  feed: { __typename: string; transition?: { sequence: number; session: { id: string; results: { id: string }[] } } }
}

const query = `subscription { feed {
  __typename ... on FeedTransition { transition { sequence session { id results { id } } } }
} }`

/** A store that can make its results unreachable. */
class OutOfReach {
  refused = 0
  isOut = false

  over = (store: Store): Store =>
    intercepting(store, {
      sessions: {
        results: async session_id => {
          if (!this.isOut) return store.sessions.results(session_id)
          this.refused++
          throw new DomainError('unavailable')
        },
      },
    })
}

overStores(({ newDatabase }) => {
  test('a subscription gets each transition once, in order and without an error, after its store was unreachable', async () => {
    const database = await newDatabase()
    const outOfReach = new OutOfReach()
    const server = await startServer(database, { store: outOfReach.over })
    const webSocket = subscribe<Told>(server.url, query)
    const sse = subscribe<Told>(server.url, query, {}, 'graphql-sse')
    const all = [webSocket.results, sse.results]
    await until(() => all.every(told => told.length === 1), 60_000, 'ready')

    outOfReach.isOut = true
    const sessions = []
    for (let n = 1; n <= 3; n++) sessions.push(await stored(server.store, {}, [calculation(n)]))
    await until(() => outOfReach.refused >= 3, 60_000, 'another try')
    expect(all.map(told => told.length)).toEqual([1, 1])
    expect(waitsByPlace().store_retry).toBe(1)
    outOfReach.isOut = false

    await until(
      () => all.every(told => told.length >= 10),
      60_000,
      () => `the rest: ${JSON.stringify(all)}`,
    )
    for (const told of all) {
      const transitions = told.flatMap(({ feed }) => feed.transition ?? [])
      expect(transitions.map(({ sequence, session }) => [session.id, sequence])).toEqual(
        sessions.flatMap(({ session_id }) => [1, 2, 3].map(sequence => [session_id, sequence])),
      )
      expect(transitions.every(({ session }) => session.results.length === 1)).toBe(true)
    }
    expect([webSocket.ended, sse.ended]).toEqual([undefined, undefined])
    expect(waitsByPlace().store_retry).toBe(0)
    webSocket.leave()
    sse.leave()
    await server.stop()
    await database.drop()
  })
})
