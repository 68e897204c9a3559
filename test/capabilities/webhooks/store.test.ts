import {
  type DeliveryState,
  type HeldSession,
  newDelivery,
  type StoredEndpoint,
} from '../../../src/capabilities/webhooks/model'
import type { DeliverySave, RecordedAttempt } from '../../../src/capabilities/webhooks/store'
import { mentorDigest } from '../../../src/db/mentor-digest'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import type { Position } from '../../../src/db/store'
import { erasedMentor } from '../../../src/domain/erasure'
import { addMs } from '../../../src/domain/timestamp'
import { testConcurrentLimits } from '../../support/concurrent-limits'
import { noon } from '../../support/sessions'
import { describeMongo, embeddedDatabase, mongoDatabase, overStores, suiteDatabase } from '../../support/stores'

let made = 0

function endpointOf(organisation_id: string | null = null, mentor_id: string | null = null): StoredEndpoint {
  made++
  const at = addMs(noon, made)
  return {
    endpoint: {
      endpoint_id: `we_${made}`,
      url: 'https://receiver.test/',
      description: null,
      events: ['SessionStarted'],
      organisation_id,
      mentor_id,
      paused: false,
      created_at: at,
      updated_at: at,
      version: 1,
      revision: 1,
      secrets: [{ secret: 'whsec_c2VjcmV0', expires_at: null }],
      start: { number: 0, cursor: null },
      tests: 0,
    },
    delivery: {
      ...newDelivery('a'),
      gap: { after: 'a', reason: 'expired', at },
    },
  }
}

const heldOf = (session_id: string, sequence = 2): HeldSession => ({ session_id, sequence, attempts: 1, next_at: noon })

/** Returns the save of a delivery that writes these held sessions. */
const saveOf = (state: DeliveryState, attempts: RecordedAttempt[] = [], changed: HeldSession[] = []): DeliverySave => ({
  state,
  held: { changed, ended: [] },
  attempts,
})

const attemptOf = (number: number, mentor_id = 'mentor', position: Position | null = null): RecordedAttempt => ({
  number,
  mentor_id,
  position,
  message_id: `msg_${number}`,
  type: 'session.started',
  session_id: 's',
  sequence: 1,
  attempt: 1,
  at: noon,
  duration_ms: 3,
  status: 500,
  error: 'unexpected_status',
  next_attempt_at: null,
})

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)

  async function added(...of: Parameters<typeof endpointOf>): Promise<StoredEndpoint> {
    const stored = endpointOf(...of)
    expect(await database.store.webhooks.addEndpoint(stored)).toBeUndefined()
    return stored
  }

  /** Takes the lease of an endpoint, and saves its delivery with these attempts. */
  async function saved(endpoint_id: string, delivery: DeliveryState, attempts: RecordedAttempt[]): Promise<boolean> {
    await database.store.webhooks.leaseEndpoints('owner')
    return database.store.webhooks.saveDelivery('owner', endpoint_id, saveOf(delivery, attempts))
  }

  test('an endpoint is read as it was added, and listed newest first, all or those of an organisation', async () => {
    const [a, b, c] = [await added('list'), await added(), await added('list')]
    expect(await database.store.webhooks.readEndpoint(a.endpoint.endpoint_id)).toEqual(a)
    expect(await database.store.webhooks.readEndpoint('none')).toBeNull()
    expect(await database.store.webhooks.listEndpoints('list')).toEqual([c, a])
    expect((await database.store.webhooks.listEndpoints()).slice(0, 3)).toEqual([c, b, a])
  })

  test('a change is saved only on top of the revision that it is based on', async () => {
    const { endpoint, delivery } = await added()
    const changed = { ...endpoint, url: 'https://other.test/', revision: 2 }
    expect(await database.store.webhooks.saveEndpoint(changed)).toBe(true)
    expect(await database.store.webhooks.saveEndpoint({ ...endpoint, revision: 2 })).toBe(false)
    expect(await database.store.webhooks.readEndpoint(endpoint.endpoint_id)).toEqual({ endpoint: changed, delivery })
  })

  test('the last 100 attempts are kept, newest first, without the mentor', async () => {
    const { endpoint, delivery } = await added()
    const { endpoint_id } = endpoint
    const numbers = Array.from({ length: 130 }, (_, n) => n + 1)
    for (const some of [numbers.slice(0, 60), numbers.slice(60)]) {
      const state = { ...delivery, attempts: some.at(-1) ?? 0 }
      expect(
        await saved(
          endpoint_id,
          state,
          some.map(number => attemptOf(number)),
        ),
      ).toBe(true)
    }
    const attempts = await database.store.webhooks.listAttempts(endpoint_id, 1_000)
    expect(attempts.map(({ message_id }) => message_id)).toEqual(
      numbers
        .slice(30)
        .map(number => `msg_${number}`)
        .reverse(),
    )
    const { number: _, mentor_id: __, position: ___, ...shown } = attemptOf(130)
    expect(await database.store.webhooks.listAttempts(endpoint_id, 1)).toEqual([shown])
  })

  test('a save writes the held sessions that changed, deletes those that ended, and leaves the others, whatever their ids are', async () => {
    const { endpoint, delivery } = await added()
    const { endpoint_id } = endpoint
    const { webhooks } = database.store
    const held = async () => {
      const stored = await webhooks.readDelivery(endpoint_id)
      expect(stored).toMatchObject({ endpoint, delivery })
      return stored?.held.toSorted((a, b) => (a.session_id < b.session_id ? -1 : 1))
    }
    expect(await held()).toEqual([])
    await webhooks.leaseEndpoints('owner')
    const save = (save: Partial<DeliverySave['held']>) => {
      const held = { changed: [], ended: [], ...save }
      return webhooks.saveDelivery('owner', endpoint_id, { state: delivery, held, attempts: [] })
    }
    await save({ changed: [heldOf('$s.1'), heldOf(''), heldOf('é 0')] })
    expect(await held()).toEqual([heldOf(''), heldOf('$s.1'), heldOf('é 0')])
    await save({ changed: [heldOf('$s.1', 3), heldOf('s')], ended: ['', 'none'] })
    expect(await held()).toEqual([heldOf('$s.1', 3), heldOf('s'), heldOf('é 0')])
    await webhooks.deleteEndpoint(endpoint_id)
    await webhooks.addEndpoint({ endpoint, delivery })
    expect(await held()).toEqual([])
  })

  test('a deleted endpoint is gone with its delivery and attempts', async () => {
    const { endpoint, delivery } = await added()
    const { endpoint_id } = endpoint
    await saved(endpoint_id, { ...delivery, attempts: 1 }, [attemptOf(1)])
    expect(await database.store.webhooks.deleteEndpoint(endpoint_id)).toBe(true)
    expect(await database.store.webhooks.deleteEndpoint(endpoint_id)).toBe(false)
    expect(await database.store.webhooks.readEndpoint(endpoint_id)).toBeNull()
    expect(await database.store.webhooks.listAttempts(endpoint_id, 1)).toEqual([])
    expect(await saved(endpoint_id, delivery, [attemptOf(2)])).toBe(false)
    expect(await database.store.webhooks.listAttempts(endpoint_id, 1)).toEqual([])
  })

  test('the erasure of a mentor deletes its endpoints, and the attempts of its messages, and no others', async () => {
    const [its, other] = [await added(null, 'gone'), await added(null, 'stays')]
    const { endpoint_id } = other.endpoint
    await saved(endpoint_id, { ...other.delivery, attempts: 2 }, [attemptOf(1, 'gone'), attemptOf(2, 'stays')])
    await saved(its.endpoint.endpoint_id, { ...its.delivery, attempts: 1 }, [attemptOf(1, 'gone')])
    expect(await database.store.eraseMentor('gone', { aborted: false })).toBe(true)
    expect(await database.store.webhooks.readEndpoint(its.endpoint.endpoint_id)).toBeNull()
    expect(await database.store.webhooks.listAttempts(its.endpoint.endpoint_id, 10)).toEqual([])
    expect((await database.store.webhooks.listAttempts(endpoint_id, 10)).map(({ message_id }) => message_id)).toEqual([
      'msg_2',
    ])
  })
})

overStores(kind => {
  const database = suiteDatabase(kind.newDatabase)
  testConcurrentLimits('endpoints', kind, database, {
    add: (store, organisation_id) => store.webhooks.addEndpoint(endpointOf(organisation_id)),
    list: store => store.webhooks.listEndpoints(),
    async removeOne(store, organisation_id) {
      const [deleted] = await store.webhooks.listEndpoints(organisation_id)
      await store.webhooks.deleteEndpoint(deleted?.endpoint.endpoint_id ?? '')
    },
  })
})

test('an SQLite file of version 1.2 keeps its held sessions and attempts, in tables that saves change in few pages', async () => {
  const database = await embeddedDatabase()
  const stored = endpointOf()
  const { endpoint_id } = stored.endpoint
  const first = await database.open()
  await first.webhooks.addEndpoint(stored)
  await first.webhooks.saveDelivery('owner', endpoint_id, saveOf(stored.delivery, [attemptOf(1)], [heldOf('s')]))
  for (const [name, key] of [
    ['webhook_held', 'session_id'],
    ['webhook_attempts', 'number'],
  ]) {
    const sql = first.db.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(name) as string
    first.db.exec(`
      ALTER TABLE ${name} RENAME TO present_${name};
      ${sql.replace('STRICT', 'STRICT, WITHOUT ROWID')};
      INSERT INTO ${name} SELECT * FROM present_${name};
      DROP TABLE present_${name};
    `)
    expect(() => first.db.exec(`SELECT rowid, ${key} FROM ${name}`)).toThrow('no such column: rowid')
  }
  first.db.exec('CREATE INDEX webhook_attempts_of_mentor ON webhook_attempts (mentor)')
  await first.end()
  const { webhooks, db } = await database.open()
  expect(await webhooks.readDelivery(endpoint_id)).toEqual({ ...stored, held: [heldOf('s')] })
  expect(await webhooks.listAttempts(endpoint_id, 10)).toMatchObject([{ message_id: 'msg_1' }])
  expect(
    db
      .prepare('SELECT count(*) FROM webhook_held h, webhook_attempts a WHERE h.rowid > 0 AND a.rowid > 0')
      .pluck()
      .get(),
  ).toBe(1)
  expect(db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%webhook_attempts_of%'").all()).toEqual([])
  await webhooks.deleteEndpoint(endpoint_id)
  expect(await webhooks.listAttempts(endpoint_id, 10)).toEqual([])
  await database.drop()
})

describeMongo('leases of endpoints on MongoDB', () => {
  const database = suiteDatabase(mongoDatabase)
  const ids = async (owner: string): Promise<string[]> =>
    (await database.store.webhooks.leaseEndpoints(owner)).endpoints.map(({ endpoint_id }) => endpoint_id)

  /** Ends the lease of an endpoint, as if its time were over. */
  const expire = (_id: string) =>
    (database.store as MongoStore).db
      .collection<{ _id: string }>('webhook_endpoints')
      .updateOne({ _id }, { $set: { 'lease.until': new Date(0) } })

  test('an endpoint is leased to one process at a time, and only that one saves its delivery', async () => {
    const { endpoint, delivery } = endpointOf()
    const { endpoint_id } = endpoint
    await database.store.webhooks.addEndpoint({ endpoint, delivery })
    expect(await ids('one')).toEqual([endpoint_id])
    expect(await ids('two')).toEqual([])
    expect(await database.store.webhooks.saveDelivery('two', endpoint_id, saveOf(delivery))).toBe(false)
    expect(await database.store.webhooks.saveDelivery('one', endpoint_id, saveOf({ ...delivery, cursor: 'b' }))).toBe(
      true,
    )

    await expire(endpoint_id)
    expect(await ids('two')).toEqual([endpoint_id])
    expect(await ids('one')).toEqual([])
    expect(await database.store.webhooks.saveDelivery('one', endpoint_id, saveOf(delivery))).toBe(false)

    await database.store.webhooks.releaseEndpoints('two')
    expect(await ids('one')).toEqual([endpoint_id])
    expect(await database.store.webhooks.readEndpoint(endpoint_id)).toMatchObject({ delivery: { cursor: 'b' } })
    await database.store.webhooks.deleteEndpoint(endpoint_id)
    await database.store.webhooks.releaseEndpoints('one')
  })

  test('a process that slept since its save records no attempt of a mentor that was erased meanwhile', async () => {
    const { db, secret } = database.store as MongoStore
    const { endpoint, delivery } = endpointOf()
    const { endpoint_id } = endpoint
    await database.store.webhooks.addEndpoint({ endpoint, delivery })
    expect(await ids('one')).toEqual([endpoint_id])
    const erasures = db.collection<{ _id: string; until: Position }>('erasures')
    await erasures.insertOne({ _id: mentorDigest({ secret }, 'erased'), until: '82B' })
    const attempts = [
      attemptOf(1, 'erased', '82A'),
      attemptOf(2, 'erased', '82C'),
      attemptOf(3, 'other', '82A'),
      attemptOf(4, erasedMentor),
    ]
    const save = saveOf({ ...delivery, attempts: attempts.length }, attempts)
    expect(await database.store.webhooks.saveDelivery('one', endpoint_id, save)).toBe(true)
    const recorded = await database.store.webhooks.listAttempts(endpoint_id, 10)
    expect(recorded.map(({ message_id }) => message_id)).toEqual(['msg_4', 'msg_3', 'msg_2'])
    await database.store.webhooks.deleteEndpoint(endpoint_id)
    await database.store.webhooks.releaseEndpoints('one')
  })

  test('processes share the endpoints: the one with too many gives some back, and they take what another one leaves', async () => {
    for (let n = 0; n < 5; n++) await database.store.webhooks.addEndpoint(endpointOf())
    const alone = await database.store.webhooks.leaseEndpoints('one')
    expect([alone.endpoints.length, alone.surplus]).toEqual([5, 0])
    expect(await ids('two')).toEqual([])
    const { endpoints, surplus } = await database.store.webhooks.leaseEndpoints('one')
    expect([endpoints.length, surplus]).toEqual([5, 2])
    const given = endpoints.slice(0, 2).map(({ endpoint_id }) => endpoint_id)
    await database.store.webhooks.releaseEndpoints('one', given)
    expect((await ids('two')).toSorted()).toEqual(given.toSorted())
    expect((await database.store.webhooks.leaseEndpoints('one')).surplus).toBe(0)
    await database.store.webhooks.releaseEndpoints('one')
    expect(await ids('two')).toHaveLength(5)
  })
})
