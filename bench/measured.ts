import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { EmbeddedStore } from '../src/db/embedded/embedded'
import { MongoStore } from '../src/db/mongo/mongo'
import type { Store } from '../src/db/store'
import { ReplicaSet } from '../test/support/mongod'
import { filePlace, mongoPlace, type Place } from './places'
import { Server, tickMicros } from './server'

const fillingCacheKb = 1_000_000
/** So many pages wait in SQLite's log before they are put into their places. */
const fillingLogPages = 100_000

/** A store that is measured at one size. */
export interface Measured {
  name: string
  place: Place
  /** Opens what the server will keep its sessions in. */
  open(): Promise<Store>
  /** The process of the database, where it is one of its own. */
  database?: number
  /** What is in memory goes where it is kept. */
  flush?(): Promise<unknown>
  end(): Promise<void>
}

export const figure = (number: number): string =>
  number < 100 ? number.toPrecision(2) : Math.round(number).toLocaleString('en')

/** So much of the processors for each of so many requests, as far as it can be told. */
export const share = (micros: number, count: number): string =>
  micros < tickMicros ? `< ${figure(tickMicros / count)}` : figure(micros / count)

export const started = ({ place }: Measured): Promise<Server> => Server.start('dist/src/main.js', place.env)

export async function onMongo(): Promise<Measured> {
  const set = await ReplicaSet.start()
  const client = new MongoClient(set.uri)
  const { version } = await client.db().admin().serverInfo()
  const place = mongoPlace(set.uri, client)
  return {
    name: `MongoDB ${version}`,
    place,
    open: () => MongoStore.open(String(place.env.MONGODB_URI)),
    database: set.pid(0) as number,
    flush: () => set.command(0, { fsync: 1 }),
    async end() {
      await client.close()
      await set.stop()
    },
  }
}

/** In memory as long as it can be, and without a wait for the disk. */
function openToFill(path: string): EmbeddedStore {
  const store = EmbeddedStore.open(path)
  store.db.pragma('synchronous = OFF')
  store.db.pragma(`cache_size = -${fillingCacheKb}`)
  store.db.pragma(`wal_autocheckpoint = ${fillingLogPages}`)
  return store
}

export async function onFile(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'growth-'))
  const place = filePlace(folder)
  return {
    name: 'The embedded store',
    place,
    open: async () => openToFill(String(place.env.DATA_FILE)),
    end: async () => rmSync(folder, { recursive: true }),
  }
}

const filledWithinMs = 600_000

/** How long until a server that has started keeps its totals: it pushes them then. */
export async function filledAfter(server: Server): Promise<number> {
  const began = performance.now()
  const response = await fetch(`http://127.0.0.1:${server.port}/graphql/stream`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { summary { summary { sessions } } }' }),
    signal: AbortSignal.timeout(filledWithinMs),
  })
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes('"sessions":')) break
  }
  return performance.now() - began
}
