import type { Write } from '../../src/db/store'
import { type Change, type Command, type Share, withoutHistory } from '../../src/domain/session'
import { calculation, changing, closing, noon, revoking, secondsAfter, starting, stored } from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'

const oddStrings = [
  'Zoë ☕ 𝒳 漢字',
  `quotes ' " \` ; -- \\ %`,
  'a\u0000b',
  'a',
  '$where',
  '$$ROOT',
  'dots.in.it..',
  '__proto__',
  ' spaces\tand\nlines ',
  'é',
  'e\u0301',
  'x'.repeat(200),
]

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  test('a saved session is read exactly as it was written', async () => {
    const { store } = database
    const shared = await stored(store, { organisation_id: 'o' }, [
      calculation(1),
      { event: 'ShareRequested' },
      { event: 'ShareRevokeRequested' },
      { event: 'ShareRequested' },
      calculation(2),
      { event: 'ShareRequested' },
    ])
    expect(shared.shares).toHaveLength(3)
    expect(await store.sessions.read(shared.session_id)).toEqual(shared)

    const reset = changing(shared, 'ResetRequested', secondsAfter(noon, 60))
    expect(await store.sessions.save(reset, shared.version)).toBe(true)
    expect(await store.sessions.read(shared.session_id)).toEqual(reset.session)
  })

  test('a snapshot of a session is the session without its history', async () => {
    const { store } = database
    const session = await stored(store, { organisation_id: 'o' }, [calculation(1), { event: 'ShareRequested' }])
    expect(await store.sessions.snapshot(session.session_id)).toEqual(withoutHistory(session))
    expect(await store.sessions.close(closing(session), session.version)).toBe(true)
    expect(await store.sessions.snapshot(session.session_id)).toBeNull()
  })

  test('a missing session is read as null, without transitions or results', async () => {
    expect(await database.store.sessions.read('nobody')).toBeNull()
    expect(await database.store.sessions.snapshot('nobody')).toBeNull()
    expect(await database.store.sessions.transitions('nobody', 0, 10)).toBeNull()
    expect(await database.store.sessions.results('nobody')).toEqual([])
  })

  test('concurrent reads each get the session with their own id', async () => {
    const { store } = database
    const [a, b] = [await stored(store), await stored(store, {}, [calculation(1)])]
    expect(
      await Promise.all([a.session_id, 'nobody', b.session_id, a.session_id].map(id => store.sessions.read(id))),
    ).toEqual([a, null, b, a])
  })

  test.each(oddStrings)('the id %j works like any other string', async odd => {
    const { store } = database
    const session = await stored(store, { session_id: odd, mentor_id: odd, organisation_id: odd }, [calculation(1)])
    expect(await store.sessions.read(odd)).toEqual(session)
    expect(await store.lists.list({ mentor_id: odd, organisation_id: odd }, { limit: 9, offset: 0 })).toMatchObject([
      { session_id: odd, mentor_id: odd, organisation_id: odd },
    ])
    expect(await store.lists.count({ mentor_id: odd })).toBe(1)
  })

  test('adding a session under a taken id changes nothing', async () => {
    const session = await stored(database.store, {}, [calculation(1)])
    expect(await database.store.sessions.add(starting({ session_id: session.session_id, mentor_id: 'another' }))).toBe(
      false,
    )
    expect(await database.store.sessions.read(session.session_id)).toEqual(session)
  })

  test('a write based on a version that is not the stored one changes nothing', async () => {
    const { store } = database
    const session = await stored(store, {}, [calculation(1)])
    const write = changing(session, calculation(2))
    for (const version of [session.version - 1, session.version + 1]) {
      expect(await store.sessions.save(write, version)).toBe(false)
      expect(await store.sessions.close(closing(session), version)).toBe(false)
    }
    expect(await store.sessions.read(session.session_id)).toEqual(session)
    expect(await store.sessions.results(session.session_id)).toHaveLength(1)
    expect(await store.sessions.transitions(session.session_id, 0, 100)).toHaveLength(session.version)
  })

  test('a write to a missing session changes nothing', async () => {
    const { session } = starting()
    expect(await database.store.sessions.save(changing(session, calculation(1)), session.version)).toBe(false)
    expect(await database.store.sessions.close(closing(session), session.version)).toBe(false)
    expect(await database.store.sessions.read(session.session_id)).toBeNull()
  })

  test('of several writes based on one version, one is saved', async () => {
    const { store } = database
    const session = await stored(store)
    const writes = Array.from({ length: 20 }, (_, i) => changing(session, calculation(i)))
    const saved = await Promise.all(writes.map(write => store.sessions.save(write, session.version)))
    expect(saved.filter(Boolean)).toHaveLength(1)
    expect(await store.sessions.read(session.session_id)).toEqual(writes[saved.indexOf(true)]?.session)
  })

  test('transitions are returned in order, after a sequence and up to a limit', async () => {
    const { store } = database
    const { session_id } = await stored(store, {}, [calculation(1), calculation(2), calculation(3)])
    const sequences = async (after: number, limit: number) =>
      (await store.sessions.transitions(session_id, after, limit))?.map(transition => transition.sequence)
    expect(await sequences(0, 100)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await sequences(0, 2)).toEqual([1, 2])
    expect(await sequences(2, 3)).toEqual([3, 4, 5])
    expect(await sequences(6, 100)).toEqual([7])
    expect(await sequences(7, 100)).toEqual([])
    expect(await sequences(900, 100)).toEqual([])
  })

  test('results are returned newest first, even within one second', async () => {
    const { store } = database
    const { session_id, result } = await stored(store, {}, [1, 2, 3, 4, 5].map(calculation))
    const results = await store.sessions.results(session_id)
    expect(results.map(({ inputs }) => inputs.sessions)).toEqual([5, 4, 3, 2, 1])
    expect(results[0]).toEqual(result)
  })

  test('a result, current or earlier, is found by its id in its own session only', async () => {
    const { store } = database
    const commands = [calculation(1), { event: 'ResetRequested' as const }, calculation(2), calculation(3)]
    const [a, b] = [await stored(store, {}, commands), await stored(store, {}, commands)]
    const results = await store.sessions.results(a.session_id)
    expect(results).toHaveLength(3)
    const asked = results.map(({ result_id }) => store.sessions.result(a.session_id, result_id))
    expect(await Promise.all(asked)).toEqual(results)
    const others = ['none', '', '$result_id', '$$ROOT', b.result_id ?? '']
    for (const id of others) expect(await store.sessions.result(a.session_id, id)).toBeNull()
    expect(await store.sessions.result('nobody', a.result_id ?? '')).toBeNull()
    await store.sessions.close(closing(a), a.version)
    expect(await store.sessions.result(a.session_id, a.result_id ?? '')).toBeNull()
  })

  test('a share token finds the share, its result, and whether a newer result exists', async () => {
    const { store } = database
    const first = await stored(store, {}, [calculation(1), { event: 'ShareRequested' }])
    const [share] = first.shares
    const [result] = await store.sessions.results(first.session_id)
    const token = share?.token ?? ''
    const { organisation_id } = first
    expect(await store.sessions.shared(token)).toEqual({ share, result, organisation_id, superseded: false })
    expect(await store.sessions.shared('never issued')).toBeNull()

    const second = changing(first, calculation(2))
    await store.sessions.save(second, first.version)
    expect(await store.sessions.shared(token)).toEqual({ share, result, organisation_id, superseded: true })
    await store.sessions.save(changing(second.session, 'ShareRevokeRequested'), second.session.version)
    expect(await store.sessions.shared(token)).toEqual({
      share: { ...share, revoked: true },
      result,
      organisation_id,
      superseded: true,
    })
  })

  test('a share link is stored with its days, and a new expiry or its revocation replaces it where it is', async () => {
    const { store } = database
    const shareFor = (expires_in_days: number) =>
      ({ event: 'ShareRequested', payload: { expires_in_days } }) as const satisfies Command
    let session = await stored(store, {}, [calculation(1), shareFor(7), calculation(2), shareFor(8)])
    const [first, second] = session.shares as [Share, Share]
    expect([first.days, second.days]).toEqual([7, 8])
    const save = async (write: Write): Promise<void> => {
      expect(await store.sessions.save(write, session.version)).toBe(true)
      session = write.session
      expect(await store.sessions.read(session.session_id)).toStrictEqual(session)
    }
    await save(changing(session, shareFor(365)))
    await save(changing(session, { event: 'ShareRequested', payload: { show_organisation: true } }))
    const renewed = { ...second, days: 365, show_organisation: true, expires_at: '2027-03-26T12:00:00.000Z' }
    expect(await store.sessions.shares(session.session_id)).toStrictEqual([first, renewed])
    expect(await store.sessions.latestShare(session.session_id)).toStrictEqual(renewed)
    expect((await store.sessions.shared(second.token))?.share).toStrictEqual(renewed)
    await save(revoking(session, first.token))
    expect(await store.sessions.shares(session.session_id)).toStrictEqual([renewed])
    expect((await store.sessions.shared(first.token))?.share).toStrictEqual({ ...first, revoked: true })
    await save(revoking(session, second.token))
    expect(await store.sessions.shares(session.session_id)).toEqual([])
    expect(await store.sessions.latestShare(session.session_id)).toStrictEqual({ ...renewed, revoked: true })
  })

  test('one write can create, renew and revoke share links', async () => {
    const { store } = database
    const first = await stored(store, {}, [calculation(1), { event: 'ShareRequested' }])
    const changes: Change[] = []
    let session = first
    const longer = { event: 'ShareRequested', payload: { expires_in_days: 90 } } as const
    for (const command of [longer, 'ShareRevokeRequested', 'ShareRequested', longer] as const) {
      const write = changing(session, command)
      changes.push(...write.changes)
      session = write.session
    }
    expect(await store.sessions.save({ session, changes }, first.version)).toBe(true)
    expect((await store.sessions.read(session.session_id))?.shares).toStrictEqual(session.shares)
  })

  test('the latest share link is found while its result is current, even if it is not live', async () => {
    const calculated = await stored(database.store, {}, [calculation(1)])
    const latest = (): Promise<Share | null> => database.store.sessions.latestShare(calculated.session_id)
    expect(await latest()).toBeNull()
    let session = calculated
    const change = async (command: Parameters<typeof changing>[1]): Promise<void> => {
      const write = changing(session, command)
      await database.store.sessions.save(write, session.version)
      session = write.session
    }
    await change('ShareRequested')
    const [first] = session.shares
    expect(await latest()).toEqual(first)
    await change('ShareRevokeRequested')
    expect(await latest()).toEqual({ ...first, revoked: true })
    await change('ShareRequested')
    expect(await latest()).toEqual(session.shares[1])
    expect(await database.store.sessions.shares(session.session_id)).toEqual([session.shares[1]])
    await change(calculation(2))
    expect(await latest()).toBeNull()
    await change('ShareRequested')
    expect(await database.store.sessions.shares(session.session_id)).toEqual(session.shares.slice(1))
    expect(await latest()).toEqual(session.shares[2])
    await change('ResetRequested')
    expect(await latest()).toBeNull()
    expect(await database.store.sessions.shares('none')).toEqual([])
    expect(await database.store.sessions.latestShare('none')).toBeNull()
  })

  test('a session is read with its current result', async () => {
    const { store } = database
    const started = await stored(store)
    expect(await store.sessions.withResult(started.session_id)).toEqual({ ...withoutHistory(started), result: null })
    const calculated = await stored(store, {}, [calculation(1), calculation(2)])
    const { result } = calculated
    expect(await store.sessions.withResult(calculated.session_id)).toEqual({ ...withoutHistory(calculated), result })
    expect(await store.sessions.withResult('none')).toBeNull()
  })

  test('a closed session is absent from every read, and its id is free', async () => {
    const { store } = database
    const session = await stored(store, { mentor_id: 'leaver' }, [calculation(1), { event: 'ShareRequested' }])
    expect(await store.sessions.close(closing(session), session.version)).toBe(true)

    expect(await store.sessions.read(session.session_id)).toBeNull()
    expect(await store.sessions.transitions(session.session_id, 0, 10)).toBeNull()
    expect(await store.sessions.results(session.session_id)).toEqual([])
    expect(await store.sessions.shared(session.shares[0]?.token ?? '')).toBeNull()
    expect(await store.lists.list({ mentor_id: 'leaver' }, { limit: 10, offset: 0 })).toEqual([])
    expect(await store.lists.count({ mentor_id: 'leaver' })).toBe(0)
    expect(await store.sessions.save(changing(session, calculation(2)), session.version)).toBe(false)
    expect(await store.sessions.close(closing(session), session.version)).toBe(false)
    expect(await store.sessions.add(starting({ session_id: session.session_id }))).toBe(true)
    expect(await store.sessions.results(session.session_id)).toEqual([])
  })

  test('a working store answers a ping', async () => {
    await expect(database.store.ping()).resolves.toBeUndefined()
  })
})
