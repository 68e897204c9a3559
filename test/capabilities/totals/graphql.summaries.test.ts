import type { GraphQLField } from 'graphql'
import { pushEveryMs } from '../../../src/capabilities/totals/summaries'
import type { FeedTransition } from '../../../src/feed/ring'
import { maxMessageObjects } from '../../../src/graphql-server/limits'
import { schema } from '../../support/described'
import { subscribe } from '../../support/follow'
import { inputsOf } from '../../support/inputs'
import { done, graphqlApi, query, restApi } from '../../support/interfaces'
import { Peer } from '../../support/peer'
import { clockAt, type Server, serving, startServer } from '../../support/server'
import { embeddedDatabase, overStores } from '../../support/stores'
import { feedPath } from '../../support/transports'
import { until } from '../../support/until'
import { withTotals } from './api'

const fields = '{ sessions results amounts { currency timeValue } calculations { count } }'
const text = `subscription ($filter: SessionFilter) { summary(filter: $filter) { cursor summary ${fields} } }`
const asked = `query ($filter: SessionFilter) { summary(filter: $filter) ${fields} }`

interface Data {
  summary: { cursor: string; summary: { sessions: number; results: number } }
}

const limitMs = 10_000

const transports = ['graphql-ws', 'graphql-sse'] as const

overStores(({ newDatabase }) => {
  /** Makes a test of a body. Each test has a server of its own, so that tests can run at once. */
  const alone =
    (body: (on: ReturnType<typeof using>) => Promise<void>) => async (transport: (typeof transports)[number]) => {
      const database = await newDatabase()
      // A fixed clock keeps the counts per minute constant.
      const server = await startServer(database, { clock: clockAt('2026-03-26T09:15:00Z') })
      try {
        await body(using(server, transport))
      } finally {
        await server.stop()
        await database.drop()
      }
    }

  function using(server: Server, transport: (typeof transports)[number]) {
    const [rest, graphql] = [withTotals(restApi(server)), withTotals(graphqlApi(server))]
    const apis = [rest, graphql] as const
    const follow = (filter: object = {}) => subscribe<Data>(server.url, text, { filter }, transport)
    const now = async (filter: object = {}) => (await query(server, asked, { filter })).data?.summary

    async function transitionsAfter(cursor: string, organisation: string): Promise<FeedTransition['transition'][]> {
      const url = `${server.url}${feedPath}?after=${cursor}&limit=1000&organisation_id=${organisation}`
      const { data, next } = (await (await fetch(url)).json()) as { data: FeedTransition['transition'][]; next: string }
      return data.length < 1_000 ? data : [...data, ...(await transitionsAfter(next, organisation))]
    }

    /** Waits until the last message equals the current summary. */
    async function settled({ results }: ReturnType<typeof follow>, filter: object = {}): Promise<void> {
      const summary = await now(filter)
      const isTold = () => JSON.stringify(results.at(-1)?.summary.summary) === JSON.stringify(summary)
      await until(isTold, limitMs, () => `${JSON.stringify(summary)} among ${JSON.stringify(results)}`)
    }

    return { apis, follow, transitionsAfter, settled, transport }
  }

  test.concurrent.each(transports)(
    'over %s a summary is sent at once, and again after each change through any interface',
    alone(async ({ apis, follow, settled }) => {
      const followed = follow()
      await settled(followed)
      for (const api of apis) {
        const { session_id } = done(await api.start({ mentor_id: 'm' })).session
        await settled(followed)
        done(await api.dispatch(session_id, 'CalculateRequested', inputsOf(1)))
        await settled(followed)
        done(await api.close(session_id))
        await settled(followed)
      }
      followed.leave()
    }),
  )

  test.concurrent.each(transports)(
    'over %s a change that does not affect the summary sends nothing',
    alone(async ({ apis, follow, settled }) => {
      const filter = { mentorId: 'followed', state: 'INITIAL' }
      const followed = follow(filter)
      await until(() => followed.results.length === 1, limitMs, 'the first')
      for (const mentor_id of ['other', 'another']) {
        const { session_id } = done(await apis[0].start({ mentor_id })).session
        done(await apis[1].close(session_id))
      }
      const { session_id } = done(await apis[0].start({ mentor_id: 'followed' })).session
      await settled(followed, filter)
      expect(followed.results.map(({ summary }) => summary.summary.sessions)).toEqual([0, 1])
      done(await apis[1].dispatch(session_id, 'CalculateRequested', inputsOf(1)))
      await settled(followed, filter)
      expect(followed.results).toHaveLength(3)
      followed.leave()
    }),
  )

  test.concurrent.each(transports)(
    'over %s a summary of months is sent again when a result enters or leaves them, and only then',
    alone(async ({ apis, follow, settled }) => {
      const filter = { mentorId: 'of months', months: { from: '2026-04', to: '2026-05' } }
      const followed = follow(filter)
      await settled(followed, filter)
      const { session_id } = done(await apis[0].start({ mentor_id: 'of months' })).session
      const ending = (to: string, sessions = 1) => ({ ...inputsOf(sessions), period: { from: '2026-01-01', to } })
      for (const to of ['2026-03-31', '2026-04-01', '2026-05-31', '2026-06-01', '2026-04-30']) {
        done(await apis[1].dispatch(session_id, 'CalculateRequested', ending(to)))
        await settled(followed, filter)
      }
      done(await apis[0].close(session_id))
      await settled(followed, filter)
      const told = followed.results.map(({ summary }) => summary.summary.sessions)
      expect(told[0]).toBe(0)
      expect(told.filter((count, i) => i === 0 || count !== told[i - 1])).toEqual([0, 1, 0, 1, 0])
      followed.leave()
    }),
  )

  test.each(transports)(
    'over %s under constant change it is sent four times a second, never twice the same, and the last one is current',
    alone(async ({ apis, follow, settled }) => {
      const followed = follow()
      const times: number[] = []
      const { push } = followed.results
      followed.results.push = (...told) => {
        times.push(performance.now())
        return push.apply(followed.results, told)
      }
      while (followed.results.length < 6) {
        await Promise.all(Array.from({ length: 8 }, () => apis[0].start({ mentor_id: 'many' })))
      }
      await settled(followed)
      const texts = followed.results.map(({ summary }) => JSON.stringify(summary.summary))
      for (const [i, text] of texts.entries()) expect(text).not.toBe(texts[i - 1])
      // One message on its way may be delayed until the next.
      const [first = 0, last = 0] = [times[0], times.at(-1)]
      expect(times.length - 1).toBeLessThanOrEqual((last - first) / pushEveryMs + 1)
      followed.leave()
    }),
  )

  test.concurrent.each(transports)(
    'over %s its cursor is its position in the feed',
    alone(async ({ apis, follow, transitionsAfter, settled, transport }) => {
      const filter = { organisationId: transport }
      const followed = follow(filter)
      for (let i = 0; followed.results.length < 4; i++) {
        const { session_id } = done(await apis[0].start({ mentor_id: `m${i}`, organisation_id: transport })).session
        done(await apis[1].dispatch(session_id, 'CalculateRequested', inputsOf(1)))
      }
      await settled(followed, filter)
      const last = followed.results.at(-1)?.summary.summary
      for (const { summary } of followed.results) {
        const data = await transitionsAfter(summary.cursor, transport)
        const count = (of: (transition: FeedTransition['transition']) => boolean): number => data.filter(of).length
        expect(summary.summary).toMatchObject({
          sessions: (last?.sessions ?? 0) - count(({ event }) => event === 'SessionStarted'),
          results: (last?.results ?? 0) - count(({ to }) => to === 'loaded'),
        })
      }
      followed.leave()
    }),
  )

  test.concurrent.each(transports)(
    'over %s an invalid filter is refused with its pointer',
    alone(async ({ follow }) => {
      for (const [filter, pointer] of [
        [{ mentorId: 'a\nb' }, '/filter/mentorId'],
        [{ state: 'SLEEPING' }, '/filter/state'],
      ] as const) {
        const followed = follow(filter)
        await until(() => followed.ended !== undefined, limitMs, 'the end')
        expect(JSON.stringify(followed.ended)).toContain(`"pointer":"${pointer}"`)
        followed.leave()
      }
    }),
  )
})

describe('subscriptions to summaries', () => {
  const server = serving(embeddedDatabase)
  const api = withTotals(restApi(server))

  test('the first push sets no timer in the past', async () => {
    const timers = jest.spyOn(globalThis, 'setTimeout')
    const { results, leave } = subscribe<Data>(server.url, text, {}, 'graphql-ws')
    await until(() => results.length === 1, limitMs, 'the first')
    done(await api.start({ mentor_id: 'first' }))
    await until(() => results.length === 2, limitMs, 'the second')
    leave()
    expect(timers.mock.calls.filter(([, ms]) => ms !== undefined && ms < 0)).toEqual([])
    timers.mockRestore()
  })

  test('share one execution if they are identical, and run separately for another filter', async () => {
    const field = schema.getSubscriptionType()?.getFields().summary as Required<GraphQLField<unknown, unknown>>
    const executed = jest.spyOn(field, 'resolve')
    const filters = Array.from({ length: 20 }, (_, i) => (i < 19 ? {} : { mentorId: 'nobody' }))
    const followed = filters.map((filter, i) =>
      subscribe<Data>(server.url, text, { filter }, i % 2 ? 'graphql-ws' : 'graphql-sse'),
    )
    await until(() => followed.every(({ results }) => results.length === 1), limitMs, 'the first')
    expect(executed).toHaveBeenCalledTimes(2)
    done(await api.start({ mentor_id: 'm' }))
    await until(() => followed.slice(0, 19).every(({ results }) => results.length === 2), limitMs, 'the second')
    expect(executed).toHaveBeenCalledTimes(3)
    expect(followed[19]?.results).toHaveLength(1)
    for (const { leave } of followed) leave()
    executed.mockRestore()
  })

  test('of one connection are bounded by the cost of their messages', async () => {
    const most = maxMessageObjects / 50
    const peer = await (await Peer.connect(server.url)).init()
    const subscription = 'subscription { summary { cursor summary { sessions } } }'
    for (let i = 0; i < most; i++) {
      peer.subscribe(`${i}`, subscription)
      expect(await peer.next('next')).toMatchObject({ id: `${i}`, payload: { data: expect.anything() } })
    }
    peer.subscribe('one more', subscription)
    expect((await peer.next('next')).payload).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
    peer.socket.terminate()
  })
})
