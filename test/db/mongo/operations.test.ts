import { waitsByPlace } from '../../../src/concurrency/waits'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { reachStore, retryRead } from '../../../src/db/mongo/operations'
import { DomainError } from '../../../src/domain/errors'
import type { Session } from '../../../src/domain/session'
import { inputsOf } from '../../support/inputs'
import { changing, idempotencyRecordOf, noon, starting, stored } from '../../support/sessions'
import { describeMongo, mongoDatabase, suiteDatabase } from '../../support/stores'
import { until } from '../../support/until'

describe('the waits for MongoDB', () => {
  test('an operation that takes longer than a second counts as a wait until it ends', async () => {
    const slow = Promise.withResolvers<string>()
    const work = reachStore(() => slow.promise)
    expect(waitsByPlace().store_read).toBe(0)
    await until(() => waitsByPlace().store_read === 1, 10_000, 'the wait')
    slow.resolve('done')
    expect(await work).toBe('done')
    expect(waitsByPlace().store_read).toBe(0)
  })

  test('a read that gets no answer counts as a wait until an attempt succeeds', async () => {
    let attempts = 0
    const read = retryRead(async () => {
      if (++attempts < 3) throw new Error('the connection was closed')
      return waitsByPlace().store_retry
    })
    expect(await read).toBe(1)
    expect(waitsByPlace().store_retry).toBe(0)
  })
})

describeMongo('writes batched for MongoDB', () => {
  const database = suiteDatabase<MongoStore>(mongoDatabase)

  /** Writes a different calculation to each session at once, based on the version that was read. */
  const calculateAll = (store: MongoStore, sessions: Session[], from: number): Promise<boolean[]> =>
    Promise.all(
      sessions.map((session, i) => {
        const payload = inputsOf(from + i)
        return store.sessions.save(changing(session, { event: 'CalculateRequested', payload }), session.version)
      }),
    )

  test('count as waits while an earlier batch is under way', async () => {
    const sessions = await Promise.all(Array.from({ length: 10 }, () => stored(database.store)))
    const written = calculateAll(database.store, sessions, 10)
    expect(waitsByPlace().store_write).toBe(9)
    await written
    expect(waitsByPlace().store_write).toBe(0)
  })

  /** Returns a number of stored sessions. */
  const storedSessions = (count: number): Promise<Session[]> =>
    Promise.all(Array.from({ length: count }, () => stored(database.store)))

  /** Writes to each session at once. `sent` receives the principal of each write when it is sent. */
  function saveAll(sessions: Session[], principalOf: (i: number) => string, sent: string[]): Promise<boolean[]> {
    const writes = sessions.map((session, i) => {
      const change = changing(session, { event: 'CalculateRequested', payload: inputsOf(1) })
      const principal = principalOf(i)
      const begin = (): void => void sent.push(principal)
      return database.store.sessions.save({ ...change, principal, begin }, session.version)
    })
    return Promise.all(writes)
  }

  test('are sent in up to three batches at once, each as soon as 32 writes wait', async () => {
    const sessions = await storedSessions(100)
    const sent: string[] = []
    const first = saveAll(sessions.slice(0, 32), () => '', sent)
    expect(sent).toHaveLength(1)
    const others = saveAll(sessions.slice(32), () => '', sent)
    expect(sent).toHaveLength(1 + 32 + 32)
    expect(waitsByPlace().store_write).toBe(35)
    expect(new Set([...(await first), ...(await others)])).toEqual(new Set([true]))
    expect(sent).toHaveLength(100)
    for (const { session_id } of sessions)
      expect(await database.store.sessions.read(session_id)).toMatchObject({ version: 3 })
  })

  test('take turns by principal, so many of one do not delay one of another', async () => {
    const sessions = await storedSessions(100)
    const sent: string[] = []
    const written = await saveAll(sessions, i => (i < 99 ? 'ann' : 'bob'), sent)
    expect(new Set(written)).toEqual(new Set([true]))
    // Three batches are under way when bob's write arrives.
    expect(sent.indexOf('bob')).toBeLessThan(1 + 32 + 32 + 2)
  })

  test('are not sent if they must not begin any more: others of their batch are', async () => {
    const [first, refused, third] = (await storedSessions(3)) as [Session, Session, Session]
    const save = (session: Session, begin: () => void) =>
      database.store.sessions.save({ ...changing(session, { event: 'ResetRequested' }), begin }, session.version)
    const reason = new DomainError('unauthenticated')
    const written = await Promise.allSettled([
      save(first, () => {}),
      save(refused, () => {
        throw reason
      }),
      save(third, () => {}),
    ])
    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(written[1]).toMatchObject({ reason })
    expect(await database.store.sessions.read(refused.session_id)).toMatchObject({ version: refused.version })
  })

  test('do not wait for a slow batch', async () => {
    const [locked, second, third] = (await storedSessions(3)) as [Session, Session, Session]
    const { client } = database.store.db
    const transaction = client.startSession()
    transaction.startTransaction()
    await database.store.db
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: locked.session_id }, { $set: { lock: true } }, { session: transaction })
    let isWritten = false
    const slow = calculateAll(database.store, [locked], 1).then(written => {
      isWritten = true
      return written
    })
    // The second write waits until the first batch is slow. The third is sent at once.
    expect(await calculateAll(database.store, [second], 2)).toEqual([true])
    const sent: string[] = []
    const last = saveAll([third], () => '', sent)
    expect(sent).toHaveLength(1)
    expect(await last).toEqual([true])
    expect(isWritten).toBe(false)
    await transaction.abortTransaction()
    await transaction.endSession()
    expect(await slow).toEqual([true])
  })

  test('of starts under one idempotency key take effect once, in whichever batches they are', async () => {
    const writes = Array.from({ length: 60 }, () => starting())
    const added = await Promise.all(
      writes.map(write =>
        database.store.sessions.add({ ...write, idempotency: idempotencyRecordOf(write, 'one key') }),
      ),
    )
    expect(added.filter(Boolean)).toHaveLength(1)
    const existing = await Promise.all(writes.map(({ session }) => database.store.sessions.read(session.session_id)))
    expect(existing.map(session => session !== null)).toEqual(added)
    const record = await database.store.sessions.idempotencyRecord(null, 'one key', noon)
    expect(record?.session.session_id).toBe(writes[added.indexOf(true)]?.session.session_id)
  })

  test('of one version of a session take effect once, in whichever batches they are', async () => {
    const session = await stored(database.store)
    const written = await calculateAll(database.store, Array(60).fill(session), 1)
    expect(written.filter(Boolean)).toHaveLength(1)
    const found = await database.store.sessions.read(session.session_id)
    expect(found).toMatchObject({ version: 3, last_inputs: { sessions: 1 + written.indexOf(true) } })
    expect(await database.store.sessions.results(session.session_id)).toHaveLength(1)
  })

  test('each report whether they took effect, whichever writes win beside them', async () => {
    const other = await database.open()
    const sessions = await Promise.all(Array.from({ length: 200 }, () => stored(database.store)))
    const [ours, theirs] = (await Promise.all([
      calculateAll(database.store, sessions, 1_000),
      calculateAll(other, [...sessions].reverse(), 5_000),
    ])) as [boolean[], boolean[]]
    theirs.reverse()
    for (const [i, { session_id }] of sessions.entries()) {
      expect([ours[i], theirs[i]].filter(Boolean)).toEqual([true])
      const { version, result } = (await database.store.sessions.read(session_id)) as Session
      expect(version).toBe(3)
      expect(result?.inputs.sessions).toBe(ours[i] ? 1_000 + i : 5_199 - i)
    }
  })

  test('based on outdated versions are lost, beside others that are not', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => stored(database.store)))
    await calculateAll(database.store, sessions.slice(0, 10), 100)
    const written = await calculateAll(database.store, sessions, 200)
    expect(written).toEqual(sessions.map((_, i) => i >= 10))
    const inputs = await Promise.all(
      sessions.map(async ({ session_id }) => (await database.store.sessions.read(session_id))?.last_inputs),
    )
    expect(inputs.map(found => found?.sessions)).toEqual(sessions.map((_, i) => (i < 10 ? 100 + i : 200 + i)))
  })

  test('succeed beside one that the server refuses', async () => {
    const [good, bad] = [await stored(database.store), await stored(database.store)] as [Session, Session]
    const refused = changing(bad, { event: 'CalculateRequested', payload: inputsOf(1) })
    // No real session comes close, but MongoDB itself refuses a document of more than 16 MiB.
    await database.store.db
      .collection<{ _id: string; ballast: string }>('sessions')
      .updateOne({ _id: bad.session_id }, { $set: { ballast: 'x'.repeat(16 * 1024 * 1024 - 900) } })
    const [written, failed] = await Promise.allSettled([
      database.store.sessions.save(changing(good, { event: 'CalculateRequested', payload: inputsOf(1) }), good.version),
      database.store.sessions.save(refused, bad.version),
    ])
    expect(written).toEqual({ status: 'fulfilled', value: true })
    expect(failed).toMatchObject({ status: 'rejected' })
    expect(await database.store.sessions.read(good.session_id)).toMatchObject({ version: 3 })
    expect(await database.store.sessions.read(bad.session_id)).toMatchObject({ version: 1 })
  })
})
