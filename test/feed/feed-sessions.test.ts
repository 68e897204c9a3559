import fc from 'fast-check'
import { snakeCased } from '../../packages/client/src/names'
import { newRequester } from '../../src/concurrency/fair-queue'
import type { Store } from '../../src/db/store'
import { DomainError } from '../../src/domain/errors'
import type { SessionEvent } from '../../src/domain/session'
import { calculate } from '../../src/domain/time-value'
import { Feed } from '../../src/feed/feed'
import type { FeedMessage } from '../../src/feed/ring'
import { fullPageBytes } from '../../src/rest/resources/events'
import { accessWorld } from '../support/access'
import { eventsUntil } from '../support/event-stream'
import { longestTexts } from '../support/full'
import { inputsOf } from '../support/inputs'
import { intercepting, interceptingEach } from '../support/intercepting'
import { base, done, neutral, restApi } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { type Server, serving } from '../support/server'
import { calculation, closing, quiet, sessionsOver, starting, stored } from '../support/sessions'
import { embeddedDatabase, overStores, suiteDatabase } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

interface Full {
  session_id: string
  version: number
  result_id: string | null
  result: { result_id: string; inputs: object } | null
}

interface Item {
  cursor: string
  event: string
  sequence: number
  session_id: string
  session?: Full | null
}

/** A number of sessions for which the calculator of these tests fails. */
const broken = 13

const calculator: typeof calculate = inputs => {
  if (inputs.sessions === broken) throw new Error('the calculator broke')
  return calculate(inputs)
}

const pageOf = async (server: Server, parameters: object): Promise<{ data: Item[]; next: string }> => {
  const query = new URLSearchParams({ view: 'full', ...parameters })
  const { status, text } = await client(server).get(`${feedPath}?${query}`)
  if (status !== 200) throw new Error(text)
  return JSON.parse(text)
}

const nowOf = async (server: Server): Promise<string> => (await pageOf(server, {})).next

/** Reads pages until one is empty. */
async function pagesFrom(server: Server, after: string, limit: number): Promise<Item[]> {
  const { data, next } = await pageOf(server, { after, limit })
  return data.length === 0 ? [] : [...data, ...(await pagesFrom(server, next, limit))]
}

/** Follows the event stream up to the first transition of a session. */
async function streamedTo(server: Server, after: string, last: string): Promise<Item[]> {
  const { events } = await eventsUntil(`${server.url}${feedPath}?view=full&after=${after}`, ({ data }) =>
    data.includes(`"session_id":"${last}"`),
  )
  return events.filter(({ event }) => event === undefined).map(({ data }) => JSON.parse(data))
}

// Without aliases where possible: an operation may have 30.
const figures = 'timeValue netBenefit benefitCostRatio'
const subscription = `subscription ($after: String) { feed(after: $after) { ... on FeedTransition { cursor transition {
  session { session_id: id mentorId state lastEvent resultId createdAt updatedAt organisationId externalId version
    result { result_id: resultId method caveat computedAt
      inputs { sessions avgMinutes costPerSession costPerHour label currency period { from to } valueSource note
        costPerHourRange { low high } }
      outputs { totalMinutes totalHours programmeCost ${figures} roiPercent costPerHourDelivered valuePerSession
        netPerSession breakEvenMinutes range { low { ${figures} } high { ${figures} } }
        undefinedBecause { output reason } } } } } } } }`

/** Follows GraphQL's feed up to the first transition of a session. Returns the sessions by cursor, as REST shows them. */
async function sessionsToldTo(server: Server, after: string, last: string): Promise<Map<string, Full>> {
  const query = new URLSearchParams({ query: subscription, variables: JSON.stringify({ after }) })
  const { events } = await eventsUntil(`${server.url}/graphql/stream?${query}`, ({ data }) => data.includes(last))
  const answers = events.filter(({ data }) => data).map(({ data }) => JSON.parse(data))
  expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([])
  const told = answers.map(({ data }) => data.feed).filter(({ cursor }) => cursor)
  return new Map(told.map(({ cursor, transition }) => [cursor, neutral(snakeCased(transition.session)) as Full]))
}

type Step = { of: number; event: SessionEvent | 'close'; sessions?: number }
const steps = fc.array(
  fc.record({
    of: fc.nat(2),
    event: fc.constantFrom<Step['event']>(
      ...(['CalculateRequested', 'CalculateRequested', 'RetryRequested', 'ResetRequested'] as const),
      ...(['ShareRequested', 'ShareRevokeRequested', 'close'] as const),
    ),
    sessions: fc.constantFrom(1, 2, broken),
  }),
  { minLength: 3, maxLength: 10 },
)

overStores(({ newDatabase }) => {
  /** Methods of the store that were called. */
  const called: string[] = []
  const counting = (opened: Store): Store =>
    interceptingEach(opened, (name, call) => {
      called.push(name)
      return call()
    })
  const server = serving(newDatabase, { calculator, store: counting })
  const api = restApi(server)
  const start = async (mentor_id = 'm'): Promise<string> =>
    done(await api.start({ mentor_id, organisation_id: 'o' })).session.session_id

  /** Starts a session and waits until it is in the feed. Everything before it is there, too. */
  async function marked(after: string): Promise<string> {
    const last = await start('last')
    const isThere = async () => (await pagesFrom(server, after, 1_000)).some(({ session_id }) => session_id === last)
    await until(isThere, 20_000, 'the last start')
    return last
  }

  test("each session is what GraphQL's transition shows, as JSON and as a stream, and null once it is closed", async () => {
    const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (made, limit) => {
      const after = await nowOf(server)
      const ids = [await start(), done(await api.start({ mentor_id: 'm', inputs: inputsOf(5) })).session.session_id]
      ids.push(await start())
      const closed = new Set<string>()
      for (const { of, event, sessions = 1 } of made) {
        const id = ids[of] as string
        if (event === 'close') closed.add(done(await api.close(id)).session_id)
        else await api.dispatch(id, event, event === 'CalculateRequested' ? inputsOf(sessions) : undefined)
        if (closed.has(id)) ids[of] = await start()
      }
      const last = await marked(after)
      const told = await sessionsToldTo(server, after, last)
      const items = await pagesFrom(server, after, limit)
      expect(items.map(({ cursor }) => cursor)).toEqual([...told.keys()])
      for (const { cursor, session_id, session } of items) {
        expect(session).toEqual(closed.has(session_id) ? null : told.get(cursor))
      }
      expect(await streamedTo(server, after, last)).toEqual(items)
    })
    await fc.assert(property, { numRuns: 8 })
  })

  test('an item has the members of the list with view=full, and none without the view', async () => {
    const after = await nowOf(server)
    const id = await start()
    await api.dispatch(id, 'CalculateRequested', inputsOf(1))
    await until(async () => (await pagesFrom(server, after, 100)).length === 3, 20_000, 'the items')
    const { data } = await pageOf(server, { after })
    const full = await client(server).get(`${base}/${id}?view=full`)
    expect(JSON.stringify(data.at(-1)?.session)).toBe(full.text)
    const plain = JSON.parse((await client(server).get(`${feedPath}?after=${after}`)).text) as { data: Item[] }
    expect(data.map(({ session: _, ...item }) => item)).toEqual(plain.data)
    for (const item of plain.data) expect(item).not.toHaveProperty('session')
  })

  test('a subscriber that starts after a close gets no session of it, although others got it', async () => {
    const after = await nowOf(server)
    const first = eventsUntil(`${server.url}${feedPath}?view=full&after=${after}`, ({ data }) =>
      data.includes('SessionClosed'),
    )
    const id = await start()
    await api.dispatch(id, 'CalculateRequested', inputsOf(1))
    await until(async () => (await pagesFrom(server, after, 100)).length === 3, 20_000, 'the items')
    await api.close(id)
    const last = await marked(after)
    for (const items of [await streamedTo(server, after, last), await pagesFrom(server, after, 100)]) {
      expect(items.map(({ event, session }) => [event, session === null])).toEqual([
        ['SessionStarted', true],
        ['CalculateRequested', true],
        ['CalculateRequested', true],
        ['SessionClosed', true],
        ['SessionStarted', false],
      ])
    }
    await first
  })

  test('a request that waits gets the session, under filters too', async () => {
    const after = await nowOf(server)
    const polled = pageOf(server, { after, wait: 60, mentor_id: 'polled', event: 'CalculateRequested', limit: 2 })
    const id = await start('polled')
    await api.dispatch(id, 'CalculateRequested', inputsOf(7))
    expect((await polled).data).toMatchObject([
      { session: { session_id: id, version: 2, result: null } },
      { session: { session_id: id, version: 3, result: { inputs: inputsOf(7) } } },
    ])
  })

  test('a page reads each session once, however many of its items are of it', async () => {
    const after = await nowOf(server)
    const id = await start()
    for (let i = 0; i < 5; i++) await api.dispatch(id, 'CalculateRequested', inputsOf(i))
    await until(async () => (await pagesFrom(server, after, 100)).length === 11, 20_000, 'the items')
    called.length = 0
    const { data } = await pageOf(server, { after })
    expect(data.map(({ session }) => session?.result?.inputs ?? null)).toEqual([
      null,
      null,
      ...[0, 0, 1, 1, 2, 2, 3, 3, 4].map(inputsOf),
    ])
    expect(called.filter(name => name === 'withResult')).toHaveLength(1)
  })

  test.each(['', 'FULL', 'all'])('view=%s is refused, with the parameter named', async view => {
    for (const Accept of ['application/json', 'text/event-stream']) {
      const said = problem(await client(server).get(`${feedPath}?view=${view}`, { Accept }))
      expect(said).toMatchObject({ status: 400, code: 'invalid_query', errors: [{ parameter: 'view' }] })
    }
  })

  test('a page of large sessions ends at its limit of bytes, and the next one continues', async () => {
    const after = await nowOf(server)
    const count = 300
    const payload = { ...calculation(1).payload, ...longestTexts }
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const who = { session_id: `large${i}`, mentor_id: '☕'.repeat(200) }
        await stored(server.store, who, [{ event: 'CalculateRequested', payload }])
      }),
    )
    const all = await (async () => {
      const pages: Item[][] = []
      for (let from = after; pages.flat().length < 3 * count; ) {
        const { text } = await client(server).get(`${feedPath}?view=full&limit=1000&after=${from}`)
        const { data, next } = JSON.parse(text) as { data: Item[]; next: string }
        const largest = Math.max(0, ...data.map(item => Buffer.byteLength(JSON.stringify(item))))
        expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(fullPageBytes + largest + 1_000)
        if (data.length > 0) pages.push(data)
        from = next
      }
      return pages
    })()
    expect(all.length).toBeGreaterThan(1)
    expect(new Set(all.flat().map(({ cursor }) => cursor)).size).toBe(3 * count)
    expect(all.flat().every(({ sequence, session }) => session?.version === sequence)).toBe(true)
  })

  describe('in one process', () => {
    const its = suiteDatabase(newDatabase)
    const full = { ...newRequester(), sessionsWithin: {} }

    function heard(feed: Feed, after?: string) {
      const messages: FeedMessage[] = []
      const leave = feed
        .subscribe({ after, requester: { ...full, connection: {} } })
        .attach({ take: message => void messages.push(message), end: () => {} })
      return { messages, leave }
    }

    test('subscribers share the reads of a transition and its item', async () => {
      const feed = new Feed(its.store, quiet)
      await its.store.log.follow(feed)
      const all = Array.from({ length: 200 }, () => heard(feed))
      await until(() => all.every(({ messages }) => messages.length === 1), 20_000, 'the subscribers')
      await stored(its.store)
      await until(() => all.every(({ messages }) => messages.length === 2), 20_000, 'the start')
      // One, if the process delivers to all of them in one go.
      expect(new Set(all.map(({ messages }) => messages[1])).size).toBeLessThan(50)
      for (const { leave } of all) leave()
    })

    test('a subscriber waits while the store is unavailable, and misses nothing', async () => {
      let failures = 0
      const failing = intercepting(its.store, {
        sessions: {
          async withResult(id) {
            if (++failures <= 2) throw new DomainError('unavailable')
            return its.store.sessions.withResult(id)
          },
        },
      })
      const feed = new Feed(failing, quiet)
      await its.store.log.follow(feed)
      const { messages, leave } = heard(feed)
      await until(() => messages.length === 1, 20_000, 'the subscriber')
      const { session } = await sessionsOver(its.store).start({ mentor_id: 'm' })
      await until(() => messages.length === 2, 20_000, 'the start')
      expect(messages[1]).toMatchObject({ session: { session_id: session.session_id, version: 1 } })
      expect(failures).toBe(3)
      leave()
    })

    test('a session that is closed during the read is null where its earlier results are needed', async () => {
      const { store } = its
      let session = starting().session
      const closingFirst = intercepting(store, {
        sessions: {
          async result(session_id, result_id) {
            await store.sessions.close(closing(session), session.version)
            return store.sessions.result(session_id, result_id)
          },
        },
      })
      const feed = new Feed(closingFirst, quiet)
      await store.log.follow(feed)
      const after = (await feed.page({ limit: 1 })).next
      session = await stored(store, {}, [calculation(1), calculation(2)])
      await until(async () => (await feed.page({ after, limit: 10 })).items.length === 5, 20_000, 'the items')
      const { items } = await feed.page({ after, limit: 10, requester: full })
      expect(items.map(item => item.session?.version ?? null)).toEqual([1, 2, null, null, 5])
    })
  })
})

describe('with tokens', () => {
  const world = accessWorld(embeddedDatabase)

  test('a caller gets the sessions of its scope only', async () => {
    const read = async (caller: Parameters<typeof world.rest>[0]) => {
      const { text } = await world.rest(caller).get(`${feedPath}?view=full&after=${world.origin}&limit=1000`)
      return (JSON.parse(text) as { data: Item[] }).data
    }
    const all = await read('admin')
    const own = await read('mentor')
    expect(new Set(own.map(({ session_id }) => session_id))).toEqual(new Set([world.found.a.session_id]))
    expect(own).toEqual(all.filter(({ session_id }) => session_id === world.found.a.session_id))
    for (const { session } of own) expect(session).toMatchObject({ session_id: world.found.a.session_id })
  })
})
