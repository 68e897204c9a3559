import { isDeepStrictEqual } from 'node:util'
import { Binary, type Document } from 'mongodb'
import { versionRule } from '../../../src/db/mongo/documents'
import type { MongoStore } from '../../../src/db/mongo/mongo-store'
import { StartupError } from '../../../src/domain/errors'
import { Feed } from '../../../src/feed/feed'
import { quiet, stored } from '../../support/sessions'
import { describeMongo, mongoDatabase, type TestDatabase } from '../../support/stores'
import { until } from '../../support/until'

describeMongo('a database', () => {
  let database: TestDatabase<MongoStore>
  beforeEach(async () => {
    database = await mongoDatabase()
  })
  afterEach(() => database.drop())

  const layouts = async () => (await database.open()).db.collection<{ _id: string; version: number }>('layout')

  test('records its layout, whichever of several starting processes creates it', async () => {
    const opened = await Promise.all([database.open(), database.open(), database.open()])
    expect(new Set(opened.map(({ identity }) => identity)).size).toBe(1)
    const [secret] = new Set(opened.map(({ secret }) => Buffer.from(secret).toString('hex')))
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    for (const store of opened) expect(Buffer.from(store.secret).toString('hex')).toBe(secret)
    expect(await (await layouts()).find().toArray()).toEqual([
      {
        _id: 'sessions',
        version: 1,
        secret: new Binary(Buffer.from(secret as string, 'hex')),
        lists_signed: new Date(0),
      },
    ])
  })

  test('of a later layout is refused in one sentence and left as it is', async () => {
    const documents = await layouts()
    await documents.updateOne({ _id: 'sessions' }, { $set: { version: 2 } })
    const refused = await database.open().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StartupError)
    expect((refused as Error).message).toMatch(
      /^The database test_\S+ was written by a later version of this program: [^.\n]*MONGODB_URI\.$/,
    )
    expect(await documents.find().toArray()).toMatchObject([{ _id: 'sessions', version: 2, secret: expect.anything() }])
    await documents.updateOne({ _id: 'sessions' }, { $set: { version: 1 } })
  })

  test('of a version before 1.2 is refused, with the way to upgrade it', async () => {
    const documents = await layouts()
    await documents.updateOne({ _id: 'sessions' }, { $unset: { lists_signed: '' } })
    await expect(database.open()).rejects.toThrow(
      /^The database test_\S+ was written by version 1\.0 or 1\.1 .*: start version 1\.2 once .*MONGODB_URI\.$/,
    )
    await documents.updateOne({ _id: 'sessions' }, { $set: { lists_signed: new Date(0) } })
  })

  const sessionsOf = async ({ db }: MongoStore) => db.listCollections({ name: 'sessions' }).next()

  test('has the rule of the versions, which a start adds if it is missing', async () => {
    const store = await database.open()
    const first = await sessionsOf(store)
    expect(first).toMatchObject({ options: { validator: versionRule } })
    for (const lacking of [{ validator: {} }, { validationAction: 'warn' }, { validationLevel: 'moderate' }]) {
      await store.db.command({ collMod: 'sessions', ...lacking })
      expect(await sessionsOf(store)).not.toEqual(first)
      await database.open()
      expect(await sessionsOf(store)).toEqual(first)
    }
  })

  test('whose collection is dropped under a running process gets its rule and indexes again', async () => {
    const store = await database.open()
    await store.log.follow(new Feed(store, quiet))
    const indexes = await store.db.collection('sessions').indexes()
    await store.db.collection('sessions').drop()
    await stored(store)
    const hasAll = async () =>
      (await store.db.collection('sessions').indexes()).length === indexes.length &&
      isDeepStrictEqual(((await sessionsOf(store)) as { options?: Document } | null)?.options?.validator, versionRule)
    await until(hasAll, 60_000, 'rule and indexes')
  })
})
