import { randomUUID } from 'node:crypto'
import { waitsByPlace } from '../../src/concurrency/waits'
import { DomainError } from '../../src/domain/errors'
import { Feed, longPollsAtOnce, longPollsOfPrincipal } from '../../src/feed/feed'
import { accessWorld } from '../support/access'
import { inputsOf } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { done, restApi } from '../support/interfaces'
import { head, RawClient } from '../support/raw'
import { client, problem } from '../support/rest'
import { serving, startServer } from '../support/server'
import { quiet, stored } from '../support/sessions'
import { embeddedDatabase, overStores, suiteDatabase } from '../support/stores'
import { people } from '../support/tokens'
import { feedPath } from '../support/transports'
import { until, within } from '../support/until'

interface Page {
  data: { event: string; session_id: string; sequence: number; cursor: string }[]
  next: string
}

/** Requests that wait for the next transitions, in this process. */
const waiting = (count: number) =>
  until(
    () => waitsByPlace().long_poll === count,
    20_000,
    () => `${count} waits: there are ${waitsByPlace().long_poll}`,
  )

afterEach(() => expect(waitsByPlace().long_poll).toBe(0))

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const { get } = client(server)
  const api = restApi(server)
  const page = async (parameters: Record<string, string>): Promise<Page> => {
    const { status, text } = await get(`${feedPath}?${new URLSearchParams(parameters)}`)
    if (status !== 200) throw new Error(text)
    return JSON.parse(text)
  }
  const now = async (): Promise<string> => (await page({})).next
  const start = async (): Promise<string> => done(await api.start({ mentor_id: 'm' })).session.session_id

  test('a request waits for the next transition, and its cursor continues after it', async () => {
    const after = await now()
    const polled = page({ after, wait: '60' })
    await waiting(1)
    const session_id = await start()
    const { data, next } = await polled
    expect(data).toMatchObject([{ event: 'SessionStarted', session_id, cursor: next }])
    expect((await page({ after: next, wait: '1' })).data).toEqual([])
  })

  test('the transitions of one commit come together, up to the limit', async () => {
    const origin = await now()
    const session_id = await start()
    await until(async () => (await page({ after: origin })).data.length > 0, 20_000, 'the start')
    const after = (await page({ after: origin })).next
    const [both, one] = [page({ after, wait: '60' }), page({ after, wait: '60', limit: '1' })]
    await waiting(2)
    await api.dispatch(session_id, 'CalculateRequested', inputsOf(1))
    expect((await both).data.map(({ sequence }) => sequence)).toEqual([2, 3])
    const { data, next } = await one
    expect(data.map(({ sequence }) => sequence)).toEqual([2])
    expect((await page({ after: next, wait: '60' })).data.map(({ sequence }) => sequence)).toEqual([3])
  })

  test('a request does not wait if something follows its cursor', async () => {
    const after = await now()
    const session_id = await start()
    await until(async () => (await page({ after })).data.length > 0, 20_000, 'the start')
    expect((await page({ after, wait: '60' })).data).toMatchObject([{ session_id }])
  })

  test('without a cursor, a request waits from now on', async () => {
    const polled = page({ wait: '60' })
    await waiting(1)
    const session_id = await start()
    const { data } = await polled
    expect(data).toMatchObject([{ event: 'SessionStarted', session_id }])
  })

  test('with filters, a request waits for a transition that passes, and continues after all others', async () => {
    const after = await now()
    const closed = page({ after, event: 'SessionClosed', wait: '60' })
    const ofMentor = page({ after, mentor_id: 'other', wait: '60' })
    const none = page({ after, event: 'RetryRequested', wait: '1' })
    await waiting(3)
    const session_id = await start()
    await api.dispatch(session_id, 'CalculateRequested', inputsOf(1))
    await api.close(session_id)
    expect((await closed).data).toMatchObject([{ event: 'SessionClosed', session_id, sequence: 4 }])
    const { data, next } = await none
    expect(data).toEqual([])
    expect((await page({ after: next })).data).toEqual([])
    const other = done(await api.start({ mentor_id: 'other' })).session
    expect((await ofMentor).data).toMatchObject([{ session_id: other.session_id }])
  })

  test('when the time is over, the response has no transitions and a cursor that misses nothing', async () => {
    const after = await now()
    const { data, next } = await page({ after, wait: '1' })
    expect(data).toEqual([])
    const session_id = await start()
    await until(async () => (await page({ after: next })).data.length > 0, 20_000, 'the start')
    expect((await page({ after: next })).data).toMatchObject([{ session_id }])
  })

  test('a client that leaves frees its place at once', async () => {
    const gone = await RawClient.connect(server.url)
    gone.send(head(`GET ${feedPath}?wait=60`))
    const ended = await RawClient.connect(server.url)
    ended.send(head(`GET ${feedPath}?wait=60`))
    await waiting(2)
    gone.socket.destroy()
    await waiting(1)
    ended.socket.end()
    await waiting(0)
  })

  test('a connection serves its next request after a wait', async () => {
    const raw = await RawClient.connect(server.url)
    raw.send(head(`GET ${feedPath}?wait=1`) + head(`GET ${feedPath}?wait=0`, 'Connection: close'))
    const text = await raw.whole
    expect(text.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2)
  })

  test('when the server stops, the response comes early with a cursor that misses nothing', async () => {
    const its = await newDatabase()
    // A stop spreads the ends of connections over a part of this time.
    const other = await startServer(its, { config: { SHUTDOWN_SECONDS: 2 } })
    const { next: after } = JSON.parse((await client(other).get(feedPath)).text)
    const polled = [1, 2, 3].map(() => client(other).get(`${feedPath}?after=${after}&wait=60`))
    await waiting(3)
    await within(15_000, 'the stop', other.stop())
    const pages = (await Promise.all(polled)).map(({ status, headers, text }) => {
      expect({ status, connection: headers.connection }).toEqual({ status: 200, connection: 'close' })
      return JSON.parse(text) as Page
    })
    const restarted = await startServer(its)
    const { session_id } = done(await restApi(restarted).start({ mentor_id: 'm' })).session
    for (const { data, next } of pages) {
      expect(data).toEqual([])
      const { text } = await client(restarted).get(`${feedPath}?after=${next}&wait=60`)
      expect(JSON.parse(text).data).toMatchObject([{ event: 'SessionStarted', session_id }])
    }
    await restarted.stop()
  })

  test('a cursor that is gone is refused without a wait', async () => {
    expect(problem(await get(`${feedPath}?after=none&wait=60`))).toMatchObject({ code: 'invalid_cursor' })
  })

  test.each([
    ['wait=-1', 'must be at least 0'],
    ['wait=61', 'must be at most 60'],
    ['wait=1.5', 'must be a whole number'],
    ['wait=', 'must be a number'],
    ['wait=1&wait=2', 'must appear only once'],
  ])('%s is refused: it %s', async (parameters, detail) => {
    const said = problem(await get(`${feedPath}?${parameters}`))
    expect(said).toMatchObject({ code: 'invalid_query', errors: [{ detail, parameter: 'wait' }] })
  })

  test.each(['0', '5'])('an event stream refuses wait=%s', async wait => {
    const said = problem(await get(`${feedPath}?wait=${wait}`, { Accept: 'text/event-stream' }))
    const detail = 'works only with JSON: leave it out, because an event stream always waits'
    expect(said).toMatchObject({ code: 'invalid_query', errors: [{ detail, parameter: 'wait' }] })
  })
})

describe('with tokens', () => {
  const world = accessWorld(embeddedDatabase)

  test('a wait ends when the token ends: 401, and nothing is delivered', async () => {
    const exp = Date.now() + 2_000
    const headers = { Authorization: world.bearer({ ...people.mentor, exp: exp / 1_000 }) }
    const { get } = client(world.server)
    const said = problem(await get(`${feedPath}?wait=60`, headers))
    expect(Date.now()).toBeGreaterThanOrEqual(exp)
    expect(said).toMatchObject({ status: 401, code: 'unauthenticated', detail: 'The token has expired.' })
  })

  test('a wait delivers only what is in the scope of the caller', async () => {
    const polled = world.rest('mentor').get(`${feedPath}?wait=60`)
    await waiting(1)
    const outside = await world.fresh('d')
    const inside = await world.fresh('a')
    const { text } = await polled
    expect(text).not.toContain(outside.session_id)
    expect(JSON.parse(text).data).toMatchObject([{ session_id: inside.session_id }])
  })
})

describe('requests that wait', () => {
  const database = suiteDatabase(embeddedDatabase)

  test('are bounded, in total and by principal, and each shows as a wait', async () => {
    const feed = new Feed(database.store, quiet)
    await database.store.log.follow(feed)
    const after = (await feed.page({ limit: 1 })).next
    const over = new AbortController()
    const poll = (principal: string) =>
      feed.longPoll({ after, limit: 10, begin: () => over.signal, requester: { principal, connection: {} } })
    const polls = ['a', 'b'].flatMap(principal => Array.from({ length: longPollsOfPrincipal }, () => poll(principal)))
    expect(polls).toHaveLength(longPollsAtOnce)
    expect(waitsByPlace().long_poll).toBe(longPollsAtOnce)
    await expect(poll('a')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(poll('c')).rejects.toMatchObject({ code: 'unavailable' })
    over.abort()
    for (const { items, next } of await Promise.all(polls)) expect({ items, next }).toEqual({ items: [], next: after })
    expect(feed.readers).toEqual({ following: 0, waiting: 0, catching_up: 0 })
  })

  test('of one principal leave room for others', async () => {
    const feed = new Feed(database.store, quiet)
    await database.store.log.follow(feed)
    const after = (await feed.page({ limit: 1 })).next
    const over = new AbortController()
    const poll = (principal: string) =>
      feed.longPoll({ after, limit: 10, begin: () => over.signal, requester: { principal, connection: {} } })
    const polls = Array.from({ length: longPollsOfPrincipal }, () => poll('a'))
    await expect(poll('a')).rejects.toMatchObject({ code: 'unavailable' })
    const other = poll('b')
    const { session_id } = await stored(database.store, { session_id: randomUUID() })
    for (const { items } of await Promise.all([other, ...polls])) {
      expect(items.map(({ commit }) => commit.session_id)).toEqual([session_id])
    }
    over.abort()
  })

  test('that cannot begin occupy no slot', async () => {
    const feed = new Feed(database.store, quiet)
    await database.store.log.follow(feed)
    const after = (await feed.page({ limit: 1 })).next
    const begin = (): never => {
      throw new Error('the response is gone')
    }
    for (let i = 0; i <= longPollsOfPrincipal; i++)
      await expect(feed.longPoll({ after, limit: 1, begin })).rejects.toThrow('the response is gone')
    expect(waitsByPlace().long_poll ?? 0).toBe(0)
  })

  test('outlast an outage of the store', async () => {
    let isDown = false
    const store = intercepting(database.store, {
      log: {
        history: (...which) =>
          isDown ? Promise.reject(new DomainError('unavailable')) : database.store.log.history(...which),
      },
    })
    const feed = new Feed(store, quiet, 1)
    await store.log.follow(feed)
    const after = (await feed.page({ limit: 1 })).next
    for (let i = 0; i < 3; i++) await stored(database.store)
    isDown = true
    const polled = feed.longPoll({ after, limit: 1, begin: () => new AbortController().signal })
    await until(() => waitsByPlace().store_retry === 1, 20_000, 'the outage')
    isDown = false
    expect((await polled).items).toHaveLength(1)
  })

  test('end if the history after their cursor is gone, which the next request then says', async () => {
    const feed = new Feed(database.store, quiet)
    await database.store.log.follow(feed)
    const after = feed.cursorAt('9'.repeat(15))
    expect(await feed.longPoll({ after, limit: 1, begin: () => new AbortController().signal })).toEqual({
      items: [],
      next: after,
    })
    await expect(feed.page({ after, limit: 1 })).rejects.toMatchObject({ code: 'invalid_cursor' })
  })
})
