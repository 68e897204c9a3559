import { maxIdempotencyRecords } from '../../src/domain/idempotency-record'
import type { Session } from '../../src/domain/session'
import { timestamp } from '../../src/domain/timestamp'
import {
  calculation,
  changing,
  closing,
  idempotencyRecordOf,
  noon,
  secondsAfter,
  starting,
  stored,
} from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'

const day = 24 * 60 * 60

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  /** Returns a write that changes nothing and stores an idempotency record. */
  const nothing = (session: Session, key: string, at = noon) => {
    const write = { session, changes: [] }
    return { ...write, idempotency: idempotencyRecordOf(write, key, at) }
  }

  test('an idempotency record is stored with its write and returned unchanged', async () => {
    const { store } = database
    const session = await stored(store)
    const write = changing(session, calculation(1))
    const idempotency = idempotencyRecordOf(write, 'a key')
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', noon)).toBeNull()
    expect(await store.sessions.save({ ...write, idempotency }, session.version)).toBe(true)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', noon)).toEqual(idempotency)
    expect(await store.sessions.read(session.session_id)).toEqual(write.session)
  })

  test('a write that is not saved stores no idempotency record', async () => {
    const { store } = database
    const session = await stored(store)
    const write = changing(session, calculation(1))
    expect(
      await store.sessions.save({ ...write, idempotency: idempotencyRecordOf(write, 'a key') }, session.version + 1),
    ).toBe(false)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', noon)).toBeNull()
  })

  test('a write under a key that already has a record changes nothing', async () => {
    const { store } = database
    const session = await stored(store)
    const first = nothing(session, 'a key')
    await store.sessions.save(first, session.version)
    const write = changing(session, calculation(1))
    expect(
      await store.sessions.save({ ...write, idempotency: idempotencyRecordOf(write, 'a key') }, session.version),
    ).toBe(false)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', noon)).toEqual(first.idempotency)
    expect(await store.sessions.read(session.session_id)).toEqual(session)
  })

  test('a record that is stored without a change leaves the session as it is', async () => {
    const { store } = database
    const session = await stored(store, {}, [calculation(1)])
    const write = nothing(session, 'a key', secondsAfter(noon, 60))
    expect(await store.sessions.save(write, session.version)).toBe(true)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', noon)).toEqual(write.idempotency)
    expect(await store.sessions.read(session.session_id)).toEqual(session)
    expect(await store.sessions.transitions(session.session_id, 0, 10)).toHaveLength(session.version)
  })

  test('a key belongs to one session', async () => {
    const { store } = database
    const [a, b] = [await stored(store), await stored(store)]
    await store.sessions.save(nothing(a, 'a key'), a.version)
    expect(await store.sessions.idempotencyRecord(b.session_id, 'a key', noon)).toBeNull()
    expect(await store.sessions.idempotencyRecord(null, 'a key', noon)).toBeNull()
    expect(await store.sessions.save(nothing(b, 'a key'), b.version)).toBe(true)
  })

  test('any string can be a key', async () => {
    const { store } = database
    const session = await stored(store)
    for (const key of ['', '$set', 'a.b', '__proto__', 'a\u0000b', 'a', `' OR 1`, '☕']) {
      const write = nothing(session, key)
      expect(await store.sessions.idempotencyRecord(session.session_id, key, noon)).toBeNull()
      expect(await store.sessions.save(write, session.version)).toBe(true)
      expect(await store.sessions.idempotencyRecord(session.session_id, key, noon)).toEqual(write.idempotency)
    }
  })

  test('a record expires after a day, which frees its key', async () => {
    const { store } = database
    const session = await stored(store)
    await store.sessions.save(nothing(session, 'a key'), session.version)
    const last = secondsAfter(noon, day - 1)
    const over = secondsAfter(noon, day)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', last)).not.toBeNull()
    expect(await store.sessions.save(nothing(session, 'a key', last), session.version)).toBe(false)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', over)).toBeNull()

    const again = nothing(session, 'a key', over)
    expect(await store.sessions.save(again, session.version)).toBe(true)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', secondsAfter(over, day - 1))).toEqual(
      again.idempotency,
    )
  })

  test('a session stores the records of its last 100 keys', async () => {
    const { store } = database
    const session = await stored(store)
    const keys = Array.from({ length: maxIdempotencyRecords + 3 }, (_, i) => `key ${i}`)
    for (const key of keys) await store.sessions.save(nothing(session, key), session.version)
    const found = await Promise.all(keys.map(key => store.sessions.idempotencyRecord(session.session_id, key, noon)))
    expect(keys.filter((_, i) => found[i] === null)).toEqual(['key 0', 'key 1', 'key 2'])
  })

  test('closing a session deletes its records', async () => {
    const { store } = database
    const session = await stored(store)
    await store.sessions.save(nothing(session, 'a key'), session.version)
    await store.sessions.close(closing(session), session.version)
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', noon)).toBeNull()
  })

  describe('starts', () => {
    const startUnder = (key: string, at = noon) => {
      const write = starting({}, at)
      return { ...write, idempotency: idempotencyRecordOf(write, key, at) }
    }

    test('a start’s record is stored with the session and outlives it', async () => {
      const { store } = database
      const write = startUnder('first')
      expect(await store.sessions.add(write)).toBe(true)
      expect(await store.sessions.idempotencyRecord(null, 'first', noon)).toEqual(write.idempotency)
      expect(await store.sessions.idempotencyRecord(write.session.session_id, 'first', noon)).toBeNull()
      await store.sessions.close(closing(write.session), write.session.version)
      expect(await store.sessions.idempotencyRecord(null, 'first', noon)).toEqual(write.idempotency)
    })

    test('a second start under the same key starts nothing', async () => {
      const { store } = database
      const [first, second] = [startUnder('twice'), startUnder('twice')]
      expect(await store.sessions.add(first)).toBe(true)
      expect(await store.sessions.add(second)).toBe(false)
      expect(await store.sessions.read(second.session.session_id)).toBeNull()
      expect(await store.sessions.idempotencyRecord(null, 'twice', noon)).toEqual(first.idempotency)
    })

    test('of concurrent starts under one key, one starts a session', async () => {
      const { store } = database
      const writes = Array.from({ length: 10 }, () => startUnder('at once'))
      const added = await Promise.all(writes.map(write => store.sessions.add(write)))
      expect(added.filter(Boolean)).toHaveLength(1)
      const found = await Promise.all(writes.map(({ session }) => store.sessions.read(session.session_id)))
      expect(found.map(Boolean)).toEqual(added)
      expect(await store.sessions.idempotencyRecord(null, 'at once', noon)).toEqual(
        writes[added.indexOf(true)]?.idempotency,
      )
    })

    test('a start under a taken id stores no record', async () => {
      const { store } = database
      const { session_id } = await stored(store)
      const write = starting({ session_id })
      expect(await store.sessions.add({ ...write, idempotency: idempotencyRecordOf(write, 'taken') })).toBe(false)
      expect(await store.sessions.idempotencyRecord(null, 'taken', noon)).toBeNull()
    })

    test('a start’s record expires after a day, which frees its key', async () => {
      const { store } = database
      // MongoDB's TTL index uses the real clock and deletes old records, so this record is current.
      const now = timestamp(new Date())
      await store.sessions.add(startUnder('daily', now))
      const last = secondsAfter(now, day - 1)
      const over = secondsAfter(now, day)
      expect(await store.sessions.idempotencyRecord(null, 'daily', last)).not.toBeNull()
      expect(await store.sessions.add(startUnder('daily', last))).toBe(false)
      expect(await store.sessions.idempotencyRecord(null, 'daily', over)).toBeNull()
      const again = startUnder('daily', over)
      expect(await store.sessions.add(again)).toBe(true)
      expect(await store.sessions.idempotencyRecord(null, 'daily', over)).toEqual(again.idempotency)
    })
  })
})
