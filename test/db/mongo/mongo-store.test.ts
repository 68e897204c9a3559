import { randomUUID } from 'node:crypto'
import { BSON, type Document } from 'mongodb'
import { waitsByPlace } from '../../../src/concurrency/waits'
import { recentCommits } from '../../../src/db/mongo/log'
import type { Entry } from '../../../src/db/store'
import { HistoryGone } from '../../../src/domain/errors'
import type { Filter } from '../../../src/domain/list-query'
import { sessionOrderFields } from '../../../src/domain/order'
import { calculation, changing, closing, idempotencyRecordOf, noon, starting, stored } from '../../support/sessions'
import { describeMongo, logOf, mongoDatabase, suiteDatabase } from '../../support/stores'
import { until, within } from '../../support/until'
import { addManyDocuments, age, queryProfile, queryProfiles, size } from './many-documents'

const limit = 20

describeMongo('the MongoDB store', () => {
  const database = suiteDatabase(mongoDatabase)

  test("stores keys of a result's method and caveat, of which version 1.0.0 knows the first", async () => {
    const { session_id } = await stored(database.store, {}, [calculation(1)])
    const document = await database.store.db.collection<Document>('sessions').findOne({ _id: session_id as never })
    expect(document?.results).toMatchObject([{ m: 1, k: 2 }])
  })

  test('creates its indexes when it opens, including the TTL indexes', async () => {
    const of = async (name: string) =>
      (await database.store.db.collection(name).indexes()).map(({ key, expireAfterSeconds }) => [
        key,
        expireAfterSeconds,
      ])
    expect(await of('sessions')).toEqual(
      expect.arrayContaining([
        [{ state: 1, created_at: -1, _id: -1, 'commit.after.r.1': 1 }, undefined],
        [{ mentor_id: 1, state: 1, created_at: -1, _id: -1 }, undefined],
        [{ organisation_id: 1, state: 1, created_at: -1, _id: -1, mentor_id: 1 }, undefined],
        [{ 'shares.token': 1 }, undefined],
        [{ 'shares.expires_at': 1, organisation_id: 1, mentor_id: 1 }, undefined],
        [{ 'start.key': 1 }, undefined],
        [{ purge_at: 1 }, 0],
      ]),
    )
  })

  test('a session without a share link has no entry in the indexes of share links', async () => {
    const database = await mongoDatabase()
    try {
      const store = await database.open()
      const entries = async (): Promise<[string, number][]> => {
        const { keysPerIndex } = await store.db.command({ validate: 'sessions' })
        return Object.entries<number>(keysPerIndex).filter(([name]) => name.startsWith('shares.'))
      }
      const session = await stored(store, {}, [calculation(1), calculation(2)])
      await stored(store)
      expect((await entries()).map(([, count]) => count)).toEqual([0, 0])
      await store.sessions.save(changing(session, 'ShareRequested'), session.version)
      expect((await entries()).map(([, count]) => count)).toEqual([1, 1])
    } finally {
      await database.drop()
    }
  })

  test('a session that is closed and not yet purged is absent from every read', async () => {
    const { store } = database
    const session = await stored(store, { mentor_id: 'leaver' }, [calculation(1), { event: 'ShareRequested' }])
    const idempotency = idempotencyRecordOf({ session, changes: [] }, 'a key')
    await store.sessions.save({ session, changes: [], idempotency }, session.version)
    // Makes only the first write of a close, as if the process crashed after it.
    const version = session.version + 1
    const closed = { state: 'closed', version, 'commit.version': version }
    await store.db.collection<{ _id: string }>('sessions').updateOne({ _id: session.session_id }, { $set: closed })

    expect(await store.sessions.read(session.session_id)).toBeNull()
    expect(await store.sessions.transitions(session.session_id, 0, 10)).toBeNull()
    expect(await store.sessions.results(session.session_id)).toEqual([])
    expect(await store.sessions.idempotencyRecord(session.session_id, 'a key', noon)).toBeNull()
    expect(await store.sessions.shared(session.shares[0]?.token ?? '')).toBeNull()
    expect(await store.lists.list({ mentor_id: 'leaver' }, { limit: 10, offset: 0 })).toEqual([])
    expect(await store.lists.list({ state: 'closed' }, { limit: 10, offset: 0 })).toEqual([])
    expect(await store.lists.count({ mentor_id: 'leaver' })).toBe(0)
    expect(await store.sessions.save({ session, changes: [], idempotency }, session.version)).toBe(false)
    expect(await store.sessions.close(closing(session), session.version)).toBe(false)
  })

  test('an altered position is unknown or expired, whatever error MongoDB has for it', async () => {
    const store = await database.open()
    const log = await logOf(store)
    await stored(store)
    await stored(store)
    await until(() => log.length > 1, 60_000, 'a commit')
    const { position } = log.at(-1) as Entry
    const altered = Array.from(position, (digit, i) => {
      const other = (Number.parseInt(digit, 16) ^ 5).toString(16).toUpperCase()
      return position.slice(0, i) + other + position.slice(i + 1)
    })
    const cut = Array.from(position, (_, i) => position.slice(0, i)).filter(text => text !== '')
    const failures: unknown[] = []
    for (const text of [...altered, ...cut]) {
      await store.log.history(text, 1).catch((error: unknown) => error instanceof HistoryGone || failures.push(error))
    }
    expect(failures).toEqual([])
    await store.end()
  })

  test('ends all operations when it ends, instead of retrying them', async () => {
    const store = await database.open()
    const session = await stored(store)
    const operations = () => [store.sessions.read(session.session_id), store.sessions.close(closing(session), 1)]
    const inProgress = Promise.allSettled(operations())
    await store.end()
    const unavailable = { status: 'rejected', reason: { code: 'unavailable' } }
    const later = await within(5_000, 'the operations', Promise.allSettled(operations()))
    expect(later).toMatchObject([unavailable, unavailable])
    await within(5_000, 'the operations', inProgress)
    expect(waitsByPlace().store_retry).toBe(0)
  })

  test('stores every time as a date with milliseconds, for operators such as $dateTrunc', async () => {
    const { store } = database
    const at = '2026-03-26T12:34:56.789Z'
    const session = await stored(store, { mentor_id: 'dated' }, [calculation(1), { event: 'ShareRequested' }], at)
    const idempotency = idempotencyRecordOf({ session, changes: [] }, 'a key', at)
    await store.sessions.save({ session, changes: [], idempotency }, session.version)
    const truncated = (date: string) => ({ $dateTrunc: { date, unit: 'hour' } })
    const each = (array: string, name: string) => ({ $map: { input: array, in: truncated(`$$this.${name}`) } })
    const [document] = await store.db
      .collection('sessions')
      .aggregate([
        { $match: { mentor_id: 'dated', created_at: new Date(at) } },
        {
          $project: {
            _id: 0,
            created_at: truncated('$created_at'),
            updated_at: truncated('$updated_at'),
            transitions: each('$transitions', 'at'),
            results: each('$results', 'at'),
            shares: each('$shares', 'expires_at'),
            keys: each('$keys', 'at'),
            commit: { created_at: truncated('$commit.created_at'), transitions: each('$commit.transitions', 'at') },
          },
        },
      ])
      .toArray()
    const hour = new Date('2026-03-26T12:00:00Z')
    expect(document).toEqual({
      created_at: hour,
      updated_at: hour,
      transitions: [hour, hour, hour, hour],
      results: [hour],
      shares: [new Date('2026-04-25T12:00:00Z')],
      keys: [hour],
      commit: { created_at: hour, transitions: [hour] },
    })
  })

  test("a session closed within a day of its keyed start leaves only the start's idempotency record", async () => {
    const { store } = database
    const at = new Date().toISOString()
    const write = starting({}, at)
    await store.sessions.add({ ...write, idempotency: idempotencyRecordOf(write, 'a start', at) })
    const changed = changing(write.session, calculation(1), at)
    await store.sessions.save(changed, 1)
    await store.sessions.close(closing(changed.session, at), 3)
    const documents = store.db.collection<{ _id: string }>('sessions')
    const document = await documents.findOne({ _id: write.session.session_id })
    const day = 24 * 60 * 60 * 1000
    expect(document).toMatchObject({ state: 'closed', results: [], shares: [], keys: [], last_inputs: null })
    expect(document).toMatchObject({ purge_at: new Date(Date.parse(at) + day), transitions: [{ s: 'S-i' }] })
    expect(await store.sessions.idempotencyRecord(null, 'a start', at)).toEqual(
      idempotencyRecordOf(write, 'a start', at),
    )
  })

  test("a calculation and its idempotency record add less than 450 and 200 bytes to the session's document", async () => {
    const { store } = database
    let session = await stored(store, {}, [calculation(1), calculation(2)])
    const documents = store.db.collection<{ _id: string }>('sessions')
    const size = async () => BSON.calculateObjectSize((await documents.findOne({ _id: session.session_id })) ?? {})
    const calculated = await size()
    const write = changing(session, calculation(3))
    await store.sessions.save(write, session.version)
    session = write.session
    const again = await size()
    expect(again - calculated).toBeLessThan(450)
    const keyed = { session, changes: [], idempotency: idempotencyRecordOf(write, randomUUID()) }
    await store.sessions.save(keyed, session.version)
    expect((await size()) - again).toBeLessThan(200)
  })

  /** Returns the bytes that `work` adds to the oplog for one session. */
  async function logged(session_id: string, work: () => Promise<unknown>): Promise<number> {
    const oplog = database.store.client.db('local').collection('oplog.rs')
    const entries = { ns: `${database.store.db.databaseName}.sessions`, 'o2._id': session_id }
    const sizes = async () => (await oplog.find(entries).toArray()).map(entry => BSON.calculateObjectSize(entry))
    const before = (await sizes()).length
    await work()
    return (await sizes()).slice(before).reduce((sum, size) => sum + size, 0)
  }

  test("the log size of a write under a key does not grow with the session's number of keys", async () => {
    const { store } = database
    let session = await stored(store)
    const { session_id } = session
    async function write(n: number): Promise<void> {
      const change = changing(session, calculation(n))
      await store.sessions.idempotencyRecord(session_id, `key ${n}`, noon)
      expect(
        await store.sessions.save({ ...change, idempotency: idempotencyRecordOf(change, `key ${n}`) }, session.version),
      ).toBe(true)
      session = change.session
    }
    const first = await logged(session_id, () => write(0))
    for (let n = 1; n < 150; n++) await write(n)
    expect(await logged(session_id, () => write(150))).toBeLessThan(1.1 * first)
    // Expired keys are removed in one go, once per hundred writes.
    const hundred = await logged(session_id, async () => {
      for (let n = 151; n < 251; n++) await write(n)
    })
    expect(hundred / 100).toBeLessThan(1.5 * first)
    const document = await store.db.collection<{ _id: string; keys: [] }>('sessions').findOne({ _id: session_id })
    expect(document?.keys.length).toBeLessThan(200)
  })

  test("the log size of a share does not grow with the session's number of shares", async () => {
    const { store } = database
    const session = await stored(store, {}, [calculation(1), { event: 'ShareRequested' }])
    const share = (number: number, of: typeof session) => async () => {
      const calculated = changing(of, calculation(number))
      await store.sessions.save(calculated, of.version)
      const shared = changing(calculated.session, { event: 'ShareRequested' })
      await store.sessions.save(shared, calculated.session.version)
      return shared.session
    }
    let latest = session
    const making = (number: number) => async () => {
      latest = await share(number, latest)()
    }
    const first = await logged(session.session_id, making(2))
    for (let number = 3; number < 60; number++) await making(number)()
    expect(await logged(session.session_id, making(60))).toBeLessThan(1.1 * first)
    const revoked = changing(latest, { event: 'ShareRevokeRequested' })
    expect(await store.sessions.save(revoked, latest.version)).toBe(true)
    const { shares } = (await store.sessions.read(session.session_id)) as typeof session
    expect(shares).toEqual(revoked.session.shares)
    expect(shares.every(({ revoked }) => revoked)).toBe(true)
  })

  test('a process that starts after a bulk load reads no more commits than its ring holds', async () => {
    const database = await mongoDatabase()
    try {
      const store = await database.open()
      const { session_id: _id } = await stored(store)
      const sessions = store.db.collection<{ _id: string }>('sessions')
      const document = await sessions.findOne({ _id })
      for (let thousand = 0; thousand < 10; thousand++) {
        await sessions.insertMany(Array.from({ length: 1_000 }, (_, n) => ({ ...document, _id: `${thousand}_${n}` })))
      }
      const late = await stored(store)
      const told: string[] = []
      const follower = {
        reset: () => told.splice(0),
        append: ({ commit }: Entry) => void told.push(commit.session_id),
        advance: () => {},
        invalidate: () => {},
        failed: () => {},
      }
      const other = await database.open()
      await other.log.follow(follower)
      expect(told.length).toBeLessThanOrEqual(recentCommits)
      const { session_id } = await stored(store)
      await until(() => told.at(-1) === session_id, 60_000, 'the next commit')
      expect(told.filter(id => id === late.session_id).length).toBe(told.length > 1 ? 1 : 0)
    } finally {
      await database.drop()
    }
  })

  describe(`over ${size} sessions`, () => {
    beforeAll(() => addManyDocuments(database.store))
    const profiles = (ask: () => Promise<unknown>) => queryProfiles(database.store, ask)
    const profiled = (ask: () => Promise<unknown>) => queryProfile(database.store, ask)

    const filters: Filter[] = [
      {},
      { mentor_id: 'mentor_5' },
      { organisation_id: 'organisation_5' },
      { state: 'loaded' },
      { mentor_id: 'mentor_5', state: 'error' },
      { organisation_id: 'organisation_5', state: 'initial' },
    ]

    const middle = { created_at: age(size / 2), session_id: `session_${size / 2}` }

    test.each<Filter>([
      {},
      { organisation_id: 'organisation_5' },
      { mentor_id: 'mentor_5' },
      { state: 'loaded' },
      { months: { from: '2026-02' } },
    ])('a page of share links under %j reads only live links', async filter => {
      const live = size / 1_000
      const done = await profiled(() => database.store.lists.sharedLinks(filter, noon, { limit }))
      expect(done.planSummary).toMatch(/^IXSCAN/)
      expect(done.docsExamined).toBeLessThanOrEqual(live + 3)
      expect(done.keysExamined).toBeLessThanOrEqual(2 * live + 20)
    })

    test.each(filters)('a page of %j reads only the page, from an index', async filter => {
      for (const page of [{ offset: 0 }, { offset: 0, fromEnd: true }, { after: middle }]) {
        const done = await profiled(async () => {
          expect(await database.store.lists.list(filter, { limit, ...page })).toHaveLength(limit)
        })
        expect(done.stages).toContain('IXSCAN')
        expect(done.stages).not.toContain('COLLSCAN')
        expect(done.stages).not.toContain('SORT')
        expect(done.hasSortStage).toBeUndefined()
        expect(done.docsExamined).toBeLessThanOrEqual(limit + 3)
        expect(done.keysExamined).toBeLessThanOrEqual(limit + 20)
      }
    })

    test.each<Filter>([
      { months: { from: '2026-03' } },
      { months: { to: '2026-02' } },
      { months: { from: '2026-02', to: '2026-02' }, state: 'loaded' },
    ])('a page of %j reads only documents of these months, from one index', async filter => {
      for (const page of [{ offset: 0 }, { offset: 0, fromEnd: true }, { after: middle }]) {
        const done = await profiled(async () => {
          expect(await database.store.lists.list(filter, { limit, ...page })).toHaveLength(limit)
        })
        expect(done.stages).not.toContain('SORT')
        expect(done.docsExamined).toBeLessThanOrEqual(limit + 3)
      }
      const matching = await database.store.lists.count(filter)
      expect(matching).toBeGreaterThanOrEqual(size / 20)
      expect(matching).toBeLessThan(size / 10)
      const order = { by: 'total_hours', descending: true, currency: null } as const
      const queries = await profiles(() => database.store.lists.sorted(filter, order, { limit }))
      const reads = queries.filter(({ command }) => command.hint)
      expect(reads.length).toBeGreaterThan(0)
      for (const { docsExamined } of reads) expect(docsExamined).toBeLessThanOrEqual(matching)
      const counted = await profiled(() => database.store.lists.count(filter))
      expect(counted.docsExamined).toBe(0)
    })

    const withoutMentor = filters.filter(({ mentor_id }) => mentor_id === undefined)

    test.each(withoutMentor)(
      'the sort keys of %j are read from one index and no document, whatever the order',
      async filter => {
        const matching = await database.store.lists.count(filter)
        for (const by of sessionOrderFields) {
          if (by === 'created_at') continue
          const order = { by, descending: false, currency: null }
          const first = await database.store.lists.sorted(filter, order, { limit })
          for (const after of [undefined, first.sessions.at(-1)]) {
            const queries = await profiles(() => database.store.lists.sorted(filter, order, { limit, after }))
            const reads = queries.filter(({ command }) => command.hint)
            expect(reads.length).toBeGreaterThan(0)
            for (const { docsExamined, keysExamined } of reads) {
              expect(docsExamined).toBe(0)
              // After a sort key, MongoDB reads two ranges of the index.
              expect(keysExamined).toBeLessThan((after ? 2.1 : 1.1) * matching + 200)
            }
          }
        }
      },
    )

    test('a page of a mentor in an organisation reads only that mentor’s sessions', async () => {
      const filter = { mentor_id: 'mentor_5', organisation_id: 'organisation_5' }
      const done = await profiled(() => database.store.lists.list(filter, { limit, offset: 0 }))
      expect(done.stages).not.toContain('COLLSCAN')
      expect(done.stages).not.toContain('SORT')
      expect(done.docsExamined).toBeLessThanOrEqual(await database.store.lists.count({ mentor_id: 'mentor_5' }))
    })

    test.each(filters)('the count of %j reads an index and no document', async filter => {
      const done = await profiled(() => database.store.lists.count(filter))
      expect(done.planSummary).toMatch(/^(IXSCAN|COUNT_SCAN) /)
      expect(done.planSummary).not.toContain('COLLSCAN')
      expect(done.docsExamined).toBe(0)
    })
  })
})
