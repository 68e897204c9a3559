import { followEvents } from '../support/event-stream'
import { subscribe } from '../support/follow'
import { inputs, inputsOf } from '../support/inputs'
import { base, done, restApi } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { eventOf } from '../support/transports'
import { until } from '../support/until'

const query = `subscription ($id: ID!, $after: Int) { sessionTransitions(sessionId: $id, after: $after) {
  event sequence session { id state version } } }`

interface Told {
  sessionTransitions: { event: string; sequence: number; session: { id: string; state: string; version: number } }
}

interface Listening {
  events(): string[]
  sequences(): number[]
  ended(): unknown
  leave(): void
}

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const api = restApi(server)

  /** Creates a session with one calculation: SessionStarted and the two transitions of the calculation. */
  async function loaded(): Promise<string> {
    const { session } = done(await api.start({ mentor_id: 'm' }))
    done(await api.dispatch(session.session_id, 'CalculateRequested', inputs))
    return session.session_id
  }

  const overGraphql =
    (client: 'graphql-ws' | 'graphql-sse') =>
    (id: string, after?: number): Listening => {
      const subscribed = subscribe<Told>(server.url, query, { id, after }, client)
      const told = () => subscribed.results.map(({ sessionTransitions }) => sessionTransitions)
      return {
        events: () => told().map(({ event }) => eventOf(event)),
        sequences: () => told().map(({ sequence }) => sequence),
        ended: () => subscribed.ended?.with,
        leave: subscribed.leave,
      }
    }

  function overRest(id: string, after = 0): Listening {
    const told: { event: string; sequence: number }[] = []
    let ended: unknown
    const stream = followEvents(`${server.url}${base}/${id}/events?after=${after}`, ({ event, data }) => {
      if (event === 'error') ended = JSON.parse(data)
      else told.push(JSON.parse(data))
    })
    void stream.ended.then(({ status, rest, whole }) => {
      if (whole) ended ??= status === 200 ? 'complete' : JSON.parse(rest)
    })
    return {
      events: () => told.map(({ event }) => event),
      sequences: () => told.map(({ sequence }) => sequence),
      ended: () => ended,
      leave: stream.leave,
    }
  }

  describe.each([
    ['graphql-ws', overGraphql('graphql-ws')],
    ['graphql-sse', overGraphql('graphql-sse')],
    ['REST', overRest],
  ])('over %s', (_, listen) => {
    const told = (listening: Listening, count: number) =>
      until(
        () => listening.sequences().length >= count,
        60_000,
        () => `${count} of ${listening.sequences()}, ${listening.ended()}`,
      )
    const end = (listening: Listening) => until(() => listening.ended() !== undefined, 60_000, 'the end')

    test('with `after: 0`, a stream sends past transitions, then live ones, and ends after the close', async () => {
      const id = await loaded()
      const listening = listen(id, 0)
      await told(listening, 3)
      done(await api.dispatch(id, 'ResetRequested'))
      done(await api.close(id))
      await end(listening)
      expect(listening.ended()).toBe('complete')
      expect(listening.sequences()).toEqual([1, 2, 3, 4, 5])
      expect(listening.events().at(-1)).toBe('SessionClosed')
    })

    test("with the session's version as `after`, a stream sends live transitions only", async () => {
      const id = await loaded()
      const listening = listen(id, 3)
      // Until the stream is live, a new transition may arrive from history or live. The stream sends no earlier ones.
      for (let i = 0; listening.sequences().length === 0 && i < 100; i++) {
        done(await api.dispatch(id, 'CalculateRequested', inputsOf(i)))
      }
      await told(listening, 2)
      expect(listening.sequences().slice(0, 2)).toEqual([4, 5])
      listening.leave()
    })

    test("an `after` beyond the session's version is refused", async () => {
      const listening = listen(await loaded(), 4)
      await end(listening)
      expect(JSON.stringify(listening.ended())).toMatch(/VALIDATION_FAILED|invalid_query/)
      expect(listening.sequences()).toEqual([])
    })

    test('a subscription to a session that does not exist is refused', async () => {
      const listening = listen('session_none', 0)
      await end(listening)
      expect(JSON.stringify(listening.ended())).toMatch(/session_not_found/i)
    })
  })

  test('without `after`, a subscription starts now', async () => {
    const id = await loaded()
    const listening = overGraphql('graphql-ws')(id)
    for (let i = 0; listening.sequences().length === 0 && i < 100; i++) {
      done(await api.dispatch(id, 'CalculateRequested', inputsOf(i)))
    }
    await until(() => listening.sequences().length >= 2, 60_000, 'two transitions')
    expect(Math.min(...listening.sequences())).toBeGreaterThan(3)
    listening.leave()
  })

  test('each transition shows the session as that transition left it', async () => {
    const id = await loaded()
    const subscribed = subscribe<Told>(server.url, query, { id, after: 0 })
    await until(() => subscribed.results.length === 3, 60_000, 'three transitions')
    expect(subscribed.results.map(({ sessionTransitions }) => sessionTransitions.session)).toEqual([
      { id, state: 'INITIAL', version: 1 },
      { id, state: 'LOADING', version: 2 },
      { id, state: 'LOADED', version: 3 },
    ])
    subscribed.leave()
  })
})
