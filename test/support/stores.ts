import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { EmbeddedStore } from '../../src/db/embedded/embedded'
import { MongoStore } from '../../src/db/mongo/mongo'
import type { Entry, Store } from '../../src/db/store'

/** Where sessions are kept, empty at first: a file or a database of its own. */
export interface Place<S extends Store = Store> {
  /** What tells a server process to keep its sessions here. */
  env: Record<string, string>
  /** Opens a store on it. As with server processes, the embedded file is one store's at a time. */
  open(): Promise<S>
  /** Ends the stores that were opened, and removes all that was kept. */
  drop(): Promise<void>
}

export interface StoreKind {
  name: 'embedded' | 'mongo'
  available: boolean
  /** Several processes may hold the same place at once. */
  shared: boolean
  /** The store tells sessions by age where that is asked for. */
  place(options?: { byAge?: boolean }): Promise<Place>
}

export async function embeddedPlace({ byAge = false } = {}): Promise<Place<EmbeddedStore>> {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-'))
  const file = join(folder, 'sessions.db')
  return {
    env: { DATA_FILE: file },
    ...opening(
      async () => EmbeddedStore.open(file, { byAge }),
      async () => rmSync(folder, { recursive: true }),
    ),
  }
}

export async function mongoPlace({ byAge = false } = {}): Promise<Place<MongoStore>> {
  const uri = databaseUri(`test_${randomUUID()}`)
  return {
    env: { MONGODB_URI: uri },
    ...opening(
      () => MongoStore.open(uri, { byAge }),
      async () => {
        const client = await MongoClient.connect(uri)
        await client.db().dropDatabase()
        await client.close()
      },
    ),
  }
}

/** The test run's replica set, with a database to use there. */
const databaseUri = (database: string): string =>
  (process.env.TEST_MONGODB_URI ?? '').replace(/^(mongodb:\/\/[^/]+)\/[^?]*/, `$1/${database}`)

function opening<S extends Store>(
  open: () => Promise<S>,
  remove: () => Promise<void>,
): Pick<Place<S>, 'open' | 'drop'> {
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
  { name: 'embedded', available: true, shared: false, place: embeddedPlace },
  { name: 'mongo', available: mongoAvailable, shared: true, place: mongoPlace },
]

/** One body over both stores; the setup of the run has printed why where MongoDB is skipped. */
export function overStores(body: (kind: StoreKind) => void): void {
  for (const kind of stores)
    (kind.available ? describe : describe.skip)(`over the ${kind.name} store`, () => body(kind))
}

/** The suites that are about MongoDB alone. */
export const describeMongo = (title: string, body: () => void): void =>
  (mongoAvailable ? describe : describe.skip)(title, body)

/** A place for the tests of a suite, with a store on it, and gone after them. */
export function placed<S extends Store>(make: () => Promise<Place<S>>): Place<S> & { store: S } {
  const place = {} as Place<S> & { store: S }
  beforeAll(async () => {
    Object.assign(place, await make())
    place.store = await place.open()
  })
  afterAll(() => place.drop?.())
  return place
}

/** All that a store's log tells from now on, and what it told of before. */
export async function logOf(store: Store): Promise<Entry[]> {
  const log: Entry[] = []
  await store.follow({ reset() {}, advance() {}, forget() {}, failed() {}, append: entry => void log.push(entry) })
  return log
}

/** All that comes, in order. */
export async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
