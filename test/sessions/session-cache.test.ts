import fc from 'fast-check'
import type { Entry, Store } from '../../src/db/store'
import type { Inputs } from '../../src/domain/calculator'
import { commitOf } from '../../src/domain/commit'
import { DomainError } from '../../src/domain/errors'
import type { Change, Result, Session, Share, Transition } from '../../src/domain/session'
import { SessionCache, sessionBytes } from '../../src/sessions/session-cache'
import type { SessionCommands } from '../../src/sessions/session-commands'
import { inputsOf } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { type Server, startServer } from '../support/server'
import { calculation, changing, noon, sessionsOver, starting, stored } from '../support/sessions'
import { describeMongo, mongoDatabase, overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

describe('the write-through cache', () => {
  const sessionOf = (session_id: string) => starting({ session_id }).session
  const cacheOf = (...sessions: Session[]): SessionCache => {
    const cache = new SessionCache()
    for (const session of sessions) cache.put(session)
    return cache
  }
  const isCached = (cache: SessionCache) => (session_id: string) => cache.peek(session_id) !== undefined
  /** Returns the log entry of a session's change to a version. */
  const entryOf = (session: Session, version: number): Entry => {
    const changes = [{ transition: { ...(starting().changes[0] as Change).transition, sequence: version } }]
    return { before: '1', position: '2', commit: commitOf(session, changes) }
  }

  test('returns a session once', () => {
    const session = sessionOf('a')
    const cache = cacheOf(session)
    expect(cache.take('a')).toBe(session)
    expect(cache.take('a')).toBeUndefined()
  })

  test('has a bound in bytes: the session written longest ago is evicted first', () => {
    const bytesOfOne = cacheOf(sessionOf('100')).bytes
    const cache = new SessionCache(100 * bytesOfOne)
    for (let i = 100; i < 200; i++) cache.put(sessionOf(`${i}`))
    cache.put(sessionOf('100'))
    expect(cache.bytes).toBe(100 * bytesOfOne)
    cache.put(sessionOf('200'))
    expect(cache.bytes).toBeLessThanOrEqual(100 * bytesOfOne)
    expect(['100', '101', '150', '199', '200'].filter(isCached(cache))).toEqual(['100', '150', '199', '200'])
    for (let i = 0; i < 10_000; i++) {
      cache.put(sessionOf(`${i}`))
      if (i % 3 === 0) cache.take(`${i - 1}`)
      if (cache.bytes > 100 * bytesOfOne) throw new Error(`${cache.bytes} bytes after ${i}`)
    }
  })

  test('has room for forty thousand sessions with a result', () => {
    const { session } = changing(sessionOf('session_12345678'), calculation(1))
    expect(cacheOf(session).bytes).toBeLessThan(sessionBytes / 40_000)
  })

  test('counts result ids, share links, minutes and texts, so a large session takes the room of many', () => {
    const bytesOf = (session: Session): number => cacheOf(session).bytes
    const { session } = changing(sessionOf('a'), calculation(1))
    const [share, minute] = [
      { token: 't', result_id: 'r', expires_at: noon, revoked: true },
      { minute: '', count: 1 },
    ]
    const label = 'x'.repeat(120)
    const result_ids = Array(500).fill('calc_12345678')
    expect(bytesOf({ ...session, result_ids })).toBeGreaterThan(bytesOf(session) + 499 * 40)
    const [result, last_inputs] = [session.result as Result, session.last_inputs as Inputs]
    expect(bytesOf({ ...session, shares: Array(300).fill(share) })).toBeGreaterThan(bytesOf(session) + 300 * 183)
    expect(bytesOf({ ...session, calculations: Array(30).fill(minute) })).toBeGreaterThan(bytesOf(session) + 29 * 100)
    expect(bytesOf({ ...session, mentor_id: 'x'.repeat(200) })).toBeGreaterThan(bytesOf(session) + 200)
    expect(bytesOf({ ...session, last_inputs: { ...last_inputs, label } })).toBeGreaterThan(bytesOf(session) + 120)
    const labelled = { ...result, inputs: { ...result.inputs, label } }
    expect(bytesOf({ ...session, result: labelled })).toBeGreaterThan(bytesOf(session) + 120)
  })

  test("drops exactly the session of another process's commit", () => {
    const [a, b] = [sessionOf('a'), sessionOf('b')]
    const cache = cacheOf(a, b)
    cache.append(entryOf(a, 2))
    expect(['a', 'b'].filter(isCached(cache))).toEqual(['b'])
    cache.append(entryOf(a, 3))
    expect(cache.peek('b')).toBe(b)
  })

  test("retains a session when the log reports this process's own commits of it", () => {
    const session = { ...sessionOf('a'), version: 3 }
    const cache = cacheOf(session)
    for (const version of [1, 2, 3]) cache.append(entryOf(session, version))
    expect(cache.peek('a')).toBe(session)
  })

  test('is emptied by a gap in the log, and by an erasure', () => {
    for (const handle of ['reset', 'invalidate'] as const) {
      const cache = cacheOf(sessionOf('a'), sessionOf('b'))
      cache[handle]()
      expect(['a', 'b'].filter(isCached(cache))).toEqual([])
      expect(cache.bytes).toBe(0)
    }
  })
})

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  /** Returns the use cases, with counts of the store's reads and writes. */
  function counted() {
    const asked = { reads: 0, saves: 0 }
    const store = intercepting(database.store, {
      sessions: {
        read(session_id) {
          asked.reads++
          return database.store.sessions.read(session_id)
        },
        save(...given) {
          asked.saves++
          return database.store.sessions.save(...given)
        },
      },
    })
    return { sessions: sessionsOver(store), asked }
  }

  test('a session that this process wrote is not read for its next change', async () => {
    const { sessions, asked } = counted()
    const { session_id } = await stored(database.store)
    for (let i = 1; i <= 3; i++) await sessions.dispatch(session_id, calculation(i))
    await sessions.dispatch(session_id, { event: 'ShareRequested' })
    await sessions.dispatch(session_id, { event: 'ResetRequested' })
    expect(asked).toEqual({ reads: 1, saves: 5 })
    const { session } = await sessions.dispatch(session_id, calculation(4))
    expect(await database.store.sessions.read(session_id)).toEqual(session)
    expect(session.version).toBe(11)
  })

  describe('if another process has written since', () => {
    /** Returns a session that is cached at version 3, while another process has written version 4. */
    async function overtaken() {
      const { sessions, asked } = counted()
      const { session_id } = await stored(database.store)
      await sessions.dispatch(session_id, calculation(1))
      await sessionsOver(database.store).dispatch(session_id, { event: 'ResetRequested' })
      asked.reads = 0
      asked.saves = 0
      return { sessions, asked, session_id }
    }

    test('a change is decided on the stored session', async () => {
      const { sessions, asked, session_id } = await overtaken()
      const { transitions } = await sessions.dispatch(session_id, calculation(2))
      expect(transitions).toMatchObject([{ from: 'initial', sequence: 5 }, { sequence: 6 }])
      expect(asked).toEqual({ reads: 1, saves: 2 })
    })

    test('the lost write drops exactly this session', async () => {
      const { sessions, asked, session_id } = await overtaken()
      const other = await stored(database.store)
      await sessions.dispatch(other.session_id, calculation(1))
      Object.assign(asked, { reads: 0, saves: 0 })
      await sessions.dispatch(session_id, calculation(2))
      expect(asked).toEqual({ reads: 1, saves: 2 })
      for (let i = 3; i <= 4; i++) {
        for (const id of [session_id, other.session_id]) await sessions.dispatch(id, calculation(i))
      }
      expect(asked).toEqual({ reads: 1, saves: 6 })
    })

    test('a change that is a no-op only on the cached session is made', async () => {
      const { sessions, session_id } = await overtaken()
      const { transitions } = await sessions.dispatch(session_id, calculation(1))
      expect(transitions).toHaveLength(2)
    })

    test('a change that is legal only on the cached session is refused', async () => {
      const { sessions, session_id } = await overtaken()
      await expect(sessions.dispatch(session_id, { event: 'ShareRequested' })).rejects.toMatchObject({
        code: 'event_refused',
        facts: { current_state: 'initial' },
      })
    })

    test('a share link is renewed and revoked as it is stored', async () => {
      const { sessions } = counted()
      const other = sessionsOver(database.store)
      const { session_id } = await stored(database.store, {}, [calculation(1)])
      const shareFor = (expires_in_days: number) => ({ event: 'ShareRequested', payload: { expires_in_days } })
      await sessions.dispatch(session_id, shareFor(7))
      await other.dispatch(session_id, shareFor(90))
      expect((await sessions.dispatch(session_id, shareFor(90))).transitions).toEqual([])
      await other.dispatch(session_id, { event: 'ShareRevokeRequested' })
      await other.dispatch(session_id, shareFor(8))
      const { shares } = (await database.store.sessions.read(session_id)) as Session
      const [old, latest] = shares as [Share, Share]
      await expect(sessions.revokeShare(session_id, old.token)).rejects.toMatchObject({ code: 'share_gone' })
      expect((await sessions.revokeShare(session_id, latest.token)).transitions).toMatchObject([
        { event: 'ShareRevokeRequested' },
      ])
      expect(await database.store.sessions.shares(session_id)).toEqual([])
    })

    test('a change that is refused only on the cached session is made', async () => {
      const { session_id } = await overtaken()
      const again = counted()
      await again.sessions.dispatch(session_id, calculation(2))
      await again.sessions.dispatch(session_id, { event: 'ResetRequested' })
      await sessionsOver(database.store).dispatch(session_id, calculation(3))
      const { transitions } = await again.sessions.dispatch(session_id, { event: 'ShareRequested' })
      expect(transitions).toMatchObject([{ event: 'ShareRequested', sequence: 10 }])
      expect(again.asked).toEqual({ reads: 2, saves: 3 })
    })

    test('an expected version is compared with the stored one', async () => {
      const former = await overtaken()
      await expect(
        former.sessions.dispatch(former.session_id, calculation(2), { expected_versions: [3] }),
      ).rejects.toMatchObject({ code: 'version_mismatch', facts: { current_version: 4 } })
      const current = await overtaken()
      const stated = { expected_versions: [4] }
      const { session } = await current.sessions.dispatch(current.session_id, calculation(2), stated)
      expect(session.version).toBe(6)
    })

    test('a request that the other process served under the same key is replayed', async () => {
      const { sessions, session_id } = await overtaken()
      const once = { idempotency_key: 'once' }
      const first = await sessionsOver(database.store).dispatch(session_id, calculation(2), once)
      const again = await sessions.dispatch(session_id, calculation(2), once)
      expect(again).toEqual({
        session: expect.objectContaining({ version: 6 }),
        transitions: first.transitions,
        replayed: true,
      })
    })

    test('a closed session is not found', async () => {
      const { sessions, session_id } = await overtaken()
      await sessionsOver(database.store).close(session_id)
      await expect(sessions.dispatch(session_id, calculation(2))).rejects.toMatchObject({ code: 'session_not_found' })
    })
  })

  test('a refusal is based on the stored session', async () => {
    const { sessions, asked } = counted()
    const { session_id } = await stored(database.store)
    await sessions.dispatch(session_id, calculation(1))
    await expect(sessions.dispatch(session_id, { event: 'RetryRequested' })).rejects.toMatchObject({
      code: 'event_refused',
    })
    await expect(sessions.dispatch(session_id, { event: 'Nothing' })).rejects.toMatchObject({
      code: 'validation_failed',
    })
    expect(await sessions.dispatch(session_id, calculation(1))).toMatchObject({ transitions: [] })
    expect(asked.reads).toBeGreaterThanOrEqual(3)
  })

  test('after a write without a response the session is read', async () => {
    const { session_id } = await stored(database.store)
    let isLost = false
    let reads = 0
    const sessions = sessionsOver(
      intercepting(database.store, {
        sessions: {
          async save(...given) {
            const made = await database.store.sessions.save(...given)
            if (isLost) throw new Error('the answer was lost')
            return made
          },
          read(id) {
            reads++
            return database.store.sessions.read(id)
          },
        },
      }),
    )
    await sessions.dispatch(session_id, calculation(1))
    isLost = true
    await expect(sessions.dispatch(session_id, calculation(2))).rejects.toThrow('lost')
    isLost = false
    reads = 0
    const { session } = await sessions.dispatch(session_id, calculation(3))
    expect(session).toMatchObject({ version: 7, last_inputs: inputsOf(3) })
    expect(reads).toBe(1)
  })

  test('a session that this process closed is not found', async () => {
    const { sessions } = counted()
    const { session_id } = await stored(database.store)
    await sessions.dispatch(session_id, calculation(1))
    await sessions.close(session_id)
    await expect(sessions.dispatch(session_id, calculation(2))).rejects.toMatchObject({ code: 'session_not_found' })
  })
})

describeMongo('two servers on one database', () => {
  const database = suiteDatabase(mongoDatabase)
  const servers: Server[] = []
  let saves = 0

  /** Returns the use cases of a server, which follow the log. */
  async function process(): Promise<SessionCommands> {
    const counting = (store: Store): Store =>
      intercepting(store, {
        sessions: {
          save(...given) {
            saves++
            return store.sessions.save(...given)
          },
        },
      })
    const server = await startServer(database, { store: counting })
    servers.push(server)
    return server.sessions
  }

  afterAll(() => Promise.all(servers.map(server => server.stop())))

  test('that write a session in turn lose no write to what they have cached', async () => {
    const [one, other] = await Promise.all([process(), process()])
    const { session_id } = await stored(database.store)
    const untouched = await stored(database.store)
    await one.dispatch(untouched.session_id, calculation(1))
    saves = 0
    for (let i = 1; i <= 10; i++) {
      const [writer, reader] = i % 2 ? [one, other] : [other, one]
      await writer.dispatch(session_id, calculation(i))
      await until(() => reader.cache.peek(session_id) === undefined, 10_000, 'the commit of the other server')
      expect(writer.cache.peek(session_id)).toMatchObject({ version: 1 + 2 * i })
    }
    expect(saves).toBe(10)
    expect(one.cache.peek(untouched.session_id)).toMatchObject({ version: 3 })
  })

  test('make every change once, in versions without holes, whatever they write at the same time', async () => {
    const processes = await Promise.all([process(), process()])
    const bodies = [
      calculation(1),
      calculation(2),
      { event: 'ShareRequested' },
      { event: 'ShareRevokeRequested' },
      { event: 'ResetRequested' },
    ]
    const anyWrite = fc.record({ writer: fc.nat(1), target: fc.nat(2), body: fc.constantFrom(...bodies) })
    const anyRounds = fc.array(fc.array(anyWrite, { maxLength: 6 }), { minLength: 1, maxLength: 8 })
    const property = fc.asyncProperty(anyRounds, async rounds => {
      const targets = await Promise.all([1, 2, 3].map(() => stored(database.store)))
      const answered = new Map<string, Transition[]>(targets.map(({ session_id }) => [session_id, []]))
      for (const round of rounds) {
        const writes = round.map(async ({ writer, target, body }) => {
          const { session_id } = targets[target] as Session
          try {
            const outcome = await (processes[writer] as SessionCommands).dispatch(session_id, body)
            answered.get(session_id)?.push(...outcome.transitions)
          } catch (error) {
            // A write may be illegal in its state, and one that lost five races gives up.
            if (!(error instanceof DomainError && /^(event_refused|unavailable)$/.test(error.code))) throw error
          }
        })
        await Promise.all(writes)
      }
      for (const { session_id } of targets)
        await expectExactly(database.store, session_id, answered.get(session_id) ?? [])
    })
    await fc.assert(property, { numRuns: 25 })
  })

  /** Expects a session's history to be its start and the answered transitions, each once. */
  async function expectExactly(store: Store, session_id: string, answered: Transition[]): Promise<void> {
    const read = (await store.sessions.transitions(session_id, 0, 1_000)) ?? []
    // A write does not answer with the owners.
    const transitions = read.map(({ owners: _, ...transition }) => transition)
    expect(transitions.map(({ sequence }) => sequence)).toEqual(transitions.map((_, i) => i + 1))
    expect(answered.toSorted((a, b) => a.sequence - b.sequence)).toEqual(transitions.slice(1))
    // Each transition leaves the state that the one before led to, so none was decided on an outdated session.
    expect(transitions.slice(1).map(({ from }) => from)).toEqual(transitions.slice(0, -1).map(({ to }) => to))
    const results = transitions.filter(({ to, from }) => from === 'loading' && to === 'loaded')
    expect((await store.sessions.results(session_id)).map(({ result_id }) => result_id)).toEqual(
      results.map(({ result_id }) => result_id).reverse(),
    )
  }
})
