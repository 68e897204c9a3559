import { WebSocket } from 'ws'
import {
  type ApiError,
  type ClientOptions,
  isApiError,
  type SessionChange,
  type SessionsChange,
  SessionsClient,
} from '../../packages/client/src/index'
import { maxBufferedMessages } from '../../packages/client/src/messages'
import { Checker } from '../support/checker'
import { Instance } from '../support/instance'
import { seed } from '../support/load'
import { freePort } from '../support/port'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { until } from '../support/until'
import { Writers } from '../support/writers'

const waitMs = 20_000
const inputs = { sessions: 25, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }

const clientOf = (url: string, options: Partial<ClientOptions> = {}): SessionsClient =>
  new SessionsClient({ url, WebSocket, ...options })

/** Follows and applies the changes, and can be paused. Checks that every version arrives once and in order. */
class Reader {
  readonly changes: SessionsChange[] = []
  readonly held = new Map<string, { version: number; state: string }>()
  readonly ended: Promise<void>
  readonly #leaving = new AbortController()
  refusal: ApiError | undefined
  cursor = ''
  #let = Promise.resolve()

  constructor(client: SessionsClient, follow: Parameters<SessionsClient['followSessions']>[0] = {}) {
    this.ended = this.#read(client.followSessions({ ...follow, signal: this.#leaving.signal })).catch(error => {
      this.refusal = error
    })
  }

  async #read(changes: AsyncIterable<SessionsChange>): Promise<void> {
    for await (const change of changes) {
      await this.#let
      this.changes.push(change)
      this.#apply(change)
    }
  }

  #apply(change: SessionsChange): void {
    if ('cursor' in change) this.cursor = change.cursor
    if (change.kind === 'reset') this.held.clear()
    if (!('session' in change)) return
    const { id, version, state } = change.session
    const before = this.held.get(id)
    if (change.kind === 'snapshot') {
      if (before) throw new Error(`${id} is in the snapshot twice`)
    } else if (before && version !== before.version + 1) {
      throw new Error(`${id} went from ${before.version} to ${version}`)
    }
    if (change.kind === 'closed') this.held.delete(id)
    else this.held.set(id, { version, state })
  }

  /** The cursors of all changes. The first is the start. */
  get cursors(): string[] {
    return this.changes.flatMap(change => ('cursor' in change ? [change.cursor] : []))
  }

  /** Takes nothing until the promise settles. */
  waitFor(something: Promise<void>): void {
    this.#let = something
  }

  kinds(): string[] {
    return this.changes.map(({ kind }) => kind)
  }

  isSynced(): boolean {
    return this.kinds().lastIndexOf('synced') > this.kinds().lastIndexOf('reset')
  }

  table(): string[] {
    return [...this.held].map(([id, { version, state }]) => `${id} ${state} ${version}`).sort()
  }

  async leave(): Promise<void> {
    this.#leaving.abort()
    await this.ended
    if (this.refusal) throw this.refusal
  }
}

async function listed(client: SessionsClient): Promise<string[]> {
  const rows: string[] = []
  for (let after: string | null = null; ; ) {
    const page: Awaited<ReturnType<SessionsClient['sessions']>> = await client.sessions({ first: 100, after })
    rows.push(...page.nodes.map(({ id, state, version }) => `${id} ${state} ${version}`))
    if (!page.pageInfo.hasNextPage) return rows.sort()
    after = page.pageInfo.endCursor
  }
}

// test/examples runs the client's example over MongoDB in the same way.
test('the copy equals the store, each version once and in order, although the server is killed and stopped', async () => {
  const place = await embeddedDatabase()
  const env = { ...place.env, PORT: String(await freePort()) }
  let instance = await Instance.start(env)
  const { url } = instance
  const writers = new Writers(new Checker(), () => url, { count: 8, seed, pauseMs: 30 })
  const written = (count: number) => until(() => writers.times.length >= count, 30_000, `${count} writes`)
  try {
    await written(150)
    const client = clientOf(url)
    const readers = [new Reader(client), new Reader(clientOf(url))]
    await until(() => readers.every(reader => reader.isSynced()), waitMs, 'a whole list')
    const [early] = readers as [Reader, Reader]
    const [kept, cursor] = [new Map(early.held), early.cursor]
    await written(writers.times.length + 50)
    await instance.kill()
    instance = await Instance.start(env)
    await written(writers.times.length + 100)
    await instance.stop()
    instance = await Instance.start(env)
    await written(writers.times.length + 50)
    // A reader with an old copy resumes from there.
    const late = new Reader(client, {
      resume: { after: cursor, versionOf: id => kept.get(id)?.version },
    })
    for (const [id, session] of kept) late.held.set(id, session)
    readers.push(late)
    await writers.stop()
    const expected = (await listed(client)).join('\n')
    await until(
      () => readers.every(reader => reader.table().join('\n') === expected),
      waitMs,
      () => `the same: ${readers.map(({ held, refusal }) => `${held.size} ${refusal}`)}`,
    )
    expect(readers.map(reader => reader.kinds().filter(kind => kind === 'reset').length)).toEqual([1, 1, 0])
    for (const reader of readers) await reader.leave()
  } finally {
    await writers.stop()
    await instance.kill()
    await place.drop()
  }
}, 120_000)

describe('one server', () => {
  const server = serving(embeddedDatabase)

  test('only sessions that match the filter are followed, from start to close', async () => {
    const client = clientOf(server.url)
    const before = (await client.start({ mentorId: 'one' })).session
    const reader = new Reader(client, { filter: { mentorId: 'one' } })
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    const { session } = await client.start({ mentorId: 'one' })
    await client.start({ mentorId: 'another' })
    await client.calculate(session, inputs)
    await client.close(before)
    await until(() => reader.kinds().at(-1) === 'closed', waitMs, 'the last')
    expect(reader.kinds()).toEqual(['reset', 'snapshot', 'synced', 'changed', 'changed', 'changed', 'closed'])
    expect(reader.changes[0]).toEqual({ kind: 'reset', reason: 'START' })
    expect(reader.changes[3]).toMatchObject({ transition: { event: 'SESSION_STARTED' }, session: { id: session.id } })
    expect(reader.changes[5]).toMatchObject({ session: { result: { inputs, outputs: { netBenefit: 287.5 } } } })
    await reader.leave()
  })

  test('a stalled reader drops its subscription after a bounded number of messages, and gets the rest later', async () => {
    const subscribed: string[] = []
    let left = 0
    class Watched extends WebSocket {
      override send(data: string): void {
        if (data.includes('"subscribe"')) subscribed.push(JSON.parse(data).payload.variables.after)
        if (data.includes('"complete"')) left++
        super.send(data)
      }
    }
    const reader = new Reader(clientOf(server.url, { WebSocket: Watched }), { filter: { mentorId: 'many' } })
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    let go = (): void => {}
    reader.waitFor(
      new Promise(resolve => {
        go = resolve
      }),
    )
    const count = 3 * maxBufferedMessages
    await Promise.all(Array.from({ length: count }, () => server.sessions.start({ mentor_id: 'many' })))
    await until(() => left === 1, waitMs, 'that it leaves')
    go()
    await until(
      () => reader.held.size === count,
      waitMs,
      () => `all of them, not ${reader.held.size}`,
    )
    // While the reader handled the first change after `synced`, this many others arrived.
    expect(subscribed.slice(0, 2)).toEqual([undefined, reader.cursors[1 + maxBufferedMessages]])
    expect(reader.kinds().filter(kind => kind === 'reset')).toHaveLength(1)
    await reader.leave()
  }, 60_000)

  test('a list that changes while it is read is merged with the changes, without loss or outdated sessions', async () => {
    const client = clientOf(server.url)
    const filter = { mentorId: 'joined' }
    const started = await Promise.all(Array.from({ length: 120 }, () => client.start(filter)))
    const reader = new Reader(client, { filter })
    let isSynced = false
    const changing = started.map(async ({ session }, i) => {
      if (i % 3 === 0) await client.close(session)
      else await client.calculate(session, inputs)
      if (!isSynced && i % 5 === 0) await client.start(filter)
    })
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    isSynced = true
    await Promise.all(changing)
    const expected = (await listed(client)).join('\n')
    const others = (row: string): boolean => reader.held.has(row.split(' ')[0] ?? '')
    const ofThese = expected.split('\n').filter(others).join('\n')
    await until(() => reader.table().join('\n') === ofThese, waitMs, 'the same')
    expect(reader.held.size).toBe(await client.countSessions(filter))
    await reader.leave()
  })

  test('one session is followed until it is closed', async () => {
    const client = clientOf(server.url)
    const { session } = await client.start({ mentorId: 'm' })
    const changes: SessionChange[] = []
    const following = (async () => {
      for await (const change of client.followSession(session.id)) changes.push(change)
    })()
    await until(() => changes.length === 1, waitMs, 'it as it is')
    await client.calculate(session, inputs)
    // A session that is closed before the subscription begins is reported as closed only.
    await until(() => changes.at(-1)?.session.version === 3, waitMs, 'the result')
    await client.close({ id: session.id, version: null })
    await following
    expect(changes.map(({ kind }) => kind)).toEqual(['snapshot', 'changed', 'changed', 'closed'])
    expect(changes.map(({ session }) => session.version)).toEqual([1, 2, 3, 4])
  })

  test('a session closed during a disconnect is reported as closed, with its last known state', async () => {
    const relay = await Relay.before(server.url)
    const client = clientOf(server.url)
    const { session } = await client.start({ mentorId: 'm' })
    const changes: SessionChange[] = []
    const following = (async () => {
      for await (const change of clientOf(relay.url).followSession(session.id)) changes.push(change)
    })()
    await client.calculate(session, inputs)
    await until(() => changes.at(-1)?.session.version === 3, waitMs, 'the result')
    relay.cut()
    await client.close({ id: session.id, version: 3 })
    relay.mend()
    await following
    const { result } = changes.at(-2)?.session ?? {}
    expect(changes.at(-1)).toMatchObject({ kind: 'closed', transition: null, session: { state: 'CLOSED', result } })
    await relay.stop()
  })

  test('a session that does not exist is refused', async () => {
    const none = clientOf(server.url).followSession('session_none')
    await expect(none.next()).rejects.toMatchObject({ name: 'ApiError', code: 'SESSION_NOT_FOUND' })
  })

  test('a summary is sent when it changes, and a slow reader gets only the latest', async () => {
    const client = clientOf(server.url)
    const filter = { mentorId: 'summed' }
    const leaving = new AbortController()
    const summaries = client.followSummary({ filter, signal: leaving.signal })
    expect((await summaries.next()).value).toMatchObject({ summary: { sessions: 0 } })
    for (let count = 1; count <= 3; count++) await client.start(filter)
    for (let count = 0; count !== 3; ) count = (await summaries.next()).value?.summary.sessions ?? Number.NaN
    await client.start(filter)
    leaving.abort()
    await expect(summaries.next()).resolves.toEqual({ done: true, value: undefined })
  })

  test.each(['before it begins', 'while it waits', 'by leaving the loop'])(
    'leaving %s also closes the connection',
    async when => {
      let isLive: boolean | undefined
      let closed = 0
      class Watched extends WebSocket {
        constructor(...given: ConstructorParameters<typeof WebSocket>) {
          super(...given)
          this.on('close', () => closed++)
        }
      }
      const leaving = new AbortController()
      const onConnectionChange = (live: boolean): void => {
        isLive = live
      }
      const changes = clientOf(server.url, { WebSocket: Watched, onConnectionChange }).followSessions({
        filter: { mentorId: 'nobody' },
        signal: leaving.signal,
      })
      if (when === 'before it begins') {
        leaving.abort()
        expect(await changes.next()).toEqual({ done: true, value: undefined })
        expect(isLive).toBeUndefined()
        return
      }
      for await (const { kind } of changes) {
        if (kind !== 'synced') continue
        expect(isLive).toBe(true)
        if (when === 'by leaving the loop') break
        setImmediate(() => leaving.abort())
      }
      await until(() => closed === 1, waitMs, 'the end of the connection')
      // This close does not count as a loss.
      expect(isLive).toBe(true)
    },
  )

  test.each(['says nothing any more', 'takes connections and says nothing'])(
    'a server that %s is given up, and followed again once it answers',
    async how => {
      const relay = await Relay.before(server.url)
      const states: boolean[] = []
      const onConnectionChange = (isLive: boolean): void => void states.push(isLive)
      const reader = new Reader(clientOf(relay.url, { keepAliveMs: 500, onConnectionChange }), {
        filter: { mentorId: 'silent' },
      })
      await until(() => reader.isSynced(), waitMs, 'a whole list')
      relay.silence(true)
      if (how === 'takes connections and says nothing') relay.cut()
      relay.mend()
      await clientOf(server.url).start({ mentorId: 'silent' })
      await until(() => states.filter(isLive => !isLive).length > 2, waitMs, 'attempts that were given up')
      relay.silence(false)
      await until(() => reader.held.size === 1, waitMs, 'what was missed')
      await reader.leave()
      await relay.stop()
    },
  )
})

test('after a change to another log, everything is read again', async () => {
  const places = [await embeddedDatabase(), await embeddedDatabase()] as const
  const PORT = String(await freePort())
  let instance = await Instance.start({ ...places[0].env, PORT })
  const client = clientOf(instance.url)
  await client.start({ mentorId: 'of the first' })
  const reader = new Reader(client)
  await until(() => reader.isSynced(), waitMs, 'a whole list')
  await instance.kill()
  instance = await Instance.start({ ...places[1].env, PORT })
  const { session } = await client.start({ mentorId: 'of the second' })
  const isFound = (): boolean => reader.isSynced() && reader.table().join() === `${session.id} INITIAL 1`
  await until(isFound, waitMs, 'a whole list again')
  expect(reader.changes.filter(({ kind }) => kind === 'reset')).toEqual([
    { kind: 'reset', reason: 'START' },
    { kind: 'reset', reason: 'UNKNOWN' },
  ])
  await reader.leave()
  await instance.kill()
  for (const place of places) await place.drop()
}, 60_000)

describe('a server with sign-in', () => {
  const issuer = issuing()
  const server = serving(embeddedDatabase, { config: issuer.config })
  const good = (): string => issuer.token(people.admin)

  test('a new token replaces an ended one, and nothing is lost', async () => {
    const refused: string[] = []
    const brief = issuer.token({ ...people.admin, exp: Math.floor(Date.now() / 1_000) + 2 })
    let current = brief
    const token = (ended?: string): string => {
      if (ended !== undefined) {
        refused.push(ended)
        current = good()
      }
      return current
    }
    const reader = new Reader(clientOf(server.url, { token }))
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    await until(() => refused.length > 0, waitMs, 'the end of the token')
    const client = clientOf(server.url, { token: good })
    for (let i = 0; i < 3; i++) await client.start({ mentorId: 'm' })
    await until(() => reader.held.size === 3, waitMs, 'what was missed')
    expect(refused).toEqual([brief])
    expect(reader.kinds().filter(kind => kind === 'reset')).toHaveLength(1)
    await reader.leave()
  })

  test('an unreachable issuer is retried, and nothing is lost', async () => {
    let isAway = true
    const token = async (): Promise<string> => {
      if (isAway) throw new Error('away')
      return good()
    }
    const reader = new Reader(clientOf(server.url, { token }))
    setTimeout(() => {
      isAway = false
    }, 100)
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    await reader.leave()
  })

  test.each([
    ['no token', 'UNAUTHENTICATED', undefined],
    ['a token that is not good', 'UNAUTHENTICATED', (): string => 'not.a.token'],
    ['a token of nobody here', 'FORBIDDEN', (): string => issuer.token(people.nobody)],
  ] as const)('with %s it ends with %s', async (_, code, token) => {
    const client = clientOf(server.url, { token })
    const reader = new Reader(client)
    await reader.ended
    expect(isApiError(reader.refusal, code)).toBe(true)
    await expect(client.session('session_1')).rejects.toMatchObject({ name: 'ApiError', code })
  })
})
