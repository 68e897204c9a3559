import { followEvents } from '../support/event-stream'
import { subscribe } from '../support/follow'
import { base, done, graphqlApi, query, restApi } from '../support/interfaces'
import { calculation, client } from '../support/rest'
import { clockAt, serving } from '../support/server'
import { overStores } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

const second = '2026-03-26T09:00:00'
const listed = 12

const everyTime = `fragment Times on Session { createdAt updatedAt result { computedAt } results { computedAt }
  share { path token expiresAt } transitions { at session { createdAt updatedAt } } }`

const transitionTimes = 'at session { createdAt updatedAt }'

interface Page {
  nodes: { id: string; createdAt: string }[]
  pageInfo: { endCursor: string; hasNextPage: boolean }
}

overStores(({ newDatabase }) => {
  describe('sessions started within one second', () => {
    const clock = clockAt(`${second}.000Z`)
    const server = serving(newDatabase, { clock })
    const newest: string[] = []

    beforeAll(async () => {
      for (let i = 0; i < listed; i++) {
        const api = i % 2 === 0 ? restApi(server) : graphqlApi(server)
        clock.set(`${second}.${String(i * 83).padStart(3, '0')}Z`)
        newest.unshift(done(await api.start({ mentor_id: 'm' })).session.session_id)
      }
    })

    test.each([1, 5, listed])(
      'are listed by REST in the order of their starts, the last first, %d per page',
      async limit => {
        const ids: string[] = []
        for (let page = 1; ids.length < listed; page++) {
          const { text } = await client(server).get(`${base}?limit=${limit}&page=${page}`)
          const { data } = JSON.parse(text) as { data: { session_id: string; created_at: string }[] }
          expect(data.map(({ created_at }) => created_at)).toEqual(data.map(() => `${second}Z`))
          ids.push(...data.map(({ session_id }) => session_id))
        }
        expect(ids).toEqual(newest)
      },
    )

    test.each([1, 5, listed])('are listed by GraphQL in the same order, %d per page', async first => {
      const text = `query ($first: Int, $after: String) { sessions(first: $first, after: $after, filter: { mentorId: "m" }) {
        nodes { id createdAt } pageInfo { endCursor hasNextPage } } }`
      const ids: string[] = []
      for (let after: string | null = null, more = true; more; ) {
        const { data } = await query(server, text, { first, after })
        const { nodes, pageInfo } = (data as { sessions: Page }).sessions
        expect(nodes.map(({ createdAt }) => createdAt)).toEqual(nodes.map(() => `${second}Z`))
        ids.push(...nodes.map(({ id }) => id))
        after = pageInfo.endCursor
        more = pageInfo.hasNextPage
      }
      expect(ids).toEqual(newest)
    })
  })

  describe('a time is shown in whole seconds', () => {
    const clock = clockAt(`${second}.987Z`)
    const server = serving(newDatabase, { clock })
    const rest = client(server)

    /** Expects no fraction of a second in the text, and at least `times` occurrences of the current second. */
    function expectWhole(text: string, times = 1): void {
      expect(text).not.toMatch(/\d\d:\d\d:\d\d[.,]\d/)
      expect(text.split(`${second}Z`).length - 1).toBeGreaterThanOrEqual(times)
    }

    async function shared(): Promise<{ path: string; id: string; link: string; token: string }> {
      const path = await rest.loaded()
      await rest.put(path, '{"event":"ShareRequested"}')
      const { path: link, token, expires_at } = JSON.parse((await rest.get(`${path}/share`)).text)
      expect(expires_at).toBe('2026-04-25T09:00:00Z')
      return { path, id: path.split('/').at(-1) as string, link, token }
    }

    test('in every REST body, and on the page of a shared result', async () => {
      const key = { 'Content-Type': 'application/json', 'Idempotency-Key': 'twice' }
      const { text: cursor } = await rest.get(feedPath)
      for (let i = 0; i < 2; i++) expectWhole((await rest.post(base, '{"mentor_id":"m"}', key)).text, 2)
      const { path, link } = await shared()
      for (let i = 0; i < 2; i++) expectWhole((await rest.put(path, calculation, key)).text, 2)
      const [{ result_id }] = JSON.parse((await rest.get(`${path}/results`)).text).data
      expectWhole((await rest.get(base)).text, 4)
      expectWhole((await rest.get(path)).text, 2)
      expectWhole((await rest.get(`${path}/events`)).text, 4)
      expectWhole((await rest.get(`${path}/results`)).text)
      expectWhole((await rest.get(`${path}/results/${result_id}`)).text)
      for (const Accept of ['text/html', 'application/json', 'text/csv'])
        expectWhole((await rest.get(link, { Accept })).text)
      const feed = async () => (await rest.get(`${feedPath}?after=${JSON.parse(cursor).next}`)).text
      await until(async () => JSON.parse(await feed()).data.length >= 5, 60_000, 'the feed')
      expectWhole(await feed(), 5)
    })

    test('in every GraphQL response, including replays', async () => {
      const { id, token } = await shared()
      const ask = async (text: string) => {
        const answer = await query(server, text)
        expect(answer.errors).toBeUndefined()
        return JSON.stringify(answer)
      }
      expectWhole(await ask(`{ session(id: "${id}") { ...Times } } ${everyTime}`), 15)
      expectWhole(
        await ask(`{ sessions(first: 12) { nodes { ...Times } edges { node { createdAt } } } } ${everyTime}`),
        15,
      )
      expectWhole(await ask(`{ sharedResult(token: "${token}") { computedAt expiresAt } }`))
      for (let i = 0; i < 2; i++) {
        const input = '{ mentorId: "m", idempotencyKey: "start" }'
        const text = `session { createdAt updatedAt } transitions { ${transitionTimes} } replayed`
        expectWhole(await ask(`mutation { startSession(input: ${input}) { ${text} } }`), 5)
        const dispatch = `{ sessionId: "${id}", event: RESET_REQUESTED, idempotencyKey: "reset" }`
        expectWhole(await ask(`mutation { dispatchEvent(input: ${dispatch}) { ${text} } }`), 5)
      }
    })

    test('on every stream', async () => {
      const { path, id } = await shared()
      const { url } = server
      const transitions = `subscription { sessionTransitions(sessionId: "${id}", after: 0) { ${transitionTimes} } }`
      const feed = `subscription { feed { ... on FeedReady { cursor } ... on FeedTransition { transition { ${transitionTimes} } } } }`
      let fed = ''
      const stream = followEvents(`${url}${feedPath}`, ({ event, data }) => {
        fed += `${event} ${data}`
      })
      const ofSession = subscribe(url, transitions)
      const ofAll = subscribe(url, feed)
      const overSse = subscribe(url, transitions, {}, 'graphql-sse')
      const events = await fetch(`${url}${path}/events`, { headers: { Accept: 'text/event-stream' } })
      const ready = () => fed.includes('ready') && ofAll.results.length === 1 && overSse.results.length === 4
      await until(ready, 60_000, 'all to be followed')
      done(await restApi(server).close(id))

      expectWhole(await events.text(), 5)
      await until(() => overSse.ended?.with === 'complete', 60_000, 'the end over Server-Sent Events')
      expectWhole(JSON.stringify(overSse.results), 15)
      await until(() => fed.includes('SessionClosed'), 60_000, 'the feed to tell of the close')
      expectWhole(fed)
      await until(
        () => ofSession.results.length === 5 && ofAll.results.length === 2,
        60_000,
        'the close over WebSocket',
      )
      expectWhole(JSON.stringify(ofSession.results), 15)
      expectWhole(JSON.stringify(ofAll.results), 3)
      ofSession.leave()
      ofAll.leave()
      stream.leave()
    })
  })
})
