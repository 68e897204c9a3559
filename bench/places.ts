import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import Database from 'better-sqlite3'
import type { MongoClient } from 'mongodb'
import { cpuMicrosOf } from './server'

interface Counted {
  sessions: number
  versions: number
  transitions: number
}

/** The data of one server: its own MongoDB database or file. */
export interface Place {
  env: Record<string, string>
  /** CPU time of the database's own processes so far. */
  cpuMicros?(): number
  /** Counts the stored data. Call it when no client writes any more. */
  count(): Promise<Counted>
}

let places = 0

/** Returns a new database. `pids` are the process ids of the replica set's nodes. */
export function mongoDatabase(uri: string, client: MongoClient, pids: number[] = []): Place {
  const name = `bench_${places++}`
  const transitions = { $sum: { $size: '$transitions' } }
  const sums = { _id: null, sessions: { $sum: 1 }, versions: { $sum: '$version' }, transitions }
  return {
    env: { MONGODB_URI: uri.replace('/?', `/${name}?`) },
    cpuMicros: () => pids.reduce((sum, pid) => sum + cpuMicrosOf(pid), 0),
    async count() {
      const db = client.db(name)
      const [counted] = await db
        .collection('sessions')
        .aggregate<Counted>([{ $group: sums }, { $project: { _id: 0 } }])
        .toArray()
      await db.dropDatabase()
      return counted as Counted
    },
  }
}

export function filePlace(folder: string): Place {
  const DATA_FILE = join(folder, `bench_${places++}.db`)
  const counts = 'count(*) AS sessions, sum(version) AS versions, (SELECT count(*) FROM transitions) AS transitions'
  return {
    env: { DATA_FILE },
    async count() {
      const db = new Database(DATA_FILE)
      const counted = db.prepare(`SELECT ${counts} FROM sessions`).get()
      db.close()
      return counted as Counted
    },
  }
}

export interface Written {
  start: number
  dispatch: number
}

/** Throws unless the store contains exactly these writes. */
export async function requireWritten(name: string, { start, dispatch }: Written, place: Place): Promise<void> {
  // A calculation makes two transitions.
  const made = start + 2 * dispatch
  await requireHeld(name, { sessions: start, versions: made, transitions: made }, place)
}

/** Throws unless the store contains exactly this data. */
export async function requireHeld(name: string, expected: Counted, place: Place): Promise<void> {
  const held = await place.count()
  if (isDeepStrictEqual({ ...held }, expected)) return
  throw new Error(`of what ${name} wrote, ${JSON.stringify(expected)}, there is ${JSON.stringify(held)}`)
}
