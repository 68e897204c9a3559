import { eventsUntil, followEvents } from '../support/event-stream'
import { subscribe } from '../support/follow'
import { intercepting } from '../support/intercepting'
import { restApi } from '../support/interfaces'
import { serving } from '../support/server'
import { overStores } from '../support/stores'
import { until } from '../support/until'

const withResults = `subscription ($after: String, $filter: FeedFilter) { feed(after: $after, filter: $filter) {
  __typename ... on FeedTransition { transition { sequence session { id results { id } } } } } }`

interface Data {
  feed: { __typename: string; transition?: { sequence: number; session: { id: string } } }
}

overStores(({ newDatabase }) => {
  describe('identical subscriptions', () => {
    let reads = 0
    const server = serving(newDatabase, {
      store: opened =>
        intercepting(opened, {
          sessions: {
            results(id) {
              reads++
              return opened.sessions.results(id)
            },
          },
        }),
    })
    const api = restApi(server)
    const live = (variables = {}) => subscribe<Data>(server.url, withResults, variables)

    test('share one execution per transition, wherever they started and over any transport', async () => {
      const after = JSON.parse(await (await fetch(`${server.url}/api/v1/benefit-calculator-events`)).text()).next
      const subscribed = Array.from({ length: 40 }, (_, i) => live(i % 2 ? { after } : {}))
      const byGet: unknown[] = []
      const url = `${server.url}/graphql?query=${encodeURIComponent(withResults)}`
      const stream = followEvents(url, event => byGet.push(event))
      const all = () => [byGet, ...subscribed.map(({ results }) => results)]
      await until(() => all().every(({ length }) => length === 1), 60_000, 'ready')
      reads = 0
      await api.start({ mentor_id: 'm' })
      await until(() => all().every(({ length }) => length === 2), 60_000, 'the transition')
      expect(reads).toBe(1)
      for (const { leave } of [stream, ...subscribed]) leave()
    })

    test('that are many share the executions of many transitions, so one that is far behind repeats none', async () => {
      const after = JSON.parse(await (await fetch(`${server.url}/api/v1/benefit-calculator-events`)).text()).next
      const subscribed = Array.from({ length: 120 }, () => live())
      await until(() => subscribed.every(({ results }) => results.length === 1), 60_000, 'ready')
      for (let i = 0; i < 100; i++) await api.start({ mentor_id: 'm' })
      await until(() => subscribed.every(({ results }) => results.length === 101), 60_000, 'the transitions')
      reads = 0
      const late = live({ after })
      await until(() => late.results.length === 101, 60_000, 'the same transitions')
      expect(reads).toBe(0)
      for (const { leave } of [late, ...subscribed]) leave()
    })

    test('are separate for each filter', async () => {
      const subscribed = ['a', 'b', 'a', 'b'].map(mentorId => live({ filter: { mentorId } }))
      await until(() => subscribed.every(({ results }) => results.length === 1), 60_000, 'ready')
      const started: string[] = []
      for (const mentor_id of ['a', 'b']) {
        const answer = await api.start({ mentor_id })
        if (answer.ok) started.push(answer.session.session_id)
      }
      await until(() => subscribed.every(({ results }) => results.length === 2), 60_000, 'the transitions')
      const told = subscribed.map(({ results }) => results[1]?.feed.transition?.session.id)
      expect(told).toEqual([...started, ...started])
      for (const { leave } of subscribed) leave()
    })

    test('continue after the first of them has left', async () => {
      const [first, second] = [live(), live()]
      await until(() => first.results.length + second.results.length === 2, 60_000, 'ready')
      first.leave()
      await api.start({ mentor_id: 'm' })
      await until(() => second.results.length === 2, 60_000, 'the transition')
      second.leave()
    })
  })

  describe('a failing resolver', () => {
    const server = serving(newDatabase, {
      store: opened => intercepting(opened, { sessions: { results: () => Promise.reject(new Error('secret')) } }),
    })

    const masked = [
      {
        message: expect.stringMatching(/^Internal error/),
        extensions: { code: 'INTERNAL' },
        path: expect.anything(),
        locations: expect.anything(),
      },
    ]

    test('is masked for all subscribers over graphql-ws, and logged once', async () => {
      const subscribed = [1, 2, 3].map(() => subscribe<Data>(server.url, withResults))
      await until(() => subscribed.every(({ results }) => results.length === 1), 60_000, 'ready')
      server.log.length = 0
      await restApi(server).start({ mentor_id: 'm' })
      await until(() => subscribed.every(({ ended }) => ended !== undefined), 60_000, 'the error')
      for (const { ended } of subscribed) expect(ended?.with).toEqual(masked)
      expect(server.log.filter(({ msg }) => msg === 'internal error')).toHaveLength(1)
      for (const { leave } of subscribed) leave()
    })

    test('is masked over graphql-sse', async () => {
      const url = `${server.url}/graphql/stream?query=${encodeURIComponent(withResults)}`
      const { events } = await eventsUntil(url, ({ data }) => {
        if (data.includes('FeedReady')) restApi(server).start({ mentor_id: 'm' })
        return data.includes('errors')
      })
      const text = events.map(({ data }) => data).join()
      expect(text).toContain('"code":"INTERNAL"')
      expect(text).not.toContain('secret')
    })
  })
})
