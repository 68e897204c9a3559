import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { MongoClient } from 'mongodb'

interface Counted {
  sessions: number
  versions: number
  transitions: number
}

/** Where one server writes: a database or a file of its own. */
export interface Place {
  env: Record<string, string>
  /** What is there, once nobody writes. */
  count(): Promise<Counted>
}

let places = 0

export function mongoPlace(uri: string, client: MongoClient): Place {
  const name = `bench_${places++}`
  const transitions = { $sum: { $size: '$transitions' } }
  const sums = { _id: null, sessions: { $sum: 1 }, versions: { $sum: '$version' }, transitions }
  return {
    env: { MONGODB_URI: uri.replace('/?', `/${name}?`) },
    async count() {
      const db = client.db(name)
      const [counted] = await db
        .collection('sessions')
        .aggregate<Counted>([{ $group: sums }])
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

/** What a server said that it wrote. */
export interface Written {
  start: number
  dispatch: number
}

/** Throws where a place does not hold exactly that. */
export async function requireWritten(name: string, { start, dispatch }: Written, place: Place): Promise<void> {
  const { sessions, versions, transitions } = await place.count()
  // A calculation makes two transitions.
  const made = start + 2 * dispatch
  if (sessions === start && versions === made && transitions === made) return
  const found = `${sessions} sessions, versions of ${versions} in sum and ${transitions} transitions`
  throw new Error(`${name} answered ${start} starts and ${dispatch} calculations; there are ${found}`)
}
