import { cachedSessions, cachedShares, SessionCache } from '../../src/sessions/session-cache'
import { Sessions } from '../../src/sessions/sessions'
import { inputsOf } from '../support/inputs'
import { intercepting } from '../support/intercepting'
import { calculation, quiet, sessionsOver, starting, stored } from '../support/sessions'
import { overStores, placed } from '../support/stores'

describe('the write-through cache', () => {
  let now = 0
  const emptyCache = () => new SessionCache(() => now)
  const sessionOf = (session_id: string) => starting({ session_id }).session

  test('returns a session once', () => {
    const cache = emptyCache()
    const session = sessionOf('a')
    cache.put(session)
    expect(cache.take('a')).toBe(session)
    expect(cache.take('a')).toBeUndefined()
  })

  test('drops a session after ten seconds', () => {
    const cache = emptyCache()
    cache.put(sessionOf('a'))
    cache.put(sessionOf('b'))
    now += 9_999
    expect(cache.take('a')).toBeDefined()
    now += 1
    expect(cache.take('b')).toBeUndefined()
  })

  test('has a bound: the session written longest ago is evicted', () => {
    const cache = emptyCache()
    for (let i = 0; i < cachedSessions; i++) cache.put(sessionOf(`${i}`))
    cache.put(sessionOf('0'))
    cache.put(sessionOf('one more'))
    expect(cache.take('1')).toBeUndefined()
    expect(cache.take('0')).toBeDefined()
    expect(cache.take('2')).toBeDefined()
    expect(cache.take('one more')).toBeDefined()
  })

  test('takes no session with more shares than its limit', () => {
    const cache = emptyCache()
    const share = { token: 't', result_id: 'r', expires_at: '', revoked: true }
    cache.put({ ...sessionOf('a'), shares: Array(cachedShares).fill(share) })
    cache.put({ ...sessionOf('b'), shares: Array(cachedShares + 1).fill(share) })
    expect(cache.take('a')).toBeDefined()
    expect(cache.take('b')).toBeUndefined()
  })

  test('is off for ten seconds after a lost race', () => {
    const cache = emptyCache()
    cache.put(sessionOf('a'))
    cache.distrust()
    expect(cache.take('a')).toBeUndefined()
    cache.put(sessionOf('b'))
    expect(cache.take('b')).toBeUndefined()
    now += 10_000
    cache.put(sessionOf('c'))
    expect(cache.take('c')).toBeDefined()
  })
})

overStores(kind => {
  const place = placed(kind.place)

  /** Returns the use cases, with counts of the store's reads and writes. */
  function counted() {
    const asked = { reads: 0, saves: 0 }
    const store = intercepting(place.store, {
      read(session_id) {
        asked.reads++
        return place.store.read(session_id)
      },
      save(...given) {
        asked.saves++
        return place.store.save(...given)
      },
    })
    return { sessions: sessionsOver(store), asked }
  }

  test('a session that this process wrote is not read for its next change', async () => {
    const { sessions, asked } = counted()
    const { session_id } = await stored(place.store)
    for (let i = 1; i <= 3; i++) await sessions.dispatch(session_id, calculation(i))
    await sessions.dispatch(session_id, { event: 'ShareRequested' })
    await sessions.dispatch(session_id, { event: 'ResetRequested' })
    expect(asked).toEqual({ reads: 1, saves: 5 })
    const { session } = await sessions.dispatch(session_id, calculation(4))
    expect(await place.store.read(session_id)).toEqual(session)
    expect(session.version).toBe(11)
  })

  describe('if another process has written since', () => {
    /** Returns a session that is cached at version 3, while another process has written version 4. */
    async function overtaken() {
      const { sessions, asked } = counted()
      const { session_id } = await stored(place.store)
      await sessions.dispatch(session_id, calculation(1))
      await sessionsOver(place.store).dispatch(session_id, { event: 'ResetRequested' })
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

    test('nothing is cached for a while', async () => {
      const { sessions, asked, session_id } = await overtaken()
      for (let i = 2; i <= 4; i++) await sessions.dispatch(session_id, calculation(i))
      expect(asked).toEqual({ reads: 3, saves: 4 })
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

    test('a change that is refused only on the cached session is made', async () => {
      const { session_id } = await overtaken()
      const again = counted()
      await again.sessions.dispatch(session_id, calculation(2))
      await again.sessions.dispatch(session_id, { event: 'ResetRequested' })
      await sessionsOver(place.store).dispatch(session_id, calculation(3))
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
      const first = await sessionsOver(place.store).dispatch(session_id, calculation(2), once)
      const again = await sessions.dispatch(session_id, calculation(2), once)
      expect(again).toEqual({
        session: expect.objectContaining({ version: 6 }),
        transitions: first.transitions,
        replayed: true,
      })
    })

    test('a closed session is not found', async () => {
      const { sessions, session_id } = await overtaken()
      await sessionsOver(place.store).close(session_id)
      await expect(sessions.dispatch(session_id, calculation(2))).rejects.toMatchObject({ code: 'session_not_found' })
    })
  })

  test('a refusal is based on the stored session', async () => {
    const { sessions, asked } = counted()
    const { session_id } = await stored(place.store)
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
    const { session_id } = await stored(place.store)
    let isLost = false
    let reads = 0
    const sessions = new Sessions(
      intercepting(place.store, {
        async save(...given) {
          const made = await place.store.save(...given)
          if (isLost) throw new Error('the answer was lost')
          return made
        },
        read(id) {
          reads++
          return place.store.read(id)
        },
      }),
      quiet,
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
    const { session_id } = await stored(place.store)
    await sessions.dispatch(session_id, calculation(1))
    await sessions.close(session_id)
    await expect(sessions.dispatch(session_id, calculation(2))).rejects.toMatchObject({ code: 'session_not_found' })
  })
})
