import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { partsOf } from '../../src/app'
import { type EmbeddedStore, openEmbeddedStore } from '../../src/db/embedded/embedded-store'
import { type MongoStore, mongoStore } from '../../src/db/mongo/mongo-store'
import type { Entry, Store } from '../../src/db/store'
import { type Config, configOf } from '../../src/startup/config'
import { needsBothStores } from './both-stores'
import { dataFolder } from './mongod'

/** A test database: its own file or MongoDB database, empty at first. */
export interface TestDatabase<S extends Store = Store> {
  /** Environment that makes a server process use the database. */
  env: Record<string, string>
  /**
   * Opens a store on the database. An embedded file can be open in only one store at a time, as with server processes.
   */
  open(): Promise<S>
  /** Ends the opened stores, and deletes the data. */
  drop(): Promise<void>
}

export interface StoreKind {
  name: 'embedded' | 'mongo'
  available: boolean
  /** Whether several processes can open the same database at once. */
  shared: boolean
  /** With `byAge`, the store has an index of sessions by age. */
  newDatabase(options?: { byAge?: boolean }): Promise<TestDatabase>
}

export async function embeddedDatabase({ byAge = false } = {}): Promise<TestDatabase<EmbeddedStore>> {
  const folder = dataFolder('sessions-')
  const file = join(folder, 'sessions.db')
  return {
    env: { DATA_FILE: file },
    ...opening(
      async () => openEmbedded(file, { byAge }),
      async () => rmSync(folder, { recursive: true }),
    ),
  }
}

export async function mongoDatabase({ byAge = false } = {}): Promise<TestDatabase<MongoStore>> {
  const uri = databaseUri(`test_${randomUUID()}`)
  return {
    env: { MONGODB_URI: uri },
    ...opening(
      () => openMongo(uri, { byAge }),
      async () => {
        const client = await MongoClient.connect(uri)
        await client.db().dropDatabase()
        await client.close()
      },
    ),
  }
}

const configWith = (byAge: boolean): Config => ({ ...configOf({}), ...(byAge && { SESSION_DAYS: 1 }) })

/** Opens a store with the parts of all capabilities. */
export const openEmbedded = (file: string, { byAge = false } = {}): EmbeddedStore =>
  openEmbeddedStore(file, { parts: partsOf('embedded', configWith(byAge)) })

export async function openMongo(uri: string, { byAge = false } = {}): Promise<MongoStore> {
  const store = mongoStore(uri, { parts: partsOf('mongo', configWith(byAge)) })
  try {
    await store.open()
    return store
  } catch (error) {
    await store.end()
    throw error
  }
}

/** Returns the URI of a database in the test run's replica set. */
const databaseUri = (database: string): string =>
  (process.env.TEST_MONGODB_URI ?? '').replace(/^(mongodb:\/\/[^/]+)\/[^?]*/, `$1/${database}`)

function opening<S extends Store>(
  open: () => Promise<S>,
  remove: () => Promise<void>,
): Pick<TestDatabase<S>, 'open' | 'drop'> {
  const opened: S[] = []
  return {
    async open() {
      const store = await open()
      opened.push(store)
      return store
    },
    async drop() {
      await Promise.all(opened.map(store => store.end()))
      await remove()
    },
  }
}

export const mongoAvailable = process.env.TEST_MONGODB_URI !== undefined

export const stores: StoreKind[] = [
  { name: 'embedded', available: true, shared: false, newDatabase: embeddedDatabase },
  { name: 'mongo', available: mongoAvailable, shared: true, newDatabase: mongoDatabase },
]

/**
 * Describes one suite over the stores. A suite about the stores runs over both. Any other suite runs over the embedded
 * store in `npm test`, and over MongoDB in `npm run test:gate`. If MongoDB is skipped, the setup of the run has printed
 * why.
 */
export function overStores(body: (kind: StoreKind) => void): void {
  const suite = expect.getState().testPath ?? ''
  const chosen = process.env.TEST_STORE ?? 'embedded'
  for (const kind of stores.filter(({ name }) => needsBothStores(suite) || name === chosen))
    (kind.available ? describe : describe.skip)(`over the ${kind.name} store`, () => body(kind))
}

/** Describes a suite that is only about MongoDB. */
export const describeMongo = (title: string, body: () => void): void =>
  (mongoAvailable ? describe : describe.skip)(title, body)

/** Creates a test database for a suite, with an open store. It is removed after the suite. */
export function suiteDatabase<S extends Store>(make: () => Promise<TestDatabase<S>>): TestDatabase<S> & { store: S } {
  const database = {} as TestDatabase<S> & { store: S }
  beforeAll(async () => {
    Object.assign(database, await make())
    database.store = await database.open()
  })
  afterAll(() => database.drop?.())
  return database
}

/**
 * Follows a store's log. Returns a list that receives the log's entries, beginning with those that the store replays.
 */
export async function logOf(store: Store): Promise<Entry[]> {
  const log: Entry[] = []
  await store.log.follow({
    reset() {},
    advance() {},
    invalidate() {},
    failed() {},
    append: entry => void log.push(entry),
  })
  return log
}

/** Returns everything that is stored, as text. */
export async function storedText({
  database: { env },
  store,
}: {
  database: TestDatabase
  store: Store
}): Promise<string> {
  const { DATA_FILE } = env
  if (DATA_FILE) return [DATA_FILE, `${DATA_FILE}-wal`].map(file => readFileSync(file, 'latin1')).join()
  const { db } = store as MongoStore
  const collections = await db.listCollections({}, { nameOnly: true }).toArray()
  const documents = await Promise.all(collections.map(({ name }) => db.collection(name).find().toArray()))
  return JSON.stringify(documents)
}

/** Collects all items, in order. */
export async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
