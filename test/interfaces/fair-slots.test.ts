import { once } from 'node:events'
import WebSocket from 'ws'
import type { Store } from '../../src/db/store'
import type { OwnerFilter } from '../../src/domain/owner'
import { readsOfPrincipal } from '../../src/feed/log-reads'
import { deepReadsWaiting, exportsOfPrincipal } from '../../src/sessions/session-queries'
import { intercepting } from '../support/intercepting'
import { base } from '../support/interfaces'
import { head, RawClient } from '../support/raw'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { stored } from '../support/sessions'
import { overStores } from '../support/stores'
import { feedPath } from '../support/transports'
import { until } from '../support/until'

const from = (address: string) => ({ 'X-Forwarded-For': address })
const [greedy, honest] = [from('203.0.113.1'), from('203.0.113.2')]

/** The honest client reads this mentor. The greedy client reads the others, and each of its reads is held. */
const mentor_id = 'honest'

overStores(({ newDatabase }) => {
  let held: Promise<void> | undefined
  let release = (): void => {}
  const begun: string[] = []
  const inTurn = async (mentor_id: string | undefined): Promise<void> => {
    // Without a mentor, it is the check of a cursor.
    if (mentor_id === undefined) return
    begun.push(mentor_id)
    if (mentor_id !== 'honest') await held
  }
  const server = serving(newDatabase, {
    config: { TRUST_PROXY: 1 },
    store: opened =>
      intercepting<Store>(opened, {
        lists: {
          async sorted(filter, ...page) {
            await inTurn(filter.mentor_id)
            return opened.lists.sorted(filter, ...page)
          },
          async list(filter, page) {
            await inTurn(filter.mentor_id)
            return opened.lists.list(filter, page)
          },
        },
        log: {
          async history(after, limit, filter?: OwnerFilter) {
            await inTurn(filter?.mentor_id)
            return opened.log.history(after, limit, filter)
          },
        },
        async *export(filter, signal) {
          await inTurn(filter.mentor_id)
          yield* opened.export(filter, signal)
        },
      }),
  })
  const { get } = client(server)

  beforeEach(() => {
    begun.length = 0
    held = new Promise(resolve => {
      release = resolve
    })
  })

  test('sorted lists of one principal, more than the server queues, delay no other principal and get none of its requests refused', async () => {
    await stored(server.store, { mentor_id })
    const many = Array.from({ length: 2 * deepReadsWaiting }, (_, i) =>
      get(`${base}?sort=label&mentor_id=greedy${i}`, greedy),
    )
    await until(() => begun.length > 1, 60_000, 'the greedy reads')
    for (let limit = 1; limit <= 10; limit++) {
      expect((await get(`${base}?sort=label&limit=${limit}&mentor_id=${mentor_id}`, honest)).status).toBe(200)
    }
    release()
    const statuses = (await Promise.all(many)).map(({ status }) => status)
    expect(statuses.filter(status => status === 200).length).toBeGreaterThan(deepReadsWaiting)
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
  })

  test('a queue that one principal has filled takes the work of another, and refuses the latest of the first', async () => {
    const many = Array.from({ length: deepReadsWaiting + 2 }, (_, i) =>
      get(`${base}?sort=label&mentor_id=greedy${i}`, greedy),
    )
    await until(
      async () => {
        const { status } = await get(`${base}?sort=label&mentor_id=probe`, greedy)
        return status === 503
      },
      60_000,
      'a full queue',
    )
    // These are held as well, and wait behind two slots: of the third one, or in the queue.
    const others = Array.from({ length: 5 }, (_, i) => get(`${base}?sort=label&mentor_id=other${i}`, honest))
    await until(() => begun.includes('other0'), 60_000, 'a slot for the other')
    release()
    for (const { status } of await Promise.all(others)) expect(status).toBe(200)
    const statuses = (await Promise.all(many)).map(({ status }) => status)
    expect(statuses).toContain(503)
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(200))
  })

  test('one principal holds some of the slots for exports, and another still gets one', async () => {
    const csv = `${base}?format=csv`
    const fields = Object.entries(greedy).map(([name, value]) => `${name}: ${value}`)
    const readers = await Promise.all(
      Array.from({ length: exportsOfPrincipal }, async (_, i) => {
        const reader = await RawClient.connect(server.url)
        return reader.send(head(`GET ${csv}&mentor_id=greedy${i}`, ...fields))
      }),
    )
    await until(() => begun.length === exportsOfPrincipal, 60_000, 'the greedy exports')
    expect(problem(await get(`${csv}&mentor_id=greedy`, greedy))).toMatchObject({ status: 503, code: 'unavailable' })
    expect((await get(`${csv}&mentor_id=${mentor_id}`, honest)).status).toBe(200)
    release()
    for (const { socket } of readers) socket.destroy()
  })

  test('catch-ups of one connection delay no page of the feed of another principal', async () => {
    const start = JSON.parse((await get(feedPath, honest)).text).next as string
    await stored(server.store, { mentor_id })
    const isReported = async () => JSON.parse((await get(`${feedPath}?after=${start}`, honest)).text).data.length === 1
    await until(isReported, 60_000, 'the log')
    // The process holds recent commits in memory: a reset makes every cursor read the history.
    server.feed.reset(JSON.parse((await get(feedPath, honest)).text).next.split('.')[1])
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: greedy,
    })
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init' }))
    const query =
      'subscription ($after: String, $filter: FeedFilter) { feed(after: $after, filter: $filter) { __typename } }'
    for (let i = 0; i < 300; i++) {
      const variables = { after: start, filter: { mentorId: `greedy${i}` } }
      socket.send(JSON.stringify({ type: 'subscribe', id: `${i}`, payload: { query, variables } }))
    }
    await until(() => begun.length === readsOfPrincipal, 60_000, 'the greedy reads')
    const page = await get(`${feedPath}?after=${start}&mentor_id=${mentor_id}`, honest)
    expect(JSON.parse(page.text).data).toMatchObject([{ event: 'SessionStarted', mentor_id }])
    release()
    socket.close()
  })
})
