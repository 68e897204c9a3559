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
import { clientInputs as inputs } from '../support/inputs'
import { Instance } from '../support/instance'
import { seed } from '../support/load'
import { freePort } from '../support/port'
import { Relay } from '../support/relay'
import { serving } from '../support/server'
import { keyFile, madeKey } from '../support/service-keys'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'
import { until, within } from '../support/until'
import { Writers } from '../support/writers'

const waitMs = 20_000

const clientOf = (url: string, options: Partial<ClientOptions> = {}): SessionsClient =>
  new SessionsClient({ url, webSocketImpl: WebSocket, ...options })

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
    if (change.type === 'reset') this.held.clear()
    if (!('session' in change)) return
    const { id, version, state } = change.session
    const before = this.held.get(id)
    if (change.type === 'snapshot') {
      if (before) throw new Error(`${id} is in the snapshot twice`)
    } else if (before && version !== before.version + 1) {
      throw new Error(`${id} went from ${before.version} to ${version}`)
    }
    if (change.type === 'closed') this.held.delete(id)
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

  types(): string[] {
    return this.changes.map(({ type }) => type)
  }

  isSynced(): boolean {
    return this.types().lastIndexOf('synced') > this.types().lastIndexOf('reset')
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
    const page: Awaited<ReturnType<SessionsClient['listSessions']>> = await client.listSessions({ first: 100, after })
    rows.push(...page.nodes.map(({ id, state, version }) => `${id} ${state} ${version}`))
    if (!page.pageInfo.hasNextPage) return rows.sort()
    after = page.pageInfo.endCursor
  }
}

// test/examples runs the client's example over MongoDB in the same way.
test('the copy equals the store, each version once and in order, although the server is killed and stopped', async () => {
  const database = await embeddedDatabase()
  const env = { ...database.env, PORT: String(await freePort()) }
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
    expect(readers.map(reader => reader.types().filter(type => type === 'reset').length)).toEqual([1, 1, 0])
    for (const reader of readers) await reader.leave()
  } finally {
    await writers.stop()
    await instance.kill()
    await database.drop()
  }
}, 120_000)

describe('one server', () => {
  const server = serving(embeddedDatabase)

  test('only sessions that match the filter are followed, from start to close', async () => {
    const client = clientOf(server.url)
    const before = (await client.startSession({ mentorId: 'one' })).session
    const reader = new Reader(client, { filter: { mentorId: 'one' } })
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    const { session } = await client.startSession({ mentorId: 'one' })
    await client.startSession({ mentorId: 'another' })
    await client.calculate(session, inputs)
    await client.closeSession(before)
    await until(() => reader.types().at(-1) === 'closed', waitMs, 'the last')
    expect(reader.types()).toEqual(['reset', 'snapshot', 'synced', 'changed', 'changed', 'changed', 'closed'])
    expect(reader.changes[0]).toEqual({ type: 'reset', reason: 'START' })
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
    const reader = new Reader(clientOf(server.url, { webSocketImpl: Watched }), { filter: { mentorId: 'many' } })
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
    expect(reader.types().filter(type => type === 'reset')).toHaveLength(1)
    await reader.leave()
  }, 60_000)

  test('a list that changes while it is read is merged with the changes, without loss or outdated sessions', async () => {
    const client = clientOf(server.url)
    const filter = { mentorId: 'joined' }
    const started = await Promise.all(Array.from({ length: 120 }, () => client.startSession(filter)))
    const reader = new Reader(client, { filter })
    let isSynced = false
    const changing = started.map(async ({ session }, i) => {
      if (i % 3 === 0) await client.closeSession(session)
      else await client.calculate(session, inputs)
      if (!isSynced && i % 5 === 0) await client.startSession(filter)
    })
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    isSynced = true
    await Promise.all(changing)
    const expected = (await listed(client)).join('\n')
    const others = (row: string): boolean => reader.held.has(row.split(' ')[0] ?? '')
    const ofThese = expected.split('\n').filter(others).join('\n')
    await until(() => reader.table().join('\n') === ofThese, waitMs, 'the same')
    expect(reader.held.size).toBe(await client.countSessions({ filter }))
    await reader.leave()
  })

  test('one session is followed until it is closed', async () => {
    const client = clientOf(server.url)
    const { session } = await client.startSession({ mentorId: 'm' })
    const changes: SessionChange[] = []
    const following = (async () => {
      for await (const change of client.followSession(session.id)) changes.push(change)
    })()
    await until(() => changes.length === 1, waitMs, 'it as it is')
    await client.calculate(session, inputs)
    // A session that is closed before the subscription begins is reported as closed only.
    await until(() => changes.at(-1)?.session.version === 3, waitMs, 'the result')
    await client.closeSession({ id: session.id, version: null })
    await following
    expect(changes.map(({ type }) => type)).toEqual(['snapshot', 'changed', 'changed', 'closed'])
    expect(changes.map(({ session }) => session.version)).toEqual([1, 2, 3, 4])
  })

  test('a session closed during a disconnect is reported as closed, with its last known state', async () => {
    const relay = await Relay.before(server.url)
    const client = clientOf(server.url)
    const { session } = await client.startSession({ mentorId: 'm' })
    const changes: SessionChange[] = []
    const following = (async () => {
      for await (const change of clientOf(relay.url).followSession(session.id)) changes.push(change)
    })()
    await client.calculate(session, inputs)
    await until(() => changes.at(-1)?.session.version === 3, waitMs, 'the result')
    relay.cut()
    await client.closeSession({ id: session.id, version: 3 })
    relay.mend()
    await following
    const { result } = changes.at(-2)?.session ?? {}
    expect(changes.at(-1)).toMatchObject({ type: 'closed', transition: null, session: { state: 'CLOSED', result } })
    await relay.stop()
  })

  test('a session that does not exist is refused', async () => {
    const none = clientOf(server.url).followSession('session_none')
    await expect(none.next()).rejects.toMatchObject({ name: 'ApiError', code: 'SESSION_NOT_FOUND' })
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
      const client = clientOf(server.url, { webSocketImpl: Watched })
      client.onConnectionChange(isConnected => {
        isLive = isConnected
      })
      const changes = client.followSessions({
        filter: { mentorId: 'nobody' },
        signal: leaving.signal,
      })
      if (when === 'before it begins') {
        leaving.abort()
        expect(await changes.next()).toEqual({ done: true, value: undefined })
        expect(isLive).toBeUndefined()
        return
      }
      for await (const { type } of changes) {
        if (type !== 'synced') continue
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
      let closed = 0
      class Watched extends WebSocket {
        override close(...given: Parameters<WebSocket['close']>): void {
          closed++
          super.close(...given)
        }
      }
      const impatient = clientOf(relay.url, { keepAliveMs: 500, webSocketImpl: Watched })
      const states: boolean[] = []
      impatient.onConnectionChange(isConnected => states.push(isConnected))
      const reader = new Reader(impatient, { filter: { mentorId: how } })
      await until(() => reader.isSynced(), waitMs, 'a whole list')
      relay.silence(true)
      if (how === 'takes connections and says nothing') relay.cut()
      relay.mend()
      await clientOf(server.url).startSession({ mentorId: how })
      await until(() => closed > 2, waitMs, 'attempts that were given up')
      relay.silence(false)
      await until(() => reader.held.size === 1, waitMs, 'what was missed')
      expect(states).toEqual([true, false, true])
      await reader.leave()
      await relay.stop()
    },
  )
})

test('after a change to another log, everything is read again', async () => {
  const databases = [await embeddedDatabase(), await embeddedDatabase()] as const
  const PORT = String(await freePort())
  let instance = await Instance.start({ ...databases[0].env, PORT })
  const client = clientOf(instance.url)
  await client.startSession({ mentorId: 'of the first' })
  const reader = new Reader(client)
  await until(() => reader.isSynced(), waitMs, 'a whole list')
  await instance.kill()
  instance = await Instance.start({ ...databases[1].env, PORT })
  const { session } = await client.startSession({ mentorId: 'of the second' })
  const isFound = (): boolean => reader.isSynced() && reader.table().join() === `${session.id} INITIAL 1`
  await until(isFound, waitMs, 'a whole list again')
  expect(reader.changes.filter(({ type }) => type === 'reset')).toEqual([
    { type: 'reset', reason: 'START' },
    { type: 'reset', reason: 'UNKNOWN' },
  ])
  await reader.leave()
  await instance.kill()
  for (const database of databases) await database.drop()
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
    for (let i = 0; i < 3; i++) await client.startSession({ mentorId: 'm' })
    await until(() => reader.held.size === 3, waitMs, 'what was missed')
    expect(refused).toEqual([brief])
    expect(reader.types().filter(type => type === 'reset')).toHaveLength(1)
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
    await expect(client.getSession('session_1')).rejects.toMatchObject({ name: 'ApiError', code })
  })
})

describe('a server with service keys', () => {
  const admin = madeKey({ name: 'admin', role: 'admin', organisation_id: null })
  const changing = madeKey({ name: 'changing', role: 'reader', organisation_id: 'org_1' })
  const file = keyFile(admin, changing)
  const server = serving(embeddedDatabase, { config: file.config })
  const follow = (): Reader => new Reader(clientOf(server.url, { token: changing.key }))

  /** Waits until the server accepts the changing key, or no longer does. */
  async function untilAccepted(expected: boolean): Promise<void> {
    const client = clientOf(server.url, { token: changing.key })
    const isAccepted = async (): Promise<boolean> => {
      const response = await client.countSessions().catch((error: unknown) => error)
      return !isApiError(response, 'UNAUTHENTICATED')
    }
    await until(async () => (await isAccepted()) === expected, waitMs, `the key: ${expected}`)
  }

  test('a key whose rights change is followed on, with a new copy of what it may see', async () => {
    const client = clientOf(server.url, { token: admin.key })
    const start = async (organisationId: string): Promise<string> =>
      (await client.startSession({ mentorId: 'm', organisationId })).session.id
    const [first, second] = [await start('org_1'), await start('org_2')]
    const reader = follow()
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    expect([...reader.held.keys()]).toEqual([first])

    file.write(admin, { entry: { ...changing.entry, organisation_id: 'org_2' } })
    await until(() => reader.held.has(second), waitMs, 'the sessions of the other organisation')
    expect([...reader.held.keys()]).toEqual([second])
    expect(reader.changes.filter(({ type }) => type === 'reset')).toEqual([
      { type: 'reset', reason: 'START' },
      { type: 'reset', reason: 'ACCESS_CHANGED' },
    ])
    const third = await start('org_2')
    await until(() => reader.held.has(third), waitMs, 'a change')
    await reader.leave()
  })

  test('a key that is removed while the connection is lost is replaced', async () => {
    const other = madeKey({ name: 'other', role: 'admin', organisation_id: null })
    file.write(admin, changing, other)
    await untilAccepted(true)
    const relay = await Relay.before(server.url)
    const token = (refused?: string): string => (refused === undefined ? changing.key : other.key)
    const reader = new Reader(clientOf(relay.url, { token }))
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    relay.cut()
    file.write(admin, other)
    await untilAccepted(false)
    const { session } = await clientOf(server.url, { token: other.key }).startSession({ mentorId: 'm' })
    relay.mend()
    await until(() => reader.held.has(session.id), waitMs, 'what was missed')
    await reader.leave()
    await relay.stop()
  })

  test('all that a client follows asks once for another key', async () => {
    const other = madeKey({ name: 'other', role: 'admin', organisation_id: null })
    file.write(admin, changing, other)
    await untilAccepted(true)
    const refused: string[] = []
    let current = changing.key
    // As with an issuer, the other key is there only after a while.
    const token = async (key?: string): Promise<string> => {
      if (key !== undefined) {
        refused.push(key)
        await new Promise(resolve => setTimeout(resolve, 100))
        current = other.key
      }
      return current
    }
    const client = clientOf(server.url, { token })
    const readers = [new Reader(client), new Reader(client), new Reader(client)]
    await until(() => readers.every(reader => reader.isSynced()), waitMs, 'whole lists')
    file.write(admin, other)
    await until(() => refused.length > 0, waitMs, 'the end of the key')
    const { session } = await clientOf(server.url, { token: other.key }).startSession({ mentorId: 'm' })
    await until(() => readers.every(reader => reader.held.has(session.id)), waitMs, 'a change')
    expect(refused).toEqual([changing.key])
    for (const reader of readers) await reader.leave()
  })

  test('following with a key that is removed ends with UNAUTHENTICATED', async () => {
    file.write(admin, changing)
    await untilAccepted(true)
    const reader = follow()
    await until(() => reader.isSynced(), waitMs, 'a whole list')
    file.write(admin)
    await within(waitMs, 'the end', reader.ended)
    expect(isApiError(reader.refusal, 'UNAUTHENTICATED')).toBe(true)
  })
})
