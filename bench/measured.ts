import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import type { EmbeddedStore } from '../src/db/embedded/embedded-store'
import type { Store } from '../src/db/store'
import { ReplicaSet } from '../test/support/mongod'
import { openEmbedded, openMongo } from '../test/support/stores'
import { filePlace, mongoDatabase, type Place } from './places'
import { chosen, say } from './report'
import { Server, tickMicros } from './server'

const fillingCacheKb = 1_000_000
/** Number of WAL pages after which SQLite moves them into the database file. */
const fillingLogPages = 100_000

/** A store that is measured at one size. */
export interface Measured {
  name: string
  place: Place
  /** Opens the store that the server will use. */
  open(): Promise<Store>
  /** Process id of the database, if it has its own process. */
  database?: number
  /** Writes data from memory to disk. */
  flush?(): Promise<unknown>
  end(): Promise<void>
}

export const figure = (number: number): string =>
  number < 99.5 ? number.toPrecision(2) : Math.round(number).toLocaleString('en')

/** Formats CPU time per request, in microseconds. Below the clock's resolution, returns an upper bound. */
export const share = (micros: number, count: number): string =>
  micros < tickMicros ? `< ${figure(tickMicros / count)}` : figure(micros / count)

export const started = ({ place }: Measured): Promise<Server> => Server.start('dist/src/main.js', place.env)

async function onMongo(): Promise<Measured> {
  const set = await ReplicaSet.start()
  const client = new MongoClient(set.uri)
  const { version } = await client.db().admin().serverInfo()
  const place = mongoDatabase(set.uri, client)
  return {
    name: `MongoDB ${version}`,
    place,
    open: () => openMongo(String(place.env.MONGODB_URI)),
    database: set.pid(0) as number,
    flush: () => set.command(0, { fsync: 1 }),
    async end() {
      await client.close()
      await set.stop()
    },
  }
}

/** Opens a store for bulk writes: it uses memory as far as possible and does not wait for the disk. */
function openToFill(path: string): EmbeddedStore {
  const store = openEmbedded(path)
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

/** Functions that open a store for a measurement, by the store's name. */
export const openMeasured = { mongo: onMongo, embedded: onFile }

const filledWithinMs = 600_000

/** Returns the time until a started server has filled its totals. It then pushes the first summary. */
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

interface GrowthOptions {
  sizes: number[]
  stores: (keyof typeof openMeasured)[]
  /** Duration of each measurement in seconds. */
  seconds: number
}

export function growthOptions(): GrowthOptions {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '10000,100000,1000000' },
      store: { type: 'string', default: 'mongo,embedded' },
      seconds: { type: 'string', default: '4' },
    },
  })
  return {
    sizes: values.sessions.split(',').map(Number),
    stores: chosen(values.store, ['mongo', 'embedded']),
    seconds: Number(values.seconds),
  }
}

/**
 * Prints a table for each store, with a column for each size. `cellsOf` measures a column and returns its cells by row
 * name.
 */
export async function printGrowth(
  { sizes, stores }: Omit<GrowthOptions, 'seconds'>,
  titleOf: (measured: Measured) => string,
  cellsOf: (measured: Measured, count: number) => Promise<Map<string, string>>,
): Promise<void> {
  for (const store of stores) {
    const columns: Map<string, string>[] = []
    let title = ''
    for (const count of sizes) {
      const measured = await openMeasured[store]()
      try {
        columns.push(await cellsOf(measured, count))
        title = titleOf(measured)
      } finally {
        await measured.end()
      }
    }
    say(`\n${title}\n`)
    say(`| | ${sizes.map(count => `${count.toLocaleString('en')} sessions`).join(' | ')} |`)
    say(`| --- |${' ---: |'.repeat(sizes.length)}`)
    for (const row of columns[0]?.keys() ?? []) say(`| ${[row, ...columns.map(cells => cells.get(row))].join(' | ')} |`)
  }
}
